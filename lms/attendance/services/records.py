"""What crosses the door of attendance: frozen records, no rows."""

from dataclasses import dataclass
from datetime import datetime

from lms.attendance.rules import Act, Entry, EvidenceGrade, NotCredited
from lms.attendance.rules.presence import Mark, OwnAct, Step, Window
from lms.cohorts.services import EnrolmentView, SessionView


def evidence_stream(enrolment_id: int) -> str:
    """Return the name of an enrolment's streams of evidence."""
    return f"enrolment-{enrolment_id}"


def window_of(session: SessionView) -> Window:
    """Return the planned time of a class as the rules see it."""
    return Window(session.starts_at, session.ends_at)


@dataclass(frozen=True, slots=True)
class Account:
    """A learner's hours in one cohort: one account, however often they left and came back."""

    organisation_id: int
    cohort_id: int
    person_id: int
    places: tuple[EnrolmentView, ...]

    @property
    def enrolment_ids(self) -> tuple[int, ...]:
        """The enrolments whose evidence counts here."""
        return tuple(place.id for place in self.places)

    @property
    def ledger_stream(self) -> str:
        """The name of the account's ledger."""
        return f"cohort-{self.cohort_id}-person-{self.person_id}"

    def enrolment_at(self, moment: datetime) -> int:
        """Return the enrolment that a moment falls into, the first one for a moment before them all."""
        begun = [place.id for place in self.places if place.from_at <= moment]
        return begun[-1] if begun else self.places[0].id

    def is_current(self, at: datetime) -> bool:
        """Whether the learner has a place at a moment."""
        return any(place.from_at <= at and (place.until_at is None or place.until_at > at) for place in self.places)

    def holds(self, start: datetime, end: datetime) -> bool:
        """Whether the learner had a place at some moment of an interval."""
        return any(place.from_at < end and (place.until_at is None or place.until_at > start) for place in self.places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The one total of a learner in a cohort, and what it is made of.

    held_seconds: classes held so far while the learner had a place. attended_of_held, attended_of_planned and
    best_reachable are whole percent, the latter two of planned_seconds. open_check_ins: classes being attended now,
    credited after the check-out. not_credited leaves those out.
    """

    total_seconds: int
    onsite_seconds: int
    online_seconds: int
    held_seconds: int
    planned_seconds: int
    attended_of_held: int
    attended_of_planned: int
    best_reachable: int
    reachable_seconds: int
    entries: tuple[Entry, ...] = ()
    not_credited: tuple[NotCredited, ...] = ()
    open_check_ins: tuple[NotCredited, ...] = ()

    def seconds_of_grade(self, grade: EvidenceGrade) -> int:
        """Return how much of the total is proved this well."""
        return sum(entry.seconds for entry in self.entries if entry.grade is grade)

    def seconds_of(self, ref: str) -> int:
        """Return what one class or lesson contributes."""
        return sum(entry.seconds for entry in self.entries if entry.ref == ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a settlement did: the ledger's sum afterwards, how many entries it appended.

    entries: what the rule credits now; None when nothing had changed and the rule was not asked.
    """

    total_seconds: int
    credits: int = 0
    reversals: int = 0
    entries: tuple[Entry, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """An entry of the ledger as staff read it."""

    sequence: int
    kind: str
    source: str
    ref: str
    started_at: datetime
    ended_at: datetime
    seconds: int
    grade: str
    reason: str | None
    reverses: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassState:
    """A class as one learner stands to it now.

    own: their newest own act. mark: what the roll call says of them. passed_seconds: class time since they signed in.
    """

    session: SessionView
    cohort_name: str
    item_title: str
    enrolment_id: int
    step: Step
    own: OwnAct | None
    mark: Mark | None
    passed_seconds: int
    credited_seconds: int

    @property
    def window(self) -> Window:
        """The class's planned time."""
        return window_of(self.session)

    @property
    def creditable_seconds(self) -> int:
        """What signing in when they did can still bring, counted to the end of the class."""
        return self.window.passed(self.own.at, self.session.ends_at) if self.own is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignResult:
    """An act of a learner's own: is_new is False when the same act stood already."""

    act: Act
    at: datetime
    session: SessionView
    credited_seconds: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCode:
    """A typed code that was not the class's; `message` says what to do, `left` how many tries are left."""

    message: str
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What the projector shows of a class now; code and token are empty while sign-in is closed."""

    session: SessionView
    cohort_name: str
    item_title: str
    opens_at: datetime
    closes_at: datetime
    is_open: bool
    code: str
    token: str
    window: int
    seconds_left: float
    present: int
    total: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCallRow:
    """A learner on the roll: mark None before the first call; own acts and how late the first one was."""

    enrolment_id: int
    person_id: int
    name: str
    mark: Mark | None
    minutes: int
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    late_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCallSheet:
    """The roll of a class; `revision` changes with every saved call."""

    session: SessionView
    cohort_name: str
    item_title: str
    rows: tuple[RollCallRow, ...]
    revision: int
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPrompt:
    """A prompt waiting for its answer."""

    id: int
    seconds_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatAnswer:
    """What the page learns from a beat: the sitting so far (for display only), when to come again, a prompt if any."""

    counting: bool
    run_seconds: int
    next_in: int
    prompt: OpenPrompt | None
    missed: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptAnswer:
    """What came of answering a prompt."""

    in_time: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyStart:
    """What a lesson page needs to begin counting: whether it counts, and what the ledger holds of the lesson."""

    counting: bool
    posted_seconds: int
