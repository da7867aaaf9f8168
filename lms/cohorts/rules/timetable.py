"""Where the next class would stand: a proposal that saves typing, nothing that binds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TypeVar

BREAK = timedelta(minutes=10)
LUNCH_FROM = time(11, 20)
LUNCH_UNTIL = time(13, 0)
AFTERNOON = time(14, 0)
EVENING = time(18, 0)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """A class in wall-clock time: `starts` and `ends` on one day."""

    starts: datetime
    ends: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.ends - self.starts


def following(span: Span, first_of_day: datetime) -> Span:
    """Return the class that would come after one: as long as it, after a break, after lunch, or on the next day.

    first_of_day: when that day's first class begins; the next day begins at the same time.
    """
    starts = span.ends + BREAK
    if LUNCH_FROM <= span.ends.time() < LUNCH_UNTIL:
        starts = datetime.combine(span.ends.date(), AFTERNOON, span.ends.tzinfo)
    latest = datetime.combine(span.starts.date(), EVENING, span.starts.tzinfo)
    if span.starts.time() >= EVENING or starts + span.length > latest:
        starts = first_of_day + timedelta(days=1)
    return Span(starts, starts + span.length)


def after(codes: Sequence[T], code: T) -> T:
    """Return the item that follows one in the course; the last one, and one that is not there, follow themselves."""
    at = codes.index(code) + 1 if code in codes else len(codes)
    return codes[at] if at < len(codes) else code
