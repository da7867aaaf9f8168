"""The server's clock, the only one this system believes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present moment as aware UTC; called by views, commands and jobs, never by services."""
    return datetime.now(UTC)


def to_local(moment: datetime) -> datetime:
    """Return the moment as people in China read it."""
    return moment.astimezone(SHANGHAI)


def local_date(moment: datetime) -> date:
    """Return the calendar date of a moment in China."""
    return to_local(moment).date()


def local_midnight(on: date) -> datetime:
    """Return the aware UTC moment at which a calendar date begins in China."""
    return datetime.combine(on, time.min, SHANGHAI).astimezone(UTC)


def local_day(on: date) -> tuple[datetime, datetime]:
    """Return the half-open UTC interval of a calendar date in China."""
    return local_midnight(on), local_midnight(on + timedelta(days=1))


def local_moment(on: date, at: time) -> datetime:
    """Return the UTC moment of a wall-clock time in China."""
    return datetime.combine(on, at, SHANGHAI).astimezone(UTC)
