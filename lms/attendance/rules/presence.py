"""Signing in and out of a class: when it is open, which step is next, and what a roll call says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lms.attendance.rules.evidence import Act, Witness

OPENS_BEFORE = timedelta(minutes=30)
CLOSES_AFTER = timedelta(minutes=30)
ROLL_CALL_WITHIN = timedelta(hours=24)
# A second scan within this time is the same act.
SAME_ACT_WITHIN = timedelta(seconds=60)

OWN_WITNESSES = frozenset({Witness.LEARNER_QR, Witness.LEARNER_CODE, Witness.DEVICE})


class Mark(StrEnum):
    """What a roll call says of one learner: 到, 迟到, 早退, 请假, 缺勤."""

    PRESENT = "present"
    LATE = "late"
    EARLY = "early"
    LEAVE = "leave"
    ABSENT = "absent"


class Phase(StrEnum):
    """Where the present moment stands to a class."""

    NOT_YET = "not_yet"
    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    CLOSED = "closed"


class Step(StrEnum):
    """What a learner can do at a class now; the last four are reasons why nothing."""

    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    WAIT = "wait"
    NOT_YET = "not_yet"
    OVER = "over"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Window:
    """The planned time of a class and what follows from it."""

    starts_at: datetime
    ends_at: datetime

    def phase(self, at: datetime) -> Phase:
        """Return where a moment stands; sign-in is open from `BEFORE` to `AFTER`."""
        if at < self.starts_at - OPENS_BEFORE:
            return Phase.NOT_YET
        if at < self.starts_at:
            return Phase.BEFORE
        if at < self.ends_at:
            return Phase.DURING
        return Phase.AFTER if at <= self.ends_at + CLOSES_AFTER else Phase.CLOSED

    def is_open(self, at: datetime) -> bool:
        """Whether learners can sign in or out."""
        return self.phase(at) in (Phase.BEFORE, Phase.DURING, Phase.AFTER)

    def takes_roll_call(self, at: datetime) -> bool:
        """Whether the roll can be called: from when sign-in opens until a day after the class."""
        return self.starts_at - OPENS_BEFORE <= at <= self.ends_at + ROLL_CALL_WITHIN

    @property
    def seconds(self) -> int:
        """Planned length in seconds."""
        return int((self.ends_at - self.starts_at).total_seconds())

    def passed(self, since: datetime, at: datetime) -> int:
        """Return the seconds of the class that lie between two moments."""
        start, end = max(since, self.starts_at), min(at, self.ends_at)
        return max(0, int((end - start).total_seconds()))


@dataclass(frozen=True, slots=True)
class OwnAct:
    """An act of the learner's own."""

    act: Act
    at: datetime


def next_step(window: Window, own: OwnAct | None, at: datetime) -> Step:
    """Return what a learner can do next, given their newest own act at this class."""
    phase = window.phase(at)
    inside = own is not None and own.act is Act.CHECK_IN
    if phase is Phase.NOT_YET:
        return Step.NOT_YET
    if phase is Phase.CLOSED:
        return Step.CLOSED
    if inside:
        # a check-out before the class begins would undo the check-in
        return Step.WAIT if phase is Phase.BEFORE else Step.CHECK_OUT
    return Step.OVER if phase is Phase.AFTER else Step.CHECK_IN


def is_same_act(own: OwnAct | None, wanted: Act | None, at: datetime) -> bool:
    """Whether a request asks for what has just been done: a double click, a page opened before, a second scan.

    A button says what it wants and is believed; a scan does not, so a second one within a minute is the first again.
    """
    if own is None:
        return False
    return at - own.at < SAME_ACT_WITHIN if wanted is None else own.act is wanted


@dataclass(frozen=True, slots=True)
class MarkedAct:
    """An act that follows from a roll-call mark."""

    act: Act
    at: datetime


def acts_of(mark: Mark, minutes: int, window: Window) -> tuple[MarkedAct, ...]:
    """Return what a mark says happened: in and out for those who were there, nothing for the others."""
    if mark in (Mark.LEAVE, Mark.ABSENT):
        return ()
    start, end = window.starts_at, window.ends_at
    if mark is Mark.LATE:
        start += timedelta(minutes=minutes)
    if mark is Mark.EARLY:
        end -= timedelta(minutes=minutes)
    return (MarkedAct(Act.CHECK_IN, start), MarkedAct(Act.CHECK_OUT, end))


def mark_fault(mark: Mark, minutes: int, window: Window) -> str | None:
    """Return why minutes do not fit a mark, None when they do."""
    if mark not in (Mark.LATE, Mark.EARLY):
        return None
    longest = window.seconds // 60 - 1
    word = "迟到" if mark is Mark.LATE else "早退"
    if not 1 <= minutes <= longest:
        return f"{word}分钟数应在 1 到 {longest} 之间；整节没到请记缺勤或请假。"
    return None


def newest_own(acts: Iterable[tuple[Act, datetime, Witness]]) -> OwnAct | None:
    """Return the learner's newest own act among a class's acts, given in the order they were recorded."""
    own = [OwnAct(act, at) for act, at, witness in acts if witness in OWN_WITNESSES]
    return own[-1] if own else None


def counts(marks: Sequence[Mark]) -> dict[Mark, int]:
    """Return how often each mark was given."""
    return {mark: marks.count(mark) for mark in Mark}
