"""Reading: the lesson page's one statement, and who has opened and finished what."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup
from sqlalchemy import Table, and_, bindparam, or_, select, update

from lms.core.db import db, insert_into, run_core
from lms.core.errors import NotFound
from lms.core.events import publish
from lms.courses.events import LessonStudied
from lms.courses.models import Lesson, LessonProgress, LessonRevision, SyllabusItem
from lms.courses.rules.minutes import exercise_minutes
from lms.courses.services.records import LessonBody, LessonPage, LessonView
from lms.courses.services.reviews import waiting_for
from lms.courses.services.syllabus import NO_LESSON, as_lesson, lesson_rows, visible_to

_item: Table = SyllabusItem.__table__  # type: ignore[assignment]
_lesson: Table = Lesson.__table__  # type: ignore[assignment]
_progress: Table = LessonProgress.__table__  # type: ignore[assignment]

# Built once, on tables and not on classes: it runs at every page view. A lesson of another institution
# does not come back.
_OPEN = (
    select(
        _lesson.c.id,
        _lesson.c.current_revision_id,
        _lesson.c.content_hash,
        _lesson.c.previous_code,
        _lesson.c.next_code,
        _lesson.c.held_at,
        _item.c.code.label("item_code"),
        _item.c.title.label("item_title"),
        _item.c.organisation_id.label("owner_id"),
        _progress.c.opened_at,
        _progress.c.finished_at,
    )
    .join_from(_lesson, _item, _item.c.id == _lesson.c.item_id)
    .outerjoin(
        _progress,
        and_(_progress.c.lesson_id == _lesson.c.id, _progress.c.person_id == bindparam("person_id")),
    )
    .where(
        _lesson.c.code == bindparam("code"),
        _lesson.c.retired_at.is_(None),
        or_(_item.c.organisation_id.is_(None), _item.c.organisation_id == bindparam("organisation_id")),
    )
)


def open_lesson(*, organisation_id: int, person_id: int, code: str) -> LessonPage:
    """Return a lesson as a person reads it: one statement; more for a new text and for one that waits."""
    found = {"code": code, "organisation_id": organisation_id, "person_id": person_id}
    row = run_core(_OPEN, found).one_or_none()
    if row is None:
        raise NotFound(NO_LESSON)
    body = _body(row.current_revision_id, row.content_hash)
    lesson = LessonView(row.id, code, row.item_code, body.title, body.minutes, body.position, row.owner_id)
    return LessonPage(
        lesson,
        row.item_title,
        body,
        row.previous_code,
        row.next_code,
        row.opened_at,
        row.finished_at,
        waits_for=() if row.held_at is None else waiting_for(lesson_code=code),
    )


@lru_cache(maxsize=256)
def _body(revision_id: int, _content_hash: str) -> LessonBody:
    """Return what never changes of a revision; the hash keeps databases apart that number alike."""
    statement = select(LessonRevision, Lesson.position).join(Lesson, Lesson.id == LessonRevision.lesson_id)
    revision, position = db.session.execute(statement.where(LessonRevision.id == revision_id)).one()
    return LessonBody(
        revision_id=revision.id,
        number=revision.number,
        title=revision.title,
        minutes=revision.minutes,
        position=position,
        html=Markup(revision.html),  # noqa: S704  (sanitised when it was saved)
        toc=tuple((entry["id"], entry["title"], entry["level"]) for entry in revision.toc),
        as_of=revision.as_of,
        reviewed_on=revision.reviewed_on,
        practice_minutes=sum(exercise_minutes(revision.source)),
        questions=len(revision.self_check),
    )


def source_of(body: LessonBody) -> str:
    """Return the Markdown of a revision that is being read."""
    statement = select(LessonRevision.source).where(LessonRevision.id == body.revision_id)
    return db.session.scalars(statement).one()


def mark_opened(*, person_id: int, lesson_id: int, at: datetime) -> None:
    """Note the first time a person opens a lesson; two tabs at once are one opening."""
    values = {"person_id": person_id, "lesson_id": lesson_id, "opened_at": at}
    db.session.execute(insert_into(LessonProgress).values(values).on_conflict_do_nothing())


def finish_lesson(*, person_id: int, lesson_code: str, at: datetime, organisation_id: int | None = None) -> bool:
    """Note that a person declares a lesson finished and publish `LessonStudied`; False when it was so already.

    Local lessons are found only for the institution that owns them.
    """
    found = {"code": lesson_code, "organisation_id": organisation_id, "person_id": person_id}
    row = db.session.execute(_OPEN, found).one_or_none()
    if row is None:
        raise NotFound(NO_LESSON)
    mark_opened(person_id=person_id, lesson_id=row.id, at=at)
    finished = db.session.execute(
        update(LessonProgress)
        .where(
            LessonProgress.person_id == person_id,
            LessonProgress.lesson_id == row.id,
            LessonProgress.finished_at.is_(None),
        )
        .values(finished_at=at, finished_revision_id=row.current_revision_id)
        .returning(LessonProgress.lesson_id)
        .execution_options(synchronize_session=False)
    ).first()
    if finished is None:
        return False
    publish(LessonStudied(person_id=person_id, lesson_code=lesson_code, item_code=row.item_code, at=at))
    return True


def finished_lessons(*, person_ids: Collection[int]) -> dict[int, set[str]]:
    """Return for each person the codes of the lessons they finished."""
    found: dict[int, set[str]] = {person_id: set() for person_id in person_ids}
    statement = (
        select(LessonProgress.person_id, Lesson.code)
        .join(Lesson, Lesson.id == LessonProgress.lesson_id)
        .where(LessonProgress.person_id.in_(found), LessonProgress.finished_at.is_not(None))
    )
    for person_id, code in db.session.execute(statement):
        found[person_id].add(code)
    return found


def last_unfinished(
    *, organisation_id: int, person_id: int, item_codes: Collection[str] | None = None
) -> LessonView | None:
    """Return the lesson a person opened last and has not finished, of all items in use or of the given ones."""
    statement = (
        lesson_rows()
        .join(LessonProgress, LessonProgress.lesson_id == Lesson.id)
        .where(
            LessonProgress.person_id == person_id,
            LessonProgress.finished_at.is_(None),
            visible_to(organisation_id),
        )
        .order_by(None)
        .order_by(LessonProgress.opened_at.desc())
        .limit(1)
    )
    if item_codes is not None:
        statement = statement.where(SyllabusItem.code.in_(item_codes))
    row = db.session.execute(statement).one_or_none()
    return None if row is None else as_lesson(row)
