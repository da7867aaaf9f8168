"""Results: of one paper with its key, of a cohort, of one learner."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from lms.core.db import db, owned
from lms.core.errors import NotFound
from lms.courses import services as courses
from lms.courses.services import CitationView
from lms.quizzes.models import Attempt, AttemptQuestion, Question, QuestionVersion, Quiz
from lms.quizzes.rules.answers import Answer
from lms.quizzes.rules.kinds import QuizKind
from lms.quizzes.services.attempts import attempt_row, latest_answers
from lms.quizzes.services.handing_in import NO_ATTEMPT
from lms.quizzes.services.quizzes import quizzes_of_cohort
from lms.quizzes.services.records import AttemptResult, AttemptRow, Earned, QuizResult, ResultQuestion
from lms.quizzes.services.versions import Given, answer_text, face_view, marked


def get_result(*, organisation_id: int, attempt_id: int, person_id: int | None = None) -> AttemptResult:
    """Return a paper that was handed in, with its key; `person_id` given: only that person's own.

    A paper that is still running is NotFound: its key is nobody's to see.
    """
    statement = owned(Attempt, organisation_id).where(Attempt.id == attempt_id, Attempt.handed_in_at.is_not(None))
    if person_id is not None:
        statement = statement.where(Attempt.person_id == person_id)
    row = db.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(NO_ATTEMPT)
    quiz = db.session.get_one(Quiz, row.quiz_id)
    return AttemptResult(
        attempt=attempt_row(row),
        quiz_title=quiz.title,
        quiz_kind=QuizKind(quiz.kind),
        item_code=quiz.item_code,
        cohort_id=row.cohort_id,
        pass_mark=row.pass_mark,
        questions=_result_questions(attempt_id, rule=row.multiple_rule),
    )


def _result_questions(attempt_id: int, *, rule: str) -> tuple[ResultQuestion, ...]:
    answers = latest_answers(attempt_id)
    statement = (
        select(AttemptQuestion, QuestionVersion.shown, QuestionVersion.answer_key, Question.held_at)
        .join(QuestionVersion, QuestionVersion.id == AttemptQuestion.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(AttemptQuestion.attempt_id == attempt_id)
        .order_by(AttemptQuestion.position)
    )
    rows = db.session.execute(statement).all()
    chips = _chips([source for _question, _shown, key, _held in rows for source in key["sources"]])
    return tuple(
        _result_question(question, shown, key, _given(question, key, answers, rule=rule), chips, is_held=bool(held_at))
        for question, shown, key, held_at in rows
    )


def _given(
    question: AttemptQuestion, key: dict[str, Any], answers: dict[int, tuple[Answer, int]], *, rule: str
) -> Given:
    return marked(
        question.kind,
        key,
        answer=answers.get(question.position, (None, 0))[0],
        option_order=question.option_order,
        parts=question.parts,
        marks=question.marks,
        rule=rule,
    )


def _chips(sources: list[dict[str, str]]) -> dict[tuple[str, str], CitationView]:
    """Return the chip of every source, looked up together."""
    unique = {(source["law"], source["article"]): source for source in sources}
    return dict(zip(unique, courses.citations(unique.values()), strict=True))


def _result_question(
    question: AttemptQuestion,
    shown: dict[str, Any],
    key: dict[str, Any],
    given: Given,
    chips: dict[tuple[str, str], CitationView],
    *,
    is_held: bool,
) -> ResultQuestion:
    face = face_view(question.kind, shown, key, given)
    return ResultQuestion(
        position=question.position,
        version_id=question.version_id,
        label=question.label,
        face=face,
        own=Earned(answer_text(question.kind, given.answer, face.unit), question.earned or 0, question.marks),
        citations=tuple(chips[source["law"], source["article"]] for source in key["sources"]),
        is_held=is_held,
    )


def quiz_results(*, organisation_id: int, cohort_id: int, person_ids: Collection[int]) -> dict[int, list[QuizResult]]:
    """Return how each person stands in each of the cohort's quizzes, in two statements however many they are."""
    quizzes = quizzes_of_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    asked = _standing(organisation_id, cohort_id).where(Attempt.person_id.in_(person_ids))
    standing = {(row.person_id, row.quiz_id): row for row in db.session.execute(asked)}
    results: dict[int, list[QuizResult]] = {}
    for person_id in person_ids:
        results[person_id] = []
        for quiz in quizzes:
            row = standing.get((person_id, quiz.id))
            results[person_id].append(
                QuizResult(
                    quiz_id=quiz.id,
                    title=quiz.title,
                    kind=quiz.kind.value,
                    item_code=quiz.item_code,
                    best_score=row.best if row else None,
                    pass_mark=quiz.pass_mark,
                    passed=bool(row and row.passed_at),
                    attempts=row.attempts if row else 0,
                    passed_at=row.passed_at if row else None,
                )
            )
    return results


def _standing(organisation_id: int, cohort_id: int) -> Select[int, int, int | None, int, datetime | None]:
    first_pass = func.min(Attempt.handed_in_at).filter(Attempt.passed.is_(True))
    return (
        select(
            Attempt.person_id,
            Attempt.quiz_id,
            func.max(Attempt.percent).label("best"),
            func.count().label("attempts"),
            first_pass.label("passed_at"),
        )
        .where(
            Attempt.organisation_id == organisation_id,
            Attempt.cohort_id == cohort_id,
            Attempt.handed_in_at.is_not(None),
        )
        .group_by(Attempt.person_id, Attempt.quiz_id)
    )


@dataclass(frozen=True, slots=True)
class QuizFigures:
    """A quiz in figures: learners who handed in, learners who passed, mean of their best scores in percent."""

    quiz_id: int
    handed_in: int
    passed: int
    mean_best: int | None


def cohort_figures(*, organisation_id: int, cohort_id: int) -> dict[int, QuizFigures]:
    """Return each of a cohort's quizzes in figures."""
    own = _standing(organisation_id, cohort_id).subquery()
    statement = select(
        own.c.quiz_id,
        func.count(),
        func.count(own.c.passed_at),
        func.sum(own.c.best),
    ).group_by(own.c.quiz_id)
    return {
        quiz_id: QuizFigures(quiz_id, learners, passed, best // learners if learners else None)
        for quiz_id, learners, passed, best in db.session.execute(statement)
    }


def attempts_of_quiz(*, organisation_id: int, quiz_id: int) -> dict[int, list[AttemptRow]]:
    """Return all attempts at a quiz by person, oldest first."""
    found: dict[int, list[AttemptRow]] = {}
    statement = owned(Attempt, organisation_id).where(Attempt.quiz_id == quiz_id)
    for row in db.session.scalars(statement.order_by(Attempt.number)):
        found.setdefault(row.person_id, []).append(attempt_row(row))
    return found
