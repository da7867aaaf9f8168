"""Which lessons cite which articles: in their sources, and by the chips in their texts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from lms.core.db import db
from lms.core.reviews import Outcome
from lms.courses.models import Lesson, LessonRevision, SyllabusItem
from lms.courses.services.syllabus import visible_to

Article = tuple[str, str]  # slug of the law, number


@dataclass(frozen=True, slots=True)
class CitingLesson:
    """A lesson in use with the articles its current revision cites; owner_id names the owner of a local one."""

    id: int
    code: str
    title: str
    owner_id: int | None
    articles: frozenset[Article]
    reviewed_on: date | None
    outcome: Outcome
    note: str
    saved_at: datetime


def citing_lessons(*, organisation_id: int | None = None, every_owner: bool = False) -> Iterator[CitingLesson]:
    """Yield the lessons in use in reading order; with `every_owner` those of all institutions."""
    statement = (
        select(
            Lesson.id,
            Lesson.code,
            LessonRevision.title,
            SyllabusItem.organisation_id,
            LessonRevision.sources,
            LessonRevision.citations,
            LessonRevision.reviewed_on,
            LessonRevision.review_outcome,
            LessonRevision.review_note,
            LessonRevision.created_at,
        )
        .join(SyllabusItem, SyllabusItem.id == Lesson.item_id)
        .join(LessonRevision, LessonRevision.id == Lesson.current_revision_id)
        .where(Lesson.retired_at.is_(None))
        .order_by(SyllabusItem.position, Lesson.position, Lesson.id)
    )
    if not every_owner:
        statement = statement.where(visible_to(organisation_id))
    for row in db.session.execute(statement):
        yield CitingLesson(
            id=row.id,
            code=row.code,
            title=row.title,
            owner_id=row.organisation_id,
            articles=frozenset((one["law"], one["article"]) for one in (*row.sources, *row.citations)),
            reviewed_on=row.reviewed_on,
            outcome=Outcome(row.review_outcome),
            note=row.review_note,
            saved_at=row.created_at,
        )


def cited_by(*, organisation_id: int | None, slug: str) -> dict[str, list[tuple[str, str]]]:
    """Return for each article of a law the lessons that cite it, as (code, title), in reading order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for lesson in citing_lessons(organisation_id=organisation_id):
        for law, no in lesson.articles:
            if law == slug:
                found.setdefault(no, []).append((lesson.code, lesson.title))
    return found


def lessons_that_cite(articles: Collection[Article]) -> dict[Article, list[CitingLesson]]:
    """Return the lessons of all institutions that cite one of these articles."""
    wanted = frozenset(articles)
    found: dict[Article, list[CitingLesson]] = {article: [] for article in wanted}
    for lesson in citing_lessons(every_owner=True):
        for article in lesson.articles & wanted:
            found[article].append(lesson)
    return found
