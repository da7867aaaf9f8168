"""Opening and closing a cohort, each on a page that says what will happen."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.cohorts import services
from lms.cohorts.forms import CloseForm
from lms.cohorts.rules.plans import rule_lines
from lms.cohorts.views.blueprint import SECTION, blueprint
from lms.core import clock
from lms.core.db import transaction
from lms.core.listing import ListQuery
from lms.courses import services as courses
from lms.web.access import current_actor, requires


@blueprint.get("/cohorts/<int:cohort_id>/open")
@requires("cohorts.manage")
def confirm_open(cohort_id: int) -> ResponseReturnValue:
    """Say what opening means for this cohort."""
    owner = current_actor().organisation_id
    view = services.get_cohort(organisation_id=owner, cohort_id=cohort_id)
    if view.status != "draft":
        return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))
    return render_template(
        "cohorts/open.html",
        cohort=view,
        course=courses.get_course(organisation_id=owner, course_id=view.course_id),
        book=services.list_learners(organisation_id=owner, cohort_id=cohort_id, query=ListQuery()),
        sessions=services.list_sessions(organisation_id=owner, cohort_id=cohort_id),
        rule=rule_lines(view.completion_rule),
        section=SECTION,
    )


@blueprint.post("/cohorts/<int:cohort_id>/open")
@requires("cohorts.manage")
def open_cohort(cohort_id: int) -> ResponseReturnValue:
    """Open the cohort."""
    actor = current_actor()
    with transaction():
        services.open_cohort(
            organisation_id=actor.organisation_id, cohort_id=cohort_id, at=clock.now(), actor_id=actor.person_id
        )
    flash("已开班，学员现在可以学习。")
    return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))


@blueprint.route("/cohorts/<int:cohort_id>/close", methods=["GET", "POST"])
@requires("cohorts.manage")
def close_cohort(cohort_id: int) -> ResponseReturnValue:
    """Close the cohort once its name was typed."""
    actor, form = current_actor(), CloseForm()
    view = services.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    if view.status != "open":
        return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))
    if form.validate_on_submit():
        if form.name.data == view.name:
            with transaction():
                services.close_cohort(
                    organisation_id=actor.organisation_id,
                    cohort_id=cohort_id,
                    at=clock.now(),
                    actor_id=actor.person_id,
                )
            flash(f"班期“{view.name}”已结束，学时、成绩和结业记录都保留。")
            return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))
        form.name.errors = ["名称不一致，班期没有结束。请核对后再输入。"]
    page = render_template("cohorts/close.html", cohort=view, form=form, section=SECTION)
    return page, form.page_status
