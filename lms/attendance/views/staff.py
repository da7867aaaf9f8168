"""The staff's side of attendance: cohorts, classes, learners' hours, how a cohort counts."""

from dataclasses import asdict

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.attendance import services
from lms.attendance.forms import PolicyForm
from lms.attendance.rules.words import REVERSAL_TITLES
from lms.attendance.services import PolicyData
from lms.attendance.views.blueprint import SECTION, blueprint
from lms.attendance.views.hours import WORDS
from lms.cohorts import services as cohorts
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.web.access import current_actor, requires
from lms.web.tables import Column, read_query

_LEARNERS = (
    Column("姓名", "name"),
    Column("已计学时", "total", numeric=True),
    Column("面授", "onsite", numeric=True),
    Column("线上", "online", numeric=True),
    Column("出勤（占已上）", "held", numeric=True),
    Column("占计划", "planned", numeric=True),
    Column("最多还能到", "reachable", numeric=True),
)
_COHORTS = (Column("班期", "name"), Column("开始", "starts_on"), Column("状态", "status"), Column("学员", numeric=True))
_STATUS = {"draft": "未开班", "open": "进行中", "closed": "已结束"}


@blueprint.get("/attendance")
@requires("attendance.read")
def overview() -> ResponseReturnValue:
    """Show today's classes and the cohorts with the way to their hours."""
    actor = current_actor()
    at = clock.now()
    from_at, until_at = clock.local_day(clock.local_date(at))
    today = services.classes_between(organisation_id=actor.organisation_id, from_at=from_at, until_at=until_at, at=at)
    page = cohorts.list_cohorts(organisation_id=actor.organisation_id, query=read_query())
    return render_template(
        "attendance/overview.html", today=today, page=page, columns=_COHORTS, status=_STATUS, section=SECTION
    )


@blueprint.get("/cohorts/<int:cohort_id>/hours")
@requires("attendance.read")
def cohort_hours(cohort_id: int) -> ResponseReturnValue:
    """Show the hours of a cohort's learners."""
    actor = current_actor()
    at = clock.now()
    cohort = cohorts.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    lines = services.learner_lines(organisation_id=actor.organisation_id, cohort_id=cohort_id, at=at)
    return render_template(
        "attendance/cohort_hours.html",
        cohort=cohort,
        lines=lines,
        at_risk=sum(line.at_risk for line in lines),
        page=services.page_of_learners(lines=lines, query=read_query()),
        columns=_LEARNERS,
        policy=services.get_policy(organisation_id=actor.organisation_id, cohort_id=cohort_id),
        at=at,
        section=SECTION,
    )


@blueprint.get("/cohorts/<int:cohort_id>/hours/<int:person_id>")
@requires("attendance.read")
def learner_hours(cohort_id: int, person_id: int) -> ResponseReturnValue:
    """Show one learner's hours day by day, and the ledger behind them."""
    report = services.hours_report(
        organisation_id=current_actor().organisation_id,
        cohort_id=cohort_id,
        person_id=person_id,
        with_ledger=True,
        at=clock.now(),
    )
    return render_template(
        "attendance/learner_hours.html", report=report, reversals=REVERSAL_TITLES, section=SECTION, **WORDS
    )


@blueprint.get("/cohorts/<int:cohort_id>/classes")
@requires("attendance.read")
def classes(cohort_id: int) -> ResponseReturnValue:
    """Show a cohort's classes with who came, and the way to board and roll call."""
    actor = current_actor()
    cohort = cohorts.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    lines = services.classes_of_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id, at=clock.now())
    learners = cohorts.learners(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    return render_template("attendance/classes.html", cohort=cohort, lines=lines, total=len(learners), section=SECTION)


@blueprint.get("/cohorts/<int:cohort_id>/hours/rule")
@requires("attendance.manage")
def policy(cohort_id: int) -> ResponseReturnValue:
    """Show how a cohort counts; a draft's numbers can be changed."""
    actor = current_actor()
    found = services.get_policy(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    return _policy_page(cohort_id, PolicyForm(data=asdict(found)))


@blueprint.post("/cohorts/<int:cohort_id>/hours/rule")
@requires("attendance.manage")
def save_policy(cohort_id: int) -> ResponseReturnValue:
    """Give a draft cohort its numbers."""
    actor = current_actor()
    form = PolicyForm()
    if not form.validate():
        return _policy_page(cohort_id, form), 422
    given = PolicyData(
        daily_cap_credit_hours=form.daily_cap_credit_hours.data or 0,
        heartbeat_gap_seconds=form.heartbeat_gap_seconds.data or 0,
        prompt_window_seconds=form.prompt_window_seconds.data or 0,
    )
    try:
        with transaction():
            services.set_policy(
                organisation_id=actor.organisation_id,
                cohort_id=cohort_id,
                policy=given,
                at=clock.now(),
                actor_id=actor.person_id,
            )
    except Invalid as error:
        flash(error.message, "error")
        return _policy_page(cohort_id, form), 422
    flash("计时规则已保存。开班后不能再改。", "success")
    return redirect(url_for("attendance.cohort_hours", cohort_id=cohort_id))


def _policy_page(cohort_id: int, form: PolicyForm) -> str:
    cohort = cohorts.get_cohort(organisation_id=current_actor().organisation_id, cohort_id=cohort_id)
    return render_template("attendance/policy.html", cohort=cohort, form=form, section=SECTION)
