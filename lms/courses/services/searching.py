"""Items, lessons, forms and law articles as search finds them: pushed when saved, nothing where nothing changed."""

import hashlib
from collections.abc import Iterable, Iterator

from sqlalchemy import select, true

from lms.core.db import db
from lms.courses.models import Law, LawArticle, Lesson, LessonRevision, SyllabusItem
from lms.courses.rules.naming import article_name, chip_label
from lms.courses.services.forms import FormView, list_forms
from lms.courses.services.laws import article_address
from lms.search import services as search

ITEMS = search.Shelf("item", "大纲条目", 5)
LESSONS = search.Shelf("lesson", "课文", 10)
FORMS = search.Shelf("form", "表样", 15)
LAWS = search.Shelf("law", "法规", 30)
PERMISSION = "courses.read"
STAFF_PERMISSION = "courses.syllabus"


def index_all() -> None:
    """Bring everything of courses in the index up to date."""
    _bring_up(ITEMS, _items())
    _index_lessons()
    _bring_up(FORMS, map(_form, list_forms()))
    _bring_up(LAWS, _articles())


def index_item(code: str) -> None:
    """Push one item as it is now: its title, and the titles of its lessons."""
    search.put(shelf=ITEMS, documents=_items(code))


def _bring_up(shelf: search.Shelf, documents: Iterable[search.Document]) -> None:
    """Bring up a shelf whose documents are soon made."""
    wanted = {document.ref: document for document in documents}
    search.bring_up(
        shelf=shelf,
        stamps={ref: document.stamp for ref, document in wanted.items()},
        documents=lambda stale: [wanted[ref] for ref in stale],
    )


def _stamp(*texts: str | None) -> str:
    return hashlib.sha256("\n".join(text or "" for text in texts).encode()).hexdigest()


def _items(code: str | None = None) -> Iterator[search.Document]:
    """Yield items as documents, all or one; learners are led to its lessons, and do not find one without any.

    The code stands in the title, where it is found; results would show `item_code` beside it once more.
    """
    titles: dict[int, list[str]] = {}
    of = true() if code is None else SyllabusItem.code == code
    lessons = (
        select(Lesson.item_id, LessonRevision.title)
        .join(LessonRevision, LessonRevision.id == Lesson.current_revision_id)
        .join(SyllabusItem, SyllabusItem.id == Lesson.item_id)
        .where(Lesson.retired_at.is_(None), of)
        .order_by(Lesson.position, Lesson.code)
    )
    for item_id, title in db.session.execute(lessons):
        titles.setdefault(item_id, []).append(title)
    for item in db.session.scalars(select(SyllabusItem).where(of)):
        heading, text = f"{item.code} {item.title}", "\n".join(titles.get(item.id, []))
        yield search.Document(
            ref=item.code,
            stamp=_stamp(heading, text),
            title=heading,
            text=text,
            href=f"/lessons/#item-{item.code}",
            permission=PERMISSION if text else STAFF_PERMISSION,
            organisation_id=item.organisation_id,
            staff_href=f"/syllabus/{item.code}",
            staff_permission=STAFF_PERMISSION,
        )


def _form(form: FormView) -> search.Document:
    """Return a form as a document: what it is for, what is asked and advised; not the people of its example."""
    titles = [*(field.title for field in form.fields), *(column.title for column in form.columns)]
    sections = [text for section in form.sections for text in (section.title, section.blank)]
    text = "\n".join([form.purpose, "、".join(titles), *sections, *form.notes])
    return search.Document(
        ref=form.slug,
        stamp=_stamp(form.title, text, form.item_code),
        title=form.title,
        text=text,
        href=f"/forms/{form.slug}",
        permission=PERMISSION,
        item_code=form.item_code,
    )


def _index_lessons() -> None:
    """Push the lessons of all owners that the index does not have as they are, drop those no longer in use."""
    in_use = select(Lesson.code, Lesson.content_hash).where(Lesson.retired_at.is_(None))
    search.bring_up(shelf=LESSONS, stamps=dict(db.session.execute(in_use).all()), documents=_lessons)


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


def _articles() -> Iterator[search.Document]:
    """Yield the articles of the register by chip, gist and law."""
    statement = select(LawArticle.law_slug, LawArticle.no, LawArticle.gist, Law.short_title, Law.title).join(
        Law, Law.slug == LawArticle.law_slug
    )
    return (_article(*row) for row in db.session.execute(statement))


def _article(slug: str, no: str, gist: str, short_title: str, title: str) -> search.Document:
    label = chip_label(short_title, no)
    text = f"{gist}\n{title} {article_name(no)}"
    return search.Document(
        ref=f"{slug}#{no}",
        stamp=_stamp(label, text),
        title=label,
        text=text,
        href=article_address(slug, no),
        permission=PERMISSION,
    )
