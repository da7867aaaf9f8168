"""Study on the phone: beats, the prompts between them, and what a lesson page shows.

A beat is the hottest path of the house: one statement reads all it needs, three append it (`chain.append`).
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Exists, Select, String, Subquery, and_, bindparam, cast, func, literal, select
from sqlalchemy.engine import RowMapping

from lms.attendance.models import Heartbeat, LedgerEntry, Policy, Prompt
from lms.attendance.rules.policy import DEFAULT
from lms.attendance.rules.study import (
    BEAT_SECONDS,
    Answer,
    Asked,
    Sign,
    Verdict,
    judge,
    study_seconds_until_prompt,
)
from lms.attendance.services.records import (
    BeatAnswer,
    OpenPrompt,
    PromptAnswer,
    StudyStart,
    evidence_stream,
)
from lms.cohorts import services as cohorts
from lms.core import chain
from lms.core.crypto import current_keys
from lms.core.db import db, owned, run_core
from lms.core.errors import NotFound
from lms.courses import services as courses

_NO_PLACE = "您现在没有正在学习的班期，本页不计学时。"
_NOT_IN_COURSE = "这一课不在您班期的课程里，本页不计学时。"
# One device sends fewer beats than this within the gap, so a lesson's newest one is not looked for further back.
_LOOK_BACK = 40


@cache
def _state_query() -> Select[Any]:
    """Select, in one statement: the place that counts, whether the lesson is in its course, newest beat, newest prompt.

    A person with two places studies in the one whose course has the lesson. Tables, not entities, and built once: this
    runs every 20 seconds for everybody who studies.
    """
    place = cohorts.current_places_query().subquery("place")
    beats, prompts, policy = Heartbeat.__table__, Prompt.__table__, Policy.__table__
    beat, asked, answered = beats.alias("beat"), prompts.alias("asked"), prompts.alias("answered")
    stream = literal("enrolment-") + cast(place.c.id, String)
    newest = select(func.max(beats.c.sequence)).where(beats.c.stream == stream).correlate(place).scalar_subquery()
    newest_asked = (
        select(func.max(prompts.c.number))
        .where(prompts.c.enrolment_id == place.c.id)
        .correlate(place)
        .scalar_subquery()
    )
    same_at = (
        select(func.max(beats.c.at))
        .where(
            beats.c.stream == stream,
            beats.c.sequence > beat.c.sequence - _LOOK_BACK,
            beats.c.lesson_code == bindparam("lesson_code"),
            beats.c.device == bindparam("device"),
        )
        .correlate(place, beat)
        .scalar_subquery()
    )
    counts = _in_course(place).label("counts")
    is_asked = and_(asked.c.enrolment_id == place.c.id, asked.c.number == newest_asked, asked.c.kind == "asked")
    is_answered = and_(
        answered.c.enrolment_id == place.c.id,
        answered.c.number == asked.c.number,
        answered.c.kind == "answered",
    )
    return (
        select(
            place.c.id.label("enrolment_id"),
            counts,
            policy.c.heartbeat_gap_seconds.label("gap"),
            policy.c.prompt_window_seconds.label("window"),
            beat.c.at.label("beat_at"),
            beat.c.run_seconds.label("beat_run"),
            beat.c.since_prompt.label("beat_since"),
            same_at.label("same_at"),
            asked.c.id.label("asked_id"),
            asked.c.number.label("asked_number"),
            asked.c.at.label("asked_at"),
            asked.c.expires_at.label("asked_expires_at"),
            asked.c.lesson_code.label("asked_lesson"),
            asked.c.device.label("asked_device"),
            asked.c.run_seconds.label("asked_run"),
            answered.c.at.label("answered_at"),
        )
        .select_from(place)
        .outerjoin(policy, policy.c.cohort_id == place.c.cohort_id)
        .outerjoin(beat, and_(beat.c.stream == stream, beat.c.sequence == newest))
        .outerjoin(asked, is_asked)
        .outerjoin(answered, is_answered)
        .order_by(counts.desc(), place.c.from_at.desc(), place.c.id.desc())
        .limit(1)
    )


def _in_course(place: Subquery) -> Exists:
    """Whether the lesson asked for belongs to the course of a place."""
    lessons = courses.course_lessons_query()
    course_id, code = lessons.selected_columns
    found = lessons.where(course_id == place.c.course_id, code == bindparam("lesson_code"))
    return found.correlate(place).exists()


def open_study(*, enrolment_id: int, at: datetime) -> None:
    """Begin the stream of an enrolment's beats, before the first one comes."""
    chain.hold(Heartbeat, evidence_stream(enrolment_id), at=at)


def beat(*, organisation_id: int, person_id: int, lesson_code: str, device: str, at: datetime) -> BeatAnswer:
    """Take a sign of life inside a lesson; time passes between beats, a beat brings none with it."""
    at = at.replace(microsecond=0)
    device = device[:16]
    asked_for = {
        "organisation_id": organisation_id,
        "person_id": person_id,
        "lesson_code": lesson_code,
        "device": device,
        "at": at,
    }
    row = run_core(_state_query(), asked_for).mappings().one_or_none()
    if row is None or not row["counts"]:
        return _not_counting(_NO_PLACE if row is None else _NOT_IN_COURSE)
    asked = _asked(row)
    number = asked.number + 1 if asked else 1
    verdict = judge(
        at,
        last=_last_sign(row),
        same_at=_same_at(row, lesson_code, device),
        asked=asked,
        gap=row["gap"] or DEFAULT.heartbeat_gap_seconds,
        prompt_after=_prompt_after(row["enrolment_id"], number),
    )
    shared = {
        "organisation_id": organisation_id,
        "enrolment_id": row["enrolment_id"],
        "lesson_code": lesson_code,
        "device": device,
        "at": at,
        "run_seconds": verdict.run_seconds,
    }
    if verdict.answer is Answer.ASK:
        window = row["window"] or DEFAULT.prompt_window_seconds
        return _ask(shared, verdict, person_id=person_id, number=number, window=window, at=at)
    if verdict.answer is Answer.RECORD:
        entry = {**shared, "since_prompt": verdict.since_prompt}
        chain.append(Heartbeat, evidence_stream(row["enrolment_id"]), [entry], at=at)
    waiting = asked is not None and asked.is_open(at)
    prompt = OpenPrompt(id=row["asked_id"], seconds_left=_left(asked, at)) if asked is not None and waiting else None
    return _counting(verdict, prompt)


def _ask(
    shared: dict[str, Any], verdict: Verdict, *, person_id: int, number: int, window: int, at: datetime
) -> BeatAnswer:
    """Record the prompt in the beat's place: it is the same sign of life."""
    entry = {
        **shared,
        "person_id": person_id,
        "number": number,
        "kind": "asked",
        "expires_at": at + timedelta(seconds=window),
    }
    chain.append(Prompt, evidence_stream(shared["enrolment_id"]), [entry], at=at)
    asked = select(Prompt.id).where(
        Prompt.enrolment_id == shared["enrolment_id"], Prompt.number == number, Prompt.kind == "asked"
    )
    return _counting(verdict, OpenPrompt(id=db.session.execute(asked).scalar_one(), seconds_left=window))


def _asked(row: RowMapping) -> Asked | None:
    if row["asked_id"] is None:
        return None
    expires_at, answered_at = row["asked_expires_at"], row["answered_at"]
    answered = answered_at is not None and answered_at <= expires_at
    return Asked(row["asked_number"], row["asked_at"], expires_at, answered=answered)


def _last_sign(row: RowMapping) -> Sign | None:
    """Return the newest sign of life: a beat, or the prompt that stands in a beat's place."""
    signs = []
    if row["beat_at"] is not None:
        signs.append(Sign(row["beat_at"], row["beat_run"], row["beat_since"]))
    if row["asked_at"] is not None:
        signs.append(Sign(row["asked_at"], row["asked_run"], 0))
    return max(signs, key=lambda sign: sign.at, default=None)


def _same_at(row: RowMapping, lesson_code: str, device: str) -> datetime | None:
    moments = [row["same_at"]]
    if (row["asked_lesson"], row["asked_device"]) == (lesson_code, device):
        moments.append(row["asked_at"])
    return max((moment for moment in moments if moment is not None), default=None)


def _prompt_after(enrolment_id: int, number: int) -> int:
    return study_seconds_until_prompt(current_keys().derive("attendance.prompts"), enrolment_id, number)


def _left(asked: Asked, at: datetime) -> int:
    return max(0, int((asked.expires_at - at).total_seconds()))


def _counting(verdict: Verdict, prompt: OpenPrompt | None) -> BeatAnswer:
    return BeatAnswer(
        counting=True,
        run_seconds=verdict.run_seconds,
        next_in=BEAT_SECONDS,
        prompt=prompt,
        missed=verdict.missed,
        message="",
    )


def _not_counting(message: str) -> BeatAnswer:
    return BeatAnswer(counting=False, run_seconds=0, next_in=0, prompt=None, missed=False, message=message)


def answer_prompt(*, organisation_id: int, person_id: int, prompt_id: int, device: str, at: datetime) -> PromptAnswer:
    """Record the answer to a prompt once, also a late one; only one in time proves that the learner was there."""
    at = at.replace(microsecond=0)
    asked = db.session.scalars(
        owned(Prompt, organisation_id)
        .where(Prompt.id == prompt_id, Prompt.person_id == person_id, Prompt.kind == "asked")
        .with_for_update()
    ).one_or_none()
    if asked is None:
        raise NotFound("没有找到这次在线确认。请刷新课文页面继续学习。")
    earlier = db.session.scalar(
        select(Prompt.at).where(
            Prompt.enrolment_id == asked.enrolment_id, Prompt.number == asked.number, Prompt.kind == "answered"
        )
    )
    if earlier is None:
        entry = {
            "organisation_id": organisation_id,
            "enrolment_id": asked.enrolment_id,
            "person_id": person_id,
            "number": asked.number,
            "kind": "answered",
            "lesson_code": asked.lesson_code,
            "device": device[:16],
            "at": at,
            "expires_at": asked.expires_at,
            "run_seconds": asked.run_seconds,
        }
        chain.append(Prompt, evidence_stream(asked.enrolment_id), [entry], at=at)
    in_time = (earlier or at) <= asked.expires_at
    return PromptAnswer(
        in_time=in_time,
        message="已确认，继续计时。" if in_time else "确认晚了，这段时间不计；从现在起继续学习会重新计时。",
    )


@cache
def _start_query() -> Select[Any]:
    place = cohorts.current_places_query().subquery("place")
    ledger = LedgerEntry.__table__
    posted = (
        select(func.coalesce(func.sum(ledger.c.seconds), 0))
        .where(
            ledger.c.cohort_id == place.c.cohort_id,
            ledger.c.person_id == bindparam("person_id"),
            ledger.c.ref == bindparam("lesson_code"),
        )
        .correlate(place)
        .scalar_subquery()
    )
    counts = _in_course(place).label("counts")
    return (
        select(counts, posted.label("posted"))
        .select_from(place)
        .order_by(counts.desc(), place.c.from_at.desc(), place.c.id.desc())
        .limit(1)
    )


def study_start(*, organisation_id: int, person_id: int, lesson_code: str, at: datetime) -> StudyStart | None:
    """Return what a lesson page begins with; None for somebody without a place. One statement."""
    asked_for = {"organisation_id": organisation_id, "person_id": person_id, "lesson_code": lesson_code, "at": at}
    row = run_core(_start_query(), asked_for).mappings().one_or_none()
    if row is None:
        return None
    return StudyStart(counting=bool(row["counts"]), posted_seconds=int(row["posted"]))
