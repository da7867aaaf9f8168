"""From the rule to the record: propose, review, issue, withdraw, issue again."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError

from lms.accounts.models import Organisation, Person
from lms.attendance import services as attendance
from lms.attendance.services import Mark
from lms.cohorts import services as cohorts
from lms.completion import services
from lms.completion.models import LASTING, Candidate, CompletionRecord, Rendering, Revocation
from lms.completion.rules import normalise_number
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import Conflict, Invalid, LmsError, NotFound
from tests import factories
from tests.completion.conftest import AT, BASE, ONLY_HOURS, PDF, World, make_world


def records() -> list[CompletionRecord]:
    db.session.rollback()
    return list(db.session.scalars(select(CompletionRecord).order_by(CompletionRecord.id)))


def test_the_whole_way(world: World) -> None:
    there, absent = world.learner("王建国"), world.learner("李小妹", present=False)
    assert world.propose() == 1
    assert world.propose() == 0
    assert world.candidate(there).status == "proposed"
    assert absent not in services.candidates(**world.ids)
    world.review(there)
    (number,) = world.issue()
    assert normalise_number(number) == number
    (row,) = records()
    assert (row.number, row.series, row.person_id, row.issued_by) == (number, 1, there, world.clerk_id)
    assert row.issued_at == AT
    facts = row.payload
    assert facts["holder"]["name"] == "王建国"
    assert facts["hours"]["attended_seconds"] == 5400
    assert facts["hours"] | {"attended_credit_hours": "2.0", "attended_clock": "1 小时 30 分"} == facts["hours"]
    assert facts["hours"] | {"onsite_credit_hours": "2.0", "online_credit_hours": "0.0"} == facts["hours"]
    assert facts["verify_url"] == f"{BASE}/verify/{number}"
    assert world.candidate(there).status == "issued"
    assert world.propose() == 0
    assert services.valid_numbers(**world.ids) == {there: number}


def test_every_step_is_in_the_log(world: World) -> None:
    number = world.issued()
    world.revoke(number)
    actions = [
        entry.action
        for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        if entry.action.startswith("completion.")
    ]
    assert actions == ["completion.propose", "completion.approve", "completion.issue", "completion.revoke"]


def test_a_return_needs_a_reason_and_leaves_it_behind(world: World) -> None:
    person_id = world.learner()
    world.propose()
    with pytest.raises(Invalid, match="写明原因"):
        world.review(person_id, approve=False)
    world.review(person_id, approve=False, note="证件照片不清")
    assert world.candidate(person_id).status == "returned"
    with pytest.raises(Invalid, match="没有审核通过的学员"):
        world.prepare()
    with pytest.raises(Conflict):
        world.review(person_id)
    assert world.propose() == 1
    assert world.candidate(person_id).earlier_note == "证件照片不清"
    assert world.review(person_id)
    assert not world.review(person_id)  # a colleague was quicker; nothing is logged twice


def test_somebody_approved_can_still_be_returned(world: World) -> None:
    """Else one learner whose hours were corrected would hold up everybody else's records."""
    first, second = world.approved("王建国", "李小妹")
    world.mark(first, Mark.ABSENT, at=AT)
    with pytest.raises(Conflict, match=r"王建国.*不满足结业条件"):
        world.prepare(at=AT + timedelta(minutes=1))
    world.review(first, approve=False, note="点名有更正")
    assert len(world.issue(at=AT + timedelta(minutes=1))) == 1
    assert records()[0].person_id == second


def test_a_candidate_of_another_cohort_or_tenant_is_not_found(world: World) -> None:
    person_id = world.learner()
    world.propose()
    candidate_id = world.candidate(person_id).id
    given = {"candidate_id": candidate_id, "approve": True, "note": "", "at": AT, "actor_id": world.clerk_id}
    other = make_world(world.app)
    for place in (
        {"organisation_id": other.organisation_id},
        {"organisation_id": world.organisation_id, "cohort_id": other.cohort_id},
    ):
        with pytest.raises(NotFound), transaction():
            services.review(**place, **given)
    with pytest.raises(NotFound), transaction():
        services.propose(organisation_id=other.organisation_id, cohort_id=world.cohort_id, at=AT, actor_id=1)


def test_hours_corrected_between_preparing_and_issuing(context: Flask) -> None:
    """A class counts for less after the correction: still enough by the rule, no longer what was printed."""
    world = make_world(context, rule=ONLY_HOURS | {"attended_percent": 50})
    (person_id,) = world.approved()
    prepared = world.prepare()
    later = AT + timedelta(seconds=20)
    world.mark(person_id, Mark.LATE, minutes=10, at=later)
    assert world.standing(person_id, at=later).met
    with pytest.raises(Conflict, match="王建国的学时、成绩或资料刚刚有变化"):
        world.issue(prepared, at=later)
    assert records() == []
    assert db.session.scalar(select(func.count()).select_from(Rendering)) == 0
    assert world.candidate(person_id).status == "approved"
    world.issue(at=later)
    assert records()[0].payload["hours"]["attended_clock"] == "1 小时 20 分"


def test_minutes_studied_while_the_pdfs_are_set_hold_nobody_up(context: Flask) -> None:
    """Else one learner on the train would stop three hundred records, again and again."""
    world = make_world(context, rule=ONLY_HOURS | {"attended_percent": 50})
    (person_id,) = world.approved()
    prepared = world.prepare()
    for seconds in range(0, 120, 20):
        with transaction():
            attendance.beat(
                organisation_id=world.organisation_id,
                person_id=person_id,
                lesson_code="2.4-1",
                device="phone",
                at=AT + timedelta(seconds=seconds),
            )
    later = AT + timedelta(seconds=120)
    assert world.standing(person_id, at=later).hours.online_seconds > 0
    world.issue(prepared, at=later)
    (row,) = records()
    assert row.issued_at == AT
    assert row.payload["hours"]["online_seconds"] == 0


def test_a_rule_no_longer_met_between_preparing_and_issuing(world: World) -> None:
    (person_id,) = world.approved()
    prepared = world.prepare()
    world.mark(person_id, Mark.ABSENT, at=AT + timedelta(seconds=5))
    with pytest.raises(Conflict, match="不满足结业条件"):
        world.issue(prepared, at=AT + timedelta(seconds=20))
    assert records() == []


def test_a_name_corrected_between_preparing_and_issuing(world: World) -> None:
    (person_id,) = world.approved()
    prepared = world.prepare()
    with transaction():
        db.session.get_one(Person, person_id).name = "王建帼"
    with pytest.raises(Conflict, match="刚刚有变化"):
        world.issue(prepared)
    assert records() == []


def test_a_list_that_changed_is_not_issued(world: World) -> None:
    first, _second = world.approved("王建国", "李小妹")
    prepared = world.prepare()
    world.review(first, approve=False, note="待核")
    with pytest.raises(Conflict, match="名单刚刚有变化"):
        world.issue(prepared)
    assert records() == []


def test_all_or_none(world: World) -> None:
    world.approved("王建国", "李小妹")
    prepared = world.prepare()
    with pytest.raises(ValueError, match="shorter"):
        world.issue(prepared, pdfs=[PDF])
    assert records() == []
    assert {one.status for one in services.candidates(**world.ids).values()} == {"approved"}


def test_withdrawn_and_issued_again(world: World) -> None:
    first = world.issued()
    with pytest.raises(Invalid, match="撤销原因"):
        world.revoke(first, reason="  ")
    world.revoke(first, reason="姓名写错")
    with pytest.raises(Conflict, match="已经撤销"):
        world.revoke(first)
    (person_id,) = world.people
    assert world.candidate(person_id).status == "returned"
    assert services.valid_numbers(**world.ids) == {}
    assert world.propose() == 1
    world.review(person_id)
    (second,) = world.issue(at=AT + timedelta(days=1))
    assert [row.series for row in records()] == [1, 2]
    assert second != first
    found = services.records_of(person_id=person_id, organisation_id=world.organisation_id)
    assert [(record.number, record.revoked_at is None) for record in found] == [(second, True), (first, False)]
    assert services.valid_numbers(**world.ids) == {person_id: second}
    assert services.verify_records().ok


def test_another_tenant_can_neither_see_nor_withdraw(world: World) -> None:
    number = world.issued()
    other = make_world(world.app).organisation_id
    with pytest.raises(NotFound):
        services.find_record(organisation_id=other, number=number)
    with pytest.raises(NotFound):
        services.read_pdf(number=number, organisation_id=other)
    with pytest.raises(NotFound), transaction():
        services.revoke(organisation_id=other, number=number, reason="x", at=AT, actor_id=1)
    stranger = factories.member(organisation_id=world.organisation_id)
    with pytest.raises(NotFound):
        services.read_pdf(number=number, organisation_id=world.organisation_id, person_id=stranger)
    assert services.read_pdf(number=number, organisation_id=world.organisation_id, person_id=world.people[0]) == PDF


def test_who_left_is_shown_and_can_be_returned(world: World) -> None:
    (person_id,) = world.approved()
    with transaction():
        cohorts.end_enrolment(
            organisation_id=world.organisation_id,
            enrolment_id=world.enrolments[person_id],
            reason="转出",
            at=AT,
            actor_id=world.clerk_id,
        )
    found = services.overview(**world.ids, at=AT + timedelta(minutes=1))
    assert [(line.person.id, line.stage, line.has_left) for line in found.lines] == [(person_id, "approved", True)]
    world.review(person_id, approve=False, note="已转出")
    assert services.overview(**world.ids, at=AT + timedelta(minutes=1)).lines == ()


def side_by_side(app: Flask, *acts: object) -> list[object]:
    """Run acts in threads that begin together; returns what each gave or raised."""
    gate = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(place: int, act: object) -> None:
        with app.app_context():
            try:
                outcomes[place] = act(gate)  # type: ignore[operator]
            except LmsError as error:
                outcomes[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def test_two_clerks_issue_at_once(world: World) -> None:
    world.approved("王建国", "李小妹", "阿依古丽")
    db.session.remove()

    def issue(gate: threading.Barrier) -> list[str]:
        prepared = world.prepare()
        gate.wait(30)
        return world.issue(prepared)

    outcomes = side_by_side(world.app, issue, issue, issue)
    done = [outcome for outcome in outcomes if isinstance(outcome, list)]
    assert len(done) == 1, outcomes
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 2
    assert sorted(row.number for row in records()) == sorted(done[0])
    assert len({row.person_id for row in records()}) == 3
    assert services.verify_records().ok


def test_two_clerks_propose_at_once(world: World) -> None:
    for name in ("王建国", "李小妹"):
        world.learner(name)
    db.session.remove()

    def propose(gate: threading.Barrier) -> int:
        gate.wait(30)
        return world.propose()

    outcomes = side_by_side(world.app, propose, propose)
    assert all(outcome in (0, 2) or isinstance(outcome, Conflict) for outcome in outcomes)
    assert outcomes.count(2) == 1
    assert db.session.scalar(select(func.count()).select_from(Candidate)) == 2


def test_two_clerks_review_at_once(world: World) -> None:
    person_id = world.learner()
    world.propose()
    db.session.remove()

    def approve(gate: threading.Barrier) -> bool:
        gate.wait(30)
        return world.review(person_id)

    assert sorted(map(bool, side_by_side(world.app, approve, approve))) == [False, True]
    logged = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "completion.approve")
    assert db.session.scalar(logged) == 1


def test_two_clerks_withdraw_at_once(world: World) -> None:
    number = world.issued()
    db.session.remove()

    def revoke(gate: threading.Barrier) -> str:
        gate.wait(30)
        world.revoke(number)
        return "done"

    outcomes = side_by_side(world.app, revoke, revoke)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1, outcomes
    assert db.session.scalar(select(func.count()).select_from(Revocation)) == 1


def test_a_person_renamed_later_changes_nothing_that_was_issued(world: World) -> None:
    number = world.issued("王建国", real_pdf=True)
    (person_id,) = world.people
    browser = world.app.test_client()
    owner = world.organisation_id

    def seen() -> tuple[bytes, dict[str, object], str]:
        api = dict(browser.get(f"/api/v1/records/{number}").json)
        api.pop("status_as_of")
        page = browser.get(f"/verify/{number}").text
        facts = page[page.index('<dl class="facts">') : page.index("状态时间")]
        return services.read_pdf(number=number, organisation_id=owner), api, facts

    before = seen()
    with transaction():
        db.session.get_one(Person, person_id).name = "王小二"
        db.session.get_one(Organisation, owner).name = "改名后的学校"
        cohorts.update_cohort(organisation_id=owner, cohort_id=world.cohort_id, place="别处", at=AT, actor_id=1)
    assert seen() == before


@pytest.mark.parametrize("model", LASTING)
def test_nothing_issued_can_be_deleted_or_changed(world: World, model: type[CompletionRecord]) -> None:
    """Not by a service, not by a slip in code; what is done behind the house's back is named (test_chain)."""
    number = world.issued()
    world.revoke(number)
    of_number = {"number": number}
    for statement in (delete(model), update(model).values(number="AX-2")):
        with pytest.raises(RuntimeError, match="never"), transaction():
            db.session.execute(statement.filter_by(**of_number))
    with pytest.raises(RuntimeError, match="never changed and never deleted"), transaction():
        db.session.delete(db.session.scalars(select(model).filter_by(**of_number)).one())
    with pytest.raises(RuntimeError, match="never changed and never deleted"), transaction():
        db.session.scalars(select(model).filter_by(**of_number)).one().number = "AX-2"
    db.session.remove()
    assert db.session.scalars(select(model).filter_by(**of_number)).one()
    assert services.verify_records().ok


def test_the_database_keeps_a_record_with_what_hangs_on_it(world: World) -> None:
    number = world.issued()
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(text("DELETE FROM completion_record WHERE number = :number"), {"number": number})
    assert len(records()) == 1
    assert not [name for name in services.__all__ if name.startswith(("delete", "remove", "update", "edit"))]
