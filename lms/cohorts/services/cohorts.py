"""Creating, opening and closing cohorts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from lms.accounts import services as accounts
from lms.cohorts.events import CohortOpened
from lms.cohorts.models import ClassSession, Cohort, Enrolment
from lms.cohorts.rules.plans import LEVEL_TITLES, MODE_TITLES, rule_fault
from lms.core import audit, clock
from lms.core.db import db, get_owned, owned
from lms.core.errors import Conflict, Invalid
from lms.core.events import publish
from lms.core.listing import ListPage, ListQuery, fetch
from lms.courses import services as courses

TEACHING_ROLES = frozenset({"instructor", "head_teacher", "registrar", "administrator"})


@dataclass(frozen=True, slots=True)
class CohortView:
    """A cohort as other plugins and pages see it."""

    id: int
    organisation_id: int
    name: str
    course_id: int
    target_level: int
    mode: str
    starts_on: date
    ends_on: date
    place: str
    head_teacher_id: int | None
    planned_minutes: int
    completion_rule: dict[str, Any]
    status: str
    opened_at: datetime | None
    closed_at: datetime | None

    @property
    def planned_seconds(self) -> int:
        """The teaching plan's total in seconds."""
        return self.planned_minutes * 60


def cohort_view(row: Cohort) -> CohortView:
    """Return a cohort's record."""
    return CohortView(**{name: getattr(row, name) for name in CohortView.__dataclass_fields__})


def create_cohort(
    *,
    organisation_id: int,
    name: str,
    course_id: int,
    target_level: int,
    mode: str,
    starts_on: date,
    ends_on: date,
    place: str,
    head_teacher_id: int | None,
    planned_minutes: int,
    completion_rule: dict[str, Any],
    at: datetime,
    actor_id: int,
) -> int:
    """Create a draft cohort and return its id."""
    courses.get_course(organisation_id=organisation_id, course_id=course_id)
    row = Cohort(
        organisation_id=organisation_id,
        name=name,
        course_id=course_id,
        target_level=target_level,
        mode=mode,
        starts_on=starts_on,
        ends_on=ends_on,
        place=place,
        head_teacher_id=head_teacher_id,
        planned_minutes=planned_minutes,
        completion_rule=completion_rule,
        status="draft",
        created_at=at,
    )
    _check(row)
    check_teacher(organisation_id=organisation_id, person_id=head_teacher_id, field="head_teacher_id")
    db.session.add(row)
    db.session.flush()
    audit.record(
        at=at,
        action="cohorts.create",
        subject=f"cohorts_cohort:{row.id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
    )
    return row.id


def update_cohort(*, organisation_id: int, cohort_id: int, at: datetime, actor_id: int, **changes: Any) -> None:
    """Change a cohort's particulars; its course and completion rule only while it is a draft.

    The rule that learners were told when the cohort opened stays their rule.
    """
    row = get_owned(Cohort, organisation_id=organisation_id, id=cohort_id)
    if row.status == "closed":
        raise Conflict("班期已结束，不能再修改。")
    fixed = {"course_id", "completion_rule", "planned_minutes"} if row.status == "open" else set()
    touched = {name for name, value in changes.items() if getattr(row, name) != value}
    if touched & fixed:
        raise Conflict("班期已开班，课程、计划学时和结业条件不能再改；如确需调整，请新建班期。")
    if "course_id" in touched:
        courses.get_course(organisation_id=organisation_id, course_id=changes["course_id"])
    for name in touched:
        setattr(row, name, changes[name])
    _check(row)
    if "head_teacher_id" in touched:
        check_teacher(organisation_id=organisation_id, person_id=row.head_teacher_id, field="head_teacher_id")
    if touched & {"starts_on", "ends_on"}:
        _check_timetable_fits(row)
    if touched:
        audit.record(
            at=at,
            action="cohorts.update",
            subject=f"cohorts_cohort:{cohort_id}",
            actor_id=actor_id,
            organisation_id=organisation_id,
            fields=sorted(touched),
        )


def _check(row: Cohort) -> None:
    """Refuse particulars that cannot be; asks the database nothing, so that nothing wrong is flushed."""
    if not row.name.strip():
        raise Invalid("请填写班期名称。", field="name")
    if row.target_level not in LEVEL_TITLES:
        raise Invalid("请选择培训等级。", field="target_level")
    if row.mode not in MODE_TITLES:
        raise Invalid("请选择脱产或业余。", field="mode")
    if row.ends_on < row.starts_on:
        raise Invalid("结束日期早于开始日期，请检查。", field="ends_on")
    if row.planned_minutes <= 0:
        raise Invalid("计划学时必须大于零。", field="planned_minutes")
    if fault := rule_fault(row.completion_rule):
        raise Invalid(fault, field="attended_percent")


def check_teacher(*, organisation_id: int, person_id: int | None, field: str) -> None:
    """Raise Invalid unless the person works for the institution; nobody is fine."""
    if person_id is None:
        return
    if not TEACHING_ROLES & accounts.roles_of(organisation_id=organisation_id, person_id=person_id):
        raise Invalid("请选择本机构的在职教师。", field=field)


def _check_timetable_fits(row: Cohort) -> None:
    first, last = clock.local_midnight(row.starts_on), clock.local_day(row.ends_on)[1]
    outside = owned(ClassSession, row.organisation_id).where(
        ClassSession.cohort_id == row.id,
        ClassSession.cancelled_at.is_(None),
        (ClassSession.starts_at < first) | (ClassSession.ends_at > last),
    )
    if db.session.scalars(outside.limit(1)).first() is not None:
        raise Invalid("有课排在这个日期范围之外，请先取消那些课，或放宽班期日期。", field="ends_on")


def open_cohort(*, organisation_id: int, cohort_id: int, at: datetime, actor_id: int) -> None:
    """Open a draft cohort for learning and announce it."""
    row = get_owned(Cohort, organisation_id=organisation_id, id=cohort_id)
    if row.status != "draft":
        raise Conflict("班期已经开班，不用重复操作。")
    course = courses.get_course(organisation_id=organisation_id, course_id=row.course_id)
    if not course.items:
        raise Invalid("课程里还没有大纲条目，请先在“课程与题库”里补齐再开班。")
    row.status, row.opened_at = "open", at
    audit.record(
        at=at,
        action="cohorts.open",
        subject=f"cohorts_cohort:{cohort_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
    )
    codes = tuple(item.code for item in course.items)
    publish(CohortOpened(organisation_id, cohort_id, codes, at, actor_id))


def close_cohort(*, organisation_id: int, cohort_id: int, at: datetime, actor_id: int) -> None:
    """Close an open cohort; its records stay readable."""
    row = get_owned(Cohort, organisation_id=organisation_id, id=cohort_id)
    if row.status != "open":
        raise Conflict("只有已开班的班期才能结束。")
    row.status, row.closed_at = "closed", at
    audit.record(
        at=at,
        action="cohorts.close",
        subject=f"cohorts_cohort:{cohort_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
    )


def get_cohort(*, organisation_id: int, cohort_id: int) -> CohortView:
    """Return one cohort of an organisation."""
    return cohort_view(get_owned(Cohort, organisation_id=organisation_id, id=cohort_id))


def list_cohorts(
    *, organisation_id: int, query: ListQuery, status: str = "", ended: bool = True
) -> ListPage[tuple[CohortView, int]]:
    """Return a page of cohorts, of one status or without the closed ones, each with the number of present learners."""
    present = (
        select(Enrolment.cohort_id, func.count().label("present"))
        .where(Enrolment.organisation_id == organisation_id, Enrolment.until_at.is_(None))
        .group_by(Enrolment.cohort_id)
        .subquery()
    )
    count = func.coalesce(present.c.present, 0)
    statement = owned(Cohort, organisation_id).add_columns(count).outerjoin(present, present.c.cohort_id == Cohort.id)
    if status:
        statement = statement.where(Cohort.status == status)
    if not ended:
        statement = statement.where(Cohort.status != "closed")
    page = fetch(
        statement,
        query,
        searchable=(Cohort.name, Cohort.place),
        sortable={"name": Cohort.name, "starts_on": Cohort.starts_on, "status": Cohort.status, "learners": count},
        default_sort=(Cohort.starts_on.desc(), Cohort.id.desc()),
    )
    return ListPage([(cohort_view(row), count) for row, count in page.rows], page.total, page.query)
