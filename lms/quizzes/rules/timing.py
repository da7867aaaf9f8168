"""Time of an attempt: when it ends, and when a quiz can be begun. Intervals are half-open: the deadline is too late."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """The time an attempt has when it begins at a certain moment."""

    deadline_at: datetime
    seconds: int
    shortened: bool

    @property
    def minutes(self) -> int:
        """Whole minutes."""
        return self.seconds // 60


def window(*, at: datetime, minutes: int, closes_at: datetime | None) -> Window:
    """Return the deadline of an attempt that begins now: its minutes, but never past the closing of the quiz."""
    full = at + timedelta(minutes=minutes)
    deadline = full if closes_at is None else min(full, closes_at)
    return Window(deadline, max(0, int((deadline - at).total_seconds())), deadline < full)


def is_over(*, at: datetime, deadline_at: datetime) -> bool:
    """Whether an answer that reaches the server now comes too late; there is no grace.

    What counts is the moment at which the server begins to read the request, not the moment it is done with it.
    """
    return at >= deadline_at


def seconds_left(*, at: datetime, deadline_at: datetime) -> int:
    """Return the whole seconds left, never negative."""
    return max(0, int((deadline_at - at).total_seconds()))
