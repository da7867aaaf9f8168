"""What the bank adds to the syllabus page: questions by item and kind, their oldest review, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from lms.core.db import db
from lms.courses.services import ItemCoverage
from lms.quizzes.models import Question, QuestionVersion
from lms.quizzes.rules.coverage import ItemState, ThreeNumbers, three_numbers
from lms.quizzes.rules.kinds import Kind


@dataclass(frozen=True, slots=True)
class KindCoverage:
    """Questions of one kind: how many there are, how many of them wait for a review, the oldest reading."""

    kind: Kind
    questions: int
    held: int
    reviewed_on: date


@dataclass(frozen=True, slots=True)
class QuestionCoverage:
    """The questions of an item, by kind in the order of papers."""

    kinds: tuple[KindCoverage, ...] = ()

    @property
    def questions(self) -> int:
        """How many there are, those that wait included."""
        return sum(one.questions for one in self.kinds)

    @property
    def held(self) -> int:
        """How many wait for a review."""
        return sum(one.held for one in self.kinds)

    @property
    def reviewed_on(self) -> date | None:
        """The oldest reading."""
        return min((one.reviewed_on for one in self.kinds), default=None)


def question_coverage() -> dict[str, QuestionCoverage]:
    """Return the questions in use of every item that has some, in one statement."""
    statement = (
        select(
            Question.item_code,
            Question.kind,
            func.count(),
            func.count(Question.held_at),
            func.min(QuestionVersion.reviewed_on),
        )
        .join(QuestionVersion, QuestionVersion.id == Question.current_version_id)
        .where(Question.retired_at.is_(None))
        .group_by(Question.item_code, Question.kind)
    )
    found: dict[str, list[KindCoverage]] = {}
    for item, kind, number, held, reviewed_on in db.session.execute(statement):
        found.setdefault(item, []).append(KindCoverage(Kind(kind), number, held, reviewed_on))
    order = list(Kind)
    return {
        item: QuestionCoverage(tuple(sorted(kinds, key=lambda one: order.index(one.kind))))
        for item, kinds in found.items()
    }


def syllabus_numbers(*, entries: Sequence[ItemCoverage], questions: dict[str, QuestionCoverage]) -> ThreeNumbers:
    """Return 全要素, 全周期, 全链条 of the official items."""
    return three_numbers(
        _state(entry, questions.get(entry.item.code, QuestionCoverage()))
        for entry in entries
        if not entry.item.is_local
    )


def _state(entry: ItemCoverage, asked: QuestionCoverage) -> ItemState:
    return ItemState(
        lessons=entry.lessons,
        minutes=entry.minutes,
        questions=asked.questions,
        waiting=entry.held + asked.held,
        is_reviewed=entry.reviewed_on is not None and asked.reviewed_on is not None,
    )
