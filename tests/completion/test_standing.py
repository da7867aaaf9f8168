"""Where learners stand, put together from hours, lessons and quizzes; and what it costs."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lms.accounts.models import Membership, Person
from lms.cohorts.models import Enrolment
from lms.completion import services
from lms.completion.models import Candidate
from lms.core.db import db, transaction
from lms.core.errors import NotFound
from lms.courses import services as courses
from lms.quizzes import services as quizzes
from tests import factories
from tests.completion.conftest import AT, ENTERED, World, make_world
from tests.quizzes.bank import World as Bank


@pytest.fixture
def bank(context: Flask, tmp_path: Path) -> Bank:
    """A cohort with the whole rule: hours, lessons, item quizzes, final test."""
    return Bank(tmp_path)


def standing(bank: Bank) -> services.Standing:
    return services.standing(
        organisation_id=bank.organisation_id,
        cohort_id=bank.cohort_id,
        person_id=bank.person_id,
        at=factories.AT + timedelta(hours=1),
    )


def sit(bank: Bank, quiz_id: int, *, right: bool) -> None:
    attempt_id = bank.start(quiz_id)
    if right:
        for position, answer in bank.right_answers(attempt_id).items():
            bank.save(attempt_id, position, answer)
    bank.hand_in(attempt_id)


def states(found: services.Standing) -> dict[str, bool]:
    return {rule.name: rule.met for rule in found.rules}


def test_every_rule_is_asked_of_its_own_plugin(bank: Bank) -> None:
    nothing = standing(bank)
    assert states(nothing) == {"attendance": False, "lessons": False, "quizzes": False, "final_test": False}
    assert nothing.final_score is None
    assert [rule.now_text for rule in nothing.rules[1:]] == ["已学完 0 课", "已通过 0 个", "未参加"]

    with transaction():
        for code in factories.LESSONS:
            courses.finish_lesson(person_id=bank.person_id, lesson_code=code, at=factories.AT)
    assert states(standing(bank))["lessons"]

    for quiz in bank.items:
        assert not states(standing(bank))["quizzes"]
        sit(bank, quiz.id, right=True)
    assert states(standing(bank))["quizzes"]

    sit(bank, bank.final.id, right=False)
    failed = standing(bank)
    assert not states(failed)["final_test"]
    assert failed.final_score == 0
    assert "还差" in failed.rules[-1].next_step
    sit(bank, bank.final.id, right=True)
    passed = standing(bank)
    assert states(passed)["final_test"]
    assert (passed.final_score, passed.final_pass_mark) == (100, bank.final.pass_mark)
    assert not passed.met
    assert passed.met_count == 3


def test_a_passed_final_test_counts_for_more_than_a_higher_score_in_another(
    monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    person_id = world.learner()

    def result(quiz_id: int, score: int, mark: int) -> quizzes.QuizResult:
        return quizzes.QuizResult(
            quiz_id=quiz_id,
            title="结业考核",
            kind="final_test",
            item_code=None,
            best_score=score,
            pass_mark=mark,
            passed=score >= mark,
            attempts=1,
            passed_at=None,
        )

    monkeypatch.setattr(quizzes, "quiz_results", lambda **_: {person_id: [result(1, 70, 80), result(2, 65, 60)]})
    found = world.standing(person_id)
    assert (found.final_score, found.final_pass_mark) == (65, 60)


def test_another_tenant_has_no_standing(world: World) -> None:
    person_id = world.learner()
    other = factories.institution()
    with pytest.raises(NotFound):
        services.standing(organisation_id=other, cohort_id=world.cohort_id, person_id=person_id, at=AT)


def test_somebody_without_a_trace_stands_at_nought(world: World) -> None:
    stranger = factories.member(organisation_id=world.organisation_id)
    found = world.standing(stranger)
    assert found.hours.total_seconds == 0
    assert found.rules[0].now_text == "0.0 学时 / 0 分钟"


def test_the_overview_puts_decisions_first(world: World) -> None:
    returned, issued, proposed = world.learner("王甲"), world.learner("王乙"), world.learner("王丙")
    absent = world.learner("王丁", present=False)
    world.propose()
    world.review(issued)
    world.issue()
    world.review(returned, approve=False, note="待核")
    ready = world.learner("王戊")
    found = services.overview(**world.ids, at=AT)
    assert [(line.person.id, line.stage) for line in found.lines] == [
        (proposed, "proposed"),
        (returned, "ready"),
        (ready, "ready"),
        (absent, "learning"),
        (issued, "issued"),
    ]
    assert {line.person.id: line.returned_because for line in found.lines}[returned] == "待核"
    assert found.count("ready") == 2
    assert found.count("approved") == 0


def crowd(world: World, count: int) -> list[int]:
    """Give many people a place at once, past the doors: what is measured is reading."""
    with transaction():
        people = [
            Person(name=f"学员{number}", password_hash="x", created_at=ENTERED, must_change_password=False)
            for number in range(count)
        ]
        db.session.add_all(people)
        db.session.flush()
        own = {"organisation_id": world.organisation_id, "from_at": ENTERED}
        for person in people:
            db.session.add(Membership(**own, person_id=person.id, role="learner"))
            db.session.add(Enrolment(**own, cohort_id=world.cohort_id, person_id=person.id))
            kept = {"cohort_id": world.cohort_id, "person_id": person.id, "status": "proposed"}
            db.session.add(
                Candidate(
                    **kept, organisation_id=world.organisation_id, proposed_by=world.clerk_id, proposed_at=ENTERED
                )
            )
    return [person.id for person in people]


def test_the_cohort_page_costs_the_same_for_three_hundred(world: World, count_statements: Callable[[], Any]) -> None:
    for name in ("王建国", "李小妹"):  # one alone takes a shorter way
        world.learner(name)
    clerk = world.browser_of(world.clerk_id)

    def cost() -> int:
        db.session.remove()
        with count_statements() as seen:
            page = clerk.get(f"/cohorts/{world.cohort_id}/completion")
        assert page.status_code == 200
        return len(seen)

    few = cost()
    crowd(world, 300)
    many = cost()
    assert many == few
    assert many <= 30
    assert clerk.get(f"/cohorts/{world.cohort_id}/completion").text.count('name="candidate"') == 300


def test_preparing_costs_the_same_for_many(world: World, count_statements: Callable[[], Any]) -> None:
    world.approved("王甲", "王乙")

    def cost() -> int:
        db.session.remove()
        with count_statements() as seen:
            assert world.prepare()
        return len(seen)

    few = cost()
    world.approved("王丙", "王丁", "王戊", "王己")
    assert cost() == few


def test_one_learner_s_panel_does_not_read_the_whole_cohort(
    world: World, count_statements: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home page of a learner asks for one standing; the others' evidence stays where it is."""
    from lms.attendance import services as attendance

    person_id = world.learner()
    crowd(world, 20)
    asked: list[object] = []
    real = attendance.hours_of_cohort

    def noted(**given: Any) -> Any:
        found = real(**given)
        asked.append(list(found))
        return found

    monkeypatch.setattr(attendance, "hours_of_cohort", noted)
    learner = world.browser_of(person_id)
    with count_statements() as seen:
        assert learner.get("/completion/").status_code == 200
    assert asked == [[person_id]]
    assert len(seen) <= 30


def test_two_institutions_do_not_mix(context: Flask) -> None:
    ours, theirs = make_world(context), make_world(context)
    ours.issued("王建国")
    theirs.approved("李小妹")
    assert list(services.count_candidates(organisation_id=ours.organisation_id)) == [ours.cohort_id]
    assert services.count_candidates(organisation_id=theirs.organisation_id) == {theirs.cohort_id: {"approved": 1}}
    assert services.valid_numbers(organisation_id=theirs.organisation_id, cohort_id=ours.cohort_id) == {}
    assert services.candidates(organisation_id=theirs.organisation_id, cohort_id=ours.cohort_id) == {}
