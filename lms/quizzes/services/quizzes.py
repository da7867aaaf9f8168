"""Quizzes looked up: one, those of a cohort, the one after a lesson's item."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from lms.cohorts import services as cohorts
from lms.core.db import db, owned, run_core
from lms.core.errors import NotFound
from lms.quizzes.models import Blueprint, Quiz
from lms.quizzes.rules.kinds import MultipleRule, QuizKind
from lms.quizzes.services.records import QuizView, as_sections

NO_QUIZ = "没有找到这个测验。它可能已停用，请从题库重新进入。"


def _select_quizzes(organisation_id: int) -> Select[Any]:
    """Select quizzes with their plans in the order people see: by item, the final test last."""
    return (
        owned(Quiz, organisation_id)
        .add_columns(Blueprint.sections)
        .join(Blueprint, Blueprint.id == Quiz.blueprint_id)
        .order_by(Quiz.kind.desc(), Quiz.position, Quiz.id)
    )


def _view(quiz: Quiz, sections: list[dict[str, Any]]) -> QuizView:
    return QuizView(
        id=quiz.id,
        organisation_id=quiz.organisation_id,
        cohort_id=quiz.cohort_id,
        kind=QuizKind(quiz.kind),
        item_code=quiz.item_code,
        title=quiz.title,
        minutes=quiz.minutes,
        pass_mark=quiz.pass_mark,
        max_attempts=quiz.max_attempts,
        multiple_rule=MultipleRule(quiz.multiple_rule),
        opens_at=quiz.opens_at,
        closes_at=quiz.closes_at,
        withdrawn_at=quiz.withdrawn_at,
        sections=as_sections(sections),
    )


def quizzes_of_cohort(*, organisation_id: int, cohort_id: int, withdrawn: bool = False) -> list[QuizView]:
    """Return a cohort's quizzes, the item quizzes first; those withdrawn only when asked for."""
    statement = _select_quizzes(organisation_id).where(Quiz.cohort_id == cohort_id)
    if not withdrawn:
        statement = statement.where(Quiz.withdrawn_at.is_(None))
    return [_view(quiz, sections) for quiz, sections in db.session.execute(statement)]


@cache
def _lesson_quiz() -> Select[Any]:
    """Select the quiz after an item in the cohort where a person studies now; built once, it runs with every lesson."""
    place = cohorts.current_places_query().subquery("place")
    quiz = Quiz.__table__
    return (
        select(quiz.c.id, quiz.c.title)
        .join(place, place.c.cohort_id == quiz.c.cohort_id)
        .where(quiz.c.item_code == bindparam("item_code"), quiz.c.withdrawn_at.is_(None))
        .order_by(place.c.from_at.desc(), place.c.id.desc())
        .limit(1)
    )


def find_lesson_quiz(*, organisation_id: int, person_id: int, item_code: str, at: datetime) -> tuple[int, str] | None:
    """Return id and title of the quiz after a lesson's item for one learner, None when there is none."""
    asked = {"organisation_id": organisation_id, "person_id": person_id, "item_code": item_code, "at": at}
    row = run_core(_lesson_quiz(), asked).one_or_none()
    return None if row is None else (row.id, row.title)


def get_quiz(*, organisation_id: int, quiz_id: int) -> QuizView:
    """Return one quiz of an organisation."""
    row = db.session.execute(_select_quizzes(organisation_id).where(Quiz.id == quiz_id)).one_or_none()
    if row is None:
        raise NotFound(NO_QUIZ)
    return _view(row[0], row[1])
