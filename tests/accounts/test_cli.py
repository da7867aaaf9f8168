"""`lms accounts create-admin`."""

import pytest
from flask import Flask

from lms.accounts import services
from tests.accounts.conftest import sign_in

ARGS = ["accounts", "create-admin", "--login", "root", "--name", "钱平台"]


def test_the_first_administrator_comes_from_the_command_line(app: Flask) -> None:
    runner = app.test_cli_runner()
    answer = runner.invoke(
        args=[*ARGS, "--organisation", "武汉安薪培训学校", "--password-stdin"], input="sunny day 42\n"
    )
    assert answer.exit_code == 0, answer.output
    assert "/sign-in" in answer.output
    assert "sunny" not in answer.output
    client = app.test_client()
    assert sign_in(client, "root").status_code == 302
    assert client.get("/organisations").location == "/notice"
    client.post("/notice")
    assert client.get("/organisations").status_code == 200
    with app.app_context():
        assert services.find_organisation_by_name(name="武汉安薪培训学校") is not None


def test_the_password_is_asked_for_twice_and_hidden(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=ARGS, input="sunny day 42\nsunny day 42\n")
    assert answer.exit_code == 0, answer.output
    assert "sunny" not in answer.output


@pytest.mark.parametrize(
    "change, password, said",
    [
        (["--login", "1"], "sunny day 42", "登录名"),
        (["--name", "钱"], "sunny day 42", "姓名"),
        ([], "short", "至少 8 位"),
        ([], "root-20260302", "登录名"),
        (["--organisation", "x"], "sunny day 42", "机构全称"),
    ],
)
def test_unusable_input_is_exit_code_two(app: Flask, change: list[str], password: str, said: str) -> None:
    answer = app.test_cli_runner().invoke(args=[*ARGS, *change, "--password-stdin"], input=password + "\n")
    assert answer.exit_code == 2
    assert said in answer.output


def test_a_taken_login_name_is_refused_and_nothing_kept(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=[*ARGS, "--password-stdin"], input="sunny day 42\n").exit_code == 0
    again = runner.invoke(args=[*ARGS, "--organisation", "另一家培训学校", "--password-stdin"], input="sunny day 42\n")
    assert again.exit_code == 2
    assert "已有人使用" in again.output
    with app.app_context():
        assert services.find_organisation_by_name(name="另一家培训学校") is None
