"""The timetable: adding classes one after the other, calling one off."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import services as accounts
from lms.cohorts import services
from lms.cohorts.forms import ReasonForm, SessionForm, show_refusal
from lms.cohorts.rules.timetable import Span, after, following
from lms.cohorts.services import CohortView, SessionView
from lms.cohorts.views.blueprint import SECTION, blueprint
from lms.cohorts.views.cohorts import by_day
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import LmsError, NotFound
from lms.courses import services as courses
from lms.courses.services import CourseView
from lms.web.access import current_actor, requires


@blueprint.route("/cohorts/<int:cohort_id>/sessions/new", methods=["GET", "POST"])
@requires("cohorts.manage")
def add_session(cohort_id: int) -> ResponseReturnValue:
    """Put a class on the timetable; `?after=` proposes the one that would follow it."""
    actor = current_actor()
    owner = actor.organisation_id
    view = services.get_cohort(organisation_id=owner, cohort_id=cohort_id)
    course = courses.get_course(organisation_id=owner, course_id=view.course_id)
    sessions = services.list_sessions(organisation_id=owner, cohort_id=cohort_id)
    teachers = accounts.list_staff(organisation_id=owner, roles=services.TEACHING_ROLES)
    form = SessionForm(data=_proposal(view, course, sessions))
    form.offer(items=course.items, teachers=teachers)
    if form.validate_on_submit():
        try:
            session_id = _schedule(view, form)
        except LmsError as error:
            show_refusal(form, error)
        else:
            starts_at, ends_at = form.interval
            flash(f"已排课：{clock.to_local(starts_at):%m-%d %H:%M}—{clock.to_local(ends_at):%H:%M}。")
            if "another" in request.form:
                return redirect(url_for("cohorts.add_session", cohort_id=cohort_id, after=session_id))
            return redirect(url_for("cohorts.cohort", cohort_id=cohort_id, _anchor="timetable"))
    page = render_template(
        "cohorts/session_form.html",
        cohort=view,
        form=form,
        days=by_day(sessions),
        items={item.code: item for item in course.items},
        rooms=sorted({each.room for each in sessions if each.room}),
        people={each.id: each for each in teachers},
        planned=sum(each.seconds for each in sessions if not each.cancelled),
        section=SECTION,
    )
    return page, form.page_status


def _schedule(view: CohortView, form: SessionForm) -> int:
    actor = current_actor()
    starts_at, ends_at = form.interval
    with transaction():
        return services.schedule_session(
            organisation_id=actor.organisation_id,
            cohort_id=view.id,
            starts_at=starts_at,
            ends_at=ends_at,
            item_code=form.item_code.data or "",
            instructor_id=form.instructor_id.data or None,
            room=form.room.data or "",
            at=clock.now(),
            actor_id=actor.person_id,
        )


def _proposal(view: CohortView, course: CourseView, sessions: list[SessionView]) -> dict[str, Any]:
    """Return what the form shows first: the class after the one asked for, else the first morning."""
    wanted = request.args.get("after", type=int)
    held = [each for each in sessions if not each.cancelled]
    before = next((each for each in held if each.id == wanted), held[-1] if held else None)
    if before is None:
        begin = clock.to_local(clock.local_midnight(view.starts_on)).replace(hour=8, minute=30)
        return {"on": view.starts_on, "starts": begin.time(), "ends": begin.replace(hour=10, minute=0).time()}
    starts = clock.to_local(before.starts_at)
    first = min(clock.to_local(each.starts_at) for each in held if _same_day(each, starts))
    span = following(Span(starts, clock.to_local(before.ends_at)), first)
    return {
        "on": span.starts.date(),
        "starts": span.starts.time(),
        "ends": span.ends.time(),
        "item_code": after([item.code for item in course.items], before.item_code),
        "instructor_id": before.instructor_id or 0,
        "room": before.room,
    }


def _same_day(session: SessionView, moment: datetime) -> bool:
    return clock.to_local(session.starts_at).date() == moment.date()


@blueprint.route("/cohorts/<int:cohort_id>/sessions/<int:session_id>/cancel", methods=["GET", "POST"])
@requires("cohorts.manage")
def cancel_session(cohort_id: int, session_id: int) -> ResponseReturnValue:
    """Call a class off, with the reason learners will read."""
    actor, form = current_actor(), ReasonForm()
    owner = actor.organisation_id
    view = services.get_cohort(organisation_id=owner, cohort_id=cohort_id)
    session = services.get_session(organisation_id=owner, session_id=session_id)
    if session.cohort_id != cohort_id:
        raise NotFound
    if form.validate_on_submit():
        try:
            with transaction():
                services.cancel_session(
                    organisation_id=owner,
                    session_id=session_id,
                    reason=form.reason.data or "",
                    at=clock.now(),
                    actor_id=actor.person_id,
                )
        except LmsError as error:
            show_refusal(form, error)
        else:
            flash("这节课已取消，学员的课表上会显示原因。")
            return redirect(url_for("cohorts.cohort", cohort_id=cohort_id, _anchor="timetable"))
    item = courses.get_item(organisation_id=owner, code=session.item_code)
    page = render_template("cohorts/cancel.html", cohort=view, session=session, item=item, form=form, section=SECTION)
    return page, form.page_status
