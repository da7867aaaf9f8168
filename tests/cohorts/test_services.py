"""Cohorts, timetable, enrolments."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lms.cohorts import services
from lms.cohorts.events import CohortOpened, EnrolmentEnded, LearnerEnrolled
from lms.core import audit, clock
from lms.core.db import db, transaction
from lms.core.errors import Conflict, Invalid, LmsError, NotFound
from lms.core.listing import ListQuery
from lms.courses import services as courses
from tests import factories as make
from tests.cohorts.conftest import House

AT = make.AT


@pytest.fixture
def told(house: House) -> list[object]:
    """What was announced, by listeners that come last."""
    heard: list[object] = []
    table = house.app.extensions["lms_listeners"]
    before = dict(table)
    for event in (CohortOpened, LearnerEnrolled, EnrolmentEnded):
        table[event] = (*table.get(event, ()), heard.append)
    yield heard
    table.clear()
    table.update(before)


def act(house: House, name: str, /, **values: Any) -> Any:
    """Call a service in a transaction, as the registrar of our institution."""
    call: Callable[..., Any] = getattr(services, name)
    with transaction():
        return call(**{"organisation_id": house.ours, "at": AT, "actor_id": house.registrar, **values})


def new_cohort(house: House, **changes: Any) -> int:
    course_id = changes.pop("course_id", None) or make.course(organisation_id=house.ours)
    values: dict[str, Any] = {
        "name": "周末班",
        "course_id": course_id,
        "target_level": 3,
        "mode": "part_time",
        "starts_on": date(2026, 3, 2),
        "ends_on": date(2026, 4, 2),
        "place": "二楼",
        "head_teacher_id": None,
        "planned_minutes": 450,
        "completion_rule": dict(make.RULE),
    }
    return int(act(house, "create_cohort", **{**values, **changes}))


def test_a_cohort_begins_as_a_draft(house: House) -> None:
    view = services.get_cohort(organisation_id=house.ours, cohort_id=new_cohort(house))
    assert (view.status, view.planned_seconds, view.opened_at) == ("draft", 27_000, None)
    assert services.planned_seconds(organisation_id=house.ours, cohort_id=view.id) == 27_000


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"ends_on": date(2026, 3, 1)}, "ends_on"),
        ({"planned_minutes": 0}, "planned_minutes"),
        ({"target_level": 5}, "target_level"),
        ({"mode": "sometimes"}, "mode"),
        ({"name": "  "}, "name"),
        ({"completion_rule": {"attended_percent": 120}}, "attended_percent"),
    ],
)
def test_particulars_that_cannot_be_are_refused(house: House, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        new_cohort(house, **changes)
    assert caught.value.field == field
    cohort_id = new_cohort(house)
    with pytest.raises(Invalid):
        act(house, "update_cohort", cohort_id=cohort_id, **changes)


def test_teachers_and_courses_of_others_are_refused(house: House) -> None:
    stranger = make.member(organisation_id=house.theirs, role="instructor")
    learner = make.member(organisation_id=house.ours)
    for person_id in (stranger, learner):
        with pytest.raises(Invalid, match="本机构"):
            new_cohort(house, head_teacher_id=person_id)
        with pytest.raises(Invalid, match="本机构"):
            act(house, "update_cohort", cohort_id=house.cohort_id, head_teacher_id=person_id)
        with pytest.raises(Invalid, match="本机构"):
            schedule(house, "02 09:00", instructor_id=person_id)
    with pytest.raises(NotFound):
        new_cohort(house, course_id=make.course(organisation_id=house.theirs))
    theirs = make.course(organisation_id=house.theirs)
    with pytest.raises(NotFound):
        act(house, "update_cohort", cohort_id=new_cohort(house), course_id=theirs)


def test_opening_fixes_the_promise_and_is_announced_once(house: House, told: list[object]) -> None:
    cohort_id = new_cohort(house)
    act(house, "open_cohort", cohort_id=cohort_id)
    assert told == [CohortOpened(house.ours, cohort_id, ("1.1", "2.4", "3.4"), AT, house.registrar)]
    with pytest.raises(Conflict):
        act(house, "open_cohort", cohort_id=cohort_id)
    for changes in ({"planned_minutes": 900}, {"completion_rule": {}}, {"course_id": 1}):
        with pytest.raises(Conflict, match="不能再改"):
            act(house, "update_cohort", cohort_id=cohort_id, **changes)
    act(house, "update_cohort", cohort_id=cohort_id, name="改名", planned_minutes=450)
    assert services.get_cohort(organisation_id=house.ours, cohort_id=cohort_id).name == "改名"


def test_a_closed_cohort_stays_as_it_was(house: House) -> None:
    act(house, "close_cohort", cohort_id=house.cohort_id)
    person_id = make.member(organisation_id=house.ours)
    for name, values in (
        ("close_cohort", {}),
        ("update_cohort", {"name": "改名"}),
        ("enrol", {"person_id": person_id}),
    ):
        with pytest.raises(Conflict):
            act(house, name, cohort_id=house.cohort_id, **values)
    with pytest.raises(Conflict):
        schedule(house, "02 09:00")


def test_lists_are_searched_sorted_paged_and_filtered(house: House, statements: Callable[[], list[str]]) -> None:
    for number in range(4):
        new_cohort(house, name=f"班 {number}", place="三楼" if number else "100%_楼")
    make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id)

    def names(**asked: Any) -> list[str]:
        ended = asked.pop("ended", True)
        status = asked.pop("status", "")
        page = services.list_cohorts(organisation_id=house.ours, query=ListQuery(**asked), status=status, ended=ended)
        return [view.name for view, _count in page.rows]

    assert names(search="100%_") == ["班 0"]
    assert names(sort="name", descending=True, size=2) == ["班 3", "班 2"]
    assert names(sort="name", size=2, page=3) == ["班 3"]
    assert names(sort="learners", descending=True, size=1) == ["2026 年第 3 期"]
    assert names(status="open") == ["2026 年第 3 期"]
    act(house, "close_cohort", cohort_id=house.cohort_id)
    assert "2026 年第 3 期" not in names(ended=False)
    statements()
    page = services.list_cohorts(organisation_id=house.ours, query=ListQuery())
    assert len(statements()) == 2
    assert {view.name: count for view, count in page.rows}["2026 年第 3 期"] == 1
    assert services.list_cohorts(organisation_id=house.theirs, query=ListQuery()).total == 0


def schedule(house: House, begin: str, minutes: int = 90, **values: Any) -> int:
    starts_at = datetime.fromisoformat(f"2026-03-{begin}").replace(tzinfo=clock.SHANGHAI)
    filled: dict[str, Any] = {"cohort_id": house.cohort_id, "item_code": "2.4", "instructor_id": None, "room": ""}
    return int(
        act(
            house,
            "schedule_session",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            **{**filled, **values},
        )
    )


def test_a_cohort_cannot_be_taught_twice_at_once(house: House) -> None:
    schedule(house, "03 09:00")
    for begin in ("03 08:00", "03 09:00", "03 10:29", "03 09:30"):
        with pytest.raises(Conflict, match="本班期") as caught:
            schedule(house, begin)
        assert caught.value.field == "starts"
    schedule(house, "03 10:30")
    schedule(house, "03 07:30")


def test_a_room_and_an_instructor_are_at_one_place_at_a_time(house: House) -> None:
    other = make.cohort(organisation_id=house.ours)
    teacher = make.member(organisation_id=house.ours, role="instructor")
    schedule(house, "03 09:00", room="201", instructor_id=teacher)
    with pytest.raises(Conflict, match="教室“201”") as caught:
        schedule(house, "03 10:00", cohort_id=other, room="201")
    assert caught.value.field == "room"
    with pytest.raises(Conflict, match="讲师") as caught:
        schedule(house, "03 10:00", cohort_id=other, room="202", instructor_id=teacher)
    assert caught.value.field == "instructor_id"
    schedule(house, "03 10:00", cohort_id=other, room="202")
    theirs = make.cohort(organisation_id=house.theirs)
    make.class_session(
        organisation_id=house.theirs,
        cohort_id=theirs,
        starts_at=datetime(2026, 3, 3, 9, tzinfo=clock.SHANGHAI),
        room="201",
    )


def test_two_clerks_at_once_do_not_fill_one_room_twice(house: House) -> None:
    other = make.cohort(organisation_id=house.ours)
    db.session.remove()
    gate = threading.Barrier(2)
    outcomes: list[str] = []

    def plan(cohort_id: int) -> None:
        with house.app.app_context():
            gate.wait()
            try:
                schedule(house, "03 09:00", cohort_id=cohort_id, room="201")
                outcomes.append("planned")
            except Conflict:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=plan, args=(cohort_id,)) for cohort_id in (house.cohort_id, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["planned", "refused"]


@pytest.mark.parametrize(
    "begin, minutes, field", [("03 09:00", 0, "ends"), ("03 09:00", 721, "ends"), ("01 09:00", 90, "on")]
)
def test_times_that_cannot_be_are_refused(house: House, begin: str, minutes: int, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        schedule(house, begin, minutes)
    assert caught.value.field == field


def test_an_unknown_item_is_refused(house: House) -> None:
    with pytest.raises(NotFound):
        schedule(house, "03 09:00", item_code="9.9")


def test_a_cancelled_class_stays_with_its_reason_and_frees_the_time(house: House) -> None:
    session_id = schedule(house, "03 09:00")
    act(house, "cancel_session", session_id=session_id, reason="停电")
    session = services.get_session(organisation_id=house.ours, session_id=session_id)
    assert (session.cancelled, session.cancel_reason) == (True, "停电")
    schedule(house, "03 09:00")
    assert len(services.list_sessions(organisation_id=house.ours, cohort_id=house.cohort_id)) == 2
    from_at, until_at = clock.local_day(date(2026, 3, 3))
    between = services.sessions_between(organisation_id=house.ours, from_at=from_at, until_at=until_at)
    assert len(between) == 1
    with pytest.raises(Conflict):
        act(house, "cancel_session", session_id=session_id, reason="停电")
    begun = schedule(house, "03 14:00")
    with pytest.raises(Conflict, match="已经开始"):
        act(house, "cancel_session", session_id=begun, reason="晚了", at=AT + timedelta(days=2))


def test_dates_may_not_leave_classes_outside(house: House) -> None:
    schedule(house, "10 09:00")
    with pytest.raises(Invalid, match="日期范围之外"):
        act(house, "update_cohort", cohort_id=house.cohort_id, ends_on=date(2026, 3, 9))
    act(house, "update_cohort", cohort_id=house.cohort_id, ends_on=date(2026, 3, 10))


def test_places_are_intervals(house: House, told: list[object]) -> None:
    person_id, first = make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id)
    with pytest.raises(Conflict):
        act(house, "enrol", cohort_id=house.cohort_id, person_id=person_id)
    ended = AT + timedelta(days=1)
    act(house, "end_enrolment", enrolment_id=first, reason="退学", at=ended)
    with pytest.raises(Conflict):
        act(house, "end_enrolment", enrolment_id=first, reason="退学", at=ended)
    again = act(house, "enrol", cohort_id=house.cohort_id, person_id=person_id, at=AT + timedelta(days=2))
    assert [type(event).__name__ for event in told] == ["LearnerEnrolled", "EnrolmentEnded", "LearnerEnrolled"]
    kept = services.history(organisation_id=house.ours, cohort_id=house.cohort_id)
    assert [(place.id, place.until_at, place.reason) for place in kept] == [(first, ended, "退学"), (again, None, None)]
    assert [place.id for place in services.enrolments_of(person_id=person_id, at=AT)] == [first]
    assert services.enrolments_of(person_id=person_id, at=ended) == []
    assert services.enrolments_of(person_id=person_id, organisation_id=house.theirs) == []


def test_a_transfer_closes_one_place_and_opens_another(house: House) -> None:
    other = make.cohort(organisation_id=house.ours)
    person_id, first = make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id)
    moved = AT + timedelta(days=3)
    second = act(house, "transfer", enrolment_id=first, to_cohort_id=other, reason="改到周末", at=moved)
    before = services.get_enrolment(organisation_id=house.ours, enrolment_id=first)
    after = services.get_enrolment(organisation_id=house.ours, enrolment_id=second)
    assert (before.until_at, after.from_at) == (moved, moved)
    assert after.employer_name == before.employer_name
    current = services.current_enrolment(person_id=person_id, organisation_id=house.ours, at=moved)
    assert current is not None
    assert current.cohort_id == other
    for target, error in ((other, Conflict), (make.cohort(organisation_id=house.theirs), NotFound)):
        with pytest.raises(error):
            act(house, "transfer", enrolment_id=second, to_cohort_id=target, reason="", at=moved + timedelta(days=1))
    assert services.get_enrolment(organisation_id=house.ours, enrolment_id=second).until_at is None


def test_two_clicks_at_once_give_one_place(house: House) -> None:
    person_id = make.member(organisation_id=house.ours)
    db.session.remove()
    gate = threading.Barrier(2)
    outcomes: list[str] = []

    def click() -> None:
        with house.app.app_context():
            gate.wait()
            try:
                act(house, "enrol", cohort_id=house.cohort_id, person_id=person_id)
                outcomes.append("enrolled")
            except LmsError:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["enrolled", "refused"]


def test_the_present_place_is_the_newest_in_an_open_cohort_with_one_statement(
    house: House, statements: Callable[[], list[str]]
) -> None:
    person_id, _ = make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id)
    draft = make.cohort(organisation_id=house.ours, opened=False)
    act(house, "enrol", cohort_id=draft, person_id=person_id, at=AT + timedelta(hours=1))
    later = AT + timedelta(days=1)
    statements()
    place = services.current_enrolment(person_id=person_id, organisation_id=house.ours, at=later)
    assert len(statements()) == 1
    assert place is not None
    assert place.cohort_id == house.cohort_id
    before = AT - timedelta(days=1)
    assert services.current_enrolment(person_id=person_id, organisation_id=house.ours, at=before) is None
    assert services.current_enrolment(person_id=person_id, organisation_id=house.theirs, at=later) is None


def test_another_institution_finds_nothing(house: House) -> None:
    _person, enrolment_id = make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id)
    session_id = schedule(house, "03 09:00")
    theirs = {"organisation_id": house.theirs}
    for name, values in (
        ("get_cohort", {"cohort_id": house.cohort_id}),
        ("list_sessions", {"cohort_id": house.cohort_id}),
        ("history", {"cohort_id": house.cohort_id}),
        ("learners", {"cohort_id": house.cohort_id}),
        ("planned_seconds", {"cohort_id": house.cohort_id}),
        ("get_session", {"session_id": session_id}),
        ("get_enrolment", {"enrolment_id": enrolment_id}),
        ("list_learners", {"cohort_id": house.cohort_id, "query": ListQuery()}),
        ("study_plan", {"cohort_id": house.cohort_id, "person_id": 1}),
    ):
        with pytest.raises(NotFound):
            getattr(services, name)(**theirs, **values)
    for name, values in (
        ("update_cohort", {"cohort_id": house.cohort_id, "name": "x"}),
        ("open_cohort", {"cohort_id": house.cohort_id}),
        ("close_cohort", {"cohort_id": house.cohort_id}),
        ("enrol", {"cohort_id": house.cohort_id, "person_id": 1}),
        ("end_enrolment", {"enrolment_id": enrolment_id, "reason": "x"}),
        ("transfer", {"enrolment_id": enrolment_id, "to_cohort_id": house.cohort_id, "reason": "x"}),
        ("cancel_session", {"session_id": session_id, "reason": "x"}),
        ("schedule_session", {"cohort_id": house.cohort_id, "starts_at": AT, "ends_at": AT, "item_code": "2.4",
                              "instructor_id": None, "room": ""}),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            act(house, name, **theirs, **values)


def test_every_act_is_in_the_log(house: House) -> None:
    cohort_id = new_cohort(house)
    act(house, "open_cohort", cohort_id=cohort_id)
    act(house, "close_cohort", cohort_id=cohort_id)
    subject = f"cohorts_cohort:{cohort_id}"
    found = db.session.scalars(
        select(audit.AuditEntry.action).where(audit.AuditEntry.subject == subject).order_by(audit.AuditEntry.id)
    ).all()
    assert found == ["cohorts.create", "cohorts.open", "cohorts.close"]


def test_learners_are_listed_with_as_many_statements_however_many(
    house: House, statements: Callable[[], list[str]]
) -> None:
    def asked(**query: Any) -> services.Rollbook:
        return services.list_learners(organisation_id=house.ours, cohort_id=house.cohort_id, query=ListQuery(**query))

    make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id, name="李四", ready=False)
    db.session.remove()
    statements()
    asked()
    few = len(statements())
    for name in ("张三", "王五", "赵六"):
        make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id, name=name)
    db.session.remove()
    statements()
    book = asked(sort="name", descending=True)
    assert len(statements()) == few == 4
    assert (book.present, book.passwords_waiting) == (4, 1)
    assert book.page.rows[0].person.name == "赵六"
    assert [row.person.name for row in asked(search="李 楚建").page.rows] == ["李四"]
    assert [row.person.name for row in asked(sort="name").page.rows] == ["李四", "王五", "张三", "赵六"]
    tail = book.page.rows[2].person.id_tail
    assert [row.person.name for row in asked(search=tail.lower()).page.rows] == ["王五"]
    assert asked(size=3, page=9).page.query.page == 2


def test_the_study_plan_follows_the_course(house: House, statements: Callable[[], list[str]]) -> None:
    person_id, _ = make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id)
    for code in ("1.1-1", "2.4-2"):
        with transaction():
            courses.finish_lesson(person_id=person_id, lesson_code=code, at=AT, organisation_id=house.ours)
    db.session.remove()
    statements()
    plan = services.study_plan(organisation_id=house.ours, cohort_id=house.cohort_id, person_id=person_id)
    assert len(statements()) == 5
    assert (plan.finished, plan.total) == (2, 4)
    assert plan.next_lesson is not None
    assert plan.next_lesson.code == "2.4-1"
    assert [each.is_finished for each in plan.items] == [True, False, False]
    assert [heading for heading, _items in plan.groups()] == ["职业规范", "理论知识", "操作技能"]


def test_the_agenda_says_what_each_cohort_lacks(house: House, statements: Callable[[], list[str]]) -> None:
    make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id, ready=False)
    schedule(house, "02 14:00")
    schedule(house, "03 09:00")
    due = new_cohort(house, name="该开班", starts_on=date(2026, 3, 1))
    new_cohort(house, name="还早", starts_on=date(2026, 4, 1))
    overdue = make.cohort(organisation_id=house.ours, at=AT - timedelta(days=90), days=30)
    db.session.remove()
    statements()
    found = {entry.cohort.id: entry for entry in services.agenda(organisation_id=house.ours, at=AT)}
    assert len(statements()) == 5
    assert set(found) == {house.cohort_id, due, overdue}
    running = found[house.cohort_id]
    assert (running.learners, running.classes_today, running.classes_ahead, running.passwords_waiting) == (1, 1, 2, 1)
    assert not running.lacks_classes
    assert found[due].is_due_to_open
    assert found[due].lacks_classes
    assert found[overdue].is_overdue
    assert not found[overdue].lacks_classes
    assert services.agenda(organisation_id=house.theirs, at=AT) == []
