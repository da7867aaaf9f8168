"""An institution's own items and lessons: 鼓励各地结合本地实际适当增加 (鄂人社发〔2024〕8号 一(二))."""

from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select

from lms.core import audit
from lms.core.db import db, take_turns
from lms.core.errors import Invalid, NotFound
from lms.courses.content import check_text
from lms.courses.content.files import content_hash
from lms.courses.models import Lesson, LessonRevision, SyllabusItem
from lms.courses.rules.kinds import ItemGroup
from lms.courses.rules.minutes import MAX_MINUTES, MIN_MINUTES
from lms.courses.rules.naming import LOCAL_POSITION, last_number, lesson_code, local_item_code
from lms.courses.services.forms import form_items
from lms.courses.services.laws import known_articles
from lms.courses.services.outline import relink
from lms.courses.services.records import ItemView, LessonDraft, RevisionView
from lms.courses.services.revisions import NewRevision, Surroundings, render, save_revision
from lms.courses.services.searching import index_item, index_lesson
from lms.courses.services.syllabus import NO_ITEM, NO_LESSON, as_item, visible_to

MAX_SOURCE = 60_000


def create_local_item(*, organisation_id: int, group: ItemGroup, title: str, at: datetime, actor_id: int) -> str:
    """Add an item of the institution's own and return its code."""
    _take_turns(organisation_id)
    codes = db.session.scalars(select(SyllabusItem.code).where(SyllabusItem.organisation_id == organisation_id))
    number = last_number(codes) + 1
    item = SyllabusItem(
        organisation_id=organisation_id,
        code=local_item_code(organisation_id, number),
        group=group.value,
        position=LOCAL_POSITION + number,
        title=_check_title(title, 200),
    )
    db.session.add(item)
    db.session.flush()
    _log("courses.local_item_created", item, at=at, actor_id=actor_id, code=item.code)
    index_item(item.code)
    return item.code


def update_local_item(
    *, organisation_id: int, code: str, group: ItemGroup, title: str, at: datetime, actor_id: int
) -> None:
    """Change the part and the wording of an item of the institution's own."""
    _take_turns(organisation_id)
    item = _own_item(organisation_id, code)
    item.group, item.title = group.value, _check_title(title, 200)
    db.session.flush()
    _log("courses.local_item_changed", item, at=at, actor_id=actor_id, code=code)
    index_item(code)


def get_local_item(*, organisation_id: int, code: str) -> ItemView:
    """Return an item that the institution may edit; official ones are NotFound here."""
    return as_item(_own_item(organisation_id, code))


def preview_lesson(*, source: str) -> tuple[Markup, list[str]]:
    """Return a text as it would look, and what stands in the way of saving it."""
    known = known_articles()
    html = Markup(render(source, Surroundings.here(known)).html)  # noqa: S704  (sanitised)
    return html, _complaints(source, known)


def save_local_lesson(
    *,
    organisation_id: int,
    item_code: str,
    draft: LessonDraft,
    at: datetime,
    actor_id: int,
    code: str | None = None,
) -> str:
    """Save a lesson of an own item, a new one when `code` is None, and return its code.

    A changed text becomes a new revision; the old ones are kept. Raises Invalid with the field.
    """
    _take_turns(organisation_id)
    item = _own_item(organisation_id, item_code)
    known = known_articles()
    _check_draft(draft, known)
    lesson = _new_lesson(item) if code is None else _own_lesson(organisation_id, code)
    if lesson.item_id != item.id:
        raise NotFound(NO_LESSON)
    lesson.position = draft.position
    lesson.retired_at = None
    fingerprint = content_hash(f"{item_code}\n{draft!r}")
    if lesson.content_hash != fingerprint:
        revision = NewRevision(
            title=draft.title.strip(),
            minutes=draft.minutes,
            source=draft.source,
            as_of=draft.as_of,
            content_hash=fingerprint,
            author_id=actor_id,
        )
        save_revision(lesson, revision, Surroundings.here(known), at=at)
        _log("courses.local_lesson_saved", item, at=at, actor_id=actor_id, code=lesson.code)
    relink(owner_id=organisation_id)
    index_item(item.code)
    index_lesson(lesson.code)
    return lesson.code


def retire_local_lesson(*, organisation_id: int, code: str, at: datetime, actor_id: int) -> str:
    """Take an own lesson out of use, keeping its revisions and hours, and return the code of its item."""
    _take_turns(organisation_id)
    lesson = _own_lesson(organisation_id, code)
    item = db.session.get_one(SyllabusItem, lesson.item_id)
    lesson.retired_at = at
    relink(owner_id=organisation_id)
    _log("courses.local_lesson_retired", item, at=at, actor_id=actor_id, code=code)
    index_item(item.code)
    index_lesson(code)
    return item.code


def get_local_lesson(*, organisation_id: int, code: str) -> tuple[ItemView, LessonDraft]:
    """Return an own lesson as it was entered last."""
    lesson = _own_lesson(organisation_id, code)
    revision = db.session.get_one(LessonRevision, lesson.current_revision_id)
    draft = LessonDraft(
        title=revision.title,
        minutes=revision.minutes,
        as_of=revision.as_of,
        source=revision.source,
        position=lesson.position,
    )
    return as_item(db.session.get_one(SyllabusItem, lesson.item_id)), draft


def list_revisions(*, organisation_id: int, code: str) -> list[RevisionView]:
    """Return all revisions of a lesson the organisation sees, newest first, without their texts."""
    lesson = _visible_lesson(organisation_id, code)
    statement = select(LessonRevision).where(LessonRevision.lesson_id == lesson.id)
    rows = db.session.scalars(statement.order_by(LessonRevision.number.desc()))
    return [_as_revision(row, lesson) for row in rows]


def get_revision(*, organisation_id: int, code: str, number: int) -> RevisionView:
    """Return one revision of a lesson the organisation sees, with its text."""
    lesson = _visible_lesson(organisation_id, code)
    statement = select(LessonRevision).where(LessonRevision.lesson_id == lesson.id, LessonRevision.number == number)
    row = db.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(NO_LESSON)
    return _as_revision(row, lesson, with_text=True)


def _as_revision(row: LessonRevision, lesson: Lesson, *, with_text: bool = False) -> RevisionView:
    return RevisionView(
        id=row.id,
        number=row.number,
        title=row.title,
        minutes=row.minutes,
        as_of=row.as_of,
        created_at=row.created_at,
        author_id=row.author_id,
        is_current=row.id == lesson.current_revision_id,
        source=row.source if with_text else "",
        html=Markup(row.html if with_text else ""),  # noqa: S704  (sanitised when it was saved)
    )


def _take_turns(organisation_id: int) -> None:
    """One at a time in an institution: a lesson's neighbours, the audit log and the index are written with it."""
    take_turns(f"courses-{organisation_id}")


def _own_item(organisation_id: int, code: str) -> SyllabusItem:
    statement = select(SyllabusItem).where(SyllabusItem.organisation_id == organisation_id, SyllabusItem.code == code)
    item = db.session.scalars(statement).one_or_none()
    if item is None:
        raise NotFound(NO_ITEM)
    return item


def _own_lesson(organisation_id: int, code: str) -> Lesson:
    statement = select(Lesson).join(SyllabusItem, SyllabusItem.id == Lesson.item_id)
    own = statement.where(SyllabusItem.organisation_id == organisation_id, Lesson.code == code)
    lesson = db.session.scalars(own).one_or_none()
    if lesson is None:
        raise NotFound(NO_LESSON)
    return lesson


def _visible_lesson(organisation_id: int, code: str) -> Lesson:
    statement = select(Lesson).join(SyllabusItem, SyllabusItem.id == Lesson.item_id)
    lesson = db.session.scalars(statement.where(visible_to(organisation_id), Lesson.code == code)).one_or_none()
    if lesson is None:
        raise NotFound(NO_LESSON)
    return lesson


def _new_lesson(item: SyllabusItem) -> Lesson:
    codes = db.session.scalars(select(Lesson.code).where(Lesson.item_id == item.id))
    code = lesson_code(item.code, last_number(codes) + 1)
    lesson = Lesson(code=code, item_id=item.id, position=0, content_hash="")
    db.session.add(lesson)
    db.session.flush()
    return lesson


def _check_title(title: str, longest: int) -> str:
    title = title.strip()
    if not 1 <= len(title) <= longest:
        raise Invalid(f"请填写名称，{longest} 个字以内。", field="title")
    return title


def _check_draft(draft: LessonDraft, known: set[tuple[str, str]]) -> None:
    _check_title(draft.title, 120)
    if not MIN_MINUTES <= draft.minutes <= MAX_MINUTES:
        raise Invalid(f"分钟数应在 {MIN_MINUTES} 到 {MAX_MINUTES} 之间。", field="minutes")
    if not 1 <= draft.position <= 99:
        raise Invalid("顺序号应在 1 到 99 之间。", field="position")
    if len(draft.source) > MAX_SOURCE:
        raise Invalid(f"正文太长，最多 {MAX_SOURCE} 个字，请拆成两课。", field="source")
    complaints = _complaints(draft.source, known)
    if complaints:
        raise Invalid("；".join(complaints[:5]) + "。", field="source")


def _complaints(source: str, known: set[tuple[str, str]]) -> list[str]:
    faults = check_text(source, known, forms=form_items())
    return [f"“{fault.section}”：{fault.message}" if fault.section else fault.message for fault in faults]


def _log(action: str, item: SyllabusItem, *, at: datetime, actor_id: int, code: str) -> None:
    audit.record(
        at=at,
        action=action,
        subject=f"courses_syllabus_item:{item.id}",
        actor_id=actor_id,
        organisation_id=item.organisation_id,
        code=code,
    )
