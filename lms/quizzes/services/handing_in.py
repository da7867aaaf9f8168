"""Handing in: every answer kept is marked, once, and the result announced."""

from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, select, update

from lms.core import audit
from lms.core.db import db
from lms.core.errors import NotFound
from lms.core.events import publish
from lms.quizzes.events import AttemptMarked
from lms.quizzes.models import AnswerStep, Attempt, AttemptQuestion, QuestionVersion
from lms.quizzes.rules.answers import Answer
from lms.quizzes.rules.kinds import HandInKind
from lms.quizzes.rules.marking import mark, total
from lms.quizzes.rules.timing import is_over

NO_ATTEMPT = "没有找到这份答卷。请从题库重新进入。"
_questions: Table = AttemptQuestion.__table__  # type: ignore[assignment]
_EARN = (
    update(_questions)
    .where(
        _questions.c.attempt_id == bindparam("of_attempt"),
        _questions.c.position == bindparam("at_position"),
    )
    .values(earned=bindparam("marks_earned"))
)


def hand_in(*, organisation_id: int, attempt_id: int, person_id: int, at: datetime) -> bool:
    """Hand in a person's own paper; False when it had been handed in before.

    After the deadline the paper counts as handed in at the deadline.
    """
    own = select(Attempt.deadline_at).where(
        Attempt.id == attempt_id, Attempt.organisation_id == organisation_id, Attempt.person_id == person_id
    )
    deadline_at = db.session.scalar(own)
    if deadline_at is None:
        raise NotFound(NO_ATTEMPT)
    if is_over(at=at, deadline_at=deadline_at):
        return close_attempt(attempt_id=attempt_id, at=deadline_at, kind=HandInKind.DEADLINE)
    return close_attempt(attempt_id=attempt_id, at=at, kind=HandInKind.LEARNER)


def overdue_attempts(*, at: datetime, limit: int = 500) -> list[int]:
    """Return the papers whose time has run out and that nobody handed in, of all organisations, oldest first."""
    statement = (
        select(Attempt.id)
        .where(Attempt.handed_in_at.is_(None), Attempt.deadline_at <= at)
        .order_by(Attempt.deadline_at)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def hand_in_overdue(*, attempt_id: int, at: datetime) -> bool:
    """Hand in a paper whose time has run out, as of its deadline; False when there was nothing to do."""
    deadline_at = db.session.scalar(select(Attempt.deadline_at).where(Attempt.id == attempt_id))
    if deadline_at is None or not is_over(at=at, deadline_at=deadline_at):
        return False
    return close_attempt(attempt_id=attempt_id, at=deadline_at, kind=HandInKind.DEADLINE)


def close_attempt(*, attempt_id: int, at: datetime, kind: HandInKind) -> bool:
    """Mark a paper as it stands and publish `AttemptMarked`; False when it had been handed in before.

    The attempt's row is locked first: answers under way are committed before this reads them, later ones are refused.
    """
    locked = select(Attempt).where(Attempt.id == attempt_id).with_for_update()
    attempt = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if attempt.handed_in_at is not None:
        return False
    answers, steps, digest = _read_steps(attempt_id)
    earned = _mark_questions(attempt, answers)
    result = total(earned.values(), max_score=attempt.max_score, pass_mark=attempt.pass_mark)
    db.session.execute(
        _EARN,
        [
            {"of_attempt": attempt_id, "at_position": position, "marks_earned": marks}
            for position, marks in earned.items()
        ],
    )
    attempt.handed_in_at, attempt.hand_in_kind = at, kind.value
    attempt.score, attempt.percent, attempt.passed = result.score, result.percent, result.passed
    db.session.flush()
    audit.record(
        at=at,
        action="quizzes.handed_in",
        subject=f"quizzes_attempt:{attempt_id}",
        actor_id=attempt.person_id if kind == HandInKind.LEARNER else None,
        organisation_id=attempt.organisation_id,
        by=kind.value,
        score=result.score,
        max_score=result.max_score,
        passed=result.passed,
        steps=steps,
        digest=digest,
    )
    publish(
        AttemptMarked(
            attempt_id=attempt_id,
            person_id=attempt.person_id,
            quiz_id=attempt.quiz_id,
            organisation_id=attempt.organisation_id,
            cohort_id=attempt.cohort_id,
            score=result.percent,
            passed=result.passed,
            at=at,
        )
    )
    return True


def _read_steps(attempt_id: int) -> tuple[dict[int, Answer], int, str]:
    """Return the answer that holds by position, the number of steps, and the fingerprint of the last one."""
    statement = (
        select(AnswerStep.position, AnswerStep.answer, AnswerStep.number, AnswerStep.hash)
        .where(AnswerStep.attempt_id == attempt_id)
        .order_by(AnswerStep.number)
    )
    rows = db.session.execute(statement).all()
    answers = {row.position: row.answer for row in rows}
    return answers, len(rows), bytes(rows[-1].hash).hex() if rows else ""


def _mark_questions(attempt: Attempt, answers: dict[int, Answer]) -> dict[int, int]:
    statement = (
        select(
            AttemptQuestion.position,
            AttemptQuestion.kind,
            AttemptQuestion.option_order,
            AttemptQuestion.parts,
            AttemptQuestion.marks,
            QuestionVersion.answer_key,
        )
        .join(QuestionVersion, QuestionVersion.id == AttemptQuestion.version_id)
        .where(AttemptQuestion.attempt_id == attempt.id)
        .order_by(AttemptQuestion.position)
    )
    return {row.position: _earned(row, answers.get(row.position), attempt) for row in db.session.execute(statement)}


def _earned(row: Any, answer: Answer, attempt: Attempt) -> int:
    return mark(
        kind=row.kind,
        answer=answer,
        key=row.answer_key,
        option_order=row.option_order,
        marks=row.marks,
        rule=attempt.multiple_rule,
        parts=row.parts or (),
    )
