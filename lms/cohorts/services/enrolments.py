"""Places in cohorts: dated intervals that are closed, never deleted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError

from lms.cohorts.events import EnrolmentEnded, LearnerEnrolled
from lms.cohorts.models import Cohort, Enrolment
from lms.core import audit
from lms.core.db import db, get_owned, owned
from lms.core.errors import Conflict
from lms.core.events import publish


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """A place in a cohort: `until_at` is None while it lasts."""

    id: int
    organisation_id: int
    cohort_id: int
    person_id: int
    employer_name: str
    from_at: datetime
    until_at: datetime | None
    reason: str | None
    cohort_name: str
    cohort_status: str


def _select() -> Select[tuple[object, ...]]:
    names = [
        name
        for name in EnrolmentView.__dataclass_fields__
        if not name.startswith("cohort_n") and name != "cohort_status"
    ]
    columns = [getattr(Enrolment, name) for name in names]
    return select(*columns, Cohort.name.label("cohort_name"), Cohort.status.label("cohort_status")).join(
        Cohort, Cohort.id == Enrolment.cohort_id
    )


def _views(statement: Select[tuple[object, ...]]) -> list[EnrolmentView]:
    return [EnrolmentView(**row) for row in db.session.execute(statement).mappings()]


def enrol(
    *, organisation_id: int, cohort_id: int, person_id: int, at: datetime, actor_id: int, employer_name: str = ""
) -> int:
    """Give a person a place in a cohort and return the enrolment's id; refused while they already have one."""
    cohort = get_owned(Cohort, organisation_id=organisation_id, id=cohort_id)
    if cohort.status == "closed":
        raise Conflict("班期已结束，不能再加入学员。")
    present = owned(Enrolment, organisation_id).where(
        Enrolment.cohort_id == cohort_id, Enrolment.person_id == person_id, Enrolment.until_at.is_(None)
    )
    if db.session.scalar(present) is not None:
        raise Conflict("这位学员已在本班期，不用重复加入。")
    row = Enrolment(
        organisation_id=organisation_id,
        cohort_id=cohort_id,
        person_id=person_id,
        employer_name=employer_name,
        from_at=at,
    )
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("这位学员刚刚已被加入本班期，请刷新查看。") from error
    audit.record(
        at=at,
        action="cohorts.enrol",
        subject=f"cohorts_enrolment:{row.id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        cohort_id=cohort_id,
        person_id=person_id,
    )
    publish(LearnerEnrolled(organisation_id, cohort_id, person_id, row.id, at))
    return row.id


def end_enrolment(*, organisation_id: int, enrolment_id: int, reason: str, at: datetime, actor_id: int) -> None:
    """Close a place; attendance and scores that hang on it stay."""
    row = get_owned(Enrolment, organisation_id=organisation_id, id=enrolment_id)
    if row.until_at is not None:
        raise Conflict("这位学员已经离开本班期。")
    row.until_at, row.reason = at, reason
    db.session.flush()
    audit.record(
        at=at,
        action="cohorts.end_enrolment",
        subject=f"cohorts_enrolment:{enrolment_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=reason,
    )
    publish(EnrolmentEnded(organisation_id, row.cohort_id, row.person_id, row.id, at, reason))


def transfer(
    *, organisation_id: int, enrolment_id: int, to_cohort_id: int, reason: str, at: datetime, actor_id: int
) -> int:
    """Move a person to another cohort: closes one interval and opens another; the past does not change."""
    row = get_owned(Enrolment, organisation_id=organisation_id, id=enrolment_id)
    if row.cohort_id == to_cohort_id:
        raise Conflict("转入的班期就是现在的班期。")
    person_id, employer_name = row.person_id, row.employer_name
    end_enrolment(organisation_id=organisation_id, enrolment_id=enrolment_id, reason=reason, at=at, actor_id=actor_id)
    return enrol(
        organisation_id=organisation_id,
        cohort_id=to_cohort_id,
        person_id=person_id,
        employer_name=employer_name,
        at=at,
        actor_id=actor_id,
    )


def get_enrolment(*, organisation_id: int, enrolment_id: int) -> EnrolmentView:
    """Return one place of an organisation."""
    get_owned(Enrolment, organisation_id=organisation_id, id=enrolment_id)
    return _views(_select().where(Enrolment.id == enrolment_id))[0]


def enrolments_of(
    *, person_id: int, organisation_id: int | None = None, at: datetime | None = None
) -> list[EnrolmentView]:
    """Return a person's places, newest first; with `at` only those in force then."""
    statement = (
        _select().where(Enrolment.person_id == person_id).order_by(Enrolment.from_at.desc(), Enrolment.id.desc())
    )
    if organisation_id is not None:
        statement = statement.where(Enrolment.organisation_id == organisation_id)
    if at is not None:
        statement = statement.where(Enrolment.from_at <= at, or_(Enrolment.until_at.is_(None), Enrolment.until_at > at))
    return _views(statement)


def current_enrolment(*, person_id: int, organisation_id: int, at: datetime) -> EnrolmentView | None:
    """Return the place in an open cohort that a person studies in now (the newest), with one statement."""
    statement = (
        _select()
        .where(
            Enrolment.person_id == person_id,
            Enrolment.organisation_id == organisation_id,
            Cohort.status == "open",
            Enrolment.from_at <= at,
            or_(Enrolment.until_at.is_(None), Enrolment.until_at > at),
        )
        .order_by(Enrolment.from_at.desc(), Enrolment.id.desc())
        .limit(1)
    )
    return next(iter(_views(statement)), None)


def learners(*, organisation_id: int, cohort_id: int) -> list[EnrolmentView]:
    """Return the present learners of a cohort, in order of enrolment."""
    return [view for view in history(organisation_id=organisation_id, cohort_id=cohort_id) if view.until_at is None]


def history(*, organisation_id: int, cohort_id: int) -> list[EnrolmentView]:
    """Return every place there ever was in a cohort, in order of enrolment."""
    get_owned(Cohort, organisation_id=organisation_id, id=cohort_id)
    return _views(_select().where(Enrolment.cohort_id == cohort_id).order_by(Enrolment.from_at, Enrolment.id))
