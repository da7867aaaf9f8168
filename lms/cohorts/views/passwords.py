"""Initial passwords of a cohort's learners: printed once, cut, handed over."""

import segno
from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from lms.accounts import services as accounts
from lms.cohorts import services
from lms.cohorts.services import CohortView
from lms.cohorts.views.blueprint import SECTION, blueprint
from lms.core import clock
from lms.core.db import transaction
from lms.core.settings import Settings
from lms.web.access import current_actor, requires


@blueprint.get("/cohorts/<int:cohort_id>/passwords")
@requires("cohorts.manage")
def passwords(cohort_id: int) -> str:
    """Say whose initial passwords wait, and that they can be shown once."""
    owner = current_actor().organisation_id
    view, ids = _present(owner, cohort_id)
    waiting = accounts.people_with_slips(organisation_id=owner, person_ids=ids)
    people = accounts.get_people(organisation_id=owner, person_ids=waiting)
    names = [people[person_id].name for person_id in ids if person_id in people]
    return render_template("cohorts/passwords.html", cohort=view, names=names, section=SECTION)


@blueprint.post("/cohorts/<int:cohort_id>/passwords")
@requires("cohorts.manage")
def print_passwords(cohort_id: int) -> ResponseReturnValue:
    """Show the slips on this answer only, ready to print; who took them is logged."""
    actor = current_actor()
    view, ids = _present(actor.organisation_id, cohort_id)
    with transaction():
        slips = accounts.take_password_slips(
            organisation_id=actor.organisation_id, person_ids=ids, at=clock.now(), actor_id=actor.person_id
        )
    order = {person_id: place for place, person_id in enumerate(ids)}
    return render_template(
        "cohorts/slips.html",
        cohort=view,
        slips=sorted(slips, key=lambda slip: order[slip.person_id]),
        address=_address(),
        qr=_qr(_address()),
        section=SECTION,
    )


def _present(organisation_id: int, cohort_id: int) -> tuple[CohortView, list[int]]:
    view = services.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    places = services.learners(organisation_id=organisation_id, cohort_id=cohort_id)
    return view, [place.person_id for place in places]


def _qr(address: str) -> Markup:
    """Return the address as an SVG symbol that every slip refers to."""
    drawing = segno.make(address, error="m").svg_inline(border=1, omitsize=True)
    return Markup('<svg class="qr-store" aria-hidden="true"><symbol id="sign-in-qr">{}</symbol></svg>').format(
        Markup(drawing)  # noqa: S704  (drawn by segno: paths only)
    )


def _address() -> str:
    """Return where learners sign in, as they type it: the configured address, else the one this request came to."""
    settings: Settings = current_app.extensions["lms_settings"]
    return settings.base_url or request.host_url.rstrip("/")
