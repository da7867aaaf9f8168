"""What happens in attendance, for the plugins above."""

from dataclasses import dataclass
from datetime import datetime

from lms.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn(Event):
    """A learner signed in to a class."""

    organisation_id: int
    cohort_id: int
    enrolment_id: int
    person_id: int
    class_session_id: int
    witness: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOut(Event):
    """A learner signed out of a class."""

    organisation_id: int
    cohort_id: int
    enrolment_id: int
    person_id: int
    class_session_id: int
    witness: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursCredited(Event):
    """A settlement changed the ledger of a learner; `total_seconds` is its sum afterwards."""

    organisation_id: int
    cohort_id: int
    person_id: int
    total_seconds: int
    at: datetime
