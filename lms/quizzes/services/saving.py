"""Saving an answer: the hot path, three statements besides the actor's, in Core and not through entities.

An answer is acknowledged only after the commit. It is kept when its sequence is newer than every one kept for the
position; a repeated request changes nothing and gets the same acknowledgement.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, func, insert, select

from lms.core import chain
from lms.core.db import run_core
from lms.core.errors import Conflict, Invalid, NotFound
from lms.quizzes.models import AnswerStep, Attempt, AttemptQuestion
from lms.quizzes.rules.answers import Answer, BadAnswer, merge_parts, progress, read_answer
from lms.quizzes.rules.drawing import MOST_QUESTIONS
from lms.quizzes.rules.kinds import HandInKind
from lms.quizzes.rules.timing import is_over, seconds_left
from lms.quizzes.services.handing_in import close_attempt
from lms.quizzes.services.records import Saved

NO_QUESTION = "没有找到这道题。请刷新页面后再作答；已保存的答案都在。"
MOST_STEPS = 20_000  # of one attempt: nobody presses that often, a script that does is stopped
HIGHEST_SEQUENCE = 2**53

_attempts: Table = Attempt.__table__  # type: ignore[assignment]
_questions: Table = AttemptQuestion.__table__  # type: ignore[assignment]
_steps: Table = AnswerStep.__table__  # type: ignore[assignment]
_last = _steps.alias("last")
_own = _steps.alias("own")
_newest = select(func.max(_steps.c.number)).where(_steps.c.attempt_id == bindparam("attempt_id")).scalar_subquery()
_newest_own = (
    select(func.max(_steps.c.client_sequence))
    .where(_steps.c.attempt_id == bindparam("attempt_id"), _steps.c.position == bindparam("position"))
    .scalar_subquery()
)
# Built once. The lock on the attempt makes hand-in wait for answers under way, and answers for hand-in.
_STATE = (
    select(
        _attempts.c.deadline_at,
        _attempts.c.handed_in_at,
        _attempts.c.hand_in_kind,
        _questions.c.kind,
        _questions.c.option_count,
        _questions.c.parts,
        _last.c.number,
        _last.c.hash,
        _last.c.answered,
        _own.c.number.label("own_number"),
        _own.c.client_sequence.label("own_sequence"),
        _own.c.answer.label("own_answer"),
    )
    .select_from(_attempts)
    .join(
        _questions,
        and_(_questions.c.attempt_id == _attempts.c.id, _questions.c.position == bindparam("position")),
    )
    .outerjoin(_last, and_(_last.c.attempt_id == _attempts.c.id, _last.c.number == _newest))
    .outerjoin(
        _own,
        and_(
            _own.c.attempt_id == _attempts.c.id,
            _own.c.position == bindparam("position"),
            _own.c.client_sequence == _newest_own,
        ),
    )
    .where(
        _attempts.c.id == bindparam("attempt_id"),
        _attempts.c.organisation_id == bindparam("organisation_id"),
        _attempts.c.person_id == bindparam("person_id"),
    )
    .with_for_update(of=_attempts)
)
_INSERT = insert(_steps)


def save_answer(
    *,
    organisation_id: int,
    attempt_id: int,
    person_id: int,
    position: int,
    given: object,
    sequence: int | None,
    touched: object = None,
    at: datetime,
) -> Saved:
    """Keep an answer that arrived `at`; `sequence` None takes the next one.

    touched: of a case, numbers (from 0) of the questions that were answered on this phone; the others stay as they are.
    After the deadline the paper is handed in and the answer refused (`closed`): the caller commits, then refuses.
    """
    if not 1 <= position <= MOST_QUESTIONS:
        raise NotFound(NO_QUESTION)
    found = {
        "attempt_id": attempt_id,
        "organisation_id": organisation_id,
        "person_id": person_id,
        "position": position,
    }
    state = run_core(_STATE, found).one_or_none()
    if state is None:
        raise NotFound(NO_QUESTION)
    if state.handed_in_at is None and is_over(at=at, deadline_at=state.deadline_at):
        close_attempt(attempt_id=attempt_id, at=state.deadline_at, kind=HandInKind.DEADLINE)
        return Saved(saved=False, position=position, closed=True, by_deadline=True)
    if state.handed_in_at is not None:
        by_deadline = state.hand_in_kind == HandInKind.DEADLINE
        return Saved(saved=False, position=position, closed=True, by_deadline=by_deadline)
    try:
        answer = _read(state, given, touched)
    except BadAnswer as problem:
        raise Invalid(str(problem), field="answer") from problem
    return _keep(state, found, answer, sequence, at=at)


def _read(state: Any, given: object, touched: object) -> Answer:
    parts = state.parts or ()
    answer = read_answer(state.kind, state.option_count, given, parts)
    return merge_parts(answer, state.own_answer, touched=touched, count=len(parts)) if parts else answer


def _keep(state: Any, found: dict[str, int], answer: Answer, sequence: int | None, *, at: datetime) -> Saved:
    kept = state.own_sequence or 0
    sequence = kept + 1 if sequence is None else sequence
    left = seconds_left(at=at, deadline_at=state.deadline_at)
    if not 1 <= sequence < HIGHEST_SEQUENCE:
        raise Invalid("答案的序号不对，请刷新页面后重新作答。", field="sequence")
    if sequence <= kept:
        same = sequence == kept and answer == state.own_answer
        return Saved(
            saved=same,
            position=found["position"],
            number=state.own_number,
            answered=state.answered,
            seconds_left=left,
            sequence=kept,
            superseded=not same,
        )
    number = (state.number or 0) + 1
    if number > MOST_STEPS:
        raise Conflict("改动次数太多，这份答卷不能再保存。请直接交卷，并联系班主任。")
    before, now = (progress(state.kind, one) == "answered" for one in (state.own_answer, answer))
    answered = (state.answered or 0) + now - before
    values = {
        "position": found["position"],
        "client_sequence": sequence,
        "answer": answer,
        "answered": answered,
        "saved_at": at,
    }
    step = {
        **values,
        "attempt_id": found["attempt_id"],
        "number": number,
        "hash": link_step(state.hash, found["attempt_id"], number, values),
    }
    run_core(_INSERT, step)
    return Saved(
        saved=True,
        position=found["position"],
        number=number,
        answered=answered,
        seconds_left=left,
        sequence=sequence,
    )


def link_step(previous: bytes | None, attempt_id: int, number: int, values: dict[str, Any]) -> bytes:
    """Return the fingerprint of a step over its content and the step before it."""
    return chain.link(bytes(previous or chain.GENESIS), f"attempt-{attempt_id}", number, values)
