"""Duties of accounts that run by themselves."""

from datetime import datetime

from lms.accounts import services
from lms.core.db import transaction


def forget_failures(at: datetime) -> None:
    """Drop counts of failed sign-ins that no longer matter."""
    with transaction():
        services.forget_failures(at=at)
