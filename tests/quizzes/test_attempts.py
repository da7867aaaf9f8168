"""Attempts on both engines: begun once, saved, handed in once, never beyond the deadline."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from lms.cohorts import services as cohorts
from lms.core.db import db, transaction
from lms.core.errors import Conflict, Invalid, NotFound
from lms.quizzes import services
from lms.quizzes.events import AttemptMarked
from lms.quizzes.models import AnswerStep, Attempt, Question
from lms.quizzes.services import QuizSettings
from tests import factories
from tests.factories import AT
from tests.quizzes.bank import World
from tests.threads import together

MINUTE = timedelta(minutes=1)


def change(world: World, quiz: services.QuizView, **changes: object) -> None:
    known = {name: getattr(quiz, name) for name in QuizSettings.__dataclass_fields__} | changes
    with transaction():
        services.update_quiz(
            organisation_id=world.organisation_id,
            quiz_id=quiz.id,
            settings=QuizSettings(**known),  # type: ignore[arg-type]
            at=AT,
            actor_id=world.person_id,
        )


def test_an_opened_cohort_has_a_quiz_for_each_item_and_a_final_test(world: World) -> None:
    assert [quiz.item_code for quiz in world.items] == ["1.1", "2.4", "3.4"]
    assert [(quiz.question_count, quiz.max_score, quiz.minutes, quiz.max_attempts) for quiz in world.items] == [
        (10, 100, 15, None)
    ] * 3
    final = world.final
    assert (final.question_count, final.max_score) == (40, 100)
    assert (final.minutes, final.pass_mark, final.max_attempts) == (60, 60, 3)
    assert {section.label for section in final.sections} == {"职业规范", "理论知识", "操作技能"}


def test_making_the_defaults_twice_makes_nothing_new(world: World) -> None:
    with transaction():
        report = services.create_default_quizzes(
            organisation_id=world.organisation_id,
            cohort_id=world.cohort_id,
            item_codes=["1.1", "2.4", "3.4", "9.9"],
            at=AT,
            actor_id=None,
        )
    assert report.created == ()
    assert report.missing == ("9.9",)


def test_a_cohort_opens_without_a_bank(context: Flask) -> None:
    organisation_id = factories.institution()
    cohort_id = factories.cohort(organisation_id=organisation_id)
    assert services.quizzes_of_cohort(organisation_id=organisation_id, cohort_id=cohort_id) == []


def test_a_running_attempt_is_resumed(world: World) -> None:
    first = world.start()
    with transaction():
        again = services.start_attempt(
            organisation_id=world.organisation_id, quiz_id=world.item.id, person_id=world.person_id, at=AT + MINUTE
        )
    assert again == services.Started(first, resumed=True)


def test_the_same_seed_draws_the_same_paper(world: World) -> None:
    first = world.start(seed=7)
    world.hand_in(first)
    shown = [
        (one.stem, one.options)
        for one in services.get_result(organisation_id=world.organisation_id, attempt_id=first).questions
        for one in [one.face]
    ]
    second = world.start(seed=7)
    world.hand_in(second)
    again = [
        (one.stem, one.options)
        for one in services.get_result(organisation_id=world.organisation_id, attempt_id=second).questions
        for one in [one.face]
    ]
    assert shown == again


def test_right_answers_pass_with_full_marks(world: World) -> None:
    attempt_id = world.start(world.final.id)
    answers = world.right_answers(attempt_id)
    for position, answer in answers.items():
        assert world.save(attempt_id, position, answer).saved
    assert world.hand_in(attempt_id)
    result = services.get_result(organisation_id=world.organisation_id, attempt_id=attempt_id)
    assert (result.attempt.score, result.attempt.percent, result.attempt.passed) == (100, 100, True)
    assert result.count("right") == 40
    assert all(question.citations[0].label == "《条例》28" for question in result.questions)


def test_an_empty_paper_scores_nothing(world: World) -> None:
    attempt_id = world.start()
    assert world.hand_in(attempt_id)
    result = services.get_result(organisation_id=world.organisation_id, attempt_id=attempt_id)
    assert (result.attempt.percent, result.attempt.passed, result.count("blank")) == (0, False, 10)


def test_marking_is_announced_once(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[AttemptMarked] = []
    monkeypatch.setitem(app.extensions, "lms_listeners", {AttemptMarked: (heard.append,)})
    attempt_id = world.start()
    world.save(attempt_id, 1, world.right_answers(attempt_id)[1])
    world.hand_in(attempt_id, at=AT + MINUTE)
    world.hand_in(attempt_id, at=AT + MINUTE)
    assert heard == [
        AttemptMarked(
            attempt_id=attempt_id,
            person_id=world.person_id,
            quiz_id=world.item.id,
            organisation_id=world.organisation_id,
            cohort_id=world.cohort_id,
            score=10,
            passed=False,
            at=AT + MINUTE,
        )
    ]


def test_a_closed_cohort_begins_nothing_new(world: World) -> None:
    attempt_id = world.start()
    with transaction():
        cohorts.close_cohort(
            organisation_id=world.organisation_id, cohort_id=world.cohort_id, at=AT, actor_id=world.person_id
        )
    assert world.save(attempt_id, 1, [0]).saved
    world.hand_in(attempt_id)
    with pytest.raises(Conflict, match="班期不在开班期间"):
        world.start()


def test_a_paper_is_handed_in_once(world: World) -> None:
    attempt_id = world.start()
    assert world.hand_in(attempt_id)
    assert not world.hand_in(attempt_id)


def test_no_result_before_hand_in(world: World) -> None:
    attempt_id = world.start()
    with pytest.raises(NotFound):
        services.get_result(organisation_id=world.organisation_id, attempt_id=attempt_id)


def test_a_newer_answer_replaces_an_older_one(world: World) -> None:
    attempt_id = world.start()
    first = world.save(attempt_id, 1, [0], sequence=1)
    second = world.save(attempt_id, 1, [1], sequence=2)
    assert (first.number, second.number, second.answered) == (1, 2, 1)
    assert world.paper(attempt_id).questions[0].answer == [1]


def test_a_repeated_request_is_acknowledged_and_changes_nothing(world: World) -> None:
    attempt_id = world.start()
    first = world.save(attempt_id, 1, [0], sequence=5)
    assert world.save(attempt_id, 1, [0], sequence=5) == first
    assert db.session.scalar(select(func.count()).select_from(AnswerStep)) == 1


@pytest.mark.parametrize("sequence", [5, 4])
def test_an_older_or_equal_sequence_never_overwrites(world: World, sequence: int) -> None:
    attempt_id = world.start()
    world.save(attempt_id, 1, [0], sequence=5)
    late = world.save(attempt_id, 1, [2], sequence=sequence)
    assert (late.saved, late.superseded, late.sequence) == (False, True, 5)
    assert world.paper(attempt_id).questions[0].answer == [0]


def test_answers_are_counted_also_when_taken_back(world: World) -> None:
    attempt_id = world.start()
    multiple = next(one.position for one in world.paper(attempt_id).questions if one.kind == "multiple")
    assert world.save(attempt_id, 1, [0]).answered == 1
    assert world.save(attempt_id, multiple, [0, 1]).answered == 2
    assert world.save(attempt_id, multiple, []).answered == 1
    assert world.paper(attempt_id).questions[multiple - 1].answer is None


@pytest.mark.parametrize("given", [[9], [-1], "A", [0, 1], [0, 0], {"a": 1}, 1.5, [True]])
def test_an_impossible_answer_is_refused(world: World, given: object) -> None:
    attempt_id = world.start()
    with pytest.raises(Invalid):
        world.save(attempt_id, 1, given)


@pytest.mark.parametrize("position", [0, 11, -1])
def test_a_question_that_is_not_on_the_paper_is_not_found(world: World, position: int) -> None:
    attempt_id = world.start()
    with pytest.raises(NotFound):
        world.save(attempt_id, position, [0])


@pytest.mark.parametrize("sequence", [0, -1, 2**60])
def test_an_impossible_sequence_is_refused(world: World, sequence: int) -> None:
    attempt_id = world.start()
    with pytest.raises(Invalid):
        world.save(attempt_id, 1, [0], sequence=sequence)


def test_nobody_saves_into_the_paper_of_another(world: World) -> None:
    attempt_id = world.start()
    other, _ = factories.enrolled_learner(organisation_id=world.organisation_id, cohort_id=world.cohort_id)
    with pytest.raises(NotFound):
        world.save(attempt_id, 1, [0], person_id=other)
    with pytest.raises(NotFound):
        world.hand_in(attempt_id, person_id=other)
    with pytest.raises(NotFound):
        services.find_paper(organisation_id=world.organisation_id, attempt_id=attempt_id, person_id=other)


def test_another_institution_finds_nothing(world: World) -> None:
    attempt_id = world.start()
    world.hand_in(attempt_id)
    elsewhere = factories.institution()
    for call in (
        lambda: services.get_result(organisation_id=elsewhere, attempt_id=attempt_id),
        lambda: services.get_quiz(organisation_id=elsewhere, quiz_id=world.item.id),
        lambda: services.find_paper(organisation_id=elsewhere, attempt_id=attempt_id, person_id=world.person_id),
    ):
        with pytest.raises(NotFound):
            call()
    assert services.quizzes_of_cohort(organisation_id=elsewhere, cohort_id=world.cohort_id) == []
    assert services.attempts_of_quiz(organisation_id=elsewhere, quiz_id=world.item.id) == {}


def test_a_person_without_a_place_finds_no_quiz(world: World) -> None:
    stranger = factories.member(organisation_id=world.organisation_id)
    with pytest.raises(NotFound):
        world.start(person_id=stranger)


def test_the_deadline_is_too_late(world: World) -> None:
    attempt_id = world.start()
    deadline = AT + 15 * MINUTE
    just_in_time = world.save(attempt_id, 1, [0], at=deadline - timedelta(microseconds=1))
    assert (just_in_time.saved, just_in_time.seconds_left) == (True, 0)
    late = world.save(attempt_id, 2, [0], at=deadline)
    assert (late.saved, late.closed, late.by_deadline) == (False, True, True)
    row = db.session.get_one(Attempt, attempt_id)
    assert (row.handed_in_at, row.hand_in_kind) == (deadline, "deadline")
    assert world.save(attempt_id, 2, [0], at=deadline + MINUTE).closed


def test_handing_in_late_counts_as_of_the_deadline(world: World) -> None:
    attempt_id = world.start()
    world.hand_in(attempt_id, at=AT + 99 * MINUTE)
    row = db.session.get_one(Attempt, attempt_id)
    assert (row.handed_in_at, row.hand_in_kind) == (AT + 15 * MINUTE, "deadline")


def test_overdue_papers_are_handed_in(world: World) -> None:
    attempt_id = world.start()
    assert services.overdue_attempts(at=AT + 14 * MINUTE) == []
    assert services.overdue_attempts(at=AT + 15 * MINUTE) == [attempt_id]
    with transaction():
        assert not services.hand_in_overdue(attempt_id=attempt_id, at=AT)
        assert services.hand_in_overdue(attempt_id=attempt_id, at=AT + 20 * MINUTE)
    assert services.overdue_attempts(at=AT + 20 * MINUTE) == []


def test_starting_after_the_deadline_hands_in_and_begins_anew(world: World) -> None:
    first = world.start()
    second = world.start(at=AT + 20 * MINUTE)
    assert second != first
    assert db.session.get_one(Attempt, first).hand_in_kind == "deadline"


def test_attempts_run_out(world: World) -> None:
    for _ in range(3):
        world.hand_in(world.start(world.final.id))
    with pytest.raises(Conflict, match="3 次机会已用完"):
        world.start(world.final.id)


def test_a_quiz_has_its_time(world: World) -> None:
    change(world, world.item, opens_at=AT + MINUTE, closes_at=AT + 5 * MINUTE)
    with pytest.raises(Conflict, match="还没到开放时间"):
        world.start()
    attempt_id = world.start(at=AT + 2 * MINUTE)
    assert db.session.get_one(Attempt, attempt_id).deadline_at == AT + 5 * MINUTE
    with pytest.raises(Conflict, match="已经关闭"):
        world.start(at=AT + 5 * MINUTE)


def test_what_was_begun_keeps_its_rules(world: World) -> None:
    attempt_id = world.start()
    change(world, world.item, pass_mark=90, multiple_rule="half_if_missing", minutes=1)
    row = db.session.get_one(Attempt, attempt_id)
    assert (row.pass_mark, row.multiple_rule, row.deadline_at) == (60, "all_or_nothing", AT + 15 * MINUTE)


def test_a_plan_that_cannot_be_met_is_refused_with_its_reason(world: World) -> None:
    section = world.item.sections[0]
    too_many = type(section)(section.label, section.items, section.kind, 30, section.marks)
    with pytest.raises(Invalid, match="“单选题”要 30 题，题库只有 8 题"):
        change(world, world.item, sections=(too_many,))


def test_numbers_and_blanks_can_be_drawn_and_marked(world: World) -> None:
    section = type(world.item.sections[0])
    change(world, world.item, sections=(section("", ("1.1",), "numeric", 1, 50), section("", ("1.1",), "fill", 1, 50)))
    attempt_id = world.start()
    world.save(attempt_id, 1, "９,000 元")
    world.save(attempt_id, 2, " 三 ")
    world.hand_in(attempt_id)
    assert db.session.get_one(Attempt, attempt_id).percent == 100


def test_results_of_all_quizzes_of_a_person(world: World) -> None:
    attempt_id = world.start()
    for position, answer in world.right_answers(attempt_id).items():
        world.save(attempt_id, position, answer)
    world.hand_in(attempt_id, at=AT + MINUTE)
    world.hand_in(world.start(at=AT + 2 * MINUTE), at=AT + 3 * MINUTE)
    found = services.quiz_results(
        organisation_id=world.organisation_id, cohort_id=world.cohort_id, person_ids=[world.person_id, 999]
    )
    assert [(one.item_code, one.best_score, one.passed, one.attempts) for one in found[world.person_id]] == [
        ("1.1", 100, True, 2),
        ("2.4", None, False, 0),
        ("3.4", None, False, 0),
        (None, None, False, 0),
    ]
    assert found[world.person_id][0].passed_at == AT + MINUTE
    assert [one.attempts for one in found[999]] == [0, 0, 0, 0]


def test_flags_are_a_note_and_no_answer(world: World) -> None:
    attempt_id = world.start()
    known = {"organisation_id": world.organisation_id, "attempt_id": attempt_id}
    with transaction():
        services.flag_question(**known, person_id=world.person_id, position=3, flagged=True)
    assert [one.position for one in world.paper(attempt_id).questions if one.flagged] == [3]
    with pytest.raises(NotFound), transaction():
        services.flag_question(**known, person_id=world.person_id + 999, position=3, flagged=False)


def test_answers_are_a_chain_that_shows_every_change(world: World) -> None:
    attempt_id = world.start()
    for position in (1, 2, 3):
        world.save(attempt_id, position, [0])
    world.hand_in(attempt_id)
    assert services.verify_answers().ok
    table = AnswerStep.__table__
    with transaction():
        db.session.execute(update(table).where(table.c.number == 2).values(answer=[1]))  # type: ignore[arg-type]
    assert services.verify_answers().fault.sequence == 2  # type: ignore[union-attr]
    with transaction():
        db.session.execute(update(table).where(table.c.number == 2).values(answer=[0]))  # type: ignore[arg-type]
        db.session.execute(table.delete().where(table.c.number == 3))  # type: ignore[attr-defined]
    assert services.verify_answers().fault.reason == "与交卷时留下的指纹不符"  # type: ignore[union-attr]


def test_a_save_costs_two_statements(world: World) -> None:
    attempt_id = world.start()
    world.save(attempt_id, 1, [0])
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        world.save(attempt_id, 2, [0])
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) == 2


def test_starting_twice_at_once_begins_one_attempt(app: Flask, world: World) -> None:
    db.session.remove()
    outcomes = together(app, 4, lambda _: world.start(world.final.id))
    assert len(set(outcomes)) == 1, outcomes
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_retired_questions_are_drawn_no_more(world: World) -> None:
    with transaction():
        db.session.execute(update(Question).where(Question.kind == "single").values(retired_at=AT))
    with pytest.raises(Conflict, match="请联系教务老师"):
        world.start()
