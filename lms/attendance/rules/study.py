"""What a beat does: nothing, a sign of life, or the question 您还在学习吗？

The page only says "still here"; whether and how long that counts is decided by the crediting rule. The running figures
here are for the page's quiet clock and for pacing the prompts.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

BEAT_SECONDS = 20
CLOSEST_SECONDS = 5
PROMPT_AFTER = (1200, 1800)


class Answer(StrEnum):
    """What the server does with a beat."""

    IGNORE = "ignore"
    RECORD = "record"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Sign:
    """The newest sign of life of an enrolment, with the running figures it carries."""

    at: datetime
    run_seconds: int
    since_prompt: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The newest prompt of an enrolment; `answered` in time, a late answer is none."""

    number: int
    at: datetime
    expires_at: datetime
    answered: bool

    def is_open(self, at: datetime) -> bool:
        """Whether it still waits for its answer."""
        return not self.answered and at <= self.expires_at

    def is_missed(self, at: datetime) -> bool:
        """Whether it ran out without an answer."""
        return not self.answered and at > self.expires_at


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and the figures that the new sign carries."""

    answer: Answer
    run_seconds: int
    since_prompt: int
    missed: bool


def study_seconds_until_prompt(key: bytes, enrolment_id: int, number: int) -> int:
    """Return after how much study the prompt of this number comes: 20 to 30 minutes, not to be foreseen by the page."""
    digest = hmac.new(key, f"prompt:{enrolment_id}:{number}".encode(), hashlib.sha256).digest()
    low, high = PROMPT_AFTER
    return low + int.from_bytes(digest[:4]) % (high - low + 1)


def judge(
    at: datetime, *, last: Sign | None, same_at: datetime | None, asked: Asked | None, gap: int, prompt_after: int
) -> Verdict:
    """Decide on a beat.

    last: the newest sign of the enrolment. same_at: the newest one of this lesson on this device, if within the gap.
    gap: seconds that still join two signs. prompt_after: study seconds after which the next prompt is due.
    """
    passed = 0 if last is None else max(0, int((at - last.at).total_seconds()))
    sitting_goes_on = last is not None and passed <= gap
    run = last.run_seconds if last is not None and sitting_goes_on else 0
    since = last.since_prompt if last is not None else 0
    if same_at is not None and (at - same_at).total_seconds() < CLOSEST_SECONDS:
        return Verdict(Answer.IGNORE, run, since, missed=_is_missed_now(asked, last, at, going_on=sitting_goes_on))
    if sitting_goes_on and same_at is not None and (at - same_at).total_seconds() <= gap:
        run += passed
        since += passed
    missed = _is_missed_now(asked, last, at, going_on=sitting_goes_on)
    waiting = asked is not None and asked.is_open(at)
    if not waiting and (missed or since >= prompt_after):
        return Verdict(Answer.ASK, run, 0, missed)
    return Verdict(Answer.RECORD, run, since, missed)


def _is_missed_now(asked: Asked | None, last: Sign | None, at: datetime, *, going_on: bool) -> bool:
    """Whether a missed prompt still voids the time of the present sitting: then the next prompt comes at once.

    Time counts again only from the next proof; after a break a new interval begins and with it a new proof.
    """
    if asked is None or last is None or not going_on or not asked.is_missed(at):
        return False
    began = last.at.timestamp() - last.run_seconds
    return asked.at.timestamp() >= began
