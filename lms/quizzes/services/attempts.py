"""Attempts: begun once, resumed as often as needed, shown without the key."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from lms.cohorts import services as cohorts
from lms.core import clock
from lms.core.db import db, owned
from lms.core.errors import Conflict, NotFound
from lms.quizzes.models import AnswerStep, Attempt, AttemptQuestion, QuestionVersion, Quiz
from lms.quizzes.rules.answers import Answer
from lms.quizzes.rules.drawing import Candidate, CannotDraw, Drawn, Laid, draw, shortages
from lms.quizzes.rules.kinds import HandInKind, MultipleRule
from lms.quizzes.rules.timing import is_over, window
from lms.quizzes.services.bank import candidates, count_held
from lms.quizzes.services.handing_in import close_attempt
from lms.quizzes.services.quizzes import NO_QUIZ, get_quiz, quizzes_of_cohort
from lms.quizzes.services.records import AttemptRow, OwnQuiz, Paper, PaperQuestion, QuizView, Started
from lms.quizzes.services.rows import insert_once
from lms.quizzes.services.versions import asked_fields

NO_ATTEMPT = "没有找到这份答卷。请从题库重新进入。"
SEED_BITS = 53  # fits every database's and every language's integers


def own_quizzes(*, organisation_id: int, cohort_id: int, person_id: int) -> list[OwnQuiz]:
    """Return a cohort's quizzes as one learner sees them, in two statements; the learner's place is not asked for."""
    quizzes = quizzes_of_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    own = owned(Attempt, organisation_id).where(Attempt.cohort_id == cohort_id, Attempt.person_id == person_id)
    attempts = [attempt_row(row) for row in db.session.scalars(own.order_by(Attempt.number))]
    return [OwnQuiz(quiz, tuple(attempt for attempt in attempts if attempt.quiz_id == quiz.id)) for quiz in quizzes]


def get_own_quiz(*, organisation_id: int, quiz_id: int, person_id: int, at: datetime) -> OwnQuiz:
    """Return a quiz as its learner sees it; NotFound for a person who has no place in its cohort."""
    quiz = get_quiz(organisation_id=organisation_id, quiz_id=quiz_id)
    own = owned(Attempt, organisation_id).where(Attempt.quiz_id == quiz_id, Attempt.person_id == person_id)
    attempts = tuple(attempt_row(row) for row in db.session.scalars(own.order_by(Attempt.number)))
    if not attempts:
        _require_place(quiz, person_id, at=at)
        if quiz.withdrawn_at is not None:
            raise NotFound(NO_QUIZ)
    return OwnQuiz(quiz, attempts)


def _require_place(quiz: QuizView, person_id: int, *, at: datetime) -> str:
    """Return the cohort's status; NotFound for a person without a place in it."""
    places = cohorts.enrolments_of(person_id=person_id, organisation_id=quiz.organisation_id, at=at)
    status = next((place.cohort_status for place in places if place.cohort_id == quiz.cohort_id), None)
    if status is None:
        raise NotFound(NO_QUIZ)
    return status


def start_attempt(
    *, organisation_id: int, quiz_id: int, person_id: int, at: datetime, seed: int | None = None
) -> Started:
    """Begin an attempt, or return the one that runs; never a second one, however often and fast it is asked for.

    Raises Conflict when the quiz is not open, no attempt is left, or the bank no longer fills a paper.
    """
    own = get_own_quiz(organisation_id=organisation_id, quiz_id=quiz_id, person_id=person_id, at=at)
    running = own.running
    if running is not None and not is_over(at=at, deadline_at=running.deadline_at):
        return Started(running.id, resumed=True)
    if running is not None:
        close_attempt(attempt_id=running.id, at=running.deadline_at, kind=HandInKind.DEADLINE)
    _check_may_start(own, person_id, at=at)
    quiz = own.quiz
    pool = candidates(item_codes={code for section in quiz.sections for code in section.items})
    seed = secrets.randbits(SEED_BITS) if seed is None else seed
    try:
        drawn = draw(quiz.sections, pool, seed)
    except CannotDraw as problem:
        raise _cannot_draw(quiz, pool) from problem
    attempt_id = _insert_attempt(own, person_id, seed=seed, at=at)
    if attempt_id is None:
        return _resume(own, person_id)
    db.session.execute(insert(AttemptQuestion.__table__), _question_rows(attempt_id, drawn))  # type: ignore[arg-type]
    return Started(attempt_id, resumed=False)


def _cannot_draw(quiz: QuizView, pool: Sequence[Candidate]) -> Conflict:
    held = count_held(item_codes={code for section in quiz.sections for code in section.items})
    reasons = "；".join(shortages(quiz.sections, pool, held))
    advice = "试题复核完成后再来，或请联系教务老师调整组卷" if held else "请联系教务老师"
    return Conflict(f"题库暂时不够组卷：{reasons}。{advice}。")


def _check_may_start(own: OwnQuiz, person_id: int, *, at: datetime) -> None:
    quiz = own.quiz
    if _require_place(quiz, person_id, at=at) != "open":
        raise Conflict("班期不在开班期间，不能开始新的作答。已有成绩可以照常查看。")
    if quiz.opens_at is not None and at < quiz.opens_at:
        raise Conflict(f"还没到开放时间。请在 {clock.to_local(quiz.opens_at):%Y-%m-%d %H:%M} 以后再来。")
    if not quiz.is_open(at):
        raise Conflict("这个测验已经关闭，不能开始新的作答。如有疑问请联系班主任。")
    if own.attempts_left == 0:
        raise Conflict(f"{quiz.max_attempts} 次机会已用完。如需补考，请联系班主任。")


def _insert_attempt(own: OwnQuiz, person_id: int, *, seed: int, at: datetime) -> int | None:
    """Insert the attempt and return its id; None when another request was first."""
    quiz = own.quiz
    values = {
        "organisation_id": quiz.organisation_id,
        "cohort_id": quiz.cohort_id,
        "quiz_id": quiz.id,
        "person_id": person_id,
        "number": len(own.attempts) + 1,
        "blueprint_id": select(Quiz.blueprint_id).where(Quiz.id == quiz.id).scalar_subquery(),
        "seed": seed,
        "pass_mark": quiz.pass_mark,
        "multiple_rule": quiz.multiple_rule.value,
        "question_count": quiz.question_count,
        "max_score": quiz.max_score,
        "started_at": at,
        "deadline_at": window(at=at, minutes=quiz.minutes, closes_at=quiz.closes_at).deadline_at,
    }
    return insert_once(Attempt.__table__, values)  # type: ignore[arg-type]


def _resume(own: OwnQuiz, person_id: int) -> Started:
    """Return the attempt that another request has just begun."""
    running = owned(Attempt, own.quiz.organisation_id).where(
        Attempt.quiz_id == own.quiz.id, Attempt.person_id == person_id, Attempt.handed_in_at.is_(None)
    )
    row = db.session.scalars(running).one_or_none()
    if row is None:
        raise Conflict("刚刚有一次作答结束了，请再点一次“开始”。")
    return Started(row.id, resumed=True)


def _question_rows(attempt_id: int, drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    return [
        {
            "attempt_id": attempt_id,
            "position": position,
            "version_id": one.candidate.version_id,
            "kind": one.candidate.kind,
            "label": one.section.title,
            **layout(one.candidate, one.laid),
            "marks": one.section.marks,
            "flagged": False,
        }
        for position, one in enumerate(drawn, start=1)
    ]


def layout(candidate: Candidate, laid: Laid) -> dict[str, Any]:
    """Return how a question was laid out, as papers and practice runs keep it."""
    parts = [
        {"kind": part.kind, "option_order": list(order), "option_count": part.option_count}
        for part, order in zip(candidate.parts, laid.parts, strict=True)
    ]
    return {
        "option_order": list(laid.option_order),
        "option_count": candidate.option_count,
        "parts": parts or None,
    }


def attempt_row(row: Attempt) -> AttemptRow:
    """Return an attempt's record."""
    return AttemptRow(
        id=row.id,
        quiz_id=row.quiz_id,
        person_id=row.person_id,
        number=row.number,
        started_at=row.started_at,
        deadline_at=row.deadline_at,
        handed_in_at=row.handed_in_at,
        hand_in_kind=HandInKind(row.hand_in_kind) if row.hand_in_kind else None,
        score=row.score,
        max_score=row.max_score,
        percent=row.percent,
        passed=row.passed,
    )


def find_paper(*, organisation_id: int, attempt_id: int, person_id: int) -> Paper | None:
    """Return a person's running paper with its questions and the answers kept so far; None once it is handed in.

    Three statements; the key is not even read.
    """
    head = db.session.execute(
        select(
            Attempt.quiz_id,
            Quiz.title,
            Attempt.multiple_rule,
            Attempt.started_at,
            Attempt.deadline_at,
            Attempt.handed_in_at,
        )
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(Attempt.organisation_id == organisation_id, Attempt.id == attempt_id, Attempt.person_id == person_id)
    ).one_or_none()
    if head is None:
        raise NotFound(NO_ATTEMPT)
    if head.handed_in_at is not None:
        return None
    answers = latest_answers(attempt_id)
    statement = (
        select(
            AttemptQuestion.position,
            AttemptQuestion.kind,
            AttemptQuestion.label,
            AttemptQuestion.marks,
            AttemptQuestion.option_order,
            AttemptQuestion.parts,
            AttemptQuestion.flagged,
            QuestionVersion.shown,
        )
        .join(QuestionVersion, QuestionVersion.id == AttemptQuestion.version_id)
        .where(AttemptQuestion.attempt_id == attempt_id)
        .order_by(AttemptQuestion.position)
    )
    rows = db.session.execute(statement).all()
    questions = tuple(_paper_question(row, *answers.get(row.position, (None, 0))) for row in rows)
    return Paper(
        attempt_id=attempt_id,
        quiz_id=head.quiz_id,
        quiz_title=head.title,
        multiple_rule=MultipleRule(head.multiple_rule),
        started_at=head.started_at,
        deadline_at=head.deadline_at,
        questions=questions,
        sequence=max((sequence for _answer, sequence in answers.values()), default=0),
    )


def _paper_question(row: Any, answer: Answer, sequence: int) -> PaperQuestion:
    laid = {"option_order": row.option_order, "parts": row.parts}
    fields = asked_fields(row.kind, row.shown, **laid, answer=answer, marks=row.marks)
    return PaperQuestion(**fields, position=row.position, label=row.label, flagged=row.flagged, sequence=sequence)


def latest_answers(attempt_id: int) -> dict[int, tuple[Answer, int]]:
    """Return the answer that holds and its sequence, by position."""
    steps = (
        select(AnswerStep.position, AnswerStep.answer, AnswerStep.client_sequence)
        .where(AnswerStep.attempt_id == attempt_id)
        .order_by(AnswerStep.number)
    )
    return {row.position: (row.answer, row.client_sequence) for row in db.session.execute(steps)}


def flag_question(*, organisation_id: int, attempt_id: int, person_id: int, position: int, flagged: bool) -> None:
    """Mark a question to come back to, or unmark it; the mark is the learner's own note and no answer."""
    mine = select(Attempt.id).where(
        Attempt.id == attempt_id,
        Attempt.organisation_id == organisation_id,
        Attempt.person_id == person_id,
        Attempt.handed_in_at.is_(None),
    )
    changed = db.session.execute(
        update(AttemptQuestion)
        .where(AttemptQuestion.attempt_id.in_(mine.scalar_subquery()), AttemptQuestion.position == position)
        .values(flagged=flagged)
        .returning(AttemptQuestion.position)
        .execution_options(synchronize_session=False)
    ).first()
    if changed is None:
        raise NotFound(NO_ATTEMPT)


def count_running(*, organisation_id: int, quiz_id: int) -> int:
    """Return how many papers of a quiz are being written now."""
    running = select(func.count()).where(
        Attempt.organisation_id == organisation_id, Attempt.quiz_id == quiz_id, Attempt.handed_in_at.is_(None)
    )
    return db.session.scalar(running) or 0
