"""Keeps the reading order: which lesson comes before and after which."""

from sqlalchemy import select, update

from lms.core.db import db
from lms.courses.models import Lesson, SyllabusItem
from lms.courses.rules.naming import neighbours


def relink(*, owner_id: int | None) -> None:
    """Write the neighbours of all lessons of one owner (None: the official ones) that have new ones.

    Official lessons lead to official lessons, an institution's own to its own.
    """
    db.session.flush()
    owner = SyllabusItem.organisation_id
    statement = (
        select(Lesson.id, Lesson.code, Lesson.previous_code, Lesson.next_code)
        .join(SyllabusItem, SyllabusItem.id == Lesson.item_id)
        .where(owner.is_(None) if owner_id is None else owner == owner_id, Lesson.retired_at.is_(None))
        .order_by(SyllabusItem.position, Lesson.position, Lesson.id)
    )
    rows = db.session.execute(statement).all()
    around = neighbours([row.code for row in rows])
    moved = [
        {"id": row.id, "previous_code": around[row.code][0], "next_code": around[row.code][1]}
        for row in rows
        if (row.previous_code, row.next_code) != around[row.code]
    ]
    if moved:
        db.session.execute(update(Lesson), moved)
