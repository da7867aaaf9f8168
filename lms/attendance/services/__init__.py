"""The door of attendance: signing in to classes, roll call, study, the ledger, and the one total."""

from lms.attendance.rules import Act, Entry, EvidenceGrade, NotCredited, Reason, Source, Witness
from lms.attendance.rules.policy import PolicyData
from lms.attendance.rules.presence import Mark, Step
from lms.attendance.services.codes import code_now, forget_guesses, is_fresh, read_token, token_now
from lms.attendance.services.hours import hours_of, hours_of_cohort, no_hours
from lms.attendance.services.ledger import due_for_settling, needs_settling, settle
from lms.attendance.services.overview import (
    ClassLine,
    LearnerLine,
    classes_between,
    classes_of_cohort,
    learner_lines,
    page_of_learners,
)
from lms.attendance.services.policies import get_policy, set_policy
from lms.attendance.services.presence import (
    check_in,
    check_out,
    class_state,
    classes_of_day,
    open_classes,
    refusal,
    sign,
    sign_by_code,
)
from lms.attendance.services.records import (
    BeatAnswer,
    Board,
    ClassState,
    Hours,
    LedgerLine,
    OpenPrompt,
    PromptAnswer,
    RollCallRow,
    RollCallSheet,
    Settled,
    SignResult,
    StudyStart,
    WrongCode,
)
from lms.attendance.services.report import Day, HoursReport, Line, hours_report
from lms.attendance.services.roll_call import board, roll_call, roll_call_sheet
from lms.attendance.services.study import answer_prompt, beat, open_study, study_start
from lms.attendance.services.verification import verify_ledger

__all__ = [
    "Act",
    "BeatAnswer",
    "Board",
    "ClassLine",
    "ClassState",
    "Day",
    "Entry",
    "EvidenceGrade",
    "Hours",
    "HoursReport",
    "LearnerLine",
    "LedgerLine",
    "Line",
    "Mark",
    "NotCredited",
    "OpenPrompt",
    "PolicyData",
    "PromptAnswer",
    "Reason",
    "RollCallRow",
    "RollCallSheet",
    "Settled",
    "SignResult",
    "Source",
    "Step",
    "StudyStart",
    "Witness",
    "WrongCode",
    "answer_prompt",
    "beat",
    "board",
    "check_in",
    "check_out",
    "class_state",
    "classes_between",
    "classes_of_cohort",
    "classes_of_day",
    "code_now",
    "due_for_settling",
    "forget_guesses",
    "get_policy",
    "hours_of",
    "hours_of_cohort",
    "hours_report",
    "is_fresh",
    "learner_lines",
    "needs_settling",
    "no_hours",
    "open_classes",
    "open_study",
    "page_of_learners",
    "read_token",
    "refusal",
    "roll_call",
    "roll_call_sheet",
    "set_policy",
    "settle",
    "sign",
    "sign_by_code",
    "study_start",
    "token_now",
    "verify_ledger",
]
