"""Creating, opening and closing cohorts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from lms.cohorts.events import CohortOpened
from lms.cohorts.models import Cohort, Enrolment
from lms.core import audit
from lms.core.db import db, get_owned, owned
from lms.core.errors import Conflict, Invalid
from lms.core.events import publish
from lms.core.listing import ListPage, ListQuery, fetch
from lms.courses import services as courses


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


def _view(row: Cohort) -> CohortView:
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
    _check(starts_on=starts_on, ends_on=ends_on, planned_minutes=planned_minutes)
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
    for name in touched:
        setattr(row, name, changes[name])
    _check(starts_on=row.starts_on, ends_on=row.ends_on, planned_minutes=row.planned_minutes)
    if touched:
        audit.record(
            at=at,
            action="cohorts.update",
            subject=f"cohorts_cohort:{cohort_id}",
            actor_id=actor_id,
            organisation_id=organisation_id,
            fields=sorted(touched),
        )


def _check(*, starts_on: date, ends_on: date, planned_minutes: int) -> None:
    if ends_on < starts_on:
        raise Invalid("结束日期早于开始日期，请检查。", field="ends_on")
    if planned_minutes <= 0:
        raise Invalid("计划学时必须大于零。", field="planned_minutes")


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
    return _view(get_owned(Cohort, organisation_id=organisation_id, id=cohort_id))


def list_cohorts(*, organisation_id: int, query: ListQuery) -> ListPage[tuple[CohortView, int]]:
    """Return a page of cohorts, each with the number of its present learners."""
    present = (
        select(Enrolment.cohort_id, func.count().label("present"))
        .where(Enrolment.organisation_id == organisation_id, Enrolment.until_at.is_(None))
        .group_by(Enrolment.cohort_id)
        .subquery()
    )
    statement = (
        owned(Cohort, organisation_id)
        .add_columns(func.coalesce(present.c.present, 0))
        .outerjoin(present, present.c.cohort_id == Cohort.id)
    )
    page = fetch(
        statement,
        query,
        searchable=(Cohort.name, Cohort.place),
        sortable={"name": Cohort.name, "starts_on": Cohort.starts_on, "status": Cohort.status},
        default_sort=(Cohort.starts_on.desc(), Cohort.id.desc()),
    )
    return ListPage([(_view(row), count) for row, count in page.rows], page.total, page.query)
