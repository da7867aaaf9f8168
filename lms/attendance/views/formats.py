"""How attendance pages write minutes and the ends of days."""

from datetime import datetime, timedelta

from lms.attendance.views.blueprint import blueprint
from lms.core.clock import local_date, to_local


@blueprint.app_template_filter("minutes_text")
def minutes_text(seconds: int) -> str:
    """Return a length of class as teachers say it: 90 分钟."""
    return f"{seconds // 60} 分钟"


@blueprint.app_template_filter("end_text")
def end_text(end: datetime, start: datetime) -> str:
    """Return the clock time an interval ends at; the midnight that ends its day is 24:00."""
    if local_date(end) == local_date(start) + timedelta(days=1) and to_local(end).hour == 0:
        return "24:00"
    return f"{to_local(end):%H:%M}"
