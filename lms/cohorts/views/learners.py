"""One learner in a cohort: the page, adding one, ending a place, moving to another cohort."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import services as accounts
from lms.cohorts import services
from lms.cohorts.forms import LearnerForm, ReasonForm, TransferForm, show_refusal
from lms.cohorts.services import CohortView, EnrolmentView
from lms.cohorts.views.blueprint import SECTION, blueprint
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import LmsError, NotFound
from lms.core.listing import ListQuery
from lms.web.access import Actor, current_actor, requires

_NOT_HERE = "这个班期里没有这位学员。请从班期页面重新进入。"


@blueprint.route("/cohorts/<int:cohort_id>/learners/new", methods=["GET", "POST"])
@requires("cohorts.manage")
def add_learner(cohort_id: int) -> ResponseReturnValue:
    """Enrol somebody who comes without a roster."""
    actor, form = current_actor(), LearnerForm()
    view = services.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    if form.validate_on_submit():
        try:
            made = _enrol(form, view, actor)
        except LmsError as error:
            show_refusal(form, error)
        else:
            word = "请打印初始密码交给本人" if made.is_new else "此人已有账号，仍用原来的密码登录"
            flash(f"{form.name.data}已加入班期。{word}。")
            return redirect(url_for("cohorts.cohort", cohort_id=cohort_id, _anchor="learners"))
    page = render_template("cohorts/learner_form.html", cohort=view, form=form, section=SECTION)
    return page, form.page_status


def _enrol(form: LearnerForm, view: CohortView, actor: Actor) -> accounts.PersonCreated:
    at = clock.now()
    with transaction():
        made = accounts.enrol_person(
            organisation_id=actor.organisation_id,
            role=accounts.Role.LEARNER,
            name=form.name.data or "",
            phone=form.phone.data,
            id_number=form.id_number.data,
            at=at,
            actor_id=actor.person_id,
        )
        services.enrol(
            organisation_id=actor.organisation_id,
            cohort_id=view.id,
            person_id=made.person_id,
            employer_name=form.employer.data or "",
            at=at,
            actor_id=actor.person_id,
        )
    return made


@blueprint.get("/cohorts/<int:cohort_id>/learners/<int:person_id>")
@requires("cohorts.read")
def learner(cohort_id: int, person_id: int) -> ResponseReturnValue:
    """One learner's page; the plugins above add hours, results and standing."""
    return _page(cohort_id, person_id, ReasonForm(formdata=None, prefix="end-"), TransferForm(formdata=None))


def _page(cohort_id: int, person_id: int, ending: ReasonForm, moving: TransferForm) -> str:
    actor = current_actor()
    owner = actor.organisation_id
    view, places = _places(actor, cohort_id, person_id)
    return render_template(
        "cohorts/learner.html",
        cohort=view,
        person=accounts.get_person(organisation_id=owner, person_id=person_id),
        places=places,
        current=_current(places, cohort_id),
        ending=ending,
        moving=_offer(moving, actor, cohort_id),
        section=SECTION,
    )


def _places(actor: Actor, cohort_id: int, person_id: int) -> tuple[CohortView, list[EnrolmentView]]:
    """Return the cohort and the person's places in the institution; NotFound when none was in this cohort."""
    view = services.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    places = services.enrolments_of(person_id=person_id, organisation_id=actor.organisation_id)
    if not any(place.cohort_id == cohort_id for place in places):
        raise NotFound(_NOT_HERE)
    return view, places


def _current(places: list[EnrolmentView], cohort_id: int) -> EnrolmentView | None:
    return next((place for place in places if place.cohort_id == cohort_id and place.until_at is None), None)


def _offer(form: TransferForm, actor: Actor, cohort_id: int) -> TransferForm:
    """Offer the other cohorts that are not closed, newest first."""
    others = services.list_cohorts(organisation_id=actor.organisation_id, query=ListQuery(size=100), ended=False).rows
    form.offer(view for view, _count in others if view.id != cohort_id)
    return form


@blueprint.post("/cohorts/<int:cohort_id>/learners/<int:person_id>/end")
@requires("cohorts.manage")
def end_enrolment(cohort_id: int, person_id: int) -> ResponseReturnValue:
    """End the learner's place."""
    actor, form = current_actor(), ReasonForm(prefix="end-")
    _view, places = _places(actor, cohort_id, person_id)
    current = _current(places, cohort_id)
    if form.validate_on_submit() and current is not None:
        with transaction():
            services.end_enrolment(
                organisation_id=actor.organisation_id,
                enrolment_id=current.id,
                reason=form.reason.data or "",
                at=clock.now(),
                actor_id=actor.person_id,
            )
        flash("学员已离开本班期，学时和成绩都保留。")
        return redirect(url_for("cohorts.learner", cohort_id=cohort_id, person_id=person_id))
    return _page(cohort_id, person_id, form, TransferForm(formdata=None)), 422


@blueprint.post("/cohorts/<int:cohort_id>/learners/<int:person_id>/transfer")
@requires("cohorts.manage")
def transfer(cohort_id: int, person_id: int) -> ResponseReturnValue:
    """Move the learner to another cohort."""
    actor = current_actor()
    form = _offer(TransferForm(), actor, cohort_id)
    _view, places = _places(actor, cohort_id, person_id)
    current = _current(places, cohort_id)
    if form.validate_on_submit() and current is not None:
        try:
            with transaction():
                services.transfer(
                    organisation_id=actor.organisation_id,
                    enrolment_id=current.id,
                    to_cohort_id=form.to_cohort_id.data or 0,
                    reason=form.reason.data or "",
                    at=clock.now(),
                    actor_id=actor.person_id,
                )
        except LmsError as error:
            show_refusal(form, error)
        else:
            flash("已转班；原班期的学时和成绩留在原班期。")
            return redirect(url_for("cohorts.learner", cohort_id=form.to_cohort_id.data, person_id=person_id))
    return _page(cohort_id, person_id, ReasonForm(formdata=None, prefix="end-"), form), 422
