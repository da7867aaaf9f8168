"""Questions that wait for a review (待复核): held when an article they cite has changed, released, shown to reviewers.

The reviews themselves are kept by courses, for lessons and questions alike.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update

from lms.core.db import db
from lms.core.reviews import Outcome
from lms.courses import services as courses
from lms.courses.events import ChangedArticle
from lms.quizzes.content.checks import chips
from lms.quizzes.models import Question, QuestionVersion
from lms.quizzes.rules.kinds import Difficulty, Kind
from lms.quizzes.services.records import FaceView
from lms.quizzes.services.searching import index_some
from lms.quizzes.services.versions import face_view

Article = tuple[str, str]  # slug of the law, number


@dataclass(frozen=True, slots=True)
class CitingQuestion:
    """A question in use with the articles its current version cites."""

    slug: str
    item_code: str
    articles: frozenset[Article]
    reviewed_on: date
    outcome: Outcome
    note: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question as its reviewer reads it: its current wording with the key."""

    id: int
    slug: str
    kind: Kind
    difficulty: Difficulty
    knowledge_point: str
    face: FaceView
    is_retired: bool


def citing_questions() -> Iterator[CitingQuestion]:
    """Yield the questions in use, by slug."""
    statement = (
        select(
            Question.slug,
            Question.item_code,
            QuestionVersion.source,
            QuestionVersion.reviewed_on,
            QuestionVersion.review_outcome,
            QuestionVersion.review_note,
            QuestionVersion.created_at,
        )
        .join(QuestionVersion, QuestionVersion.id == Question.current_version_id)
        .where(Question.retired_at.is_(None))
        .order_by(Question.slug)
    )
    for row in db.session.execute(statement):
        yield CitingQuestion(
            slug=row.slug,
            item_code=row.item_code,
            articles=cited_articles(row.source),
            reviewed_on=row.reviewed_on,
            outcome=Outcome(row.review_outcome),
            note=row.review_note,
            saved_at=row.created_at,
        )


def cited_articles(source: Mapping[str, Any]) -> frozenset[Article]:
    """Return what an entry cites: its sources, and the citations in all its texts, those of a case's parts included."""
    named = {(one["law"], one["article"]) for one in source.get("sources", ())}
    return frozenset(named.union(*(chips(text) for text in _texts(source))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def hold_questions(*, changes: Sequence[ChangedArticle], at: datetime) -> int:
    """Open a review of every question in use that cites a changed article, hold those, and return how many that were.

    From here on they are neither drawn nor practised; papers already begun keep the versions they show.
    """
    changed: dict[Article, list[ChangedArticle]] = {}
    for change in changes:
        changed.setdefault((change.law, change.article), []).append(change)
    citing: dict[int, list[tuple[str, int | None]]] = {}
    for question in citing_questions() if changed else ():
        for article in question.articles & changed.keys():
            for change in changed[article]:
                read_on, saved_at = question.reviewed_on, question.saved_at
                if courses.must_wait(change=change, read_on=read_on, saved_at=saved_at, at=at):
                    citing.setdefault(change.change_id, []).append((question.slug, None))
    opened = courses.open_reviews(kind=courses.SubjectKind.QUESTION, citing=citing, at=at)
    if opened:
        held = update(Question).where(Question.slug.in_(opened), Question.held_at.is_(None)).values(held_at=at)
        db.session.execute(held.execution_options(synchronize_session=False))
        index_some(slugs=opened)
    return len(opened)


def release_question(*, slug: str) -> None:
    """Let a question be drawn again: nothing of it waits any more."""
    statement = update(Question).where(Question.slug == slug).values(held_at=None)
    db.session.execute(statement.execution_options(synchronize_session=False))
    index_some(slugs=[slug])


def settle_questions(*, at: datetime) -> None:
    """After an import: clear what the bank's own files answer for, and hold what came in with an old reading."""
    waiting = select(func.count()).where(Question.held_at.is_not(None))
    standing = courses.standing_changes()
    if not standing and not db.session.scalar(waiting):
        return
    readings = {
        question.slug: courses.Reading(question.reviewed_on, question.outcome, question.note, question.saved_at)
        for question in citing_questions()
    }
    courses.clear_by_reading(kind=courses.SubjectKind.QUESTION, readings=readings, at=at)
    hold_questions(changes=standing, at=at)


def count_citing(*, law_slug: str) -> dict[str, int]:
    """Return for each article of a law how many questions in use cite it."""
    found: dict[str, int] = {}
    for question in citing_questions():
        for law, no in question.articles:
            if law == law_slug:
                found[no] = found.get(no, 0) + 1
    return found


def question_stems(*, slugs: Collection[str]) -> dict[str, str]:
    """Return what questions ask, as it was written, by slug."""
    statement = (
        select(Question.slug, QuestionVersion.stem)
        .join(QuestionVersion, QuestionVersion.id == Question.current_version_id)
        .where(Question.slug.in_(slugs))
    )
    return {row.slug: row.stem for row in db.session.execute(statement)}


def find_question_card(*, slug: str) -> QuestionCard | None:
    """Return a question with its key as its reviewer reads it."""
    statement = (
        select(Question, QuestionVersion)
        .join(QuestionVersion, QuestionVersion.id == Question.current_version_id)
        .where(Question.slug == slug)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    question, version = row
    return QuestionCard(
        id=question.id,
        slug=slug,
        kind=Kind(version.kind),
        difficulty=Difficulty(version.difficulty),
        knowledge_point=version.knowledge_point,
        face=face_view(version.kind, version.shown, version.answer_key),
        is_retired=question.retired_at is not None,
    )
