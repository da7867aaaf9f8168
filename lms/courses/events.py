"""What happened in courses."""

from dataclasses import dataclass
from datetime import datetime

from lms.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonStudied(Event):
    """A person declared a lesson finished; published once per person and lesson."""

    person_id: int
    lesson_code: str
    item_code: str
    at: datetime
