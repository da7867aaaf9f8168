"""What attendance does when something happens below it."""

from lms.attendance import services
from lms.cohorts.events import LearnerEnrolled


def on_learner_enrolled(event: LearnerEnrolled) -> None:
    """Open the stream of beats, so that the first one costs no more than the others."""
    services.open_study(enrolment_id=event.enrolment_id, at=event.at)
