"""Each sentence of the crediting rule by example. Times are clock times of 2026-03-02 in Shanghai."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lms.attendance.rules import (
    Act,
    ClassSessionPlan,
    Credit,
    Entry,
    Evidence,
    Heartbeat,
    LessonPlan,
    NotCredited,
    Policy,
    PresenceAct,
    Prompt,
    Witness,
    credit,
    credit_hours,
    to_json,
    whole_second,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = Policy(2700, 8, 90, 60, SHANGHAI)
MORNING = ("08:30", "10:00")


def at(clock: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A moment of 2 March; hours beyond 24 are on the following days."""
    hours, minutes, seconds = (*map(int, clock.split(":")), 0)[:3]
    return datetime(2026, 3, 2, tzinfo=zone) + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def session(ref: str = "s1", planned: tuple[str, str] = MORNING) -> ClassSessionPlan:
    return ClassSessionPlan(ref, at(planned[0]), at(planned[1]))


def acts(text: str, ref: str = "s1") -> tuple[PresenceAct, ...]:
    """Acts written as `in 08:20 learner_qr`, separated by commas; the witness may be left out."""
    made = []
    for act, clock, *witness in (words.split() for words in text.split(",")):
        made.append(PresenceAct(ref, Act(f"check_{act}"), at(clock), Witness(*witness or ["learner_qr"])))
    return tuple(made)


def beats(first: str, last: str, *, lesson: str = "L", device: str = "a", step: int = 60) -> tuple[Heartbeat, ...]:
    """Heartbeats from first to last, both included, a step apart."""
    begin, end = at(first), at(last)
    count = -(-int((end - begin).total_seconds()) // step)
    moments = [begin + timedelta(seconds=step * n) for n in range(count)]
    return tuple(Heartbeat(lesson, moment, device) for moment in (*moments, end))


def prompt(shown: str, answered: str | None = None) -> Prompt:
    return Prompt(at(shown), None if answered is None else at(answered))


def onsite(text: str, policy: Policy = POLICY) -> Credit:
    return credit(Evidence(policy, (session(),), acts(text)))


def online(
    heartbeats: Iterable[Heartbeat], *prompts: Prompt, policy: Policy = POLICY, nominal: int = 100_000
) -> Credit:
    heartbeats = tuple(heartbeats)
    lessons = tuple(LessonPlan(ref, nominal) for ref in sorted({beat.lesson for beat in heartbeats}))
    return credit(Evidence(policy, lessons=lessons, heartbeats=heartbeats, prompts=prompts))


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M}" if moment.second == 0 else f"{moment:%H:%M:%S}"


def line(entry: Entry | NotCredited) -> str:
    mark = entry.grade if isinstance(entry, Entry) else entry.reason
    return f"{entry.ref} {clock(entry.started_at)}-{clock(entry.ended_at)} {entry.seconds} {mark}"


def entries(answer: Credit) -> list[str]:
    return [line(entry) for entry in answer.entries]


def lost(answer: Credit) -> list[str]:
    return [line(entry) for entry in answer.not_credited]


# (1) On site


@pytest.mark.parametrize(
    "presence, credited",
    [
        ("in 08:40, out 09:50", ["s1 08:40-09:50 4200 B"]),
        ("in 08:50, out 09:50", ["s1 08:50-09:50 3600 B"]),  # 20 late and 10 early in 90 credit 60
        ("in 08:20, out 09:50", ["s1 08:30-09:50 4800 B"]),  # an early scan counts from the start
        ("in 08:40, out 10:30", ["s1 08:40-10:00 4800 B"]),  # and a late one to the end
        ("out 09:50, in 08:40", ["s1 08:40-09:50 4200 B"]),  # unsorted
        ("in 08:30, out 09:00, in 09:10, out 10:00", ["s1 08:30-09:00 1800 B", "s1 09:10-10:00 3000 B"]),
        ("in 08:30, in 08:50, out 09:30", ["s1 08:30-09:30 3600 B"]),  # both pair with the same check-out
        ("in 08:30, in 08:30, out 09:30, out 09:30", ["s1 08:30-09:30 3600 B"]),
        ("in 08:30, out 09:00, out 09:30", ["s1 08:30-09:00 1800 B"]),  # the next check-out, not the last
        ("out 08:40, in 09:00, out 09:30", ["s1 09:00-09:30 1800 B"]),
        ("in 08:30, out 09:00, in 09:00, out 09:30", ["s1 08:30-09:30 3600 B"]),  # pairs are united
        ("in 09:00, out 09:00, out 09:30", ["s1 09:00-09:30 1800 B"]),  # the next one is strictly later
        ("in 08:00, out 08:30", []),
        ("in 08:00, out 08:20", []),
        ("in 10:00, out 10:20", []),
        ("out 09:00", []),
    ],
)
def test_paired_acts_credit_their_overlap_with_the_session(presence: str, credited: list[str]) -> None:
    answer = onsite(presence)
    assert entries(answer) == credited
    assert lost(answer) == []


@pytest.mark.parametrize(
    "presence, credited, listed",
    [
        ("in 08:40", [], ["s1 08:40-08:40 0 no_check_out"]),
        ("out 08:30, in 08:40", [], ["s1 08:40-08:40 0 no_check_out"]),
        ("in 08:40, out 08:40", [], ["s1 08:40-08:40 0 no_check_out"]),
        ("in 08:40, in 08:40 device", [], ["s1 08:40-08:40 0 no_check_out"]),
        ("in 08:40, in 08:50", [], ["s1 08:40-08:40 0 no_check_out", "s1 08:50-08:50 0 no_check_out"]),
        ("in 08:30, out 09:00, in 09:10", ["s1 08:30-09:00 1800 B"], ["s1 09:10-09:10 0 no_check_out"]),
    ],
)
def test_a_check_in_without_check_out_is_listed(presence: str, credited: list[str], listed: list[str]) -> None:
    answer = onsite(presence)
    assert (entries(answer), lost(answer)) == (credited, listed)


def test_a_check_out_closes_only_its_own_session() -> None:
    plans = (session("s1"), session("s2", ("10:10", "11:00")))
    answer = credit(Evidence(POLICY, plans, (*acts("in 08:30", "s1"), *acts("in 10:10, out 11:00", "s2"))))
    assert entries(answer) == ["s2 10:10-11:00 3000 B"]
    assert lost(answer) == ["s1 08:30-08:30 0 no_check_out"]


@pytest.mark.parametrize(
    "presence, grade",
    [
        ("in 08:30 learner_qr, out 10:00 instructor", "A"),
        ("in 08:30 instructor, out 10:00 learner_code", "A"),
        ("in 08:30 device, out 10:00 instructor", "A"),
        ("in 08:30 learner_qr, in 08:40 instructor, out 10:00 learner_qr", "A"),
        ("in 08:30 learner_qr, out 10:00 learner_qr, out 10:00 instructor", "A"),
        ("in 08:30 learner_qr, out 10:00 learner_code", "B"),
        ("in 08:30 instructor, out 10:00 instructor", "B"),
        ("in 08:30 import, out 10:00 import", "B"),
        ("in 08:30 import, out 10:00 instructor", "B"),
        ("in 08:30 learner_qr, out 10:00 learner_qr, out 10:05 instructor", "B"),  # not of the pair
        ("in 08:00 instructor, out 08:10 instructor, in 08:20, out 10:00", "B"),  # not of the entry
        ("in 08:30 manual, out 10:00 instructor", "C"),
        ("in 08:30 learner_qr, out 10:00 manual", "C"),
        ("in 08:30 learner_qr, in 08:40 instructor, out 10:00 manual", "C"),
    ],
)
def test_the_witnesses_of_its_pairs_grade_an_onsite_entry(presence: str, grade: str) -> None:
    assert [entry.grade for entry in onsite(presence).entries] == [grade]


def test_the_grade_belongs_to_each_stretch_and_stays_when_it_is_cut() -> None:
    answer = onsite("in 08:30, out 09:00 instructor, in 09:10, out 10:00")
    assert [entry.grade for entry in answer.entries] == ["A", "B"]
    night = session("s1", ("23:00", "25:00"))
    cut = credit(Evidence(POLICY, (night,), acts("in 23:00, out 23:30, in 23:30, out 25:00 instructor")))
    assert entries(cut) == ["s1 23:00-00:00 3600 A", "s1 00:00-01:00 3600 A"]


# (2) Online


def test_heartbeats_join_up_to_and_including_the_gap() -> None:
    assert entries(online(beats("20:00", "20:03", step=90))) == ["L 20:00-20:03 180 C"]
    apart = online((*beats("20:00", "20:01"), *beats("20:02:31", "20:03")))
    assert entries(apart) == ["L 20:00-20:01 60 C", "L 20:02:31-20:03 29 C"]


def test_heartbeats_join_per_lesson_and_device() -> None:
    mixed = (
        *beats("20:00", "20:00", lesson="L"),
        *beats("20:01", "20:01", lesson="M"),
        *beats("20:02", "20:02", device="b"),
        *beats("20:03", "20:03", device="a"),
    )
    assert entries(online(mixed)) == []


def test_a_lone_heartbeat_is_worth_nothing_and_not_listed() -> None:
    answer = online((*beats("20:00", "20:00"), *beats("20:00", "20:00")))
    assert (answer.entries, answer.not_credited, answer.total_seconds) == ((), (), 0)


def test_onsite_time_wins_over_online_time_that_began_earlier() -> None:
    answer = credit(
        Evidence(
            POLICY,
            (session(),),
            acts("in 08:30, out 10:00"),
            (LessonPlan("L", 100_000),),
            beats("08:00", "10:30"),
        )
    )
    assert entries(answer) == ["L 08:00-08:30 1800 C", "s1 08:30-10:00 5400 B", "L 10:00-10:30 1800 C"]
    assert lost(answer) == ["L 08:30-10:00 5400 overlap"]


def test_among_online_intervals_the_one_that_began_first_wins() -> None:
    answer = online((*beats("20:05", "20:20", lesson="K"), *beats("20:00", "20:10", lesson="M")))
    assert entries(answer) == ["M 20:00-20:10 600 C", "K 20:10-20:20 600 C"]
    assert lost(answer) == ["K 20:05-20:10 300 overlap"]


def test_two_devices_in_one_lesson_count_once() -> None:
    answer = online((*beats("20:00", "20:10", device="b"), *beats("20:02", "20:10", device="a")))
    assert entries(answer) == ["L 20:00-20:10 600 C"]
    assert lost(answer) == ["L 20:02-20:10 480 overlap"]


def test_intervals_that_begin_together_are_served_by_ref_then_device() -> None:
    answer = online((*beats("20:00", "20:10", lesson="M"), *beats("20:00", "20:10", lesson="K")))
    assert entries(answer) == ["K 20:00-20:10 600 C"]
    assert lost(answer) == ["M 20:00-20:10 600 overlap"]


def test_a_loser_keeps_what_lies_around_the_winner_and_is_listed_in_one_piece() -> None:
    plans = (session("s1", ("08:30", "09:00")), session("s2", ("09:00", "09:30")))
    presence = (*acts("in 08:30, out 09:00", "s1"), *acts("in 09:00, out 09:30", "s2"))
    answer = credit(Evidence(POLICY, plans, presence, (LessonPlan("L", 9000),), beats("08:20", "09:40")))
    assert lost(answer) == ["L 08:30-09:30 3600 overlap"]


def test_of_two_sessions_at_the_same_time_the_one_attended_first_counts() -> None:
    plans = (session("s1"), session("s2"))
    same = credit(Evidence(POLICY, plans, (*acts("in 08:30, out 10:00", "s2"), *acts("in 08:30, out 10:00"))))
    assert entries(same) == ["s1 08:30-10:00 5400 B"]
    assert lost(same) == ["s2 08:30-10:00 5400 overlap"]
    later = credit(Evidence(POLICY, plans, (*acts("in 08:30, out 09:00", "s2"), *acts("in 08:40, out 10:00"))))
    assert entries(later) == ["s2 08:30-09:00 1800 B", "s1 09:00-10:00 3600 B"]
    assert lost(later) == ["s1 08:40-09:00 1200 overlap"]


# (3) Prompts


@pytest.mark.parametrize(
    "prompts, credited, listed",
    [
        ([prompt("20:10", "20:10:30")], ["20:00-20:30 1800 B"], []),
        ([prompt("20:10", "20:11")], ["20:00-20:30 1800 B"], []),  # the window's last second counts
        ([prompt("20:10", "20:11:01")], [], ["20:00-20:30 1800"]),
        ([prompt("20:10")], [], ["20:00-20:30 1800"]),  # from the start to the end
        (
            [prompt("20:10", "20:10:30"), prompt("20:20")],
            ["20:00-20:10:30 630 B"],
            ["20:10:30-20:30 1170"],  # from the last proof to the end
        ),
        (
            [prompt("20:10"), prompt("20:20", "20:20:30")],
            ["20:20:30-20:30 570 B"],
            ["20:00-20:20:30 1230"],  # from the start to the next proof
        ),
        (
            [prompt("20:05", "20:05:20"), prompt("20:10"), prompt("20:15"), prompt("20:20", "20:20:30")],
            ["20:00-20:05:20 320 B", "20:20:30-20:30 570 B"],
            ["20:05:20-20:20:30 910"],
        ),
        (
            [prompt("20:05"), prompt("20:10", "20:10"), prompt("20:15"), prompt("20:20", "20:20")],
            ["20:20-20:30 600 B"],
            ["20:00-20:20 1200"],
        ),
        ([prompt("20:00")], [], ["20:00-20:30 1800"]),  # [a, b] holds both its ends
        ([prompt("20:30")], [], ["20:00-20:30 1800"]),
        ([prompt("20:30", "20:30:10")], ["20:00-20:30 1800 B"], []),
        ([prompt("20:29"), prompt("20:30", "20:30:30")], [], ["20:00-20:30 1800"]),
        ([prompt("19:59:59", "20:00:10")], ["20:00-20:30 1800 C"], []),  # not of this interval
        ([prompt("19:59:59")], ["20:00-20:30 1800 C"], []),
        ([prompt("20:30:01")], ["20:00-20:30 1800 C"], []),
        (
            [prompt("20:10", "20:10"), prompt("20:10")],
            ["20:00-20:10 600 B"],
            ["20:10-20:30 1200"],  # a proof in the same second stands before the missed prompt
        ),
    ],
)
def test_a_missed_prompt_voids_from_proof_to_proof(
    prompts: list[Prompt], credited: list[str], listed: list[str]
) -> None:
    answer = online(beats("20:00", "20:30"), *prompts)
    assert entries(answer) == [f"L {text}" for text in credited]
    assert lost(answer) == [f"L {text} missed_prompt" for text in listed]


def test_a_prompt_concerns_every_interval_that_holds_it() -> None:
    both = (*beats("20:00", "20:30", lesson="K"), *beats("20:10", "20:40", lesson="M"))
    answer = online(both, prompt("20:20"))
    assert entries(answer) == []
    assert lost(answer) == ["K 20:00-20:30 1800 missed_prompt", "M 20:10-20:40 1800 missed_prompt"]


def test_prompts_come_before_overlap_and_what_remains_keeps_its_rank() -> None:
    both = (*beats("20:00", "20:30", lesson="K"), *beats("20:06", "20:30", lesson="M"))
    prompts = (prompt("20:02", "20:02"), prompt("20:04"), prompt("20:10", "20:10"))
    answer = online(both, *prompts)
    assert entries(answer) == ["K 20:00-20:02 120 B", "M 20:06-20:10 240 B", "K 20:10-20:30 1200 B"]
    assert lost(answer) == ["K 20:02-20:10 480 missed_prompt", "M 20:10-20:30 1200 overlap"]


# (4) to (6) Caps, midnight, order


def test_a_lesson_counts_to_its_nominal_time_earliest_first() -> None:
    twice = (*beats("21:00", "21:30"), *beats("20:00", "20:30"))
    answer = online(twice, nominal=2700)
    assert entries(answer) == ["L 20:00-20:30 1800 C", "L 21:00-21:15 900 C"]
    assert lost(answer) == ["L 21:15-21:30 900 lesson_cap"]
    assert lost(online(beats("20:00", "20:10"), nominal=0)) == ["L 20:00-20:10 600 lesson_cap"]


def test_earliest_first_holds_across_devices() -> None:
    devices = (*beats("20:00", "20:30", device="a"), *beats("20:06", "20:30", device="b"))
    prompts = (prompt("20:02", "20:02"), prompt("20:04"), prompt("20:10", "20:10"))
    answer = online(devices, *prompts, nominal=300)
    assert entries(answer) == ["L 20:00-20:02 120 B", "L 20:06-20:09 180 B"]
    assert lost(answer) == [
        "L 20:02-20:10 480 missed_prompt",
        "L 20:09-20:10 60 lesson_cap",
        "L 20:10-20:30 1200 lesson_cap",
        "L 20:10-20:30 1200 overlap",
    ]


def test_the_lesson_cap_knows_no_midnight() -> None:
    answer = online((*beats("23:50", "24:10"), *beats("44:00", "44:10")), nominal=1500)
    assert entries(answer) == ["L 23:50-00:00 600 C", "L 00:00-00:10 600 C", "L 20:00-20:05 300 C"]
    assert lost(answer) == ["L 20:05-20:10 300 lesson_cap"]


def test_intervals_and_losses_are_split_at_local_midnight() -> None:
    answer = online(beats("23:50", "24:10"))
    assert [str(entry.on) for entry in answer.entries] == ["2026-03-02", "2026-03-03"]
    assert entries(answer) == ["L 23:50-00:00 600 C", "L 00:00-00:10 600 C"]
    voided = online(beats("23:50", "24:10"), prompt("23:55"))
    assert [str(loss.on) for loss in voided.not_credited] == ["2026-03-02", "2026-03-03"]


def test_a_session_over_several_midnights_falls_into_days() -> None:
    answer = credit(Evidence(POLICY, (session("s1", ("22:00", "50:00")),), acts("in 22:00, out 50:00")))
    assert [(entry.on.day, entry.seconds) for entry in answer.entries] == [(2, 7200), (3, 21600), (4, 7200)]
    assert lost(answer) == ["s1 06:00-00:00 64800 daily_cap"]


def test_the_daily_cap_serves_onsite_first_and_cuts_in_the_middle() -> None:
    plan = session("s1", ("14:00", "19:30"))
    lessons = (LessonPlan("L", 100_000),)
    early = beats("08:00", "09:00")
    answer = credit(Evidence(POLICY, (plan,), acts("in 14:00, out 19:30"), lessons, early))
    assert entries(answer) == ["L 08:00-08:30 1800 C", "s1 14:00-19:30 19800 B"]
    assert lost(answer) == ["L 08:30-09:00 1800 daily_cap"]
    assert (answer.total_seconds, answer.credit_hours) == (21600, "8.0")


def test_the_daily_cap_is_counted_for_each_local_date() -> None:
    policy = Policy(60, 1, 90, 60, SHANGHAI)
    answer = online(beats("23:58", "24:02"), policy=policy)
    assert entries(answer) == ["L 23:58-23:59 60 C", "L 00:00-00:01 60 C"]
    assert lost(answer) == ["L 23:59-00:00 60 daily_cap", "L 00:01-00:02 60 daily_cap"]


def test_the_lesson_cap_is_not_given_back_by_the_daily_cap() -> None:
    policy = Policy(60, 1, 90, 60, SHANGHAI)
    answer = online((*beats("20:00", "20:02"), *beats("44:00", "44:02")), policy=policy, nominal=150)
    assert entries(answer) == ["L 20:00-20:01 60 C", "L 20:00-20:00:30 30 C"]
    assert lost(answer) == ["L 20:01-20:02 60 daily_cap", "L 20:00:30-20:02 90 lesson_cap"]


def test_the_daily_cap_may_be_half_an_hour_or_none() -> None:
    half = Policy(60, Decimal("0.5"), 90, 60, SHANGHAI)
    assert online(beats("20:00", "20:01"), policy=half).total_seconds == 30
    none = Policy(60, 0, 90, 60, SHANGHAI)
    assert lost(online(beats("20:00", "20:01"), policy=none)) == ["L 20:00-20:01 60 daily_cap"]


# Time zones and instants


@pytest.mark.parametrize(
    "zone, begin, hours, seconds",
    [
        ("Europe/Berlin", "2026-03-28T12:00:00+00:00", 48, {28: 39600, 29: 82800, 30: 50400}),
        ("Europe/Berlin", "2026-10-24T12:00:00+00:00", 48, {24: 36000, 25: 90000, 26: 46800}),
        ("America/Sao_Paulo", "2017-10-14T12:00:00+00:00", 36, {14: 54000, 15: 75600}),  # no 00:00 on the 15th
        ("Asia/Kathmandu", "2026-03-02T12:00:00+00:00", 12, {2: 22500, 3: 20700}),
    ],
)
def test_a_day_is_as_long_as_its_timezone_makes_it(zone: str, begin: str, hours: int, seconds: dict[int, int]) -> None:
    policy = Policy(2700, 100, 90, 60, ZoneInfo(zone))
    start = datetime.fromisoformat(begin)
    end = start + timedelta(hours=hours)
    presence = (
        PresenceAct("s1", Act.CHECK_IN, start, Witness.DEVICE),
        PresenceAct("s1", Act.CHECK_OUT, end, Witness.DEVICE),
    )
    answer = credit(Evidence(policy, (ClassSessionPlan("s1", start, end),), presence))
    assert {entry.on.day: entry.seconds for entry in answer.entries} == seconds


def test_a_clock_that_steps_back_over_midnight_loses_nothing() -> None:
    # Newfoundland went from 00:01 on the 7th back to 23:01 on the 6th.
    policy = Policy(2700, 100, 90, 60, ZoneInfo("America/St_Johns"))
    start, end = datetime(2010, 11, 7, 1, tzinfo=UTC), datetime(2010, 11, 7, 6, tzinfo=UTC)
    for minutes in range(300):
        moment = start + timedelta(minutes=minutes)
        presence = (
            PresenceAct("s1", Act.CHECK_IN, moment, Witness.DEVICE),
            PresenceAct("s1", Act.CHECK_OUT, end, Witness.DEVICE),
        )
        answer = credit(Evidence(policy, (ClassSessionPlan("s1", start, end),), presence))
        assert answer.total_seconds == (300 - minutes) * 60


def test_times_are_given_in_the_timezone_of_the_policy() -> None:
    heartbeats = tuple(Heartbeat("L", beat.at.astimezone(UTC), "a") for beat in beats("20:00", "20:01"))
    (entry,) = to_json(online(heartbeats))["entries"]  # type: ignore[misc]
    assert entry["started_at"] == "2026-03-02T20:00:00+08:00"


def test_fractions_of_a_second_are_dropped() -> None:
    moment = at("20:00").replace(microsecond=999_999)
    assert whole_second(moment) == whole_second(at("20:00"))
    assert whole_second(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1
    answer = online((Heartbeat("L", moment, "a"), *beats("20:01:30", "20:01:30")))
    assert entries(answer) == ["L 20:00-20:01:30 90 C"]


# The answer


def test_credit_hours_round_down_to_one_decimal() -> None:
    hours = {0: "0.0", 269: "0.0", 270: "0.1", 2699: "0.9", 2700: "1.0", 5399: "1.9", 5400: "2.0", 8100: "3.0"}
    assert {seconds: credit_hours(seconds) for seconds in hours} == hours
    assert credit_hours(5399, unit=3600) == "1.4"
    assert online(beats("20:00", "20:59"), policy=Policy(3600, 8, 90, 60, SHANGHAI)).credit_hours == "0.9"


def test_no_evidence_is_an_answer_too() -> None:
    assert to_json(credit(Evidence(POLICY))) == {
        "entries": [],
        "not_credited": [],
        "total_seconds": 0,
        "credit_hours": "0.0",
    }


def test_records_that_make_no_sense_cannot_be_made() -> None:
    nonsense = (
        lambda: Policy(0, 8, 90, 60, SHANGHAI),
        lambda: Policy(2700, -1, 90, 60, SHANGHAI),
        lambda: Policy(2700, 8, -1, 60, SHANGHAI),
        lambda: Policy(2700, 8, 90, -1, SHANGHAI),
        lambda: LessonPlan("L", -1),
        lambda: session("s1", ("10:00", "08:30")),
        lambda: session("s1", ("10:00", "10:00")),
        lambda: Evidence(POLICY, (session(), session())),
        lambda: Evidence(POLICY, lessons=(LessonPlan("L", 1), LessonPlan("L", 2))),
        lambda: Evidence(POLICY, (session(),), acts("in 08:30", "s2")),
        lambda: Evidence(POLICY, heartbeats=beats("20:00", "20:01")),
        lambda: whole_second(datetime(2026, 3, 2)),  # noqa: DTZ001
    )
    for make in nonsense:
        with pytest.raises(ValueError, match=r"must|planned twice|without a plan|no UTC offset"):
            make()
