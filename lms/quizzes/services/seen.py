"""What a learner has been shown of a question with its explanation, and how it was laid out for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.core.db import db
from lms.quizzes.models import Attempt, AttemptQuestion, PracticeAnswer, PracticeRun, QuestionVersion
from lms.quizzes.rules.answers import Answer
from lms.quizzes.rules.kinds import MultipleRule
from lms.quizzes.services.attempts import latest_answers
from lms.quizzes.services.versions import Given, marked


@dataclass(frozen=True, slots=True)
class Seen:
    """One showing of a version: when its explanation came into view, the order of its options, the answer given."""

    at: datetime
    option_order: list[int]
    parts: list[dict[str, Any]] | None
    answer: Answer

    def given(self, version: QuestionVersion) -> Given:
        """Return the answer on the layout it was given on."""
        return marked(
            version.kind,
            version.answer_key,
            answer=self.answer,
            option_order=self.option_order,
            parts=self.parts,
            marks=len(self.parts or ()) or 1,
            rule=MultipleRule.ALL_OR_NOTHING,
        )


def find_seen(*, organisation_id: int, person_id: int, version_id: int, before: datetime | None = None) -> Seen | None:
    """Return the latest showing of a version to a person in this organisation, None when there was none.

    Shown is what was handed in or answered in practice: not before, because only then the key is on the page.
    """
    known = (organisation_id, person_id, version_id, before)
    showings = [seen for seen in (_in_attempt(*known), _in_practice(*known)) if seen is not None]
    return max(showings, key=lambda seen: seen.at, default=None)


def _in_attempt(organisation_id: int, person_id: int, version_id: int, before: datetime | None) -> Seen | None:
    statement = (
        select(AttemptQuestion, Attempt.handed_in_at)
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .where(
            Attempt.organisation_id == organisation_id,
            Attempt.person_id == person_id,
            Attempt.handed_in_at.is_not(None),
            AttemptQuestion.version_id == version_id,
        )
        .order_by(Attempt.handed_in_at.desc())
        .limit(1)
    )
    if before is not None:
        statement = statement.where(Attempt.handed_in_at <= before)
    row = db.session.execute(statement).one_or_none()
    question, handed_in_at = row if row is not None else (None, None)
    if question is None or handed_in_at is None:
        return None
    answer, _sequence = latest_answers(question.attempt_id).get(question.position, (None, 0))
    return Seen(handed_in_at, question.option_order, question.parts, answer)


def _in_practice(organisation_id: int, person_id: int, version_id: int, before: datetime | None) -> Seen | None:
    statement = (
        select(PracticeAnswer, PracticeRun.plan)
        .join(PracticeRun, PracticeRun.id == PracticeAnswer.run_id)
        .where(
            PracticeRun.organisation_id == organisation_id,
            PracticeRun.person_id == person_id,
            PracticeAnswer.version_id == version_id,
        )
        .order_by(PracticeAnswer.answered_at.desc())
        .limit(1)
    )
    if before is not None:
        statement = statement.where(PracticeAnswer.answered_at <= before)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    kept, plan = row
    planned = plan[kept.position - 1]
    return Seen(kept.answered_at, planned["option_order"], planned["parts"], kept.answer)
