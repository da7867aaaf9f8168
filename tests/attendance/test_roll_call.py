"""The roll call: saved in one POST, corrected without a trace lost, and what the projector makes of it."""

import re

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance import services
from lms.attendance.models import PresenceAct, RollCallMark
from lms.attendance.rules import EvidenceGrade
from lms.attendance.services import Mark
from lms.core.db import db, transaction
from lms.core.errors import Conflict, Invalid, NotFound
from tests import factories
from tests.attendance.conftest import ENTERED, Place, clock, make_place


def more_learners(place: Place, *names: str) -> list[int]:
    """Enrol more learners and return their enrolments."""
    with place.inside():
        return [
            factories.enrolled_learner(
                organisation_id=place.organisation_id, cohort_id=place.cohort_id, name=name, at=ENTERED
            )[1]
            for name in names
        ]


def sheet(place: Place, at: str = "09:00") -> services.RollCallSheet:
    with place.inside():
        return services.roll_call_sheet(
            organisation_id=place.organisation_id, session_id=place.session_id, at=clock(at)
        )


def test_everybody_is_on_the_roll_with_what_they_did_themselves(place: Place) -> None:
    more_learners(place, "李秀英", "陈志强")
    place.sign(clock("08:42"))
    rows = {row.name: row for row in sheet(place).rows}
    assert set(rows) == {"王建国", "李秀英", "陈志强"}
    assert rows["王建国"].checked_in_at == clock("08:42")
    assert rows["王建国"].late_minutes == 12
    assert rows["李秀英"].mark is None


def test_one_post_saves_the_whole_roll(place: Place, instructor: FlaskClient) -> None:
    late, leave, absent = more_learners(place, "李秀英", "陈志强", "赵小燕")
    path = f"/sessions/{place.session_id}/roll-call"
    data = {
        "revision": "0",
        f"mark_{place.enrolment_id}": "present",
        f"mark_{late}": "late",
        f"minutes_{late}": "15",
        f"mark_{leave}": "leave",
        f"mark_{absent}": "absent",
    }
    with time_machine.travel(clock("09:50"), tick=False):
        done = instructor.post(path, data=data, follow_redirects=True)
        assert "点名已保存：到课 2 人，未到 2 人" in done.get_data(as_text=True)
        again = instructor.post(path, data=data, follow_redirects=True)
        assert "点名没有变化" in again.get_data(as_text=True)
    with place.inside():
        hours = services.hours_of_cohort(
            organisation_id=place.organisation_id, cohort_id=place.cohort_id, at=clock("11:00")
        )
        assert sorted(found.total_seconds for found in hours.values()) == [0, 0, 4500, 5400]
        assert len(list(db.session.scalars(select(RollCallMark)))) == 4
        assert len(list(db.session.scalars(select(PresenceAct)))) == 4
        assert services.verify_ledger().ok


def test_a_roll_that_somebody_else_saved_is_not_overwritten(place: Place, instructor: FlaskClient) -> None:
    stale = sheet(place).revision
    place.roll_call(clock("09:00"), (Mark.PRESENT, 0))
    with pytest.raises(Conflict, match="刚刚有人保存过"):
        place.roll_call(clock("09:01"), (Mark.ABSENT, 0), revision=stale)
    assert place.roll_call(clock("09:02"), (Mark.PRESENT, 0), revision=stale) == 0, "the same again is no quarrel"
    with time_machine.travel(clock("09:03"), tick=False):
        data = {"revision": "0", f"mark_{place.enrolment_id}": "leave"}
        answer = instructor.post(f"/sessions/{place.session_id}/roll-call", data=data)
    assert answer.status_code == 409


@pytest.mark.parametrize("minutes", [0, 90, 900])
def test_minutes_that_do_not_fit(place: Place, instructor: FlaskClient, minutes: int) -> None:
    with pytest.raises(Invalid, match="王建国：迟到分钟数应在 1 到 89 之间"):
        place.roll_call(clock("09:00"), (Mark.LATE, minutes))
    data = {f"mark_{place.enrolment_id}": "late", f"minutes_{place.enrolment_id}": str(minutes)}
    with time_machine.travel(clock("09:00"), tick=False):
        answer = instructor.post(f"/sessions/{place.session_id}/roll-call", data=data)
    assert answer.status_code == 422
    assert "迟到分钟数应在" in answer.get_data(as_text=True)
    assert 'value="late" selected' in answer.get_data(as_text=True), "what was marked is kept"


def test_when_the_roll_can_be_called(place: Place) -> None:
    for moment, days in (("07:59", 0), ("10:01", 1)):
        with pytest.raises(Conflict, match="现在不能点名"):
            place.roll_call(clock(moment, days=days), (Mark.PRESENT, 0))
    assert place.roll_call(clock("08:00"), (Mark.PRESENT, 0)) == 1
    assert place.roll_call(clock("10:00", days=1), (Mark.ABSENT, 0)) == 1


def test_only_learners_of_the_class_can_be_marked(place: Place) -> None:
    with place.inside():
        other = make_place()
    with pytest.raises(Invalid, match="不在本班"):
        place.roll_call(clock("09:00"), by_enrolment={other.enrolment_id: (Mark.PRESENT, 0)})
    place.session_id = other.session_id
    with pytest.raises(NotFound):
        place.roll_call(clock("09:00"), (Mark.PRESENT, 0))


def test_a_roster_that_came_late_is_on_the_roll(place: Place) -> None:
    with place.inside():
        _, enrolment_id = factories.enrolled_learner(
            organisation_id=place.organisation_id, cohort_id=place.cohort_id, name="孙来迟", at=clock("11:00")
        )
    assert len(sheet(place, "09:00").rows) == 1
    assert len(sheet(place, "12:00").rows) == 2
    place.roll_call(clock("12:00"), by_enrolment={enrolment_id: (Mark.PRESENT, 0)})
    with place.inside():
        hours = services.hours_of(organisation_id=place.organisation_id, enrolment_id=enrolment_id, at=clock("12:00"))
    assert (hours.total_seconds, hours.attended_of_held) == (5400, 100)


def test_a_scan_and_the_roll_call_together_are_grade_a_at_any_order(place: Place) -> None:
    place.roll_call(clock("08:35"), (Mark.PRESENT, 0))
    place.sign(clock("08:36"), witness="learner_qr")
    place.sign(clock("10:04"), witness="learner_qr")
    hours = place.hours(clock("11:00"))
    assert [(entry.seconds, entry.grade) for entry in hours.entries] == [(5400, EvidenceGrade.A)]


def test_the_pages_row_warns_when_scan_and_roll_disagree(place: Place, instructor: FlaskClient) -> None:
    place.sign(clock("08:31"))
    place.roll_call(clock("08:50"), (Mark.ABSENT, 0))
    with time_machine.travel(clock("09:00"), tick=False):
        text = instructor.get(f"/sessions/{place.session_id}/roll-call").get_data(as_text=True)
    assert "与点名不符" in text
    assert "08:31 自己签到" in text


def test_the_board_counts_who_is_there_and_names_who_is_not(place: Place, instructor: FlaskClient) -> None:
    first, second = more_learners(place, "李秀英", "陈志强")
    place.sign(clock("08:25"))
    place.roll_call(clock("08:40"), by_enrolment={first: (Mark.PRESENT, 0), second: (Mark.LEAVE, 0)})
    more_learners(place, "赵小燕")
    with time_machine.travel(clock("08:45:05"), tick=False):
        state = instructor.get(f"/sessions/{place.session_id}/board.json").get_json()
        page = instructor.get(f"/sessions/{place.session_id}/board")
        picture = instructor.get(f"/sessions/{place.session_id}/qr.svg")
    assert (state["present"], state["total"], state["missing"]) == (2, 4, ["赵小燕"])
    assert re.fullmatch(r"\d{6}", state["code"])
    assert (state["seconds_left"], state["time"], state["open"]) == (10, "08:45:05", True)
    with place.inside():
        assert state["code"] == services.code_now(session_id=place.session_id, at=clock("08:45"))
    text = page.get_data(as_text=True)
    assert f"{state['code'][:3]} {state['code'][3:]}" in text
    assert "bottom-bar" not in text
    assert 'class="side' not in text
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    assert picture.get_data(as_text=True).startswith("<svg")


def test_the_board_before_and_after(place: Place, instructor: FlaskClient) -> None:
    for moment, words in (("07:45", "08:00 开放签到"), ("11:00", "签到已结束")):
        with time_machine.travel(clock(moment), tick=False):
            state = instructor.get(f"/sessions/{place.session_id}/board.json").get_json()
            assert instructor.get(f"/sessions/{place.session_id}/qr.svg").status_code == 204
        assert (state["open"], state["code"], state["qr"]) == (False, "", "")
        assert words in state["notice"]


def test_the_projectors_code_opens_the_class(place: Place, instructor: FlaskClient, learner: FlaskClient) -> None:
    """What the QR code says, read back from its picture's address, is what a phone opens."""
    with place.inside():
        token = services.token_now(session_id=place.session_id, at=clock("08:45"))
    with time_machine.travel(clock("08:45"), tick=False):
        instructor.get(f"/sessions/{place.session_id}/qr.svg")
        answer = learner.get(f"/check-in/{token}", follow_redirects=True)
    assert answer.request.path == f"/check-in/class/{place.session_id}"


def test_the_policy_is_fixed_when_the_cohort_opens(place: Place) -> None:
    with place.inside():
        draft = factories.cohort(organisation_id=place.organisation_id, opened=False, at=ENTERED)
        asked = {"organisation_id": place.organisation_id, "at": clock("08:00"), "actor_id": place.instructor_id}
        with transaction():
            services.set_policy(
                cohort_id=draft,
                policy=services.PolicyData(daily_cap_credit_hours=1),
                **asked,  # type: ignore[arg-type]
            )
        found = services.get_policy(organisation_id=place.organisation_id, cohort_id=draft)
        assert found.daily_cap_credit_hours == 1
        with pytest.raises(Conflict, match="不能再改"), transaction():
            services.set_policy(cohort_id=place.cohort_id, policy=services.PolicyData(), **asked)  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="学时应在"), transaction():
            services.set_policy(
                cohort_id=draft,
                policy=services.PolicyData(daily_cap_credit_hours=17),
                **asked,  # type: ignore[arg-type]
            )
