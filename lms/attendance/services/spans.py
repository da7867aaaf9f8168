"""Joins beats to spans at every settlement, so that counting hours need not read every beat there ever was."""

from datetime import datetime, timedelta

from sqlalchemy import select

from lms.attendance.models import Heartbeat, StudySpan
from lms.attendance.services.records import evidence_stream
from lms.core.db import db


def join_beats(*, organisation_id: int, enrolment_id: int, joined_up_to: int, gap_seconds: int, at: datetime) -> int:
    """Join the beats after a sequence to the enrolment's spans and return the last sequence joined.

    Beats are taken in the order of their chain, up to the first one later than `at`.
    """
    open_spans = _newest_spans(enrolment_id)
    gap = timedelta(seconds=gap_seconds)
    beats = db.session.execute(
        select(Heartbeat.sequence, Heartbeat.lesson_code, Heartbeat.device, Heartbeat.at)
        .where(Heartbeat.stream == evidence_stream(enrolment_id), Heartbeat.sequence > joined_up_to)
        .order_by(Heartbeat.sequence)
    )
    for sequence, lesson_code, device, moment in beats.all():
        if moment > at:
            break
        joined_up_to = sequence
        span = open_spans.get((lesson_code, device))
        if span is not None and span.first_at - gap <= moment <= span.last_at + gap:
            span.first_at, span.last_at = min(span.first_at, moment), max(span.last_at, moment)
            continue
        span = StudySpan(
            organisation_id=organisation_id,
            enrolment_id=enrolment_id,
            lesson_code=lesson_code,
            device=device,
            first_at=moment,
            last_at=moment,
        )
        db.session.add(span)
        open_spans[lesson_code, device] = span
    db.session.flush()
    return joined_up_to


def _newest_spans(enrolment_id: int) -> dict[tuple[str, str], StudySpan]:
    rows = db.session.scalars(
        select(StudySpan).where(StudySpan.enrolment_id == enrolment_id).order_by(StudySpan.first_at, StudySpan.id)
    )
    return {(row.lesson_code, row.device): row for row in rows}
