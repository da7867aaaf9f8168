"""Cohorts: the list, the form, the workbench."""

from datetime import date
from itertools import groupby
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import services as accounts
from lms.cohorts import services
from lms.cohorts.forms import CohortForm, cohort_data, show_refusal
from lms.cohorts.rules.plans import rule_lines
from lms.cohorts.services import CohortView, SessionView
from lms.cohorts.views.blueprint import SECTION, blueprint
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import LmsError
from lms.courses import services as courses
from lms.web.access import Actor, current_actor, requires
from lms.web.tables import Column, read_query

COLUMNS = (
    Column("班期", "name"),
    Column("状态", "status"),
    Column("起止日期", "starts_on"),
    Column("地点"),
    Column("班主任"),
    Column("学员", "learners", numeric=True),
)
LEARNER_COLUMNS = (
    Column("姓名", "name"),
    Column("身份证号"),
    Column("手机号"),
    Column("工作单位", "employer"),
    Column("加入日期", "since"),
)


@blueprint.get("/cohorts/")
@requires("cohorts.read")
def index() -> str:
    """List the institution's cohorts."""
    actor, status = current_actor(), request.args.get("status", "")
    chosen = status if status in services.STATUS_TITLES else ""
    page = services.list_cohorts(organisation_id=actor.organisation_id, query=read_query(), status=chosen)
    teachers = {view.head_teacher_id for view, _count in page.rows if view.head_teacher_id}
    return render_template(
        "cohorts/index.html",
        page=page,
        columns=COLUMNS,
        status=chosen,
        titles=services.STATUS_TITLES,
        people=accounts.get_people(organisation_id=actor.organisation_id, person_ids=teachers),
        section=SECTION,
    )


@blueprint.route("/cohorts/new", methods=["GET", "POST"])
@requires("cohorts.manage")
def add_cohort() -> ResponseReturnValue:
    """Create a cohort."""
    return _cohort_form(CohortForm(), None)


@blueprint.route("/cohorts/<int:cohort_id>/edit", methods=["GET", "POST"])
@requires("cohorts.manage")
def edit_cohort(cohort_id: int) -> ResponseReturnValue:
    """Change a cohort's particulars; what learners were promised at the opening stays."""
    view = services.get_cohort(organisation_id=current_actor().organisation_id, cohort_id=cohort_id)
    form = CohortForm(data=cohort_data(view))
    if view.status != "draft":
        form.fix()
    return _cohort_form(form, view)


def _cohort_form(form: CohortForm, view: CohortView | None) -> ResponseReturnValue:
    actor = current_actor()
    offered = courses.list_courses(organisation_id=actor.organisation_id)
    teachers = accounts.list_staff(organisation_id=actor.organisation_id, roles=services.TEACHING_ROLES)
    form.offer(courses=offered, teachers=teachers)
    if form.validate_on_submit():
        try:
            cohort_id = _save(form, view, offered, actor)
        except LmsError as error:
            show_refusal(form, error)
        else:
            flash(f"班期“{form.name.data}”已保存。")
            return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))
    page = render_template("cohorts/form.html", form=form, cohort=view, courses=offered, section=SECTION)
    return page, form.page_status


def _save(form: CohortForm, view: CohortView | None, offered: list[courses.CourseView], actor: Actor) -> int:
    values = form.values(courses=offered, before=view)
    by: dict[str, Any] = {"organisation_id": actor.organisation_id, "actor_id": actor.person_id}
    with transaction():
        if view is None:
            return services.create_cohort(**values, **by, at=clock.now())
        services.update_cohort(cohort_id=view.id, **values, **by, at=clock.now())
    return view.id


@blueprint.get("/cohorts/<int:cohort_id>")
@requires("cohorts.read")
def cohort(cohort_id: int) -> str:
    """The workbench: facts, what is next, learners, timetable, and what the plugins above add."""
    actor, at = current_actor(), clock.now()
    owner = actor.organisation_id
    view = services.get_cohort(organisation_id=owner, cohort_id=cohort_id)
    course = courses.get_course(organisation_id=owner, course_id=view.course_id)
    book = services.list_learners(organisation_id=owner, cohort_id=cohort_id, query=read_query())
    sessions = services.list_sessions(organisation_id=owner, cohort_id=cohort_id)
    teachers = {each.instructor_id for each in sessions if each.instructor_id} | {view.head_teacher_id or 0}
    today = clock.local_date(at)
    days = by_day(sessions)
    return render_template(
        "cohorts/cohort.html",
        cohort=view,
        course=course,
        items={item.code: item for item in course.items},
        book=book,
        columns=LEARNER_COLUMNS,
        people=accounts.get_people(organisation_id=owner, person_ids=teachers),
        past=[(on, group) for on, group in days if on < today],
        coming=[(on, group) for on, group in days if on >= today],
        held=sum(each.seconds for each in sessions if not each.cancelled),
        rule=rule_lines(view.completion_rule),
        titles=services.STATUS_TITLES,
        levels=services.LEVEL_TITLES,
        modes=services.MODE_TITLES,
        at=at,
        today=today,
        section=SECTION,
    )


def by_day(sessions: list[SessionView]) -> list[tuple[date, list[SessionView]]]:
    """Return a timetable grouped by date in China."""
    return [(on, list(group)) for on, group in groupby(sessions, key=lambda each: clock.local_date(each.starts_at))]
