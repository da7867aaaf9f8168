"""The ledger says what the rule says, whenever and however often it is settled, and shows when it was touched."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from lms.attendance import services
from lms.attendance.models import LedgerEntry, StudySpan
from lms.attendance.rules import EvidenceGrade, Reason
from lms.attendance.services import Mark, ledger
from lms.attendance.services.evidence import get_account
from lms.cohorts import services as cohorts
from lms.core.db import db, transaction
from lms.core.errors import Conflict, NotFound
from tests import factories
from tests.attendance.conftest import ENTERED, LESSON, START, Place, clock, make_place

pytestmark = pytest.mark.usefixtures("context")


def ledger_total(place: Place) -> int:
    account = get_account(organisation_id=place.organisation_id, enrolment_id=place.enrolment_id)
    return ledger.ledger_seconds(account=account)


def entries() -> list[LedgerEntry]:
    return list(db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


def test_a_class_from_own_check_in_to_own_check_out(place: Place) -> None:
    place.sign(clock("08:20"))
    assert place.hours(clock("09:00")).total_seconds == 0
    result = place.sign(clock("10:05"))
    assert result.credited_seconds == 5400
    hours = place.hours(clock("10:05"))
    assert (hours.total_seconds, hours.onsite_seconds, hours.online_seconds) == (5400, 5400, 0)
    assert hours.entries[0].grade is EvidenceGrade.B
    assert ledger_total(place) == 5400


def test_settling_twice_appends_nothing(place: Place) -> None:
    place.sign(clock("08:20"))
    place.sign(clock("10:05"))
    place.study(clock("20:00"), 10)
    place.settle(clock("21:00"))
    before = [entry.hash for entry in entries()]
    assert place.settle(clock("21:00")).credits == 0
    assert place.settle(clock("22:00")).credits == 0
    assert [entry.hash for entry in entries()] == before


def test_a_sitting_that_grew_gets_its_tail(place: Place) -> None:
    last = place.study(clock("20:00"), 5)
    assert place.settle(last).total_seconds == 300
    place.study(last + timedelta(seconds=20), 5)
    settled = place.settle(clock("21:00"))
    assert (settled.total_seconds, settled.credits, settled.reversals) == (620, 1, 0)
    assert [entry.seconds for entry in entries()] == [300, 320]


def test_when_it_is_settled_does_not_matter(place: Place) -> None:
    other = make_place()
    for each, often in ((place, True), (other, False)):
        each.sign(clock("08:25"))
        each.study(clock("09:30"), 3)
        if often:
            each.settle(clock("09:40"))
        each.roll_call(clock("09:50"), (Mark.PRESENT, 0))
        if often:
            each.settle(clock("09:55"))
        each.sign(clock("10:02"))
        last = each.study(clock("20:00"), 30)
        if often:
            each.settle(clock("20:15"))
        each.settle(last)
    assert ledger_total(place) == ledger_total(other) == place.hours(clock("21:00")).total_seconds
    assert place.hours(clock("21:00")).entries[0].seconds == other.hours(clock("21:00")).entries[0].seconds


def test_a_corrected_roll_call_is_reversed_and_posted_again(place: Place) -> None:
    place.roll_call(clock("09:00"), (Mark.PRESENT, 0))
    assert place.settle(clock("09:30")).total_seconds == 0, "the class is still on"
    assert place.settle(clock("10:00")).total_seconds == 5400
    place.roll_call(clock("10:10"), (Mark.LATE, 20))
    settled = place.settle(clock("10:11"))
    assert (settled.total_seconds, settled.credits, settled.reversals) == (4200, 1, 1)
    place.roll_call(clock("10:20"), (Mark.ABSENT, 0))
    settled = place.settle(clock("10:21"))
    assert (settled.total_seconds, settled.credits, settled.reversals) == (0, 0, 1)
    assert [entry.reason for entry in entries()] == [None, "withdrawn", None, "withdrawn"]
    assert ledger_total(place) == 0


def test_own_check_in_and_the_instructors_check_out_are_grade_a(place: Place) -> None:
    place.sign(clock("08:25"), witness="learner_qr")
    place.roll_call(clock("09:00"), (Mark.PRESENT, 0))
    (entry,) = place.hours(clock("10:30")).entries
    assert (entry.seconds, entry.grade) == (5400, EvidenceGrade.A)


def test_the_learners_early_leave_ends_what_the_roll_call_began(place: Place) -> None:
    place.roll_call(clock("08:40"), (Mark.PRESENT, 0))
    place.sign(clock("08:41"))
    place.sign(clock("09:15"))
    (entry,) = place.hours(clock("10:30")).entries
    assert (entry.seconds, entry.grade) == (45 * 60, EvidenceGrade.A)


@pytest.mark.parametrize(
    "mark, minutes, seconds",
    [
        (Mark.PRESENT, 0, 5400),
        (Mark.LATE, 20, 4200),
        (Mark.EARLY, 10, 4800),
        (Mark.LEAVE, 0, 0),
        (Mark.ABSENT, 0, 0),
    ],
)
def test_what_a_mark_credits(place: Place, mark: Mark, minutes: int, seconds: int) -> None:
    place.roll_call(clock("09:00"), (mark, minutes))
    hours = place.hours(clock("11:00"))
    assert hours.total_seconds == seconds
    assert [entry.grade for entry in hours.entries] == ([EvidenceGrade.B] if seconds else [])
    assert place.settle(clock("11:00")).total_seconds == seconds


def test_while_a_class_is_open_nothing_is_lost_and_nothing_credited(place: Place) -> None:
    place.sign(clock("08:40"))
    during = place.hours(clock("09:00"))
    assert (during.total_seconds, during.not_credited) == (0, ())
    assert [line.ref for line in during.open_check_ins] == [str(place.session_id)]
    after = place.hours(clock("10:31"))
    assert after.open_check_ins == ()
    assert [line.reason for line in after.not_credited] == [Reason.NO_CHECK_OUT]


def test_the_three_ratios(place: Place) -> None:
    for day in range(1, 3):
        factories.class_session(
            organisation_id=place.organisation_id,
            cohort_id=place.cohort_id,
            starts_at=START + timedelta(days=day),
            at=ENTERED,
        )
    before = place.hours(clock("07:40"))
    assert (before.attended_of_held, before.attended_of_planned, before.best_reachable) == (0, 0, 100)
    place.roll_call(clock("10:00"), (Mark.PRESENT, 0))
    after = place.hours(clock("18:00", days=1))
    assert (after.held_seconds, after.attended_of_held) == (10800, 50)
    assert (after.planned_seconds, after.attended_of_planned) == (16200, 33)
    last = place.hours(clock("23:59", days=60))
    assert last.reachable_seconds == 5400 + 60
    assert place.hours(clock("00:00", days=62)).reachable_seconds == 5400


def test_missed_classes_show_in_what_is_still_reachable() -> None:
    organisation_id = factories.institution(at=ENTERED)
    course_id = factories.course(organisation_id=organisation_id, items=[("1.1", 90)], at=ENTERED)
    cohort_id = factories.cohort(
        organisation_id=organisation_id, course_id=course_id, planned_minutes=945, days=9, at=ENTERED
    )
    for day in range(10):
        factories.class_session(
            organisation_id=organisation_id,
            cohort_id=cohort_id,
            starts_at=START + timedelta(days=day),
            item_code="1.1",
            at=ENTERED,
        )
    person_id, _ = factories.enrolled_learner(organisation_id=organisation_id, cohort_id=cohort_id, at=ENTERED)

    def best(day: int) -> int:
        at = clock("12:00", days=day)
        hours = services.hours_of(organisation_id=organisation_id, cohort_id=cohort_id, person_id=person_id, at=at)
        return hours.reachable_seconds

    # ten classes of 90 minutes and one lesson of 45
    assert [best(day) // 60 for day in (0, 1, 9)] == [855, 765, 45]


def test_beats_joined_at_a_settlement_count_like_the_beats_themselves(place: Place) -> None:
    place.study(clock("19:00"), 12)
    place.study(clock("19:30"), 4, lesson="2.4-2")
    raw = place.hours(clock("19:40"))
    place.settle(clock("19:40"))
    assert len(list(db.session.scalars(select(StudySpan)))) == 2
    assert place.hours(clock("19:40")) == raw
    assert place.hours(clock("19:05")).total_seconds == 300, "the past is answered from the beats"
    place.study(clock("19:35"), 2, lesson="2.4-2")
    assert place.hours(clock("20:00")).online_seconds == raw.online_seconds + 180
    assert place.settle(clock("20:00")).total_seconds == raw.online_seconds + 180


def test_a_transfer_changes_no_past_number(place: Place) -> None:
    place.roll_call(clock("09:00"), (Mark.PRESENT, 0))
    place.study(clock("20:00"), 10)
    place.settle(clock("21:00"))
    before = place.hours(clock("21:00"))
    other = factories.cohort(organisation_id=place.organisation_id, at=ENTERED)
    with transaction():
        new = cohorts.transfer(
            organisation_id=place.organisation_id,
            enrolment_id=place.enrolment_id,
            to_cohort_id=other,
            reason="改上晚班",
            at=clock("22:00"),
            actor_id=place.instructor_id,
        )
    after = place.hours(clock("23:00"))
    assert (after.total_seconds, after.entries, after.held_seconds) == (
        before.total_seconds,
        before.entries,
        before.held_seconds,
    )
    assert after.reachable_seconds == after.total_seconds, "nothing is ahead for somebody who left"
    assert place.settle(clock("23:00")).credits == 0
    place.beat(clock("23:10"))
    place.beat(clock("23:10:20"))
    hours = services.hours_of(organisation_id=place.organisation_id, enrolment_id=new, at=clock("23:30"))
    assert hours.total_seconds == 20
    assert place.hours(clock("23:30")).total_seconds == before.total_seconds


def test_somebody_who_comes_back_has_one_account(place: Place) -> None:
    place.study(clock("20:00"), 40)
    with transaction():
        cohorts.end_enrolment(
            organisation_id=place.organisation_id,
            enrolment_id=place.enrolment_id,
            reason="误删",
            at=clock("21:00"),
            actor_id=place.instructor_id,
        )
        again = cohorts.enrol(
            organisation_id=place.organisation_id,
            cohort_id=place.cohort_id,
            person_id=place.person_id,
            at=clock("21:05"),
            actor_id=place.instructor_id,
        )
    place.study(clock("21:10"), 20)
    hours = services.hours_of(organisation_id=place.organisation_id, enrolment_id=again, at=clock("22:00"))
    assert hours == place.hours(clock("22:00"))
    assert hours.seconds_of(LESSON) == 2700, "a lesson counts its nominal time once"
    with transaction():
        settled = services.settle(organisation_id=place.organisation_id, enrolment_id=again, at=clock("22:00"))
    assert settled.total_seconds == hours.total_seconds == ledger_total(place)


def test_a_changed_entry_is_found(place: Place) -> None:
    place.sign(clock("08:20"))
    place.sign(clock("10:05"))
    assert services.verify_ledger().ok
    with transaction():
        db.session.execute(text("UPDATE attendance_ledger_entry SET seconds = seconds + 1"))
    verdict = services.verify_ledger()
    assert not verdict.ok
    assert verdict.fault is not None
    assert verdict.fault.stream == f"attendance_ledger_entry/cohort-{place.cohort_id}-person-{place.person_id}"
    assert verdict.fault.sequence == 1


def test_a_deleted_last_entry_is_found(place: Place) -> None:
    place.sign(clock("08:20"))
    place.sign(clock("10:05"))
    with transaction():
        db.session.execute(
            text("DELETE FROM attendance_presence_act WHERE id = (SELECT max(id) FROM attendance_presence_act)")
        )
    fault = services.verify_ledger().fault
    assert fault is not None
    assert (fault.stream, fault.sequence) == (f"attendance_presence_act/enrolment-{place.enrolment_id}", 2)


def test_a_moved_beat_is_found(place: Place) -> None:
    place.study(clock("20:00"), 2)
    with transaction():
        db.session.execute(text("UPDATE attendance_heartbeat SET device = 'other' WHERE sequence = 3"))
    fault = services.verify_ledger().fault
    assert fault is not None
    assert fault.sequence == 3


def test_who_is_due_for_settling(place: Place) -> None:
    who = [(place.organisation_id, place.enrolment_id)]
    assert services.due_for_settling(at=clock("08:00")) == []
    place.roll_call(clock("09:00"), (Mark.PRESENT, 0))
    assert services.due_for_settling(at=clock("09:04")) == [], "wait until it is quiet"
    assert services.due_for_settling(at=clock("09:05")) == who
    place.settle(clock("09:05"))
    assert services.due_for_settling(at=clock("09:30")) == []
    assert services.due_for_settling(at=clock("10:00")) == who, "the roll call's check-out has come due"
    place.settle(clock("10:00"))
    assert services.due_for_settling(at=clock("23:00")) == []


def test_two_processes_settling_at_once_post_once(place: Place) -> None:
    place.sign(clock("08:20"))
    place.study(clock("11:00"), 5)
    place.roll_call(clock("10:20"), (Mark.PRESENT, 0))
    gate = threading.Barrier(3)
    totals: list[int] = []

    def settle() -> None:
        gate.wait()
        totals.append(place.settle(clock("12:00")).total_seconds)

    db.session.remove()
    threads = [threading.Thread(target=settle) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert totals == [5700, 5700, 5700]
    assert [entry.seconds for entry in entries()] == [5400, 300]
    assert services.verify_ledger().ok


def test_a_cancelled_class_credits_nothing_and_is_not_held(place: Place) -> None:
    place.sign(clock("08:05"))
    with transaction():
        cohorts.cancel_session(
            organisation_id=place.organisation_id,
            session_id=place.session_id,
            reason="讲师生病",
            at=clock("08:10"),
            actor_id=place.instructor_id,
        )
    with pytest.raises(Conflict, match="已取消"):
        place.sign(clock("08:40"))
    with pytest.raises(Conflict):
        place.roll_call(clock("09:00"), (Mark.PRESENT, 0))
    hours = place.hours(clock("12:00"))
    assert (hours.total_seconds, hours.held_seconds, hours.not_credited) == (0, 0, ())


def test_hours_before_anything_happened(place: Place) -> None:
    hours = place.hours(clock("08:00"))
    empty = services.no_hours(planned_seconds=16200)
    assert (hours.total_seconds, hours.planned_seconds) == (empty.total_seconds, empty.planned_seconds)
    with pytest.raises(NotFound):
        services.hours_of(
            organisation_id=place.organisation_id, cohort_id=place.cohort_id, person_id=99999, at=clock("08:00")
        )
