"""The pages: the one number everywhere, for the right people only, in few statements."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from lms.attendance import services
from lms.attendance.services import Mark, ledger
from lms.attendance.services.evidence import get_account
from lms.core.hours import credit_hours, duration
from tests import factories
from tests.attendance.conftest import ENTERED, Place, clock, make_place, signed_in


def registrar(app: Flask, place: Place) -> FlaskClient:
    with app.app_context():
        person_id = factories.member(organisation_id=place.organisation_id, role="registrar", name="吴教务", at=ENTERED)
    return signed_in(app, person_id)


def busy_day(place: Place) -> None:
    """A class attended, some study, a prompt missed."""
    place.sign(clock("08:25"), witness="learner_qr")
    place.roll_call(clock("09:50"), (Mark.PRESENT, 0))
    place.sign(clock("10:02"), witness="learner_qr")
    place.study(clock("19:00"), 12)
    place.study(clock("19:05"), 3, lesson="2.4-2", device="tablet")


def test_the_same_number_on_every_page(app: Flask, place: Place, learner: FlaskClient) -> None:
    busy_day(place)
    staff = registrar(app, place)
    total = 5400 + 720
    with time_machine.travel(clock("21:00"), tick=False):
        pages = {
            "learner": learner.get("/hours"),
            "home": learner.get("/"),
            "list": staff.get(f"/cohorts/{place.cohort_id}/hours"),
            "one": staff.get(f"/cohorts/{place.cohort_id}/hours/{place.person_id}"),
        }
    for name, page in pages.items():
        text = page.get_data(as_text=True)
        assert page.status_code == 200, name
        assert credit_hours(total) in text, name
        assert duration(total) in text, name
    with app.app_context():
        account = get_account(organisation_id=place.organisation_id, enrolment_id=place.enrolment_id)
        assert ledger.ledger_seconds(account=account) == total, "opening 我的学时 settled the ledger"
        assert services.verify_ledger().ok
    assert place.hours(clock("21:00")).total_seconds == total


def test_my_hours_explain_themselves(place: Place, learner: FlaskClient) -> None:
    busy_day(place)
    with time_machine.travel(clock("21:00"), tick=False):
        text = learner.get("/hours").get_data(as_text=True)
    assert "2.2 学时" in text
    assert "2 小时 15 分" not in text
    assert "1 小时 42 分" in text
    assert "08:30–10:00" in text
    assert "19:00–19:12" in text
    assert "甲" in text
    assert "丙" in text
    assert "同一时间已记入别的课" in text
    assert "不用处理" in text


def test_while_in_class_my_hours_say_so(place: Place, learner: FlaskClient) -> None:
    place.sign(clock("08:40"))
    with time_machine.travel(clock("09:00"), tick=False):
        text = learner.get("/hours").get_data(as_text=True)
        assert "正在上课" in text
        assert "没有签退" not in text
    with time_machine.travel(clock("12:00"), tick=False):
        text = learner.get("/hours").get_data(as_text=True)
        assert "有签到，没有签退" in text
        assert "找讲师点名确认" in text


def test_home_shows_todays_class_and_the_button(place: Place, learner: FlaskClient) -> None:
    with time_machine.travel(clock("07:40"), tick=False):
        text = learner.get("/").get_data(as_text=True)
        assert "08:30–10:00" in text
        assert "08:00 开放" in text
    with time_machine.travel(clock("08:20"), tick=False):
        text = learner.get("/").get_data(as_text=True)
        assert f'href="/check-in/class/{place.session_id}">签到</a>' in text
    place.sign(clock("08:21"))
    with time_machine.travel(clock("09:00"), tick=False):
        text = learner.get("/").get_data(as_text=True)
        assert f'href="/check-in/class/{place.session_id}">签退</a>' in text
        assert "已上 30 分" in text


def test_somebody_without_a_cohort_is_told_what_comes(app: Flask, place: Place) -> None:
    with app.app_context():
        person_id = factories.member(organisation_id=place.organisation_id, name="赵外人", at=ENTERED)
    alone = signed_in(app, person_id)
    with time_machine.travel(clock("09:00"), tick=False):
        assert "还没有学时" in alone.get("/hours").get_data(as_text=True)
        assert alone.get("/").status_code == 200


def test_the_list_is_searched_sorted_and_paged(app: Flask, place: Place) -> None:
    with app.app_context():
        for number in range(55):
            factories.enrolled_learner(
                organisation_id=place.organisation_id,
                cohort_id=place.cohort_id,
                name="李" + "甲乙丙丁戊己庚辛壬癸"[number % 10] + "一二三四五六"[number // 10],
                at=ENTERED,
            )
    place.roll_call(clock("09:00"), (Mark.PRESENT, 0))
    staff = registrar(app, place)
    with time_machine.travel(clock("12:00"), tick=False):
        first = staff.get(f"/cohorts/{place.cohort_id}/hours?sort=-total").get_data(as_text=True)
        found = staff.get(f"/cohorts/{place.cohort_id}/hours?q=王建国").get_data(as_text=True)
        second = staff.get(f"/cohorts/{place.cohort_id}/hours?page=2").get_data(as_text=True)
        none = staff.get(f"/cohorts/{place.cohort_id}/hours?q=没有此人").get_data(as_text=True)
    assert "共 56 条 · 第 1 / 2 页" in first
    assert first.index("王建国") < first.index("李甲一")
    assert "共 1 条" in found
    assert second.count("data-href=") == 6
    assert "没有找到" in none


@pytest.mark.parametrize("learners", [1, 12])
def test_the_list_costs_the_same_for_any_number(
    app: Flask, place: Place, count_statements: Callable[[], Any], learners: int
) -> None:
    with app.app_context():
        for _ in range(learners):
            factories.enrolled_learner(organisation_id=place.organisation_id, cohort_id=place.cohort_id, at=ENTERED)
    busy_day(place)
    staff = registrar(app, place)
    with time_machine.travel(clock("21:00"), tick=False), count_statements() as seen:
        staff.get(f"/cohorts/{place.cohort_id}/hours")
    assert len(seen) <= 19
    with app.app_context(), count_statements() as seen:
        services.hours_of_cohort(organisation_id=place.organisation_id, cohort_id=place.cohort_id, at=clock("21:00"))
    assert len(seen) <= 15


STAFF_PAGES = (
    "/attendance",
    "/cohorts/{cohort_id}/hours",
    "/cohorts/{cohort_id}/hours/{person_id}",
    "/cohorts/{cohort_id}/hours/rule",
    "/cohorts/{cohort_id}/classes",
    "/sessions/{session_id}/board",
    "/sessions/{session_id}/board.json",
    "/sessions/{session_id}/qr.svg",
    "/sessions/{session_id}/roll-call",
)
LEARNER_PAGES = ("/hours", "/check-in", "/check-in/class/{session_id}", "/check-in/class/{session_id}/done")


def address(pattern: str, place: Place) -> str:
    return pattern.format(**{name: getattr(place, name) for name in ("cohort_id", "person_id", "session_id")})


@pytest.mark.parametrize("pattern", STAFF_PAGES)
def test_staff_pages_are_for_staff_of_the_institution(
    app: Flask, place: Place, learner: FlaskClient, pattern: str
) -> None:
    staff = registrar(app, place)
    with app.app_context():
        elsewhere = registrar(app, make_place())
    path = address(pattern, place)
    with time_machine.travel(clock("09:00"), tick=False):
        assert staff.get(path).status_code == 200
        assert learner.get(path).status_code == 403
        assert app.test_client().get(path).status_code in (302, 401)
        assert elsewhere.get(path).status_code == (200 if pattern == "/attendance" else 404)


@pytest.mark.parametrize("pattern", LEARNER_PAGES)
def test_learner_pages_are_for_learners_of_the_cohort(
    app: Flask, place: Place, instructor: FlaskClient, pattern: str
) -> None:
    with app.app_context():
        elsewhere = signed_in(app, make_place().person_id)
    path = address(pattern, place)
    with time_machine.travel(clock("09:00"), tick=False):
        assert instructor.get(path).status_code == 403
        assert app.test_client().get(path).status_code == 302
        assert elsewhere.get(path).status_code == (404 if "{" in pattern else 200 if path == "/hours" else 302)


def test_another_institutions_class_cannot_be_written_to(app: Flask, place: Place, instructor: FlaskClient) -> None:
    with app.app_context():
        other = make_place()
    stranger = signed_in(app, other.person_id)
    with time_machine.travel(clock("09:00"), tick=False):
        assert stranger.post(f"/check-in/class/{place.session_id}", data={"act": "check_in"}).status_code == 404
        data = {f"mark_{other.enrolment_id}": "present"}
        assert instructor.post(f"/sessions/{other.session_id}/roll-call", data=data).status_code == 404
        assert instructor.post(f"/sessions/{place.session_id}/roll-call", data=data).status_code == 422


def test_the_counting_rule_is_set_by_the_registrar_before_the_cohort_opens(app: Flask, place: Place) -> None:
    staff = registrar(app, place)
    with app.app_context():
        draft = factories.cohort(organisation_id=place.organisation_id, opened=False, at=ENTERED)
    path = f"/cohorts/{draft}/hours/rule"
    good = {"daily_cap_credit_hours": "6", "heartbeat_gap_seconds": "90", "prompt_window_seconds": "60"}
    with time_machine.travel(clock("09:00"), tick=False):
        assert "每天最多计入学时" in staff.get(path).get_data(as_text=True)
        assert staff.post(path, data=good | {"daily_cap_credit_hours": "40"}).status_code == 422
        done = staff.post(path, data=good, follow_redirects=True)
        assert "计时规则已保存" in done.get_data(as_text=True)
        opened = staff.get(f"/cohorts/{place.cohort_id}/hours/rule").get_data(as_text=True)
        assert "不能再改" in opened
        assert staff.post(f"/cohorts/{place.cohort_id}/hours/rule", data=good).status_code == 409


def test_todays_classes_stand_on_the_staffs_home(place: Place, instructor: FlaskClient) -> None:
    with time_machine.travel(clock("09:00"), tick=False):
        text = instructor.get("/").get_data(as_text=True)
        classes = instructor.get(f"/cohorts/{place.cohort_id}/classes").get_data(as_text=True)
    for page in (text, classes):
        assert f"/sessions/{place.session_id}/board" in page
        assert f"/sessions/{place.session_id}/roll-call" in page
