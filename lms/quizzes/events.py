"""What happened in quizzes."""

from dataclasses import dataclass
from datetime import datetime

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class AttemptMarked(Event):
    """An attempt was handed in and marked; `score` is percent, rounded down."""

    attempt_id: int
    person_id: int
    quiz_id: int
    organisation_id: int
    cohort_id: int
    score: int
    passed: bool
    at: datetime
