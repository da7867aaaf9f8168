"""Signing in and everything that can stand in the way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from lms.accounts import services
from lms.accounts.models import Person, SignInThrottle
from lms.accounts.services import passwords
from lms.accounts.views import load_actor
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from tests.accounts.conftest import AT, PASSWORD, House, sign_in
from tests.accounts.test_identity import id_number

ID = id_number("420106", "19900501", "128")  # ends in X


def refused(page: str) -> str:
    start = page.index("invalid-feedback")
    return page[start : page.index("</div>", start)]


@pytest.mark.parametrize("login", ["Wang.JG ", "13800001234", "+86 138 0000 1234", ID, ID.lower()])
def test_any_of_the_three_logins_opens(house: House, login: str) -> None:
    house.person("learner", login="wang.jg", phone="13800001234", id_number=ID)
    client = house.app.test_client()
    response = sign_in(client, login)
    assert (response.status_code, response.location) == (302, "/")
    assert "王建国" in client.get("/").text


def test_signing_in_returns_to_the_page_that_was_asked_for(house: House) -> None:
    house.person("learner", login="wang")
    client = house.app.test_client()
    assert client.get("/me?x=1").location == "/sign-in"
    assert sign_in(client, "wang").location == "/me?x=1"
    with client.session_transaction() as session:
        assert "next" not in session


def test_a_foreign_target_is_never_followed(house: House) -> None:
    house.person("learner", login="wang")
    client = house.app.test_client()
    with client.session_transaction() as session:
        session["next"] = "//evil.example/"
    assert sign_in(client, "wang").location == "/"


def test_a_session_before_sign_in_is_not_carried_over(house: House) -> None:
    house.person("learner", login="wang")
    client = house.app.test_client()
    with client.session_transaction() as session:
        session["planted"] = "1"
    sign_in(client, "wang")
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.permanent


def test_unknown_and_wrong_get_the_same_answer(house: House) -> None:
    house.person("learner", login="wang")
    answers = []
    for login in ("wang", "nobody", "13999999999", ID):
        response = sign_in(house.app.test_client(), login, "wrong pass 1")
        page = response.text.replace(login, "LOGIN")
        answers.append((response.status_code, refused(page)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 422


def test_unknown_and_wrong_cost_one_hash_each(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.person("learner", login="wang")
    house.person("learner", login="fresh", name="李四", ready=False)
    seen: list[str] = []
    real = passwords._matches

    def note(hasher: Any, stored: str, password: str) -> bool:
        seen.append(stored.rsplit("$", 2)[0])
        return real(hasher, stored, password)

    monkeypatch.setattr(passwords, "_matches", note)
    for login in ("wang", "nobody", "fresh"):
        sign_in(house.app.test_client(), login, "wrong pass 1")
    assert len(seen) == 3
    assert len(set(seen)) == 1


def test_the_real_hash_is_the_agreed_one() -> None:
    hashed = passwords._CAREFUL.hash("x")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords._NOBODY.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("login", ["wang", "nobody"])
def test_after_five_failures_everybody_waits_longer_and_longer(house: House, login: str) -> None:
    house.person("learner", login="wang")
    client = house.app.test_client()
    with time_machine.travel(AT, tick=False) as clock:
        for _ in range(4):
            assert sign_in(client, login, "wrong").status_code == 422
        fifth = sign_in(client, login, "wrong")
        assert fifth.status_code == 429
        assert "请等 30 秒后再试" in fifth.text
        clock.shift(10)
        while_locked = sign_in(client, login)
        assert while_locked.status_code == 429
        assert "请等 20 秒后再试" in while_locked.text
        clock.shift(20)
        sixth = sign_in(client, login, "wrong")
        assert "请等 1 分钟后再试" in sixth.text
        clock.shift(60)
        assert sign_in(client, login).status_code == (302 if login == "wang" else 429)


def test_success_clears_the_count(house: House) -> None:
    house.person("learner", login="wang")
    for _ in range(3):
        for _ in range(4):
            sign_in(house.app.test_client(), "wang", "wrong")
        assert sign_in(house.app.test_client(), "wang").status_code == 302


def test_the_three_logins_of_a_person_share_one_count(house: House) -> None:
    house.person("learner", login="wang", phone="13800001234", id_number=ID)
    with time_machine.travel(AT, tick=False):
        for login in ("wang", "13800001234", ID, "wang"):
            assert sign_in(house.app.test_client(), login, "wrong").status_code == 422
        assert sign_in(house.app.test_client(), "13800001234", "wrong").status_code == 429


def test_a_guess_checked_before_the_lock_fell_is_refused_after(house: House) -> None:
    house.person("learner", login="wang")
    with house.app.app_context():
        early = services.try_password(login="wang", password=PASSWORD, at=AT)
        assert early.right
        for _ in range(5):
            wrong = services.try_password(login="wang", password="wrong", at=AT)
            with transaction():
                services.settle_attempt(attempt=wrong, at=AT)
        with transaction():
            outcome = services.settle_attempt(attempt=early, at=AT)
    assert outcome.person_id is None
    assert outcome.wait == timedelta(seconds=30)


def test_failures_side_by_side_are_all_counted(house: House) -> None:
    def fail(_: int) -> None:
        with house.app.app_context():
            wrong = services.Attempt(key="login:x", person_id=None, right=False)
            with transaction():
                services.settle_attempt(attempt=wrong, at=AT)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fail, range(4)))
    with house.app.app_context():
        assert db.session.get_one(SignInThrottle, "login:x").failures == 4


def test_lock_outs_are_logged_and_counts_forgotten_after_a_day(house: House) -> None:
    with time_machine.travel(AT, tick=False):
        for _ in range(5):
            sign_in(house.app.test_client(), "13999999999", "wrong")
    with house.app.app_context():
        entry = db.session.query(AuditEntry).filter_by(action="accounts.locked_out").one()
        assert entry.detail == {"failures": 5, "seconds": 30}
        key = db.session.query(SignInThrottle).one().key
        assert key.startswith("login:")
        assert "13999999999" not in key
        with transaction():
            services.forget_failures(at=AT + timedelta(hours=23))
        assert db.session.query(SignInThrottle).count() == 1
        with transaction():
            services.forget_failures(at=AT + timedelta(hours=25))
        assert db.session.query(SignInThrottle).count() == 0


def test_signing_out_everywhere_ends_the_other_devices(house: House) -> None:
    someone = house.person("learner", login="wang")
    phone, desk = house.client(someone), house.client(someone)
    assert phone.post("/me/sign-out-everywhere").location == "/sign-in"
    assert desk.get("/me").location == "/sign-in"
    assert phone.get("/me").location == "/sign-in"


def test_signing_out_needs_a_post_and_ends_this_device_only(house: House) -> None:
    someone = house.person("learner", login="wang")
    phone, desk = house.client(someone), house.client(someone)
    assert phone.get("/sign-out").status_code == 405
    phone.post("/sign-out")
    assert phone.get("/me").status_code == 302
    assert desk.get("/me").status_code == 200


def test_whoever_left_is_out_at_once(house: House) -> None:
    someone = house.person("learner", login="wang")
    client = house.client(someone)
    with house.app.app_context(), transaction():
        services.end_membership(
            organisation_id=house.ours, person_id=someone.person_id, reason="结业", at=AT, actor_id=None
        )
    assert client.get("/me").location == "/sign-in"
    fresh = house.app.test_client()
    assert sign_in(fresh, "wang").location == "/sign-in"
    assert "不属于任何机构" in fresh.get("/sign-in").text


@pytest.fixture
def two_homes(house: House) -> int:
    someone = house.person("learner", login="wang")
    with house.app.app_context(), transaction():
        services.add_membership(
            organisation_id=house.theirs, person_id=someone.person_id, role="instructor", at=AT, actor_id=None
        )
    return someone.person_id


def test_who_belongs_to_two_organisations_chooses(house: House, two_homes: int) -> None:
    client = house.app.test_client()
    assert sign_in(client, "wang").location == "/sign-in/organisation"
    assert client.get("/me").location == "/sign-in"
    page = client.get("/sign-in/organisation").text
    assert "武汉安薪培训学校" in page
    assert "宜昌培训中心" in page
    assert client.post("/sign-in/organisation", data={"organisation_id": house.theirs}).location == "/me"
    assert "宜昌培训中心" in client.get("/me").text
    assert client.post("/sign-in/organisation", data={"organisation_id": house.ours}).location == "/"
    assert "武汉安薪培训学校" in client.get("/me").text


@pytest.mark.parametrize("chosen", ["", "999", "x", "²", "9" * 30])
def test_a_choice_must_be_ones_own(house: House, two_homes: int, chosen: str) -> None:
    with house.app.app_context(), transaction():
        services.create_organisation(kind="employer", name="别人的单位", at=AT)
    client = house.app.test_client()
    sign_in(client, "wang")
    assert client.post("/sign-in/organisation", data={"organisation_id": chosen}).status_code == 403
    assert client.get("/me").status_code == 302


def test_a_half_finished_sign_in_ends_with_time_or_a_new_password(house: House, two_homes: int) -> None:
    client, other = house.app.test_client(), house.app.test_client()
    with time_machine.travel(AT, tick=False) as clock:
        sign_in(client, "wang")
        sign_in(other, "wang")
        clock.shift(601)
        assert client.get("/sign-in/organisation").location == "/sign-in"
        assert client.post("/sign-in/organisation", data={"organisation_id": house.ours}).location == "/sign-in"
    with time_machine.travel(AT, tick=False):
        with house.app.app_context():
            hashed = services.hash_password("brand new 77")
            with transaction():
                services.set_password(person_id=two_homes, password_hash=hashed, at=AT)
        answer = other.post("/sign-in/organisation", data={"organisation_id": house.ours})
        assert answer.status_code == 403
    assert client.get("/sign-in/organisation").location == "/sign-in"


def test_nobody_chooses_without_a_password(house: House) -> None:
    client = house.app.test_client()
    assert client.get("/sign-in/organisation").location == "/sign-in"
    assert client.post("/sign-in/organisation", data={"organisation_id": house.ours}).location == "/sign-in"


@pytest.mark.parametrize("token", ["", "1", "1:2", "a:b:c", "1:0:1:0", "-1:0:1", "²:0:1", "9" * 40 + ":0:1", "1:5:1"])
def test_a_made_up_token_is_nobody(house: House, token: str) -> None:
    house.person("learner", login="wang")
    with house.app.test_request_context():
        assert load_actor(token) is None


def test_a_request_loads_its_person_with_one_statement(house: House, count_statements: Callable[[], list[str]]) -> None:
    someone = house.person("administrator", login="boss")
    client = house.client(someone)
    client.get("/")
    before = len(count_statements())
    client.get("/notice-that-does-not-exist")
    client.get("/people/new")
    people_statements = len(count_statements()) - before
    with house.app.test_request_context():
        before = len(count_statements())
        actor = load_actor(f"{someone.person_id}:1:{house.ours}")
        assert len(count_statements()) - before == 1
    assert actor is not None
    assert actor.roles == {"administrator"}
    assert "accounts.manage_people" in actor.permissions
    assert "accounts.organisations" not in actor.permissions
    assert people_statements <= 4


def test_the_home_page_of_a_learner_costs_one_statement_of_ours(
    house: House, count_statements: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.accounts.views.home.render_parts", lambda *_args, **_more: "")
    client = house.client(house.person("learner", login="wang"))
    before = len(count_statements())
    page = client.get("/")
    assert page.status_code == 200
    assert "还没有班期" in page.text
    assert len(count_statements()) - before == 1


def test_the_initial_password_must_be_changed_first(house: House) -> None:
    with house.app.app_context(), transaction():
        made = services.enrol_person(
            organisation_id=house.ours, role="learner", name="张三", phone="13800001234", at=AT, actor_id=None
        )
    client = house.app.test_client()
    client.get("/me?from=slip")
    first = sign_in(client, "13800001234", made.initial_password or "")
    assert client.get(first.location).location == "/me/password"
    for path in ("/", "/me", "/me/totp", "/sign-in/organisation"):
        assert client.get(path).status_code == (200 if path == "/sign-in/organisation" else 302)
    assert client.get("/me", headers={"Accept": "application/json"}).status_code == 403
    assert client.get("/notice").status_code == 200
    with client.get("/static/web/theme.css") as style:
        assert style.status_code == 200
    page = client.get("/me/password")
    assert "请先设置自己的密码" in page.text
    changed = {"current": made.initial_password, "new": "my own 2026 pw", "again": "my own 2026 pw"}
    assert client.post("/me/password", data=changed).status_code == 302
    assert client.get("/me").location == "/notice"
    assert "同意并继续" in client.get("/notice").text
    assert client.post("/notice").location == "/me"
    assert client.get("/me").status_code == 200
    with house.app.app_context():
        assert services.find_accepted_notice(person_id=made.person_id) is not None
        assert services.people_with_slips(organisation_id=house.ours, person_ids=[made.person_id]) == set()
        stored = db.session.get_one(Person, made.person_id).password_hash
    assert stored.startswith("$argon2id$")


def test_accepting_twice_keeps_the_first_moment(house: House) -> None:
    someone = house.person("learner", login="wang")
    with house.app.app_context():
        with transaction():
            services.accept_notice(person_id=someone.person_id, organisation_id=house.ours, at=AT + timedelta(days=1))
        notice = services.find_accepted_notice(person_id=someone.person_id)
    assert notice == services.NoticeView(version=services.NOTICE_VERSION, at=AT)


@pytest.mark.parametrize(
    "form, said",
    [
        ({"current": "wrong", "new": "another 99 pw", "again": "another 99 pw"}, "当前密码不对"),
        ({"current": PASSWORD, "new": "another 99 pw", "again": "another 98 pw"}, "两次输入的新密码不一样"),
        ({"current": PASSWORD, "new": "short1", "again": "short1"}, "至少 8 位"),
        ({"current": PASSWORD, "new": "tel13800001234", "again": "tel13800001234"}, "手机号"),
        ({"current": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "不能与当前密码相同"),
        ({}, "请输入当前密码"),
    ],
)
def test_a_bad_new_password_is_explained(house: House, form: dict[str, str], said: str) -> None:
    client = house.client(house.person("learner", login="wang", phone="13800001234"))
    answer = client.post("/me/password", data=form)
    assert answer.status_code == 422
    assert said in answer.text


def test_changing_the_password_ends_the_other_devices(house: House) -> None:
    someone = house.person("learner", login="wang")
    phone, desk = house.client(someone), house.client(someone)
    changed = {"current": PASSWORD, "new": "my own 2026 pw", "again": "my own 2026 pw"}
    assert phone.post("/me/password", data=changed).location == "/me"
    assert phone.get("/me").status_code == 200
    assert desk.get("/me").status_code == 302


def test_the_own_page_shows_masked_numbers_only(house: House) -> None:
    client = house.client(house.person("learner", login="wang", phone="13800001234", id_number=ID))
    page = client.get("/me").text
    assert "138****1234" in page
    assert ID[:3] + "*" * 11 + ID[-4:] in page
    assert "13800001234" not in page
    assert ID not in page
