"""What evidence of presence is worth: the crediting rule as pure functions over frozen records."""

from lms.attendance.rules.crediting import credit
from lms.attendance.rules.evidence import (
    Act,
    ClassSessionPlan,
    Credit,
    Entry,
    Evidence,
    EvidenceGrade,
    Heartbeat,
    LessonPlan,
    NotCredited,
    Policy,
    PresenceAct,
    Prompt,
    Reason,
    Source,
    StudySpan,
    Witness,
    to_json,
    whole_second,
)
from lms.core.hours import credit_hours

__all__ = [
    "Act",
    "ClassSessionPlan",
    "Credit",
    "Entry",
    "Evidence",
    "EvidenceGrade",
    "Heartbeat",
    "LessonPlan",
    "NotCredited",
    "Policy",
    "PresenceAct",
    "Prompt",
    "Reason",
    "Source",
    "StudySpan",
    "Witness",
    "credit",
    "credit_hours",
    "to_json",
    "whole_second",
]
