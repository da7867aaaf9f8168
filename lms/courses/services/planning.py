"""Courses: an institution's ordered choice of items with planned minutes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, insert, select

from lms.core import audit
from lms.core.db import db, get_owned, owned
from lms.core.errors import Invalid
from lms.courses.models import Course, CourseItem, Lesson, SyllabusItem
from lms.courses.rules.kinds import ItemGroup
from lms.courses.services.records import CourseItemView, CourseView
from lms.courses.services.syllabus import visible_to

MAX_ITEM_MINUTES = 6000
NO_COURSE = "没有找到这门课程。请从课程列表重新进入。"


def create_course(
    *, organisation_id: int, name: str, items: Sequence[tuple[str, int]], at: datetime, actor_id: int
) -> int:
    """Make a course of (item code, planned minutes) in the given order and return its id."""
    name = _check_name(organisation_id, name, besides=None)
    rows = _check_items(organisation_id, items)
    course = Course(organisation_id=organisation_id, name=name, created_at=at, updated_at=at)
    db.session.add(course)
    db.session.flush()
    _write_items(course.id, rows)
    _log("courses.course_created", course, items, at=at, actor_id=actor_id)
    return course.id


def update_course(
    *,
    organisation_id: int,
    course_id: int,
    name: str,
    items: Sequence[tuple[str, int]],
    at: datetime,
    actor_id: int,
) -> None:
    """Change a course's name and items; cohorts keep the planned minutes they were opened with."""
    course = get_owned(Course, organisation_id=organisation_id, id=course_id, message=NO_COURSE)
    course.name = _check_name(organisation_id, name, besides=course_id)
    course.updated_at = at
    rows = _check_items(organisation_id, items)
    db.session.execute(delete(CourseItem).where(CourseItem.course_id == course_id))
    _write_items(course_id, rows)
    _log("courses.course_changed", course, items, at=at, actor_id=actor_id)


def get_course(*, organisation_id: int, course_id: int) -> CourseView:
    """Return a course of the organisation with its items in order."""
    course = get_owned(Course, organisation_id=organisation_id, id=course_id, message=NO_COURSE)
    return CourseView(course.id, course.name, _items_of([course.id]).get(course.id, ()))


def list_courses(*, organisation_id: int) -> list[CourseView]:
    """Return the organisation's courses, newest first."""
    statement = owned(Course, organisation_id).order_by(Course.id.desc())
    courses = db.session.scalars(statement).all()
    items = _items_of([course.id for course in courses])
    return [CourseView(course.id, course.name, items.get(course.id, ())) for course in courses]


def course_lessons_query() -> Select[int, str]:
    """Select (course id, lesson code) of the lessons in use of every course, for plugins above to join."""
    # tables, not entities: this is joined where the ORM's share of the work is worth saving
    item, lesson = CourseItem.__table__, Lesson.__table__
    return (
        select(item.c.course_id, lesson.c.code)
        .join_from(item, lesson, lesson.c.item_id == item.c.item_id)
        .where(lesson.c.retired_at.is_(None))
    )


def _items_of(course_ids: list[int]) -> dict[int, tuple[CourseItemView, ...]]:
    statement = (
        select(CourseItem, SyllabusItem)
        .join(SyllabusItem, SyllabusItem.id == CourseItem.item_id)
        .where(CourseItem.course_id.in_(course_ids))
        .order_by(CourseItem.position)
    )
    found: dict[int, tuple[CourseItemView, ...]] = {}
    for row, item in db.session.execute(statement):
        view = CourseItemView(item.code, item.title, ItemGroup(item.group), row.position, row.planned_minutes)
        found[row.course_id] = (*found.get(row.course_id, ()), view)
    return found


def _check_name(organisation_id: int, name: str, *, besides: int | None) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise Invalid("请填写课程名称，80 个字以内。", field="name")
    same = select(Course.id).where(Course.organisation_id == organisation_id, Course.name == name)
    if db.session.scalars(same.where(Course.id != besides) if besides else same).first() is not None:
        raise Invalid(f"已有名为“{name}”的课程，请换一个名称。", field="name")
    return name


def _check_items(organisation_id: int, items: Sequence[tuple[str, int]]) -> list[tuple[int, int]]:
    """Return (item id, minutes) in order; refuse unknown, repeated or unplanned items."""
    if not items:
        raise Invalid("请至少选择一个大纲条目，并填写计划分钟数。", field="items")
    codes = [code for code, _minutes in items]
    known = select(SyllabusItem.code, SyllabusItem.id).where(visible_to(organisation_id), SyllabusItem.code.in_(codes))
    ids = {row.code: row.id for row in db.session.execute(known)}
    for code, minutes in items:
        if code not in ids:
            raise Invalid(f"没有条目 {code}，请刷新页面后重新选择。", field="items")
        if codes.count(code) > 1:
            raise Invalid(f"条目 {code} 选了两次，请只保留一次。", field="items")
        if not 1 <= minutes <= MAX_ITEM_MINUTES:
            raise Invalid(f"条目 {code} 的计划分钟数应在 1 到 {MAX_ITEM_MINUTES} 之间。", field="items")
    return [(ids[code], minutes) for code, minutes in items]


def _write_items(course_id: int, rows: list[tuple[int, int]]) -> None:
    db.session.execute(
        insert(CourseItem),
        [
            {"course_id": course_id, "item_id": item_id, "position": position, "planned_minutes": minutes}
            for position, (item_id, minutes) in enumerate(rows, start=1)
        ],
    )


def _log(action: str, course: Course, items: Sequence[tuple[str, int]], *, at: datetime, actor_id: int) -> None:
    db.session.flush()
    audit.record(
        at=at,
        action=action,
        subject=f"courses_course:{course.id}",
        actor_id=actor_id,
        organisation_id=course.organisation_id,
        items=[[code, minutes] for code, minutes in items],
    )
