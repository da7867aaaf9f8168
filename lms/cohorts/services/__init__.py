"""The door of cohorts."""

from lms.cohorts.services.cohorts import (
    CohortView,
    close_cohort,
    create_cohort,
    get_cohort,
    list_cohorts,
    open_cohort,
    update_cohort,
)
from lms.cohorts.services.enrolments import (
    EnrolmentView,
    current_enrolment,
    end_enrolment,
    enrol,
    enrolments_of,
    get_enrolment,
    history,
    learners,
    transfer,
)
from lms.cohorts.services.places import current_places_query
from lms.cohorts.services.timetable import (
    SessionView,
    cancel_session,
    get_session,
    list_sessions,
    planned_seconds,
    schedule_session,
    sessions_between,
)

__all__ = [
    "CohortView",
    "EnrolmentView",
    "SessionView",
    "cancel_session",
    "close_cohort",
    "create_cohort",
    "current_enrolment",
    "current_places_query",
    "end_enrolment",
    "enrol",
    "enrolments_of",
    "get_cohort",
    "get_enrolment",
    "get_session",
    "history",
    "learners",
    "list_cohorts",
    "list_sessions",
    "open_cohort",
    "planned_seconds",
    "schedule_session",
    "sessions_between",
    "transfer",
    "update_cohort",
]
