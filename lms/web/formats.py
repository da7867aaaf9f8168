"""How pages write moments, durations, hours, names."""

from datetime import date, datetime

from flask import Flask

from lms.core import clock, hours

_WEEKDAYS = "一二三四五六日"


def date_text(value: date | datetime | None) -> str:
    """Return 2026-03-02（周一）; a moment is read in China's time."""
    if value is None:
        return "—"
    on = clock.local_date(value) if isinstance(value, datetime) else value
    return f"{on.isoformat()}（周{_WEEKDAYS[on.weekday()]}）"


def time_text(value: datetime | None) -> str:
    """Return 09:02 in China's time."""
    return "—" if value is None else f"{clock.to_local(value):%H:%M}"


def moment_text(value: datetime | None) -> str:
    """Return 2026-03-02 09:02 in China's time."""
    return "—" if value is None else f"{clock.to_local(value):%Y-%m-%d %H:%M}"


def hours_text(seconds: int) -> str:
    """Return both readings of a length of teaching: 3.0 学时 / 2 小时 15 分."""
    return f"{hours.credit_hours(seconds)} 学时 / {hours.duration(seconds)}"


def init_app(app: Flask) -> None:
    """Make the formats template filters."""
    app.jinja_env.filters |= {
        "date_text": date_text,
        "time_text": time_text,
        "moment_text": moment_text,
        "hours_text": hours_text,
        "credit_hours": hours.credit_hours,
        "duration": hours.duration,
    }
