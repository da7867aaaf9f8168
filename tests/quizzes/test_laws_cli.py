"""`lms laws …` as people and machines type it."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from lms.core.db import db
from lms.courses.content.statutes import fingerprint
from lms.courses.models import ArticleChange, Review
from tests.quizzes import freshness
from tests.quizzes.freshness import LESSONS_28, QUESTIONS_28, changed, official

CLEAR = ["laws", "clear", "--reviewer", "李明", "--outcome", "passed", "--note", "对照新条文"]


@pytest.fixture
def files(context: Flask, tmp_path: Path) -> Path:
    """The law as it was and as it is, beside the content that is in the database."""
    freshness.write(tmp_path / "content")
    freshness.load(tmp_path / "content")
    (tmp_path / "旧.md").write_bytes(official())
    (tmp_path / "新.md").write_bytes(changed("28"))
    (tmp_path / "无.md").write_text("# 保障农民工工资支付条例\n\n没有条文。", "utf-8")
    return tmp_path


def lms(app: Flask, *arguments: object) -> Result:
    db.session.remove()
    return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def rows() -> int:
    db.session.remove()
    return (db.session.scalar(select(func.count()).select_from(ArticleChange)) or 0) + (
        db.session.scalar(select(func.count()).select_from(Review)) or 0
    )


def test_a_text_as_registered_ends_with_0(context: Flask, files: Path) -> None:
    found = lms(context, "laws", "check", files / "旧.md")
    assert found.exit_code == 0, found.output
    assert "旧.md：《保障农民工工资支付条例》（wage-regulation）与登记的一致" in found.stdout
    assert "法规库没有登记的 1 条未比较：第1条" in found.stdout


def test_an_empty_register_says_what_to_do_first(context: Flask, tmp_path: Path) -> None:
    (tmp_path / "条例.md").write_bytes(official())
    found = lms(context, "laws", "check", tmp_path / "条例.md")
    assert found.exit_code == 2
    assert "请先运行 lms courses import" in found.stderr


def test_a_changed_text_ends_with_1_and_says_what_waits(context: Flask, files: Path) -> None:
    found = lms(context, "laws", "check", files / "新.md")
    assert found.exit_code == 1
    for words in ("第28条 已修改", f"课文 2 课：{'、'.join(LESSONS_28)}", f"试题 3 道：{'、'.join(QUESTIONS_28)}"):
        assert words in found.stdout
    assert "课文 2 课、试题 3 道已转为待复核" in found.stdout
    again = lms(context, "laws", "check", files / "新.md")
    assert again.exit_code == 1
    assert "没有新增待复核的内容" in again.stdout


def test_machines_get_json_on_stdout_and_people_words_on_stderr(context: Flask, files: Path) -> None:
    found = lms(context, "laws", "check", files / "新.md", "--json")
    assert found.exit_code == 1
    sha256 = fingerprint(f"两名以上{freshness.ARTICLES['28']}")
    change = {
        "article": "28",
        "kind": "changed",
        "sha256": sha256,
        "lessons": LESSONS_28,
        "lessons_showing": [],
        "questions": QUESTIONS_28,
    }
    assert json.loads(found.stdout) == {
        "files": [
            {"file": "新.md", "law": "wage-regulation", "changed": [change], "added": ["1"], "not_comparable": []}
        ],
        "held": {"lessons": 2, "questions": 3},
    }
    assert "第28条 已修改" in found.stderr


def test_a_dry_run_finds_the_same_and_keeps_nothing(context: Flask, files: Path) -> None:
    dry = lms(context, "laws", "check", files / "新.md", "--dry-run", "--json")
    assert dry.exit_code == 1
    assert rows() == 0
    real = lms(context, "laws", "check", files / "新.md", "--json")
    assert json.loads(dry.stdout) == json.loads(real.stdout)
    assert rows() == 6
    assert "试运行，没有改动" in dry.stderr


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("无.md",), "无.md：没有找到“第一条”"),
        (("不存在.md",), "不存在.md：打不开这个文件"),
        (("旧.md", "新.md"), "旧.md：这次检查里有两个文件"),
        (("旧.md", "--law", "nothing"), "旧.md：法规库里没有代码为 nothing"),
    ],
)
def test_unusable_input_ends_with_2_and_names_the_file(
    context: Flask, files: Path, arguments: tuple[str, ...], words: str
) -> None:
    given = [files / one if one.endswith(".md") else one for one in arguments]
    for extra in ((), ("--json",)):
        found = lms(context, "laws", "check", *given, *extra)
        assert found.exit_code == 2, found.output
        assert words in found.stderr
        assert rows() == 0
    assert words in json.loads(found.stdout)["message"]


def test_what_waits_is_listed_and_cleared(context: Flask, files: Path) -> None:
    assert "没有待复核的课文和试题" in lms(context, "laws", "review").stdout
    lms(context, "laws", "check", files / "新.md")
    listed = lms(context, "laws", "review")
    for words in ("《保障农民工工资支付条例》第28条 已修改", "lesson:1.1-1", "question:3.4-c01", "共 1 处修改待复核"):
        assert words in listed.stdout
    (change,) = json.loads(lms(context, "laws", "review", "--json").stdout)["changes"]
    assert (change["article"], change["lessons"], change["questions"]) == ("28", LESSONS_28, QUESTIONS_28)
    first = lms(context, *CLEAR, "--subject", "lesson:1.1-1", "--subject", "question:1.1-s01")
    assert first.exit_code == 0, first.output
    assert "已登记 2 项复核" in first.stdout
    twice = lms(context, *CLEAR, "--subject", "lesson:1.1-1", "--json")
    assert (twice.exit_code, json.loads(twice.stdout)) == (0, {"cleared": 0})
    elsewhere = lms(context, *CLEAR, "--subject", "lesson:2.4-2", "--change", change["id"] + 1)
    assert "没有待复核的修改" in elsewhere.stdout
    (left,) = json.loads(lms(context, "laws", "review", "--json").stdout)["changes"]
    assert (left["lessons"], left["questions"]) == (["2.4-2"], ["2.4-s05", "3.4-c01"])
    assert lms(context, "laws", "check", files / "新.md").exit_code == 1
    assert json.loads(lms(context, "laws", "review", "--json").stdout)["changes"] == [left]


@pytest.mark.parametrize(
    "subject, words",
    [
        ("1.1-1", "“1.1-1”写法不对，课文写作 lesson:2.4-1"),
        ("page:1.1-1", "写法不对"),
        ("lesson:9.9-1", "lesson:9.9-1 没有复核记录"),
    ],
)
def test_what_cannot_be_cleared_ends_with_2(context: Flask, files: Path, subject: str, words: str) -> None:
    lms(context, "laws", "check", files / "新.md")
    refused = lms(context, *CLEAR, "--subject", "question:1.1-s01", "--subject", subject)
    assert refused.exit_code == 2
    assert words in refused.stderr
    (left,) = json.loads(lms(context, "laws", "review", "--json").stdout)["changes"]
    assert "1.1-s01" in left["questions"], "all or nothing"
