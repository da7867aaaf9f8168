"""Lessons and law articles as search finds them: pushed when they are saved, nothing where nothing changed."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import select

from lms.core.db import db
from lms.courses.models import Law, LawArticle, Lesson, LessonRevision, SyllabusItem
from lms.courses.rules.naming import article_name, chip_label
from lms.courses.services.laws import article_address
from lms.search import services as search

LESSONS = search.Shelf("lesson", "课文", 10)
LAWS = search.Shelf("law", "法规", 30)
PERMISSION = "courses.read"


def index_all() -> None:
    """Bring lessons and law articles in the index up to date."""
    index_lessons()
    index_articles()


def index_lessons() -> None:
    """Push the lessons of all owners that the index does not have as they are, drop those no longer in use."""
    in_use = select(Lesson.code, Lesson.content_hash).where(Lesson.retired_at.is_(None))
    stamps = dict(db.session.execute(in_use).all())
    found = search.changes(kind=LESSONS.kind, stamps=stamps)
    search.drop(kind=LESSONS.kind, refs=found.gone)
    search.put(shelf=LESSONS, documents=_lessons(sorted(found.stale)))


def index_lesson(code: str) -> None:
    """Push one lesson as it is now, or drop it when it is no longer in use."""
    documents = list(_lessons([code]))
    search.put(shelf=LESSONS, documents=documents)
    if not documents:
        search.drop(kind=LESSONS.kind, refs=[code])


def _lessons(codes: list[str]) -> Iterator[search.Document]:
    """Yield lessons in use as documents; their texts are read a few at a time."""
    for start in range(0, len(codes), 50):
        statement = (
            select(
                Lesson.code,
                Lesson.content_hash,
                LessonRevision.title,
                LessonRevision.html,
                SyllabusItem.code.label("item_code"),
                SyllabusItem.organisation_id,
            )
            .join(LessonRevision, LessonRevision.id == Lesson.current_revision_id)
            .join(SyllabusItem, SyllabusItem.id == Lesson.item_id)
            .where(Lesson.code.in_(codes[start : start + 50]), Lesson.retired_at.is_(None))
        )
        for row in db.session.execute(statement):
            yield search.Document(
                ref=row.code,
                stamp=row.content_hash,
                title=row.title,
                text=search.plain_text(row.html),
                href=f"/lessons/{row.code}",
                permission=PERMISSION,
                item_code=row.item_code,
                organisation_id=row.organisation_id,
            )


def index_articles() -> None:
    """Push the articles whose chip, law or gist changed, drop those the register no longer has."""
    statement = select(LawArticle.law_slug, LawArticle.no, LawArticle.gist, Law.short_title, Law.title).join(
        Law, Law.slug == LawArticle.law_slug
    )
    articles = [_article(*row) for row in db.session.execute(statement)]
    documents = {document.ref: document for document in articles}
    found = search.changes(kind=LAWS.kind, stamps={ref: document.stamp for ref, document in documents.items()})
    search.drop(kind=LAWS.kind, refs=found.gone)
    search.put(shelf=LAWS, documents=[documents[ref] for ref in sorted(found.stale)])


def _article(slug: str, no: str, gist: str, short_title: str, title: str) -> search.Document:
    label = chip_label(short_title, no)
    text = f"{gist}\n{title} {article_name(no)}"
    return search.Document(
        ref=f"{slug}#{no}",
        stamp=hashlib.sha256(f"{label}\n{text}".encode()).hexdigest(),
        title=label,
        text=text,
        href=article_address(slug, no),
        permission=PERMISSION,
    )
