"""Duties of quizzes that run by themselves."""

from datetime import datetime

from lms.core.db import transaction
from lms.quizzes import services


def hand_in_overdue(at: datetime) -> None:
    """Hand in the papers whose time has run out, each in a transaction of its own."""
    for attempt_id in services.overdue_attempts(at=at):
        with transaction():
            services.hand_in_overdue(attempt_id=attempt_id, at=at)
