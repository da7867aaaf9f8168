"""The door of cohorts."""

from lms.cohorts.rules.plans import (
    DEFAULT_RULE,
    LEVEL_TITLES,
    MODE_TITLES,
    STATUS_TITLES,
)
from lms.cohorts.services.agenda import (
    CohortAgenda,
    agenda,
)
from lms.cohorts.services.cohorts import (
    TEACHING_ROLES,
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
from lms.cohorts.services.places import (
    current_places_query,
)
from lms.cohorts.services.rollbook import (
    LearnerRow,
    Rollbook,
    list_learners,
)
from lms.cohorts.services.roster_checks import (
    RosterRow,
)
from lms.cohorts.services.roster_files import (
    export_roster,
    roster_result,
    roster_template,
)
from lms.cohorts.services.roster_imports import (
    CheckedRoster,
    RosterImportView,
    RosterResult,
    check_roster,
    confirm_roster,
    discard_roster,
    dry_run_roster,
    forget_rosters,
    get_roster_import,
    keep_roster,
)
from lms.cohorts.services.study import (
    ItemProgress,
    StudyPlan,
    study_plan,
)
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
    "DEFAULT_RULE",
    "LEVEL_TITLES",
    "MODE_TITLES",
    "STATUS_TITLES",
    "TEACHING_ROLES",
    "CheckedRoster",
    "CohortAgenda",
    "CohortView",
    "EnrolmentView",
    "ItemProgress",
    "LearnerRow",
    "Rollbook",
    "RosterImportView",
    "RosterResult",
    "RosterRow",
    "SessionView",
    "StudyPlan",
    "agenda",
    "cancel_session",
    "check_roster",
    "close_cohort",
    "confirm_roster",
    "create_cohort",
    "current_enrolment",
    "current_places_query",
    "discard_roster",
    "dry_run_roster",
    "end_enrolment",
    "enrol",
    "enrolments_of",
    "export_roster",
    "forget_rosters",
    "get_cohort",
    "get_enrolment",
    "get_roster_import",
    "get_session",
    "history",
    "keep_roster",
    "learners",
    "list_cohorts",
    "list_learners",
    "list_sessions",
    "open_cohort",
    "planned_seconds",
    "roster_result",
    "roster_template",
    "schedule_session",
    "sessions_between",
    "study_plan",
    "transfer",
    "update_cohort",
]
