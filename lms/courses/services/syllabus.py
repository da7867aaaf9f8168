"""Reads of the syllabus: items with their lessons and how well they are covered."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import Lesson, LessonRevision, SyllabusItem
from lms.courses.rules.kinds import ItemGroup
from lms.courses.services.records import ItemCoverage, ItemView, LessonView

NO_ITEM = "没有找到这个大纲条目。请从“课程与题库”重新进入。"
NO_LESSON = "没有找到这一课。它可能已停用，请从课文目录重新进入。"


def visible_to(organisation_id: int | None) -> ColumnElement[bool]:
    """The tenant wall of the syllabus: official items, and the organisation's own; None sees official ones only."""
    official = SyllabusItem.organisation_id.is_(None)
    return official if organisation_id is None else or_(official, SyllabusItem.organisation_id == organisation_id)


def as_item(row: SyllabusItem) -> ItemView:
    """Return an item's record."""
    return ItemView(row.id, row.code, ItemGroup(row.group), row.position, row.title, row.organisation_id)


def list_items(*, organisation_id: int | None) -> list[ItemView]:
    """Return the official items in official order, then the organisation's own."""
    statement = select(SyllabusItem).where(visible_to(organisation_id)).order_by(SyllabusItem.position)
    return [as_item(row) for row in db.session.scalars(statement)]


def item_codes() -> set[str]:
    """Return the codes of the official items."""
    return set(db.session.scalars(select(SyllabusItem.code).where(visible_to(None))))


def get_item(*, organisation_id: int | None, code: str) -> ItemView:
    """Return an item; another institution's local item is NotFound."""
    statement = select(SyllabusItem).where(visible_to(organisation_id), SyllabusItem.code == code)
    row = db.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(NO_ITEM)
    return as_item(row)


def lesson_rows() -> Select[int, str, str, str, int, int, int | None]:
    """Select the lessons in use as rows for `as_lesson`, in reading order, all tenants."""
    return (
        select(
            Lesson.id,
            Lesson.code,
            SyllabusItem.code,
            LessonRevision.title,
            LessonRevision.minutes,
            Lesson.position,
            SyllabusItem.organisation_id,
        )
        .join(SyllabusItem, SyllabusItem.id == Lesson.item_id)
        .join(LessonRevision, LessonRevision.id == Lesson.current_revision_id)
        .where(Lesson.retired_at.is_(None))
        .order_by(SyllabusItem.position, Lesson.position, Lesson.id)
    )


def as_lesson(row: Row[int, str, str, str, int, int, int | None]) -> LessonView:
    """Return the record of a row of lesson columns."""
    return LessonView(*row)


def lessons_of_items(*, codes: Iterable[str], organisation_id: int | None = None) -> dict[str, list[LessonView]]:
    """Return the lessons in use of each item, in order.

    The codes come from behind the tenant wall (a course, `list_items`); else `organisation_id` puts it up.
    """
    found: dict[str, list[LessonView]] = {code: [] for code in codes}
    statement = lesson_rows().where(SyllabusItem.code.in_(found))
    if organisation_id is not None:
        statement = statement.where(visible_to(organisation_id))
    for row in db.session.execute(statement):
        lesson = as_lesson(row)
        found[lesson.item_code].append(lesson)
    return found


def get_lesson(*, code: str, organisation_id: int | None = None) -> LessonView:
    """Return a lesson; local lessons are found only for the institution that owns them."""
    statement = lesson_rows().where(Lesson.code == code, visible_to(organisation_id))
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(NO_LESSON)
    return as_lesson(row)


def lesson_plans(*, codes: Collection[str] | None = None, lesson_ids: Collection[int] | None = None) -> dict[str, int]:
    """Return the nominal seconds of lessons by code; retired ones count too, because hours were earned on them."""
    statement = select(Lesson.code, LessonRevision.minutes).join(
        LessonRevision, LessonRevision.id == Lesson.current_revision_id
    )
    if codes is not None:
        statement = statement.where(Lesson.code.in_(codes))
    if lesson_ids is not None:
        statement = statement.where(Lesson.id.in_(lesson_ids))
    return {code: minutes * 60 for code, minutes in db.session.execute(statement)}


def coverage(*, organisation_id: int) -> list[ItemCoverage]:
    """Return every item the organisation sees with its lessons, their minutes and oldest review, and what waits."""
    lessons = (
        select(
            Lesson.item_id,
            func.count().label("lessons"),
            func.sum(LessonRevision.minutes).label("minutes"),
            func.min(LessonRevision.reviewed_on).label("reviewed_on"),
            func.count(Lesson.held_at).label("held"),
        )
        .join(LessonRevision, LessonRevision.id == Lesson.current_revision_id)
        .where(Lesson.retired_at.is_(None))
        .group_by(Lesson.item_id)
        .subquery()
    )
    statement = (
        select(SyllabusItem, lessons.c.lessons, lessons.c.minutes, lessons.c.reviewed_on, lessons.c.held)
        .outerjoin(lessons, lessons.c.item_id == SyllabusItem.id)
        .where(visible_to(organisation_id))
        .order_by(SyllabusItem.position)
    )
    return [
        ItemCoverage(as_item(item), count or 0, minutes or 0, reviewed_on, held or 0)
        for item, count, minutes, reviewed_on, held in db.session.execute(statement)
    ]
