"""Duties of attendance that run by themselves."""

from datetime import datetime

import structlog

from lms.attendance import services
from lms.core.db import transaction
from lms.core.errors import LmsError

log = structlog.get_logger()


def settle(at: datetime) -> None:
    """Post quiet evidence to the ledger, one learner a transaction, so that nobody waits long for a lock."""
    for organisation_id, enrolment_id in services.due_for_settling(at=at):
        try:
            with transaction():
                services.settle(organisation_id=organisation_id, enrolment_id=enrolment_id, at=at)
        except LmsError:
            log.exception("an account could not be settled", enrolment=enrolment_id)


def forget_guesses(at: datetime) -> None:
    """Drop counts of wrong sign-in codes that no longer lock anybody out."""
    with transaction():
        services.forget_guesses(before=at)
