"""What attendance adds to other plugins' pages."""

from typing import Any

from flask import render_template

from lms.attendance import services
from lms.attendance.rules.words import GRADE_TITLES
from lms.attendance.services import Step
from lms.attendance.views.device import mark_device
from lms.cohorts import services as cohorts
from lms.cohorts.services import CohortView
from lms.core import clock
from lms.courses.services import LessonView
from lms.web.access import Actor


def home_class(*, actor: Actor, **_: Any) -> str:
    """On the learner's home: today's class with place, time and the one button, the day's other classes below."""
    if not actor.can("attendance.own"):
        return ""
    at = clock.now()
    from_at, until_at = clock.local_day(clock.local_date(at))
    mine: dict[str, Any] = {"organisation_id": actor.organisation_id, "person_id": actor.person_id, "at": at}
    classes = services.classes_of_day(from_at=from_at, until_at=until_at, **mine)
    if not classes:
        return ""
    ahead = [session for session in classes if at <= session.ends_at]
    open_now = services.open_classes(**mine)
    first = next(iter(open_now or ahead), classes[-1])
    state = services.class_state(session_id=first.id, **mine)
    can_sign = state.step in (Step.CHECK_IN, Step.CHECK_OUT)
    others = [session for session in classes if session.id != first.id]
    return render_template(
        "attendance/_home_class.html",
        state=state,
        others=others,
        can_sign=can_sign,
        is_out=state.step is Step.CHECK_IN,
        reason="" if can_sign else services.refusal(state.step, session=first, at=at),
        at=at,
    )


def home_hours(*, actor: Actor, **_: Any) -> str:
    """On the learner's home: the ring of hours."""
    if not actor.can("attendance.own"):
        return ""
    at = clock.now()
    place = cohorts.current_enrolment(person_id=actor.person_id, organisation_id=actor.organisation_id, at=at)
    if place is None:
        return ""
    hours = services.hours_of(organisation_id=actor.organisation_id, enrolment_id=place.id, at=at)
    return render_template("attendance/_home_hours.html", hours=hours)


def home_staff(*, actor: Actor, **_: Any) -> str:
    """On the staff's home: today's classes with the way to board and roll call."""
    if not actor.can("attendance.teach"):
        return ""
    at = clock.now()
    from_at, until_at = clock.local_day(clock.local_date(at))
    lines = services.classes_between(organisation_id=actor.organisation_id, from_at=from_at, until_at=until_at, at=at)
    # an instructor's own classes first
    lines.sort(key=lambda line: line.session.instructor_id != actor.person_id)
    return render_template("attendance/_home_staff.html", lines=lines) if lines else ""


def lesson_clock(*, lesson: LessonView, actor: Actor, **_: Any) -> str:
    """On a lesson page: the quiet clock and the prompt."""
    if not actor.can("attendance.own"):
        return ""
    start = services.study_start(
        organisation_id=actor.organisation_id, person_id=actor.person_id, lesson_code=lesson.code, at=clock.now()
    )
    if start is None:
        return ""
    mark_device()
    return render_template("attendance/_lesson_clock.html", lesson=lesson, start=start)


def cohort_card(*, cohort: CohortView, actor: Actor, **_: Any) -> str:
    """On the cohort's page: how far it is and who is at risk."""
    if not actor.can("attendance.read"):
        return ""
    lines = services.learner_lines(organisation_id=actor.organisation_id, cohort_id=cohort.id, at=clock.now())
    present = [line for line in lines if not line.left]
    at_risk = sorted((line for line in present if line.at_risk), key=lambda line: line.hours.reachable_seconds)
    average = sum(line.hours.total_seconds for line in present) // len(present) if present else 0
    return render_template(
        "attendance/_cohort_card.html", cohort=cohort, present=present, at_risk=at_risk, average=average
    )


def learner_card(*, cohort_id: int, person_id: int, actor: Actor, **_: Any) -> str:
    """On a learner's page: the total, the ratios, how well it is proved."""
    if not actor.can("attendance.read"):
        return ""
    hours = services.hours_of(
        organisation_id=actor.organisation_id, cohort_id=cohort_id, person_id=person_id, at=clock.now()
    )
    return render_template(
        "attendance/_learner_card.html", hours=hours, cohort_id=cohort_id, person_id=person_id, grades=GRADE_TITLES
    )
