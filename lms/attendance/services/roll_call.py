"""The instructor's roll call and the projector's view of who is there."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from lms.accounts import services as accounts
from lms.attendance.models import PresenceAct, RollCallMark
from lms.attendance.rules import Act, Witness
from lms.attendance.rules.presence import CLOSES_AFTER, OPENS_BEFORE, OWN_WITNESSES, Mark, acts_of, mark_fault
from lms.attendance.rules.sign_in import window_left
from lms.attendance.rules.sign_in import window_of as code_window_of
from lms.attendance.services import codes
from lms.attendance.services.records import (
    Board,
    RollCallRow,
    RollCallSheet,
    evidence_stream,
    window_of,
)
from lms.cohorts import services as cohorts
from lms.cohorts.services import EnrolmentView, SessionView
from lms.core import audit, chain
from lms.core.db import db, owned
from lms.core.errors import Conflict, Invalid
from lms.courses import services as courses

_CHANGED = "刚刚有人保存过这节课的点名。请刷新页面，核对后再保存。"


def board(*, organisation_id: int, session_id: int, at: datetime) -> Board:
    """Return what the projector shows of a class now."""
    sheet = roll_call_sheet(organisation_id=organisation_id, session_id=session_id, at=at)
    session = sheet.session
    is_open = window_of(session).is_open(at) and not session.cancelled
    here = [row for row in sheet.rows if _is_here(row)]
    return Board(
        session=session,
        cohort_name=sheet.cohort_name,
        item_title=sheet.item_title,
        opens_at=session.starts_at - OPENS_BEFORE,
        closes_at=session.ends_at + CLOSES_AFTER,
        is_open=is_open,
        code=codes.code_now(session_id=session_id, at=at) if is_open else "",
        token=codes.token_now(session_id=session_id, at=at) if is_open else "",
        window=code_window_of(at),
        seconds_left=window_left(at),
        present=len(here),
        total=len(sheet.rows),
        missing=tuple(row.name for row in sheet.rows if not _is_here(row) and row.mark is not Mark.LEAVE),
    )


def _is_here(row: RollCallRow) -> bool:
    return row.checked_in_at is not None or row.mark in (Mark.PRESENT, Mark.LATE, Mark.EARLY)


def roll_call_sheet(*, organisation_id: int, session_id: int, at: datetime) -> RollCallSheet:
    """Return the roll of a class: its cohort's learners with their own acts and the newest mark."""
    session = cohorts.get_session(organisation_id=organisation_id, session_id=session_id)
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=session.cohort_id)
    item = courses.get_item(organisation_id=organisation_id, code=session.item_code)
    places = _learners(session, at)
    names = accounts.get_people(organisation_id=organisation_id, person_ids=[place.person_id for place in places])
    marks = _newest_marks(organisation_id, session_id)
    own = _own_acts(organisation_id, session_id)
    rows = [_row(session, place, names[place.person_id].name, marks, own) for place in places]
    return RollCallSheet(
        session=session,
        cohort_name=cohort.name,
        item_title=item.title,
        rows=tuple(sorted(rows, key=lambda row: (row.name, row.enrolment_id))),
        revision=_revision(organisation_id, session_id),
        is_open=window_of(session).takes_roll_call(at) and not session.cancelled,
    )


def _row(
    session: SessionView,
    place: EnrolmentView,
    name: str,
    marks: dict[int, RollCallMark],
    own: dict[tuple[int, Act], datetime],
) -> RollCallRow:
    mark = marks.get(place.id)
    checked_in_at = own.get((place.id, Act.CHECK_IN))
    late = 0 if checked_in_at is None else int((checked_in_at - session.starts_at).total_seconds()) // 60
    return RollCallRow(
        enrolment_id=place.id,
        person_id=place.person_id,
        name=name,
        mark=Mark(mark.mark) if mark else None,
        minutes=mark.minutes if mark else 0,
        checked_in_at=checked_in_at,
        checked_out_at=own.get((place.id, Act.CHECK_OUT)),
        late_minutes=max(0, late),
    )


def roll_call(
    *,
    organisation_id: int,
    session_id: int,
    marks: Mapping[int, tuple[Mark, int]],
    revision: int | None = None,
    at: datetime,
    actor_id: int,
) -> int:
    """Record marks by enrolment with the acts that follow from them; returns how many changed.

    revision: that of the sheet the marks were made on; when another call was saved meanwhile, Conflict.
    """
    at = at.replace(microsecond=0)
    session = cohorts.get_session(organisation_id=organisation_id, session_id=session_id)
    if places := _learners(session, at):
        # the first learner's stream is the lock of the whole roll
        first = min(place.id for place in places)
        chain.hold(RollCallMark, evidence_stream(first), at=at)
    sheet = roll_call_sheet(organisation_id=organisation_id, session_id=session_id, at=at)
    if not sheet.is_open:
        raise Conflict("现在不能点名：上课前 30 分钟到下课后 24 小时内可以点名和更正。")
    rows = {row.enrolment_id: row for row in sheet.rows}
    _check(sheet, rows, marks)
    changed = {
        enrolment_id: given
        for enrolment_id, given in sorted(marks.items())
        if given != (rows[enrolment_id].mark, rows[enrolment_id].minutes)
    }
    if changed and revision not in (None, sheet.revision):
        raise Conflict(_CHANGED)
    for enrolment_id, (mark, minutes) in changed.items():
        _record(session, rows[enrolment_id], mark, minutes, at=at, actor_id=actor_id)
    if changed:
        audit.record(
            at=at,
            action="attendance.roll_call",
            subject=f"cohorts_class_session:{session_id}",
            actor_id=actor_id,
            organisation_id=organisation_id,
            marks={mark.value: sum(given is mark for given, _ in changed.values()) for mark in Mark},
        )
    return len(changed)


def _check(sheet: RollCallSheet, rows: dict[int, RollCallRow], marks: Mapping[int, tuple[Mark, int]]) -> None:
    for enrolment_id, (mark, minutes) in marks.items():
        if enrolment_id not in rows:
            raise Invalid("名单里有不在本班的学员，请刷新页面后重新点名。")
        if fault := mark_fault(mark, minutes, window_of(sheet.session)):
            raise Invalid(f"{rows[enrolment_id].name}：{fault}")


def _record(session: SessionView, row: RollCallRow, mark: Mark, minutes: int, *, at: datetime, actor_id: int) -> None:
    """Append the mark and the acts that follow from it; those of an older mark fall out of force by being older."""
    shared = {
        "organisation_id": session.organisation_id,
        "enrolment_id": row.enrolment_id,
        "person_id": row.person_id,
        "class_session_id": session.id,
        "recorded_by": actor_id,
    }
    stream = evidence_stream(row.enrolment_id)
    entry = {**shared, "mark": mark.value, "minutes": minutes, "at": at}
    sequence = chain.append(RollCallMark, stream, [entry], at=at)
    acts = [
        {
            **shared,
            "act": marked.act.value,
            "at": marked.at,
            "recorded_at": at,
            "witness": Witness.INSTRUCTOR.value,
            "device": "",
            "note": "",
            "mark_sequence": sequence,
        }
        for marked in acts_of(mark, minutes, window_of(session))
    ]
    if acts:
        chain.append(PresenceAct, stream, acts, at=at)


def _learners(session: SessionView, at: datetime) -> list[EnrolmentView]:
    """Return the places of a class: those in force while it was held, and those entered since and in force now."""
    history = cohorts.history(organisation_id=session.organisation_id, cohort_id=session.cohort_id)
    latest = max(at, session.ends_at)
    newest = {
        place.person_id: place
        for place in history
        if place.from_at <= latest and (place.until_at is None or place.until_at > session.starts_at)
    }
    return list(newest.values())


def _newest_marks(organisation_id: int, session_id: int) -> dict[int, RollCallMark]:
    statement = (
        owned(RollCallMark, organisation_id)
        .where(RollCallMark.class_session_id == session_id)
        .order_by(RollCallMark.sequence)
    )
    return {row.enrolment_id: row for row in db.session.scalars(statement)}


def _own_acts(organisation_id: int, session_id: int) -> dict[tuple[int, Act], datetime]:
    """Return each learner's first own check-in and last own check-out."""
    statement = (
        select(PresenceAct.enrolment_id, PresenceAct.act, PresenceAct.at)
        .where(
            PresenceAct.organisation_id == organisation_id,
            PresenceAct.class_session_id == session_id,
            PresenceAct.witness.in_([witness.value for witness in OWN_WITNESSES]),
        )
        .order_by(PresenceAct.at, PresenceAct.id)
    )
    found: dict[tuple[int, Act], datetime] = {}
    for enrolment_id, act, moment in db.session.execute(statement):
        key = enrolment_id, Act(act)
        if key[1] is Act.CHECK_OUT or key not in found:
            found[key] = moment
    return found


def _revision(organisation_id: int, session_id: int) -> int:
    """Return a number that every saved roll call of a class raises."""
    statement = select(func.count()).where(
        RollCallMark.organisation_id == organisation_id, RollCallMark.class_session_id == session_id
    )
    return db.session.scalar(statement) or 0
