"""Learners signing in to and out of classes."""

from datetime import datetime, timedelta

from sqlalchemy import select

from lms.attendance.events import CheckedIn, CheckedOut
from lms.attendance.models import PresenceAct, RollCallMark
from lms.attendance.rules import Act, Witness
from lms.attendance.rules.presence import (
    CLOSES_AFTER,
    OPENS_BEFORE,
    ROLL_CALL_WITHIN,
    Mark,
    OwnAct,
    Step,
    is_same_act,
    newest_own,
    next_step,
)
from lms.attendance.rules.sign_in import LARGEST_FAILURES
from lms.attendance.services import codes
from lms.attendance.services.hours import hours_of
from lms.attendance.services.ledger import settle
from lms.attendance.services.records import ClassState, SignResult, WrongCode, evidence_stream, window_of
from lms.cohorts import services as cohorts
from lms.cohorts.services import EnrolmentView, SessionView
from lms.core import chain
from lms.core.clock import to_local
from lms.core.db import db
from lms.core.errors import Conflict, NotFound
from lms.core.events import publish
from lms.courses import services as courses

_NOT_HERE = "这节课不在您的班期课表里。请确认扫的是本班的二维码；有疑问请找班主任。"


def open_classes(*, organisation_id: int, person_id: int, at: datetime) -> list[SessionView]:
    """Return the classes of a learner's cohorts whose sign-in is open, in time order."""
    places = _places(organisation_id, person_id, at)
    if not places:
        return []
    sessions = cohorts.sessions_between(
        organisation_id=organisation_id, from_at=at - CLOSES_AFTER, until_at=at + OPENS_BEFORE + timedelta(seconds=1)
    )
    return [session for session in sessions if session.cohort_id in places and window_of(session).is_open(at)]


def classes_of_day(
    *, organisation_id: int, person_id: int, from_at: datetime, until_at: datetime, at: datetime
) -> list[SessionView]:
    """Return the classes of a learner's cohorts that touch an interval, in time order."""
    places = _places(organisation_id, person_id, at)
    if not places:
        return []
    sessions = cohorts.sessions_between(organisation_id=organisation_id, from_at=from_at, until_at=until_at)
    return [session for session in sessions if session.cohort_id in places]


def class_state(*, organisation_id: int, person_id: int, session_id: int, at: datetime) -> ClassState:
    """Return a class as a learner stands to it now; NotFound unless it is of a cohort they have a place in."""
    session, place = _class_of(organisation_id, person_id, session_id, at)
    own = _own_act(place.id, session_id)
    item = courses.get_item(organisation_id=organisation_id, code=session.item_code)
    window = window_of(session)
    inside = own is not None and own.act is Act.CHECK_IN
    return ClassState(
        session=session,
        cohort_name=place.cohort_name,
        item_title=item.title,
        enrolment_id=place.id,
        step=next_step(window, own, at),
        own=own,
        mark=_mark(place.id, session_id),
        passed_seconds=window.passed(own.at, at) if own is not None and inside else 0,
        credited_seconds=_credited(place, session_id, at) if own is not None and not inside else 0,
    )


def check_in(
    *, organisation_id: int, person_id: int, session_id: int, witness: str, at: datetime, device: str = ""
) -> SignResult:
    """Sign a learner in; signing in twice is one act."""
    return sign(
        organisation_id=organisation_id,
        person_id=person_id,
        session_id=session_id,
        wanted=Act.CHECK_IN,
        witness=witness,
        at=at,
        device=device,
    )


def check_out(
    *, organisation_id: int, person_id: int, session_id: int, witness: str, at: datetime, device: str = ""
) -> SignResult:
    """Sign a learner out and settle; signing out twice is one act."""
    return sign(
        organisation_id=organisation_id,
        person_id=person_id,
        session_id=session_id,
        wanted=Act.CHECK_OUT,
        witness=witness,
        at=at,
        device=device,
    )


def sign_by_code(
    *,
    organisation_id: int,
    person_id: int,
    session_id: int,
    code: str,
    wanted: Act | None,
    at: datetime,
    device: str = "",
) -> SignResult | WrongCode:
    """Sign in or out with the typed code; a wrong code is counted, so the caller commits either way."""
    session, place = _class_of(organisation_id, person_id, session_id, at)
    # one at a time, so that parallel guesses are counted one after the other
    chain.hold(PresenceAct, evidence_stream(place.id), at=at)
    own = _own_act(place.id, session_id)
    if own is not None and is_same_act(own, wanted, at):
        return _standing(session, place, own, at)
    if not code:
        return WrongCode(message="扫码已超过 5 分钟，请重新扫码，或输入投屏上的六位数字。", left=LARGEST_FAILURES)
    codes.refuse_guessers(person_id=person_id, session_id=session_id, at=at)
    if not codes.is_code(session_id=session_id, code=code, at=at):
        left = codes.count_wrong_code(
            organisation_id=organisation_id, person_id=person_id, session_id=session_id, at=at
        )
        return WrongCode(message="签到码不对或已更新，请看投屏上最新的六位数字重新输入。", left=left)
    return sign(
        organisation_id=organisation_id,
        person_id=person_id,
        session_id=session_id,
        wanted=wanted,
        witness=Witness.LEARNER_CODE,
        at=at,
        device=device,
    )


def sign(
    *,
    organisation_id: int,
    person_id: int,
    session_id: int,
    wanted: Act | None,
    witness: str,
    at: datetime,
    device: str = "",
) -> SignResult:
    """Record a learner's own act; without `wanted` the one that follows from where they stand."""
    at = at.replace(microsecond=0)
    session, place = _class_of(organisation_id, person_id, session_id, at)
    chain.hold(PresenceAct, evidence_stream(place.id), at=at)
    own = _own_act(place.id, session_id)
    if own is not None and is_same_act(own, wanted, at):
        return _standing(session, place, own, at)
    step = next_step(window_of(session), own, at)
    if step not in (Step.CHECK_IN, Step.CHECK_OUT):
        raise Conflict(refusal(step, session=session, at=at))
    act = Act.CHECK_IN if step is Step.CHECK_IN else Act.CHECK_OUT
    _append(session, place, act, witness=Witness(witness), device=device, at=at)
    if act is Act.CHECK_IN:
        return _result(session, OwnAct(act, at), 0, is_new=True)
    settled = settle(organisation_id=organisation_id, enrolment_id=place.id, at=at)
    mine = [entry.seconds for entry in settled.entries or () if entry.ref == str(session_id)]
    return _result(session, OwnAct(act, at), sum(mine), is_new=True)


def refusal(step: Step, *, session: SessionView, at: datetime) -> str:
    """Say why a learner cannot sign in or out now, and what to do."""
    opens, starts = to_local(session.starts_at - OPENS_BEFORE), to_local(session.starts_at)
    can_be_called = window_of(session).takes_roll_call(at)
    last_call = to_local(session.ends_at + ROLL_CALL_WITHIN)
    return {
        Step.NOT_YET: f"还没到签到时间，{opens:%m月%d日 %H:%M} 开放，到时再来。",
        Step.WAIT: f"您已签到，{starts:%H:%M} 上课后开始计时；下课时记得签退。",
        Step.OVER: "这节课已经结束，不能再签到。到了课没签上的，请马上找老师点名。",
        Step.CLOSED: f"签到已关闭（下课 30 分钟后）。到了课没签上的，请在 {last_call:%m月%d日 %H:%M} 前找老师点名。"
        if can_be_called
        else "签到和点名都已关闭（下课 24 小时后），不能再补。到了课的请告诉机构，由机构留存纸质签到表并书面说明。",
    }[step]


def _append(
    session: SessionView, place: EnrolmentView, act: Act, *, witness: Witness, device: str, at: datetime
) -> None:
    values = {
        "organisation_id": place.organisation_id,
        "enrolment_id": place.id,
        "person_id": place.person_id,
        "class_session_id": session.id,
        "act": act.value,
        "at": at,
        "recorded_at": at,
        "witness": witness.value,
        "recorded_by": place.person_id,
        "device": device[:16],
        "note": "",
        "mark_sequence": None,
    }
    chain.append(PresenceAct, evidence_stream(place.id), [values], at=at)
    event = CheckedIn if act is Act.CHECK_IN else CheckedOut
    publish(
        event(
            organisation_id=place.organisation_id,
            cohort_id=place.cohort_id,
            enrolment_id=place.id,
            person_id=place.person_id,
            class_session_id=session.id,
            witness=witness.value,
            at=at,
        )
    )


def _standing(session: SessionView, place: EnrolmentView, own: OwnAct, at: datetime) -> SignResult:
    """Answer a request for what was done already."""
    credited = _credited(place, session.id, at) if own.act is Act.CHECK_OUT else 0
    return _result(session, own, credited, is_new=False)


def _result(session: SessionView, own: OwnAct, credited_seconds: int, *, is_new: bool) -> SignResult:
    return SignResult(act=own.act, at=own.at, session=session, credited_seconds=credited_seconds, is_new=is_new)


def _credited(place: EnrolmentView, session_id: int, at: datetime) -> int:
    hours = hours_of(organisation_id=place.organisation_id, enrolment_id=place.id, at=at)
    return hours.seconds_of(str(session_id))


def _places(organisation_id: int, person_id: int, at: datetime) -> dict[int, EnrolmentView]:
    """Return a learner's places in open cohorts, by cohort."""
    places = cohorts.enrolments_of(person_id=person_id, organisation_id=organisation_id, at=at)
    return {place.cohort_id: place for place in places if place.cohort_status == "open"}


def _class_of(organisation_id: int, person_id: int, session_id: int, at: datetime) -> tuple[SessionView, EnrolmentView]:
    session = cohorts.get_session(organisation_id=organisation_id, session_id=session_id)
    place = _places(organisation_id, person_id, at).get(session.cohort_id)
    if place is None:
        raise NotFound(_NOT_HERE)
    if session.cancelled:
        raise Conflict("这节课已取消，不用签到。请看课表上的新安排。")
    return session, place


def _own_act(enrolment_id: int, session_id: int) -> OwnAct | None:
    statement = (
        select(PresenceAct.act, PresenceAct.at, PresenceAct.witness)
        .where(
            PresenceAct.enrolment_id == enrolment_id,
            PresenceAct.class_session_id == session_id,
            PresenceAct.mark_sequence.is_(None),
        )
        .order_by(PresenceAct.sequence)
    )
    rows = db.session.execute(statement)
    return newest_own((Act(act), moment, Witness(witness)) for act, moment, witness in rows)


def _mark(enrolment_id: int, session_id: int) -> Mark | None:
    statement = (
        select(RollCallMark.mark)
        .where(RollCallMark.enrolment_id == enrolment_id, RollCallMark.class_session_id == session_id)
        .order_by(RollCallMark.sequence.desc())
        .limit(1)
    )
    mark = db.session.scalar(statement)
    return None if mark is None else Mark(mark)
