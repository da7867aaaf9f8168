"""What happens to completion records."""

from dataclasses import dataclass
from datetime import datetime

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class RecordIssued(Event):
    """A completion record was issued."""

    organisation_id: int
    cohort_id: int
    person_id: int
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordRevoked(Event):
    """A completion record was withdrawn."""

    organisation_id: int
    cohort_id: int
    person_id: int
    number: str
    reason: str
    at: datetime
