"""The timetable: class sessions, and what may not happen at the same time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from lms.cohorts.models import ClassSession, Cohort
from lms.cohorts.services.cohorts import check_teacher
from lms.core import audit, clock
from lms.core.db import db, get_owned, owned
from lms.core.errors import Conflict, Invalid
from lms.courses import services as courses

LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SessionView:
    """A class session as other plugins and pages see it."""

    id: int
    organisation_id: int
    cohort_id: int
    starts_at: datetime
    ends_at: datetime
    item_code: str
    instructor_id: int | None
    room: str
    cancelled_at: datetime | None
    cancel_reason: str | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the class was called off."""
        return self.cancelled_at is not None

    @property
    def seconds(self) -> int:
        """Planned length in seconds."""
        return int((self.ends_at - self.starts_at).total_seconds())


def _view(row: ClassSession) -> SessionView:
    return SessionView(**{name: getattr(row, name) for name in SessionView.__dataclass_fields__})


def schedule_session(
    *,
    organisation_id: int,
    cohort_id: int,
    starts_at: datetime,
    ends_at: datetime,
    item_code: str,
    instructor_id: int | None,
    room: str,
    at: datetime,
    actor_id: int,
) -> int:
    """Put a class on the timetable and return its id; refused when cohort, instructor or room is taken."""
    cohort = get_owned(Cohort, organisation_id=organisation_id, id=cohort_id)
    if cohort.status == "closed":
        raise Conflict("班期已结束，不能再排课。")
    _check_times(cohort, starts_at, ends_at)
    courses.get_item(organisation_id=organisation_id, code=item_code)
    check_teacher(organisation_id=organisation_id, person_id=instructor_id, field="instructor_id")
    _check_clash(cohort, starts_at, ends_at, instructor_id=instructor_id, room=room)
    row = ClassSession(
        organisation_id=organisation_id,
        cohort_id=cohort_id,
        starts_at=starts_at,
        ends_at=ends_at,
        item_code=item_code,
        instructor_id=instructor_id,
        room=room,
        created_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        at=at,
        action="cohorts.schedule",
        subject=f"cohorts_class_session:{row.id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        cohort_id=cohort_id,
        starts_at=starts_at.isoformat(),
        ends_at=ends_at.isoformat(),
    )
    return row.id


def _check_times(cohort: Cohort, starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid("下课时间必须晚于上课时间。", field="ends")
    if ends_at - starts_at > LONGEST:
        raise Invalid("一次课不能超过 12 小时，请检查时间或拆成几次。", field="ends")
    first, last = clock.local_date(starts_at), clock.local_date(ends_at)
    if first < cohort.starts_on or last > cohort.ends_on:
        raise Invalid(f"上课日期要在班期之内（{cohort.starts_on} 至 {cohort.ends_on}）。", field="on")


def _check_clash(
    cohort: Cohort, starts_at: datetime, ends_at: datetime, *, instructor_id: int | None, room: str
) -> None:
    same: list[ColumnElement[bool]] = [ClassSession.cohort_id == cohort.id]
    if room:
        same.append(ClassSession.room == room)
    if instructor_id is not None:
        same.append(ClassSession.instructor_id == instructor_id)
    # two clerks at once: the second looks only after the first has saved
    of_institution = select(Cohort.id).where(Cohort.organisation_id == cohort.organisation_id).order_by(Cohort.id)
    db.session.execute(of_institution.with_for_update(key_share=True))
    other = db.session.scalars(
        owned(ClassSession, cohort.organisation_id)
        .where(
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at < ends_at,
            ClassSession.ends_at > starts_at,
            or_(*same),
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
    ).first()
    if other is None:
        return
    span = f"{clock.to_local(other.starts_at):%Y-%m-%d %H:%M}—{clock.to_local(other.ends_at):%H:%M}"
    if other.cohort_id == cohort.id:
        raise Conflict(f"本班期 {span} 已有课，请换个时间。", field="starts")
    if room and other.room == room:
        raise Conflict(f"教室“{room}”{span} 已被占用，请换教室或时间。", field="room")
    raise Conflict(f"这位讲师 {span} 在另一个班上课，请换讲师或时间。", field="instructor_id")


def cancel_session(*, organisation_id: int, session_id: int, reason: str, at: datetime, actor_id: int) -> None:
    """Call a class off; it stays on the timetable as cancelled."""
    row = get_owned(ClassSession, organisation_id=organisation_id, id=session_id)
    if row.cancelled_at is not None:
        raise Conflict("这节课已经取消。")
    if row.starts_at <= at:
        raise Conflict("已经开始的课不能取消；没有上成的，请在学时里作说明。")
    row.cancelled_at, row.cancel_reason = at, reason
    audit.record(
        at=at,
        action="cohorts.cancel_session",
        subject=f"cohorts_class_session:{session_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=reason,
    )


def get_session(*, organisation_id: int, session_id: int) -> SessionView:
    """Return one class session of an organisation."""
    return _view(get_owned(ClassSession, organisation_id=organisation_id, id=session_id))


def list_sessions(*, organisation_id: int, cohort_id: int) -> list[SessionView]:
    """Return a cohort's timetable in time order, cancelled classes included."""
    get_owned(Cohort, organisation_id=organisation_id, id=cohort_id)
    statement = owned(ClassSession, organisation_id).where(ClassSession.cohort_id == cohort_id)
    return [_view(row) for row in db.session.scalars(statement.order_by(ClassSession.starts_at, ClassSession.id))]


def sessions_between(*, organisation_id: int, from_at: datetime, until_at: datetime) -> list[SessionView]:
    """Return the organisation's classes that touch an interval, cancelled ones left out."""
    statement = owned(ClassSession, organisation_id).where(
        ClassSession.cancelled_at.is_(None), ClassSession.starts_at < until_at, ClassSession.ends_at > from_at
    )
    return [_view(row) for row in db.session.scalars(statement.order_by(ClassSession.starts_at, ClassSession.id))]


def planned_seconds(*, organisation_id: int, cohort_id: int) -> int:
    """Return the teaching plan's total for a cohort in seconds."""
    return get_owned(Cohort, organisation_id=organisation_id, id=cohort_id).planned_minutes * 60
