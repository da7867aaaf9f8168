"""Which lessons cite which articles: in their sources, by chips in their texts, by the forms and diagrams they show."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from lms.core.db import db
from lms.core.reviews import Outcome
from lms.courses.models import Lesson, LessonRevision, SyllabusItem
from lms.courses.services.syllabus import visible_to
from lms.web.markup import CITATION

Article = tuple[str, str]  # slug of the law, number
_ADDRESS = re.compile(r"\]\((law:(?:[^()\s]|\([^()\s]*\))+)\)")


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


def only_shown(*, codes: Collection[str]) -> dict[str, frozenset[Article]]:
    """Return for each lesson the articles that only a working form or a diagram in it cites, not its own words."""
    statement = (
        select(Lesson.code, LessonRevision.source, LessonRevision.sources, LessonRevision.citations)
        .join(LessonRevision, LessonRevision.id == Lesson.current_revision_id)
        .where(Lesson.code.in_(codes))
    )
    found = {}
    for code, text, sources, citations in db.session.execute(statement):
        own = {(one["law"], one["article"]) for one in sources}
        matches = (CITATION.fullmatch(address) for address in _ADDRESS.findall(text))
        own |= {(match["law"], match["article"]) for match in matches if match is not None}
        found[code] = frozenset((one["law"], one["article"]) for one in citations) - own
    return found
