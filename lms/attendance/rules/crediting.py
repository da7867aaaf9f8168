"""The crediting rule: which seconds of a learner's evidence count as training.

Instants are whole seconds since 1970, intervals half-open. The stages follow one another in the order the
contract names: pairing and joining, prompts, overlap, lesson cap, midnight split, daily cap. Each stage
hands on what it keeps and lists what it takes away, so every second of an interval ends up in one line.

Where the contract leaves room, the rule decides so:

- The "next" check-out is strictly later than the check-in. A check-out and a check-in in the same second
  therefore split an interval without losing anything. All check-outs of that second belong to the pair.
- `manual` beats the instructor: one act by hand makes the whole interval grade C.
- A grade belongs to the whole interval (united pairs clipped to the session, joined heartbeats); cutting
  it at midnight or at a cap leaves the grade alone.
- Of two class sessions at the same time the one attended first wins. Ties go by ref, then device.
- An online interval keeps the rank of its first heartbeat, also for what remains after a missed prompt.
- A proof in the second of a missed prompt counts as before it.
- Lost time is cut at local midnight too, so that each line has one date.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import TypeVar

from lms.attendance.rules.evidence import (
    Act,
    Credit,
    Entry,
    Evidence,
    EvidenceGrade,
    NotCredited,
    Policy,
    Reason,
    Source,
    Witness,
    whole_second,
)
from lms.attendance.rules.intervals import Claims, Span, joined, subtract, unite

_Account = TypeVar("_Account", str, date)
_OWN_ACTS = frozenset({Witness.LEARNER_QR, Witness.LEARNER_CODE, Witness.DEVICE})


@dataclass(frozen=True, slots=True)
class _Interval:
    """Where time was spent, how well it is proved, and what decides who wins an overlap."""

    source: Source
    ref: str
    grade: EvidenceGrade
    began: int
    device: str = ""

    @property
    def rank(self) -> tuple[bool, int, str, str]:
        """Smaller wins: on-site time first, then who began first."""
        return self.source is Source.ONLINE, self.began, self.ref, self.device


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The seconds [start, end) of an interval."""

    start: int
    end: int
    of: _Interval


_Loss = tuple[_Stretch, Reason]


@dataclass(frozen=True, slots=True)
class _Pair:
    start: int
    end: int
    witnesses: frozenset[Witness]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A prompt on the time line; `proof` is the second of its answer, None when it was missed."""

    at: int
    proof: int | None


def credit(evidence: Evidence) -> Credit:
    """Apply the whole rule to all evidence of one learner."""
    policy = evidence.policy
    attended, losses = _pair(evidence)
    studied, missed = _join(evidence)
    kept, overlapped = _claim_once(attended + studied)
    kept, beyond_lesson = _cap_lessons(kept, evidence)
    losses += missed + overlapped + beyond_lesson
    kept = [part for stretch in kept for part in _split_at_midnight(stretch, policy.timezone)]
    kept, beyond_day = _cap_days(kept, policy)
    losses += beyond_day
    return Credit(
        entries=tuple(_entry(stretch, policy.timezone) for stretch in sorted(kept, key=lambda kept: kept.start)),
        not_credited=_not_credited(losses, policy.timezone),
        credit_hour_seconds=policy.credit_hour_seconds,
    )


def _pair(evidence: Evidence) -> tuple[list[_Stretch], list[_Loss]]:
    """Rule 1: what the check-ins and check-outs prove of each planned session."""
    check_ins: dict[str, list[tuple[int, Witness]]] = {}
    check_outs: dict[str, dict[int, set[Witness]]] = {}
    for act in evidence.presence:
        at = whole_second(act.at)
        if act.act is Act.CHECK_IN:
            check_ins.setdefault(act.class_session, []).append((at, act.witness))
        else:
            check_outs.setdefault(act.class_session, {}).setdefault(at, set()).add(act.witness)
    attended: list[_Stretch] = []
    losses: list[_Loss] = []
    for session in evidence.sessions:
        pairs, unpaired = _pairs(check_ins.get(session.ref, []), check_outs.get(session.ref, {}))
        planned = whole_second(session.starts_at), whole_second(session.ends_at)
        attended += _attended(session.ref, planned, pairs)
        losses += [(_unpaired(session.ref, at), Reason.NO_CHECK_OUT) for at in unpaired]
    return attended, losses


def _pairs(check_ins: list[tuple[int, Witness]], check_outs: dict[int, set[Witness]]) -> tuple[list[_Pair], set[int]]:
    """Each check-in with the next check-out, and the seconds of those that have none."""
    outs = sorted(check_outs)
    pairs: list[_Pair] = []
    unpaired: set[int] = set()
    for at, witness in check_ins:
        following = bisect_right(outs, at)
        if following == len(outs):
            unpaired.add(at)
        else:
            out = outs[following]
            pairs.append(_Pair(at, out, frozenset({witness, *check_outs[out]})))
    return pairs, unpaired


def _attended(ref: str, planned: Span, pairs: Iterable[_Pair]) -> list[_Stretch]:
    """The overlap of the united pairs with the planned time, each stretch graded by its pairs."""
    clipped = [_Pair(max(p.start, planned[0]), min(p.end, planned[1]), p.witnesses) for p in pairs]
    # A pair wholly before or after the session proves nothing of it, not even a grade.
    clipped = [pair for pair in clipped if pair.start < pair.end]
    attended = []
    for start, end in unite((pair.start, pair.end) for pair in clipped):
        witnesses = frozenset[Witness]().union(*(p.witnesses for p in clipped if start <= p.start < end))
        attended.append(_Stretch(start, end, _Interval(Source.ONSITE, ref, _onsite_grade(witnesses), start)))
    return attended


def _onsite_grade(witnesses: frozenset[Witness]) -> EvidenceGrade:
    if Witness.MANUAL in witnesses:
        return EvidenceGrade.C
    if Witness.INSTRUCTOR in witnesses and witnesses & _OWN_ACTS:
        return EvidenceGrade.A
    return EvidenceGrade.B


def _unpaired(ref: str, at: int) -> _Stretch:
    return _Stretch(at, at, _Interval(Source.ONSITE, ref, EvidenceGrade.C, at))


def _join(evidence: Evidence) -> tuple[list[_Stretch], list[_Loss]]:
    """Rules 2 and 3: online intervals without the time that missed prompts void."""
    signs: dict[tuple[str, str], set[Span]] = {}
    for heartbeat in evidence.heartbeats:
        at = whole_second(heartbeat.at)
        signs.setdefault((heartbeat.lesson, heartbeat.device), set()).add((at, at))
    for span in evidence.spans:
        ends = whole_second(span.first_at), whole_second(span.last_at)
        signs.setdefault((span.lesson, span.device), set()).add(ends)
    prompts = _prompts(evidence)
    prompted_at = [prompt.at for prompt in prompts]
    studied: list[_Stretch] = []
    losses: list[_Loss] = []
    for (lesson, device), own in signs.items():
        for first, last in joined(own, evidence.policy.heartbeat_gap_seconds):
            shown = prompts[bisect_left(prompted_at, first) : bisect_right(prompted_at, last)]
            proved = any(prompt.proof is not None for prompt in shown)
            grade = EvidenceGrade.B if proved else EvidenceGrade.C
            interval = _Interval(Source.ONLINE, lesson, grade, first, device)
            voids = _voids((first, last), shown)
            studied += [_Stretch(start, end, interval) for start, end in subtract((first, last), voids)]
            losses += [(_Stretch(start, end, interval), Reason.MISSED_PROMPT) for start, end in voids]
    return studied, losses


def _prompts(evidence: Evidence) -> list[_Shown]:
    """All prompts by time; only an answer within the window, its last second included, is a proof."""
    prompts = []
    for prompt in evidence.prompts:
        at = whole_second(prompt.at)
        answered = None if prompt.answered_at is None else whole_second(prompt.answered_at)
        in_time = answered is not None and 0 <= answered - at <= evidence.policy.prompt_window_seconds
        prompts.append(_Shown(at, answered if in_time else None))
    return sorted(prompts, key=lambda prompt: prompt.at)


def _voids(interval: Span, shown: Iterable[_Shown]) -> list[Span]:
    """The seconds that missed prompts take: from the last proof to the next one or the interval's end."""
    first, last = interval
    proofs = sorted({first, *(prompt.proof for prompt in shown if prompt.proof is not None)})
    voids = []
    for prompt in shown:
        if prompt.proof is None:
            following = bisect_right(proofs, prompt.at)
            until = proofs[following] if following < len(proofs) else last
            voids.append((proofs[following - 1], min(until, last)))
    return unite(voids)


def _claim_once(stretches: Iterable[_Stretch]) -> tuple[list[_Stretch], list[_Loss]]:
    """Rule 2: each second of the clock goes to the interval of the best rank."""
    claims = Claims()
    kept: list[_Stretch] = []
    losses: list[_Loss] = []
    for stretch in sorted(stretches, key=lambda stretch: (stretch.of.rank, stretch.start)):
        free, held = claims.claim((stretch.start, stretch.end))
        kept += [_Stretch(start, end, stretch.of) for start, end in free]
        losses += [(_Stretch(start, end, stretch.of), Reason.OVERLAP) for start, end in held]
    return kept, losses


def _cap_lessons(stretches: list[_Stretch], evidence: Evidence) -> tuple[list[_Stretch], list[_Loss]]:
    """Rule 4: online time up to the nominal time of its lesson, earliest first."""
    nominal = {lesson.ref: lesson.nominal_seconds for lesson in evidence.lessons}
    onsite = [stretch for stretch in stretches if stretch.of.source is Source.ONSITE]
    online = [stretch for stretch in stretches if stretch.of.source is Source.ONLINE]
    online.sort(key=lambda stretch: stretch.start)
    kept, rest = _ration(online, key=lambda stretch: stretch.of.ref, allowance=lambda ref: nominal[ref])
    return onsite + kept, [(stretch, Reason.LESSON_CAP) for stretch in rest]


def _cap_days(stretches: list[_Stretch], policy: Policy) -> tuple[list[_Stretch], list[_Loss]]:
    """Rule 5: each local date up to the daily cap, on-site time first, then online, each in time order."""
    ordered = sorted(stretches, key=lambda stretch: (stretch.of.source is Source.ONLINE, stretch.start))
    kept, rest = _ration(
        ordered,
        key=lambda stretch: _local_date(stretch.start, policy.timezone),
        allowance=lambda _: policy.daily_cap_seconds,
    )
    return kept, [(stretch, Reason.DAILY_CAP) for stretch in rest]


def _ration(
    stretches: Iterable[_Stretch],
    *,
    key: Callable[[_Stretch], _Account],
    allowance: Callable[[_Account], int],
) -> tuple[list[_Stretch], list[_Stretch]]:
    """Serve stretches in the given order until the allowance of their key is used up: (kept, rest)."""
    left: dict[_Account, int] = {}
    kept: list[_Stretch] = []
    rest: list[_Stretch] = []
    for stretch in stretches:
        account = key(stretch)
        if account not in left:
            left[account] = allowance(account)
        until = min(stretch.end, stretch.start + left[account])
        left[account] -= until - stretch.start
        if stretch.start < until:
            kept.append(_Stretch(stretch.start, until, stretch.of))
        if until < stretch.end:
            rest.append(_Stretch(until, stretch.end, stretch.of))
    return kept, rest


def _split_at_midnight(stretch: _Stretch, timezone: tzinfo) -> list[_Stretch]:
    """The parts of a stretch, each within one local date; a day may have 23 or 25 hours."""
    parts = []
    start = stretch.start
    while start < stretch.end:
        day, end = _local_date(start, timezone), stretch.end
        if _local_date(end - 1, timezone) > day:
            seconds = range(start, end)
            end = seconds[bisect_right(seconds, day, key=lambda second: _local_date(second, timezone))]
        parts.append(_Stretch(start, end, stretch.of))
        start = end
    return parts or [stretch]


def _local_date(second: int, timezone: tzinfo) -> date:
    return datetime.fromtimestamp(second, timezone).date()


def _entry(stretch: _Stretch, timezone: tzinfo) -> Entry:
    started_at = datetime.fromtimestamp(stretch.start, timezone)
    return Entry(
        on=started_at.date(),
        source=stretch.of.source,
        ref=stretch.of.ref,
        started_at=started_at,
        ended_at=datetime.fromtimestamp(stretch.end, timezone),
        seconds=stretch.end - stretch.start,
        grade=stretch.of.grade,
    )


def _not_credited(losses: Iterable[_Loss], timezone: tzinfo) -> tuple[NotCredited, ...]:
    """Lost time as lines in an order that does not depend on the order of the evidence."""
    parts = [(part, reason) for lost, reason in losses for part in _split_at_midnight(lost, timezone)]
    parts.sort(key=lambda loss: (loss[0].start, loss[0].end, loss[0].of.source, loss[0].of.ref, loss[1]))
    lines = []
    for part, reason in parts:
        started_at = datetime.fromtimestamp(part.start, timezone)
        lines.append(
            NotCredited(
                on=started_at.date(),
                source=part.of.source,
                ref=part.of.ref,
                started_at=started_at,
                ended_at=datetime.fromtimestamp(part.end, timezone),
                seconds=part.end - part.start,
                reason=reason,
            )
        )
    return tuple(lines)
