"""The gate before every view, and the token before every change."""

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from lms.accounts.models import Person
from lms.core.db import db, transaction
from lms.web.access import access_of, public, requires, signed_in
from tests import factories
from tests.web.conftest import Trial

SCRIPT = {"Accept": "application/json"}


@pytest.mark.parametrize("role", ["", "learner", "registrar"])
def test_a_view_without_a_tag_answers_nobody(trial: Trial, role: str) -> None:
    answer = trial.client(role).get("/trial/untagged")
    assert "nobody may read this" not in answer.text
    assert answer.status_code == (403 if role else 302)


@pytest.mark.parametrize("role", ["", "learner", "registrar"])
def test_a_public_view_answers_everybody(trial: Trial, role: str) -> None:
    assert trial.client(role).get("/trial/public").text == "open"


def test_who_may_do_what(trial: Trial) -> None:
    seen = {
        (role, path): trial.client(role).get(path).status_code
        for role in ("", "learner", "registrar")
        for path in ("/trial/mine", "/trial/clerks")
    }
    assert seen == {
        ("", "/trial/mine"): 302,
        ("", "/trial/clerks"): 302,
        ("learner", "/trial/mine"): 200,
        ("learner", "/trial/clerks"): 403,
        ("registrar", "/trial/mine"): 200,
        ("registrar", "/trial/clerks"): 200,
    }
    assert trial.client("registrar").get("/trial/mine").text == "hello 周文娟"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
def test_no_other_method_goes_round_the_gate(trial: Trial, method: str) -> None:
    assert trial.client().open("/trial/clerks", method=method).status_code == 302
    assert trial.client("learner").open("/trial/clerks", method=method).status_code == 403


def test_a_tag_is_what_it_says() -> None:
    def view() -> None: ...

    assert access_of(view) is None
    assert access_of(public(view)) == "public"
    assert access_of(signed_in(view)) == "signed_in"
    assert access_of(requires("a.b")(view)) == "a.b"


# --- signing in and coming back


def sign_in(client: FlaskClient, login: str) -> str:
    answer = client.post("/sign-in", data={"login": login, "password": factories.PASSWORD})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


@pytest.fixture
def login(trial: Trial) -> str:
    with trial.app.app_context():
        found = db.session.get_one(Person, trial.people["registrar"]).login_name
        db.session.remove()
    assert found
    return found


@pytest.mark.parametrize("path", ["/trial/mine", "/trial/mine?q=%E7%8E%8B&page=2", "/trial/clerks?a=1&a=2"])
def test_signing_in_leads_back_to_the_page(trial: Trial, login: str, path: str) -> None:
    client = trial.client()
    asked = client.get(path)
    assert (asked.status_code, asked.location) == (302, "/sign-in")
    back = sign_in(client, login)
    assert back == path or back == quote(path, safe="/?&=%")
    assert client.get(back).status_code == 200


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "/%5cevil.example", "/.//evil.example"])
def test_signing_in_leads_nowhere_else(trial: Trial, login: str, path: str) -> None:
    client = trial.client()
    client.get(path, base_url="http://localhost")
    assert re.fullmatch(r"/(?![/\\]).*", sign_in(client, login))


def test_a_form_sent_while_signed_out_is_not_come_back_to(trial: Trial, login: str) -> None:
    client = trial.client()
    assert client.post("/trial/mine").status_code == 302
    assert sign_in(client, login) == "/"


@pytest.mark.parametrize(
    "kept", [{"headers": SCRIPT}, {"json": {}}, {"headers": {"Accept": "application/json, text/plain, */*"}}]
)
def test_a_script_is_told_plainly(trial: Trial, kept: dict[str, object]) -> None:
    answer = trial.client().post("/trial/mine", **kept)
    assert answer.status_code == 401
    assert answer.json == {"error": "signed_out", "message": "登录已失效，请重新登录。"}
    assert answer.headers["Content-Security-Policy"]


def test_a_browser_is_no_script(trial: Trial) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert trial.client().get("/trial/mine", headers={"Accept": accept}).status_code == 302
    assert trial.client().get("/trial/mine", headers={"Accept": "*/*"}).status_code == 302


def test_a_session_of_an_older_epoch_is_dead(trial: Trial) -> None:
    client = trial.client("learner")
    assert client.get("/trial/mine").status_code == 200
    with trial.app.app_context():
        with transaction():
            db.session.get_one(Person, trial.people["learner"]).epoch += 1
        db.session.remove()
    assert client.get("/trial/mine").status_code == 302


@pytest.mark.parametrize("token", ["", "x", "1", "1:0", "1:0:999", "0:0:0", "1:x:1", "9" * 40 + ":0:1", "1:0:1:1"])
def test_a_session_that_is_nobody_s(trial: Trial, token: str) -> None:
    client = trial.client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    assert client.get("/trial/mine").status_code == 302
    assert client.get("/trial/public").status_code == 200


# --- CSRF


def token_of(page: str) -> str:
    found = re.search(r'name="csrf[-_]token"[^>]*(?:value|content)="([^"]+)"', page)
    assert found, page
    return found[1]


def test_a_change_needs_a_token(guarded: Trial) -> None:
    client = guarded.client()
    refused = client.post("/trial/submit", data={"text": "hello"})
    assert refused.status_code == 400
    assert "页面已过期" in refused.text
    token = token_of(client.get("/sign-in").text)
    assert client.post("/trial/submit", data={"text": "hello", "csrf_token": token}).text == "hello"
    assert client.post("/trial/submit", data={"text": "hi"}, headers={"X-CSRFToken": token}).text == "hi"
    assert guarded.client().post("/trial/submit", data={"csrf_token": token}).status_code == 400


def test_a_script_without_a_token_reads_json(guarded: Trial) -> None:
    answer = guarded.client("learner").post("/trial/json", json={"a": 1})
    assert answer.status_code == 400
    assert answer.json["error"] == "页面已过期"


def test_signed_in_pages_carry_the_token_for_scripts(guarded: Trial) -> None:
    client = guarded.client("registrar")
    page = client.get("/").text
    token = token_of(page[page.index('<meta name="csrf-token"') :])
    answer = client.post("/trial/json", json={"a": 1}, headers={"X-CSRFToken": token})
    assert answer.json == {"got": {"a": 1}}
    assert 'name="csrf-token"' not in guarded.client().get("/sign-in").text


def test_whoever_is_signed_out_is_told_so_first(guarded: Trial) -> None:
    """A session that ran out has lost its token too: the answer is to sign in, not to reload the page."""
    client = guarded.client()
    assert client.post("/trial/mine").location == "/sign-in"
    assert client.post("/trial/mine", json={}).status_code == 401


def test_a_right_is_asked_before_the_token(guarded: Trial) -> None:
    assert guarded.client("learner").post("/trial/clerks").status_code == 403
    assert guarded.client("registrar").post("/trial/clerks").status_code == 400
