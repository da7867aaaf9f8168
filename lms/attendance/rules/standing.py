"""The three ratios: what was attended of what was held, of what is planned, and how much can still be reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the rest of a cohort still offers one learner.

    classes: seconds of class by local date, today's only as far as they can still be attended. lessons: seconds of
    online lessons not yet credited. unscheduled: planned seconds for which there is neither class nor lesson yet.
    credited_today: seconds that today's cap has already taken. left_today: seconds until midnight.
    """

    today: date
    ends_on: date
    classes: Mapping[date, int]
    lessons: int
    unscheduled: int
    credited_today: int
    left_today: int


def reachable_extra(ahead: Ahead, daily_cap_seconds: int) -> int:
    """Return the seconds that can still be added by the cohort's last day under the daily cap, classes first."""
    if ahead.ends_on < ahead.today:
        return 0
    days = (ahead.ends_on - ahead.today).days + 1
    taken = 0
    room = 0
    for number in range(days):
        on = ahead.today + timedelta(days=number)
        left = daily_cap_seconds - (ahead.credited_today if number == 0 else 0)
        classes = max(0, min(ahead.classes.get(on, 0), left))
        taken += classes
        room += max(0, (min(left, ahead.left_today) if number == 0 else left) - classes)
    return taken + min(ahead.lessons + ahead.unscheduled, room)


def percent(part: int, whole: int) -> int:
    """Return a share as whole percent, rounded down, at most 100; of nothing it is 0."""
    return min(100, part * 100 // whole) if whole > 0 else 0
