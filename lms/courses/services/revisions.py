"""Saves lesson revisions: the one moment at which a text is rendered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from lms.core.db import db
from lms.core.reviews import Outcome
from lms.courses.models import Lesson, LessonRevision
from lms.web.markup import Rendered, render_lesson


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevision:
    """What a revision is made of before it is rendered."""

    title: str
    minutes: int
    source: str
    as_of: date
    content_hash: str
    sources: Iterable[Mapping[str, str]] = ()
    self_check: Iterable[str] = ()
    reviewed_on: date | None = None
    review_outcome: Outcome = Outcome.PASSED
    review_note: str = ""
    author_id: int | None = None


def render(source: str, known: set[tuple[str, str]]) -> Rendered:
    """Render a lesson; only registered articles become chips."""
    return render_lesson(source, lambda law, article: (law, article) in known)


def save_revision(lesson: Lesson, new: NewRevision, known: set[tuple[str, str]], *, at: datetime) -> None:
    """Add a revision after the ones the lesson has and make it the current one."""
    rendered = render(new.source, known)
    last = select(func.max(LessonRevision.number)).where(LessonRevision.lesson_id == lesson.id)
    revision = LessonRevision(
        lesson_id=lesson.id,
        number=(db.session.scalar(last) or 0) + 1,
        title=new.title,
        minutes=new.minutes,
        source=new.source,
        html=rendered.html,
        toc=[{"id": entry.id, "title": entry.title, "level": entry.level} for entry in rendered.toc],
        sources=[dict(source) for source in new.sources],
        citations=_unique((citation.law, citation.article) for citation in rendered.citations),
        self_check=list(new.self_check),
        as_of=new.as_of,
        reviewed_on=new.reviewed_on,
        review_outcome=new.review_outcome,
        review_note=new.review_note,
        content_hash=new.content_hash,
        author_id=new.author_id,
        created_at=at,
    )
    db.session.add(revision)
    db.session.flush()
    lesson.current_revision_id = revision.id
    lesson.content_hash = new.content_hash


def _unique(citations: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"law": law, "article": article} for law, article in dict.fromkeys(citations)]
