"""What happens to cohorts, for the plugins above."""

from dataclasses import dataclass
from datetime import datetime

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class CohortOpened(Event):
    """A cohort was opened for learning; its course's item codes are fixed from here on."""

    organisation_id: int
    cohort_id: int
    item_codes: tuple[str, ...]
    at: datetime
    actor_id: int


@dataclass(frozen=True, slots=True)
class LearnerEnrolled(Event):
    """A person got a place in a cohort."""

    organisation_id: int
    cohort_id: int
    person_id: int
    enrolment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class EnrolmentEnded(Event):
    """A person left a cohort; what they did there stays."""

    organisation_id: int
    cohort_id: int
    person_id: int
    enrolment_id: int
    at: datetime
    reason: str
