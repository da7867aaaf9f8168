"""Study on the phone: what a beat is worth, what it costs, and the question between the beats."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.attendance import services
from lms.attendance.models import Heartbeat, Prompt
from lms.attendance.rules import EvidenceGrade, Reason
from lms.attendance.rules.study import Answer, Asked, Sign, judge, study_seconds_until_prompt
from lms.core.db import db
from lms.core.errors import NotFound
from tests import factories
from tests.attendance.conftest import ENTERED, LESSON, Place, clock, make_place

T = clock("20:00")


def after(seconds: float) -> datetime:
    return T + timedelta(seconds=seconds)


def count_beats(place: Place) -> int:
    with place.inside():
        return db.session.scalar(select(func.count()).select_from(Heartbeat)) or 0


def first_prompt(place: Place, start: datetime) -> tuple[services.OpenPrompt, datetime]:
    """Study until the page asks."""
    for number in range(200):
        at = start + timedelta(seconds=20 * number)
        answer = place.beat(at)
        if answer.prompt is not None:
            return answer.prompt, at
    raise AssertionError("nobody asked")


def test_time_between_beats_counts(place: Place) -> None:
    figures = [place.beat(after(seconds)).run_seconds for seconds in (0, 20, 40, 100, 191)]
    assert figures == [0, 20, 40, 100, 0], "after a gap of more than 90 seconds the sitting begins anew"
    assert place.hours(after(300)).online_seconds == 100


def test_beats_closer_than_five_seconds_are_ignored(place: Place) -> None:
    for seconds in (0, 1, 4, 5, 9, 20):
        assert place.beat(after(seconds)).counting
    assert count_beats(place) == 3
    assert place.hours(after(300)).online_seconds == 20


def test_two_lessons_at_once_count_once(place: Place) -> None:
    for number in range(10):
        place.beat(after(20 * number), lesson="2.4-1", device="phone")
        last = place.beat(after(20 * number + 10), lesson="2.4-2", device="tablet")
    hours = place.hours(after(300))
    assert hours.online_seconds == 190
    assert last.run_seconds == 180, "the page's own clock does not count twice either"
    assert {line.reason for line in hours.not_credited} == {Reason.OVERLAP}


def test_a_lesson_counts_its_nominal_time_at_most(place: Place) -> None:
    place.study(T, 50)
    hours = place.hours(after(4000))
    assert hours.online_seconds == 2700
    assert [line.reason for line in hours.not_credited] == [Reason.LESSON_CAP]


def test_where_nothing_counts(place: Place) -> None:
    assert not place.beat(T, lesson="9.9-9").counting
    with place.inside():
        stranger = factories.member(organisation_id=place.organisation_id, name="赵外人", at=ENTERED)
        course_id = factories.course(organisation_id=place.organisation_id, items=[("1.1", 45)], at=ENTERED)
        cohort_id = factories.cohort(organisation_id=place.organisation_id, course_id=course_id, at=ENTERED)
        person_id, _ = factories.enrolled_learner(
            organisation_id=place.organisation_id, cohort_id=cohort_id, name="钱同学", at=ENTERED
        )
    place.person_id = stranger
    assert "没有正在学习的班期" in place.beat(T).message
    place.person_id = person_id
    assert "不在您班期的课程里" in place.beat(T, lesson="2.4-1").message
    assert place.beat(T, lesson="1.1-1").counting
    assert count_beats(place) == 1


def test_one_forged_post_credits_nothing(place: Place, learner: FlaskClient) -> None:
    with time_machine.travel(T, tick=False):
        answer = learner.post(
            "/study/beats",
            json={"lesson": LESSON, "seconds": 2700, "credited_seconds": 2700, "at": "2026-03-02T08:00:00+08:00"},
        )
        assert answer.get_json()["credited_seconds"] == 0
    assert place.hours(after(60)).total_seconds == 0
    with time_machine.travel(after(3000), tick=False):
        learner.post("/study/beats", json={"lesson": LESSON, "started_at": "2026-03-02T20:00:00+08:00"})
    assert place.hours(after(4000)).total_seconds == 0, "two beats fifty minutes apart are two lone beats"


@pytest.mark.parametrize(
    "body", [{}, {"lesson": None}, {"lesson": 3}, {"lesson": ""}, {"lesson": "x" * 25}, [], "x", None]
)
def test_a_beat_that_is_none(learner: FlaskClient, body: Any) -> None:
    with time_machine.travel(T, tick=False):
        assert learner.post("/study/beats", json=body).status_code == 422


def test_a_beat_of_nobody_is_told_so(place: Place) -> None:
    answer = place.app.test_client().post("/study/beats", json={"lesson": LESSON})
    assert answer.status_code == 401
    assert answer.get_json()["error"] == "signed_out"


def test_a_browser_keeps_its_device(place: Place, learner: FlaskClient) -> None:
    with time_machine.travel(T, tick=False):
        learner.get(f"/lessons/{LESSON}")
    for seconds in (0, 20, 40):
        with time_machine.travel(after(seconds), tick=False):
            answer = learner.post("/study/beats", json={"lesson": LESSON}).get_json()
    assert (answer["credited_seconds"], answer["next_in"], answer["counting"]) == (40, 20, True)
    with place.inside():
        devices = set(db.session.scalars(select(Heartbeat.device)))
    assert len(devices) == 1
    assert len(devices.pop()) == 12


def test_a_beat_costs_six_statements_at_most(
    place: Place, learner: FlaskClient, count_statements: Callable[[], Any]
) -> None:
    for seconds in (0, 20, 40):
        with time_machine.travel(after(seconds), tick=False), count_statements() as seen:
            assert learner.post("/study/beats", json={"lesson": LESSON}).get_json()["counting"]
        assert len(seen) <= 5, "\n".join(seen)


def test_a_beat_that_asks_costs_little_more(
    place: Place, learner: FlaskClient, count_statements: Callable[[], Any]
) -> None:
    asked = []
    for number in range(200):
        with time_machine.travel(after(20 * number), tick=False), count_statements() as seen:
            answer = learner.post("/study/beats", json={"lesson": LESSON}).get_json()
        if "prompt" in answer:
            asked.append(len(seen))
            with time_machine.travel(after(20 * number + 10), tick=False):
                path = f"/study/prompts/{answer['prompt']['id']}"
                assert learner.post(path, json={}).get_json()["in_time"]
        if len(asked) == 2:
            break
    assert asked[1] <= 6


def test_the_prompt_comes_after_twenty_to_thirty_minutes_of_study(place: Place) -> None:
    prompt, at = first_prompt(place, T)
    assert timedelta(minutes=20) <= at - T <= timedelta(minutes=30, seconds=20)
    assert prompt.seconds_left == 60
    again = place.beat(at + timedelta(seconds=20)).prompt
    assert again is not None
    assert (again.id, again.seconds_left) == (prompt.id, 40)


def test_when_the_prompt_comes_cannot_be_foreseen_but_is_the_same_everywhere() -> None:
    times = {study_seconds_until_prompt(b"key", enrolment, number) for enrolment in range(20) for number in range(5)}
    assert len(times) > 50
    assert min(times) >= 1200
    assert max(times) <= 1800
    assert study_seconds_until_prompt(b"key", 1, 1) == study_seconds_until_prompt(b"key", 1, 1)
    assert {study_seconds_until_prompt(b"other", 1, n) for n in range(9)} != {
        study_seconds_until_prompt(b"key", 1, n) for n in range(9)
    }


def test_an_answer_in_time_proves_the_sitting(place: Place) -> None:
    prompt, at = first_prompt(place, T)
    place.beat(at + timedelta(seconds=20))
    assert place.answer(prompt.id, at + timedelta(seconds=60)).in_time
    place.beat(at + timedelta(seconds=80))
    hours = place.hours(at + timedelta(seconds=200))
    assert hours.online_seconds == (at - T).total_seconds() + 80
    assert [entry.grade for entry in hours.entries] == [EvidenceGrade.B]


def test_no_answer_voids_what_was_not_proved(place: Place) -> None:
    _, at = first_prompt(place, T)
    place.beat(at + timedelta(seconds=20))
    before = place.hours(at + timedelta(seconds=30))
    assert before.online_seconds == (at - T).total_seconds() + 20, "the prompt may still be answered"
    place.settle(at + timedelta(seconds=30))
    late = at + timedelta(seconds=100)
    hours = place.hours(late)
    assert hours.online_seconds == 0
    assert [line.reason for line in hours.not_credited] == [Reason.MISSED_PROMPT]
    settled = place.settle(late)
    assert (settled.total_seconds, settled.reversals) == (0, 1)
    with place.inside():
        assert services.verify_ledger().ok


def test_after_a_missed_prompt_the_next_one_comes_at_once(place: Place) -> None:
    prompt, at = first_prompt(place, T)
    for seconds in (20, 40, 60):
        answer = place.beat(at + timedelta(seconds=seconds))
        assert answer.prompt is not None
        assert answer.prompt.id == prompt.id
    back = at + timedelta(seconds=80)
    answer = place.beat(back)
    assert answer.missed
    assert answer.prompt is not None
    assert answer.prompt.id != prompt.id
    place.answer(answer.prompt.id, back + timedelta(seconds=5))
    for seconds in (20, 40, 60):
        assert place.beat(back + timedelta(seconds=seconds)).prompt is None
    hours = place.hours(back + timedelta(seconds=300))
    assert hours.online_seconds == 55, "from the new proof on"


def test_after_a_break_a_missed_prompt_is_over(place: Place) -> None:
    _, at = first_prompt(place, T)
    begin = at + timedelta(minutes=10)
    answers = [place.beat(begin + timedelta(seconds=20 * number)) for number in range(10)]
    assert not any(answer.missed or answer.prompt for answer in answers)
    assert place.hours(begin + timedelta(hours=1)).online_seconds == 180


def test_an_answer_is_kept_once(place: Place) -> None:
    prompt, at = first_prompt(place, T)
    assert place.answer(prompt.id, at + timedelta(seconds=10)).in_time
    assert place.answer(prompt.id, at + timedelta(seconds=100)).in_time, "the first answer stands"
    with place.inside():
        assert db.session.scalar(select(func.count()).select_from(Prompt).where(Prompt.kind == "answered")) == 1


def test_a_late_answer_is_kept_and_proves_nothing(place: Place) -> None:
    prompt, at = first_prompt(place, T)
    answer = place.answer(prompt.id, at + timedelta(seconds=61))
    assert not answer.in_time
    assert "确认晚了" in answer.message
    assert place.hours(at + timedelta(seconds=200)).online_seconds == 0
    again = place.beat(at + timedelta(seconds=80))
    assert again.missed
    assert again.prompt is not None, "the next chance to prove the sitting comes at once"


def test_prompts_of_others_do_not_exist(place: Place, learner: FlaskClient) -> None:
    with place.inside():
        other = make_place()
        friend_id, _ = factories.enrolled_learner(
            organisation_id=place.organisation_id, cohort_id=place.cohort_id, name="李朋友", at=ENTERED
        )
    theirs, at = first_prompt(other, T)
    mine, _ = first_prompt(place, T)
    with time_machine.travel(at, tick=False):
        assert learner.post(f"/study/prompts/{theirs.id}", json={}).status_code == 404
    place.person_id = friend_id
    with pytest.raises(NotFound):
        place.answer(mine.id, at)


def test_two_answers_at_the_same_moment(place: Place) -> None:
    prompt, at = first_prompt(place, T)
    gate = threading.Barrier(3)
    found: list[services.PromptAnswer] = []

    def press() -> None:
        gate.wait()
        found.append(place.answer(prompt.id, at + timedelta(seconds=5)))

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [answer.in_time for answer in found] == [True, True, True]
    with place.inside():
        assert db.session.scalar(select(func.count()).select_from(Prompt)) == 2


def test_beats_of_many_tabs_at_the_same_moment_keep_the_chain_whole(place: Place) -> None:
    gate = threading.Barrier(4)

    def knock(number: int) -> None:
        gate.wait()
        for turn in range(5):
            place.beat(after(20 * turn), device=f"tab{number}")

    threads = [threading.Thread(target=knock, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert count_beats(place) == 20
    assert place.hours(after(500)).online_seconds == 80
    with place.inside():
        assert services.verify_ledger().ok


def test_the_lesson_page_begins_the_clock(place: Place, learner: FlaskClient) -> None:
    place.study(T, 5)
    place.settle(after(400))
    with time_machine.travel(after(600), tick=False):
        text = learner.get(f"/lessons/{LESSON}").get_data(as_text=True)
    assert 'data-posted="300"' in text
    assert 'data-nominal="2700"' in text
    assert "您还在学习吗？" in text


def decide(last: Sign | None, same_at: datetime | None, asked: Asked | None, seconds: float) -> Answer:
    return judge(after(seconds), last=last, same_at=same_at, asked=asked, gap=90, prompt_after=1200).answer


def test_what_a_beat_does() -> None:
    last = Sign(T, 100, 1190)
    assert decide(None, None, None, 0) is Answer.RECORD
    assert decide(last, T, None, 4) is Answer.IGNORE
    assert decide(last, None, None, 4) is Answer.RECORD, "another lesson or device"
    assert decide(last, T, None, 20) is Answer.ASK
    assert decide(last, T, None, 91) is Answer.RECORD, "a break is no study"
    waiting = Asked(1, T, after(60), answered=False)
    assert decide(last, T, waiting, 20) is Answer.RECORD
    assert decide(Sign(after(60), 160, 0), after(60), waiting, 80) is Answer.ASK
    answered = Asked(1, T, after(60), answered=True)
    assert decide(Sign(after(60), 160, 0), after(60), answered, 80) is Answer.RECORD
