"""The crediting rule against a slow, obvious one that looks at every second by itself, and its promises."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from lms.attendance.rules import (
    Act,
    ClassSessionPlan,
    Credit,
    Evidence,
    Heartbeat,
    LessonPlan,
    Policy,
    PresenceAct,
    Prompt,
    Witness,
    credit,
    whole_second,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
# One minute before midnight in Shanghai: the small times below lie around it.
START = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
OWN = {Witness.LEARNER_QR, Witness.LEARNER_CODE, Witness.DEVICE}

Line = tuple[int, int, str, str, str]


def moment(second: int) -> datetime:
    return START + timedelta(seconds=second)


def second_of(instant: datetime) -> int:
    return int((instant - START).total_seconds())


def date_of(second: int, policy: Policy) -> date:
    return moment(second).astimezone(policy.timezone).date()


# The reference


@dataclass
class Clock:
    """One interval as a set of seconds, each with its fate: "" while it is kept, else the reason it is lost."""

    source: str
    ref: str
    grade: str
    rank: tuple[int, str, str]
    seconds: dict[int, str] = field(default_factory=dict)


def reference(evidence: Evidence) -> tuple[list[Line], list[Line]]:
    onsite, unpaired = reference_onsite(evidence)
    clocks = [*onsite, *reference_online(evidence)]
    reference_overlap(clocks)
    reference_lessons(clocks, evidence)
    reference_days(clocks, evidence.policy)
    credited: list[Line] = []
    lost: list[Line] = [(at, at, "onsite", ref, "no_check_out") for ref, at in unpaired]
    for clock in clocks:
        for start, end, fate in reference_runs(clock, evidence.policy):
            line = (start, end, clock.source, clock.ref, fate or clock.grade)
            (lost if fate else credited).append(line)
    return sorted(credited), sorted(lost)


def reference_onsite(evidence: Evidence) -> tuple[list[Clock], set[tuple[str, int]]]:
    clocks, unpaired = [], set()
    for session in evidence.sessions:
        acts = [act for act in evidence.presence if act.class_session == session.ref]
        vouched: dict[int, set[Witness]] = {}
        pairs: list[tuple[set[int], set[Witness]]] = []
        for act in acts:
            if act.act is Act.CHECK_OUT:
                continue
            later = [other.at for other in acts if other.act is Act.CHECK_OUT and other.at > act.at]
            if not later:
                unpaired.add((session.ref, second_of(act.at)))
                continue
            outs = [o for o in acts if o.act is Act.CHECK_OUT and o.at == min(later)]
            begin = second_of(max(act.at, session.starts_at))
            end = second_of(min(*later, session.ends_at))
            pairs.append((set(range(begin, end)), {act.witness, *(out.witness for out in outs)}))
        for covered, witnesses in pairs:
            for second in covered:
                vouched.setdefault(second, set()).update(witnesses)
        for run in runs_of(vouched):
            witnesses = set().union(*(vouched[second] for second in run))
            clock = Clock("onsite", session.ref, reference_grade(witnesses), (run[0], session.ref, ""))
            clock.seconds = dict.fromkeys(run, "")
            clocks.append(clock)
    return clocks, unpaired


def reference_grade(witnesses: set[Witness]) -> str:
    if Witness.MANUAL in witnesses:
        return "C"
    return "A" if Witness.INSTRUCTOR in witnesses and OWN & witnesses else "B"


def runs_of(seconds: dict[int, set[Witness]]) -> Iterator[list[int]]:
    for _, run in groupby(enumerate(sorted(seconds)), key=lambda pair: pair[1] - pair[0]):
        yield [second for _, second in run]


def reference_online(evidence: Evidence) -> list[Clock]:
    clocks = []
    for lesson, device in {(beat.lesson, beat.device) for beat in evidence.heartbeats}:
        beats = sorted(second_of(b.at) for b in evidence.heartbeats if (b.lesson, b.device) == (lesson, device))
        first = beats[0]
        for beat, following in zip(beats, [*beats[1:], None], strict=True):
            if following is None or following - beat > evidence.policy.heartbeat_gap_seconds:
                if beat > first:
                    clocks.append(reference_interval(evidence, lesson, device, first, beat))
                first = following if following is not None else first
    return clocks


def reference_interval(evidence: Evidence, lesson: str, device: str, first: int, last: int) -> Clock:
    missed, proofs, grade = [], {first}, "C"
    for prompt in evidence.prompts:
        shown = second_of(prompt.at)
        if not first <= shown <= last:
            continue
        answered = None if prompt.answered_at is None else second_of(prompt.answered_at)
        if answered is not None and answered - shown <= evidence.policy.prompt_window_seconds:
            proofs.add(answered)
            grade = "B"
        else:
            missed.append(shown)
    seconds = dict.fromkeys(range(first, last), "")
    for shown in missed:
        begin, end = shown, shown + 1
        while begin not in proofs:
            begin -= 1
        while end not in proofs and end < last:
            end += 1
        seconds.update(dict.fromkeys(range(begin, min(end, last)), "missed_prompt"))
    return Clock("online", lesson, grade, (first, lesson, device), seconds)


def reference_kept(clocks: list[Clock], *, source: str = "") -> list[tuple[int, Clock]]:
    """Every second still kept with its interval, by time."""
    kept = [
        (second, clock)
        for clock in clocks
        for second, fate in clock.seconds.items()
        if not fate and source in {"", clock.source}
    ]
    return sorted(kept, key=lambda pair: pair[0])


def reference_overlap(clocks: list[Clock]) -> None:
    for _, rivals in groupby(reference_kept(clocks), key=lambda pair: pair[0]):
        _, *losers = sorted(rivals, key=lambda pair: (pair[1].source == "online", pair[1].rank))
        for second, clock in losers:
            clock.seconds[second] = "overlap"


def reference_lessons(clocks: list[Clock], evidence: Evidence) -> None:
    nominal = {lesson.ref: lesson.nominal_seconds for lesson in evidence.lessons}
    used: Counter[str] = Counter()
    for second, clock in reference_kept(clocks, source="online"):
        used[clock.ref] += 1
        if used[clock.ref] > nominal[clock.ref]:
            clock.seconds[second] = "lesson_cap"


def reference_days(clocks: list[Clock], policy: Policy) -> None:
    used: Counter[date] = Counter()
    for second, clock in (*reference_kept(clocks, source="onsite"), *reference_kept(clocks, source="online")):
        day = date_of(second, policy)
        used[day] += 1
        if used[day] > policy.daily_cap_credit_hours * policy.credit_hour_seconds:
            clock.seconds[second] = "daily_cap"


def reference_runs(clock: Clock, policy: Policy) -> Iterator[tuple[int, int, str]]:
    """Neighbouring seconds of one fate and one local date, as (start, end, fate)."""
    fates = sorted(clock.seconds.items())
    numbered = [(second - n, date_of(second, policy), fate, second) for n, (second, fate) in enumerate(fates)]
    for (_, _, fate), run in groupby(numbered, key=lambda item: item[:3]):
        seconds = [item[3] for item in run]
        yield seconds[0], seconds[-1] + 1, fate


# Random evidence, small enough to look at every second and dense enough to collide

seconds = st.integers(0, 140)
whiles = st.integers(1, 60)


@st.composite
def heartbeats(draw: st.DrawFn) -> list[Heartbeat]:
    beats = []
    for _ in range(draw(st.integers(0, 5))):
        lesson, device = draw(st.sampled_from("KL")), draw(st.sampled_from("ab"))
        start, step, count = draw(seconds), draw(st.integers(1, 12)), draw(st.integers(1, 8))
        beats += [Heartbeat(lesson, moment(start + step * n), device) for n in range(count)]
    return beats


@st.composite
def prompts(draw: st.DrawFn) -> list[Prompt]:
    shown = draw(st.lists(st.tuples(seconds, st.none() | st.integers(0, 12)), max_size=6))
    return [Prompt(moment(at), None if wait is None else moment(at + wait)) for at, wait in shown]


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    policy = Policy(
        credit_hour_seconds=10,
        daily_cap_credit_hours=draw(st.integers(0, 9)),
        heartbeat_gap_seconds=draw(st.integers(0, 12)),
        prompt_window_seconds=draw(st.integers(0, 9)),
        timezone=SHANGHAI,
    )
    plans = draw(st.lists(st.tuples(seconds, whiles), max_size=3))
    sessions = [ClassSessionPlan(f"s{n}", moment(at), moment(at + long)) for n, (at, long) in enumerate(plans)]
    presence = [
        PresenceAct(
            draw(st.sampled_from(sessions)).ref,
            draw(st.sampled_from(Act)),
            moment(draw(st.integers(-10, 200))),
            draw(st.sampled_from(Witness)),
        )
        for _ in range(draw(st.integers(0, 9)) if sessions else 0)
    ]
    lessons = [LessonPlan(ref, draw(st.integers(0, 80))) for ref in "KL"]
    return Evidence(
        policy,
        tuple(sessions),
        tuple(presence),
        tuple(lessons),
        tuple(draw(heartbeats())),
        tuple(draw(prompts())),
    )


def lines_of(answer: Credit) -> tuple[list[Line], list[Line]]:
    credited = [
        (second_of(e.started_at), second_of(e.ended_at), str(e.source), e.ref, str(e.grade)) for e in answer.entries
    ]
    lost = [
        (second_of(e.started_at), second_of(e.ended_at), str(e.source), e.ref, str(e.reason))
        for e in answer.not_credited
    ]
    return credited, lost


@settings(max_examples=400, deadline=None)
@given(evidences())
def test_every_line_is_what_looking_at_every_second_gives(evidence: Evidence) -> None:
    answer = credit(evidence)
    assert lines_of(answer) == reference(evidence)
    for line in (*answer.entries, *answer.not_credited):
        assert line.seconds == second_of(line.ended_at) - second_of(line.started_at)
        assert line.on == date_of(second_of(line.started_at), evidence.policy)


# Promises


@settings(deadline=None)
@given(evidences())
def test_no_second_counts_twice_and_no_cap_is_passed(evidence: Evidence) -> None:
    answer = credit(evidence)
    credited, _ = lines_of(answer)
    assert all(end <= start for (_, end, *_), (start, *_) in pairwise(credited))
    per_day: Counter[date] = Counter()
    per_lesson: Counter[str] = Counter()
    for entry in answer.entries:
        per_day[entry.on] += entry.seconds
        per_lesson[entry.ref] += entry.seconds
    assert all(spent <= evidence.policy.daily_cap_seconds for spent in per_day.values())
    assert all(per_lesson[lesson.ref] <= lesson.nominal_seconds for lesson in evidence.lessons)
    assert answer.total_seconds == per_day.total()


@settings(deadline=None)
@given(evidences())
def test_every_second_of_an_interval_is_in_exactly_one_line(evidence: Evidence) -> None:
    clocks = [*reference_onsite(evidence)[0], *reference_online(evidence)]
    credited, lost = lines_of(credit(evidence))
    accounted: Counter[tuple[str, str, int]] = Counter()
    for start, end, source, ref, _ in (*credited, *lost):
        accounted.update((source, ref, second) for second in range(start, end))
    assert accounted == Counter((c.source, c.ref, second) for c in clocks for second in c.seconds)


@settings(deadline=None)
@given(st.data(), evidences())
def test_the_order_of_the_evidence_means_nothing(data: st.DataObject, evidence: Evidence) -> None:
    shuffled = replace(
        evidence,
        sessions=tuple(data.draw(st.permutations(evidence.sessions))),
        presence=tuple(data.draw(st.permutations(evidence.presence))),
        lessons=tuple(data.draw(st.permutations(evidence.lessons))),
        heartbeats=tuple(data.draw(st.permutations(evidence.heartbeats))),
        prompts=tuple(data.draw(st.permutations(evidence.prompts))),
    )
    assert credit(shuffled) == credit(evidence)


@settings(deadline=None)
@given(evidences())
def test_evidence_told_twice_counts_once(evidence: Evidence) -> None:
    twice = replace(
        evidence,
        presence=evidence.presence * 2,
        heartbeats=evidence.heartbeats * 2,
        prompts=evidence.prompts * 2,
    )
    assert credit(twice) == credit(evidence)


@settings(deadline=None)
@given(st.data(), evidences())
def test_leaving_and_returning_in_the_same_second_changes_no_time(data: st.DataObject, evidence: Evidence) -> None:
    stays = [
        (came, min(left))
        for came in evidence.presence
        if came.act is Act.CHECK_IN
        and (
            left := [
                second_of(act.at)
                for act in evidence.presence
                if act.act is Act.CHECK_OUT and act.class_session == came.class_session and act.at > came.at
            ]
        )
    ]
    if not stays:
        return
    came, left = data.draw(st.sampled_from(stays))
    between = moment(data.draw(st.integers(second_of(came.at) + 1, max(second_of(came.at) + 1, left - 1))))
    if second_of(between) >= left:
        return
    split = replace(
        evidence,
        presence=(
            *evidence.presence,
            replace(came, act=Act.CHECK_OUT, at=between),
            replace(came, act=Act.CHECK_IN, at=between),
        ),
    )
    before, after = lines_of(credit(evidence)), lines_of(credit(split))
    assert [line[:4] for line in after[0]] == [line[:4] for line in before[0]]
    assert after[1] == before[1]


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.integers(0, 366 * 24),
    st.integers(1, 80),
)
def test_every_entry_lies_within_one_local_date(zone: str, hour: int, hours: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    end = start + timedelta(hours=hours)
    presence = tuple(
        PresenceAct("s", act, at, Witness.DEVICE) for act, at in ((Act.CHECK_IN, start), (Act.CHECK_OUT, end))
    )
    policy = Policy(3600, 100, 90, 60, ZoneInfo(zone))
    answer = credit(Evidence(policy, (ClassSessionPlan("s", start, end),), presence))
    assert answer.total_seconds == hours * 3600
    for entry in answer.entries:
        last = datetime.fromtimestamp(whole_second(entry.ended_at) - 1, policy.timezone)
        assert entry.started_at.date() == entry.on == last.date()
    assert len({entry.on for entry in answer.entries}) == len(answer.entries)
