"""Duties of cohorts that run by themselves."""

from datetime import datetime

from lms.cohorts import services
from lms.core.db import transaction


def forget_rosters(at: datetime) -> None:
    """Wipe uploaded rosters that nobody confirmed within seven days."""
    with transaction():
        services.forget_rosters(at=at)
