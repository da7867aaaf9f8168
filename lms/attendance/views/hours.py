"""我的学时: the learner's own account."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from lms.attendance import services
from lms.attendance.rules.words import GRADE_MEANINGS, GRADE_TITLES, REASON_ADVICE, REASON_TITLES, SOURCE_TITLES
from lms.attendance.views.blueprint import blueprint
from lms.cohorts import services as cohorts
from lms.core import clock
from lms.core.db import transaction
from lms.web.access import current_actor, requires

WORDS = {
    "grades": GRADE_TITLES,
    "meanings": GRADE_MEANINGS,
    "reasons": REASON_TITLES,
    "advice": REASON_ADVICE,
    "sources": SOURCE_TITLES,
}


@blueprint.get("/hours")
@requires("attendance.own")
def hours() -> ResponseReturnValue:
    """Show the learner's hours day by day; what is new since the last settlement is posted first."""
    actor = current_actor()
    at = clock.now()
    places = cohorts.enrolments_of(person_id=actor.person_id, organisation_id=actor.organisation_id)
    newest = {place.cohort_id: place for place in reversed(places)}
    chosen = _chosen(places, newest)
    if chosen is None:
        return render_template("attendance/hours.html", report=None, cohorts=[])
    account: dict[str, Any] = {"organisation_id": actor.organisation_id, "enrolment_id": chosen.id, "at": at}
    if services.needs_settling(**account):
        with transaction():
            services.settle(**account)
    report = services.hours_report(**account)
    return render_template(
        "attendance/hours.html", report=report, cohorts=list(newest.values()), chosen=chosen, **WORDS
    )


def _chosen(
    places: list[cohorts.EnrolmentView], newest: dict[int, cohorts.EnrolmentView]
) -> cohorts.EnrolmentView | None:
    """Return the place asked for by `?cohort=`, else the newest one that lasts, else the newest."""
    asked = request.args.get("cohort", "")
    if asked.isascii() and asked.isdigit() and int(asked) in newest:
        return newest[int(asked)]
    lasting = [place for place in places if place.until_at is None]
    return next(iter(lasting or places), None)
