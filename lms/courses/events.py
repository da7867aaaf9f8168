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


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    """An article whose official text is no longer the registered one; change_id names the finding, which stays."""

    change_id: int
    law: str
    article: str
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlesChanged(Event):
    """An official text was found to differ from the register; said again whenever the same text is checked again.

    Who cites one of the articles opens a review for it (`services.open_reviews`, which opens none twice) and stops
    showing or drawing what waits.
    """

    changes: tuple[ChangedArticle, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCleared(Event):
    """A named person has read something again; `is_released` when nothing else of it waits.

    subject_kind: `lesson` or `question`; subject: the lesson's code or the question's slug.
    """

    subject_kind: str
    subject: str
    is_released: bool
    at: datetime
