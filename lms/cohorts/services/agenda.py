"""What the running cohorts want from their institution today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select

from lms.accounts import services as accounts
from lms.cohorts.models import ClassSession, Cohort, Enrolment
from lms.cohorts.services.cohorts import CohortView, cohort_view
from lms.cohorts.services.timetable import sessions_between
from lms.core import clock
from lms.core.db import db, owned

SOON = timedelta(days=14)
AHEAD = timedelta(days=7)
MOST = 12


@dataclass(frozen=True, slots=True)
class CohortAgenda:
    """A cohort that runs or soon begins, and the counts that show what it lacks.

    classes_today and classes_ahead (next seven days, today included) leave out cancelled ones; classes counts all.
    """

    cohort: CohortView
    on: date
    learners: int
    classes: int
    classes_today: int
    classes_ahead: int
    passwords_waiting: int

    @property
    def is_due_to_open(self) -> bool:
        """Whether it should have been opened by today."""
        return self.cohort.status == "draft" and self.cohort.starts_on <= self.on

    @property
    def is_overdue(self) -> bool:
        """Whether it runs past its last day."""
        return self.cohort.status == "open" and self.cohort.ends_on < self.on

    @property
    def lacks_classes(self) -> bool:
        """Whether it runs, or soon will, and nothing stands on the timetable."""
        if self.cohort.status == "draft":
            return self.classes == 0
        return self.classes_ahead == 0 and not self.is_overdue


def agenda(*, organisation_id: int, at: datetime) -> list[CohortAgenda]:
    """Return open cohorts and drafts that begin within two weeks, earliest first; five statements."""
    on = clock.local_date(at)
    rows = db.session.scalars(
        owned(Cohort, organisation_id)
        .where(or_(Cohort.status == "open", (Cohort.status == "draft") & (Cohort.starts_on <= on + SOON)))
        .order_by(Cohort.starts_on, Cohort.id)
        .limit(MOST)
    ).all()
    ids = [row.id for row in rows]
    people = _people(organisation_id, ids)
    classes = _classes(organisation_id, ids)
    from_at, until_at = clock.local_day(on)
    ahead = sessions_between(organisation_id=organisation_id, from_at=from_at, until_at=from_at + AHEAD)
    waiting = accounts.people_with_slips(
        organisation_id=organisation_id, person_ids=[person for group in people.values() for person in group]
    )
    return [
        CohortAgenda(
            cohort=cohort_view(row),
            on=on,
            learners=len(people.get(row.id, ())),
            classes=classes.get(row.id, 0),
            classes_today=sum(each.cohort_id == row.id and each.starts_at < until_at for each in ahead),
            classes_ahead=sum(each.cohort_id == row.id for each in ahead),
            passwords_waiting=len(waiting & people.get(row.id, set())),
        )
        for row in rows
    ]


def _people(organisation_id: int, cohort_ids: Iterable[int]) -> dict[int, set[int]]:
    """Return the present learners of each cohort."""
    found: dict[int, set[int]] = {}
    statement = select(Enrolment.cohort_id, Enrolment.person_id).where(
        Enrolment.organisation_id == organisation_id,
        Enrolment.cohort_id.in_(cohort_ids),
        Enrolment.until_at.is_(None),
    )
    for cohort_id, person_id in db.session.execute(statement):
        found.setdefault(cohort_id, set()).add(person_id)
    return found


def _classes(organisation_id: int, cohort_ids: Iterable[int]) -> dict[int, int]:
    """Return how many classes stand on each cohort's timetable."""
    statement = (
        select(ClassSession.cohort_id, func.count())
        .where(
            ClassSession.organisation_id == organisation_id,
            ClassSession.cohort_id.in_(cohort_ids),
            ClassSession.cancelled_at.is_(None),
        )
        .group_by(ClassSession.cohort_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}
