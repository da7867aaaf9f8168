"""Every error is a page in Chinese (or JSON for a script) with its own status, and wears every header."""

import re

import pytest

from lms.core.db import db
from lms.core.jobs import JobRun
from lms.web.errors import PAGES
from lms.web.headers import POLICY
from lms.web.host import MAX_UPLOAD
from tests.web.conftest import Trial, make_trial

SCRIPT = {"Accept": "application/json"}
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
ENGLISH = re.compile(r"\b(Not Found|Forbidden|Bad Request|Error|Exception|Traceback|werkzeug|Method Not Allowed)\b")


def visible(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", page[page.index("<body") :])


def check(trial: Trial, path: str, status: int, *said: str, method: str = "GET", **given: object) -> None:
    """The page, the JSON, and the headers of both."""
    for role in ("", "learner", "registrar"):
        answer = trial.client(role).open(path, method=method, **given)
        assert answer.status_code == status
        assert answer.mimetype == "text/html"
        assert '<html lang="zh-CN">' in answer.text
        for words in (*said, str(status)):
            assert words in visible(answer.text)
        assert not ENGLISH.search(visible(answer.text))
        assert "SECRET-DETAIL" not in answer.text
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    answer = trial.client().open(path, method=method, headers=SCRIPT, **given)
    assert answer.status_code == status
    assert set(answer.json) <= {"error", "message", "field", "reference"}
    assert answer.json["error"] in said
    assert "SECRET-DETAIL" not in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("status", sorted(set(PAGES) - {401, 500, 503}))
def test_every_status_has_its_page(trial: Trial, status: int) -> None:
    check(trial, f"/trial/status/{status}", status, *PAGES[status])


@pytest.mark.parametrize("status,like", [(406, 400), (410, 400), (422, 400), (501, 500), (502, 500)])
def test_a_status_without_a_page_borrows_one(trial: Trial, status: int, like: int) -> None:
    check(trial, f"/trial/status/{status}", status, PAGES[like][0])


def test_an_address_that_leads_nowhere(trial: Trial) -> None:
    check(trial, "/no/such/page", 404, "没有找到", "请从菜单重新进入")


def test_a_number_that_no_row_has(trial: Trial) -> None:
    """Longer than any database's integer: not found, not an overflow."""
    for number in ("999999999", "9" * 12, "9" * 400, "9" * 5000):
        assert trial.client("registrar").get(f"/cohorts/{number}").status_code == 404


def test_the_wrong_method(trial: Trial) -> None:
    check(trial, "/trial/public", 405, "不能这样打开", method="DELETE")
    assert sorted(trial.client().delete("/trial/public").headers["Allow"].split(", ")) == ["GET", "HEAD", "OPTIONS"]


def test_too_large(trial: Trial) -> None:
    body = {"data": b"x" * (MAX_UPLOAD + 1), "content_type": "application/x-www-form-urlencoded"}
    check(trial, "/trial/submit", 413, "文件太大", "请压缩或拆分", method="POST", **body)
    # small enough for a file, too large for a text
    text = (
        b'--cut\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"x" * (3 * 1024 * 1024) + b"\r\n--cut--\r\n"
    )
    sent = trial.client().post("/trial/submit", data=text, content_type="multipart/form-data; boundary=cut")
    assert sent.status_code == 413


def test_too_large_is_said_before_the_token_is_missed(guarded: Trial) -> None:
    answer = guarded.client().post(
        "/trial/submit", data=b"x" * (MAX_UPLOAD + 1), content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413


def test_json_that_is_none(trial: Trial) -> None:
    answer = trial.client().post("/trial/json", data="{oops", content_type="application/json")
    assert (answer.status_code, answer.json["error"]) == (400, "请求不完整")


def test_something_broke(trial: Trial) -> None:
    check(trial, "/trial/boom", 500, "系统出错了", "您的操作没有保存")
    page = trial.client().get("/trial/boom").text
    reference = re.search(r"编号 ([0-9a-f]{12})", page)
    assert reference  # what the operator finds the log line by
    assert re.fullmatch(r"[0-9a-f]{12}", trial.client().get("/trial/boom", headers=SCRIPT).json["reference"])


def test_the_database_is_away(trial: Trial) -> None:
    check(trial, "/trial/database/down", 503, "系统正忙", "请一分钟后再试")


def test_the_database_refuses_what_was_typed(trial: Trial) -> None:
    check(trial, "/trial/database/data", 400, "内容不能保存", "没有保存")


def test_a_change_that_nobody_committed(trial: Trial) -> None:
    """The answer is not given as if it had been saved, and it is a page like any other."""
    answer = trial.client().get("/trial/leftover")
    assert answer.status_code == 500
    assert "not saved" not in answer.text
    assert "系统出错了" in answer.text
    assert answer.headers["Content-Security-Policy"] == POLICY
    with trial.app.app_context():
        assert db.session.query(JobRun).count() == 0
        db.session.remove()


@pytest.mark.parametrize(
    "name,status,title",
    [
        ("invalid", 422, "请检查后再试"),
        ("missing", 404, "没有找到"),
        ("forbidden", 403, "没有权限"),
        ("conflict", 409, "状态已变化"),
        ("many", 429, "操作太频繁"),
    ],
)
def test_what_services_refuse(trial: Trial, name: str, status: int, title: str) -> None:
    check(trial, f"/trial/refused/{name}", status, title, "请先这样做，再那样做。")


def test_an_outside_program_gets_json_without_asking(trial: Trial) -> None:
    answer = trial.client().get("/api/v1/no-such-thing")
    assert (answer.status_code, answer.json["error"]) == (404, "没有找到")


def test_a_page_that_answers_wears_the_headers_too(trial: Trial) -> None:
    for path in ("/trial/public", "/sign-in", "/healthz", "/verify/"):
        headers = trial.client().get(path).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS
        assert "Strict-Transport-Security" not in headers
    redirect = trial.client().get("/trial/mine")
    assert {name: redirect.headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_lets_nothing_inline_and_nobody_else_in() -> None:
    rules = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_secure_installations_say_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    from dataclasses import replace

    from lms.app import create_app
    from lms.core.settings import Settings

    folder = tmp_path_factory.mktemp("secure")
    app = create_app(replace(Settings(data_dir=folder, testing=True, plugins=False), secure_cookies=True))
    answer = app.test_client().get("/healthz")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert app.config["SESSION_COOKIE_SECURE"]


def test_cookies_are_kept_from_scripts_and_strangers(trial: Trial) -> None:
    cookie = trial.client().get("/trial/mine").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_broken_layout_still_says_what_happened(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The page for 500 stands on nothing that the ordinary pages need."""
    broken = make_trial(tmp_path_factory.mktemp("broken"))
    broken.app.jinja_env.globals["actor"] = lambda: 1 / 0
    for path in ("/trial/boom", "/sign-in"):
        answer = broken.client().get(path)
        assert answer.status_code == 500
        assert "系统出错了" in answer.text
