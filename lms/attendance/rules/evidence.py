"""The records the crediting rule reads and writes, and how they are put into words and JSON."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum

from lms.core.hours import credit_hours

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Act(StrEnum):
    """What a presence act records."""

    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"


class Witness(StrEnum):
    """Who or what vouches for a presence act."""

    LEARNER_QR = "learner_qr"
    LEARNER_CODE = "learner_code"
    INSTRUCTOR = "instructor"
    DEVICE = "device"
    IMPORT = "import"
    MANUAL = "manual"


class Source(StrEnum):
    """Where time was spent."""

    ONSITE = "onsite"
    ONLINE = "online"


class EvidenceGrade(StrEnum):
    """甲 the learner and the instructor; 乙 one witness; 丙 by hand, or online time without a prompt."""

    A = "A"
    B = "B"
    C = "C"


class Reason(StrEnum):
    """Why time is not credited."""

    NO_CHECK_OUT = "no_check_out"
    MISSED_PROMPT = "missed_prompt"
    OVERLAP = "overlap"
    LESSON_CAP = "lesson_cap"
    DAILY_CAP = "daily_cap"


def whole_second(instant: datetime) -> int:
    """Seconds since 1970 UTC; a fraction is dropped, never rounded up; ValueError for a naive datetime."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant!r} carries no UTC offset")
    since = instant - _EPOCH
    return since.days * 86_400 + since.seconds


@dataclass(frozen=True, slots=True)
class Policy:
    """The parameters of the rule; ValueError for values that make no sense."""

    credit_hour_seconds: int
    daily_cap_credit_hours: int | Decimal
    heartbeat_gap_seconds: int
    prompt_window_seconds: int
    timezone: tzinfo

    def __post_init__(self) -> None:
        if self.credit_hour_seconds <= 0:
            raise ValueError("credit_hour_seconds must be positive")
        if min(self.daily_cap_credit_hours, self.heartbeat_gap_seconds, self.prompt_window_seconds) < 0:
            raise ValueError("caps, gaps and windows must not be negative")

    @property
    def daily_cap_seconds(self) -> int:
        """The daily cap in seconds; a fraction of a second is dropped."""
        return int(self.daily_cap_credit_hours * self.credit_hour_seconds)


@dataclass(frozen=True, slots=True)
class ClassSessionPlan:
    """The planned time of a class session; ValueError when it does not end after it starts."""

    ref: str
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if whole_second(self.ends_at) <= whole_second(self.starts_at):
            raise ValueError(f"class session {self.ref!r} must end after it starts")


@dataclass(frozen=True, slots=True)
class PresenceAct:
    """One check-in or check-out at a class session, named by the `ref` of its plan."""

    class_session: str
    act: Act
    at: datetime
    witness: Witness


@dataclass(frozen=True, slots=True)
class LessonPlan:
    """How long an online lesson counts at most."""

    ref: str
    nominal_seconds: int

    def __post_init__(self) -> None:
        if self.nominal_seconds < 0:
            raise ValueError(f"lesson {self.ref!r}: nominal_seconds must not be negative")


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life from one device inside one lesson, named by the `ref` of its plan."""

    lesson: str
    at: datetime
    device: str


@dataclass(frozen=True, slots=True)
class StudySpan:
    """Heartbeats of one device inside one lesson that were joined before, with the policy's own gap."""

    lesson: str
    first_at: datetime
    last_at: datetime
    device: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question "are you there?" and when it was answered, if it was."""

    at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All evidence of one learner; the order within each tuple carries no meaning.

    Raises ValueError for a ref planned twice, and for an act or heartbeat without a plan.
    """

    policy: Policy
    sessions: tuple[ClassSessionPlan, ...] = ()
    presence: tuple[PresenceAct, ...] = ()
    lessons: tuple[LessonPlan, ...] = ()
    heartbeats: tuple[Heartbeat, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    spans: tuple[StudySpan, ...] = ()

    def __post_init__(self) -> None:
        sessions = {session.ref for session in self.sessions}
        lessons = {lesson.ref for lesson in self.lessons}
        if len(sessions) < len(self.sessions) or len(lessons) < len(self.lessons):
            raise ValueError("a class session or a lesson is planned twice")
        unplanned = {act.class_session for act in self.presence} - sessions
        unplanned |= {heartbeat.lesson for heartbeat in self.heartbeats} - lessons
        unplanned |= {span.lesson for span in self.spans} - lessons
        if unplanned:
            raise ValueError(f"evidence without a plan: {sorted(unplanned)}")


@dataclass(frozen=True, slots=True)
class Entry:
    """Credited time [started_at, ended_at) within one local date.

    Both moments are in the policy's timezone, where subtracting them would go wrong across a change of
    summer time: take `seconds`.
    """

    on: date
    source: Source
    ref: str
    started_at: datetime
    ended_at: datetime
    seconds: int
    grade: EvidenceGrade


@dataclass(frozen=True, slots=True)
class NotCredited:
    """Time lost, within one local date, and why; `no_check_out` stands at the check-in with 0 seconds."""

    on: date
    source: Source
    ref: str
    started_at: datetime
    ended_at: datetime
    seconds: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Credit:
    """The answer: entries by start, lost time by start, and the unit that turns seconds into 学时."""

    entries: tuple[Entry, ...]
    not_credited: tuple[NotCredited, ...]
    credit_hour_seconds: int

    @property
    def total_seconds(self) -> int:
        """The sum of the entries."""
        return sum(entry.seconds for entry in self.entries)

    @property
    def credit_hours(self) -> str:
        """The total as 学时."""
        return credit_hours(self.total_seconds, unit=self.credit_hour_seconds)


def to_json(credit: Credit) -> dict[str, object]:
    """The answer in the shape of contract A, ready for `json.dumps`."""
    return {
        "entries": [{**_line(entry), "grade": entry.grade.value} for entry in credit.entries],
        "not_credited": [{**_line(lost), "reason": lost.reason.value} for lost in credit.not_credited],
        "total_seconds": credit.total_seconds,
        "credit_hours": credit.credit_hours,
    }


def _line(line: Entry | NotCredited) -> dict[str, object]:
    return {
        "on": line.on.isoformat(),
        "source": line.source.value,
        "ref": line.ref,
        "started_at": line.started_at.isoformat(),
        "ended_at": line.ended_at.isoformat(),
        "seconds": line.seconds,
    }
