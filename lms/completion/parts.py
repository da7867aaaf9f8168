"""What completion adds to other plugins' pages."""

from typing import Any

from flask import render_template

from lms.cohorts import services as cohorts
from lms.cohorts.services import CohortView
from lms.completion import services
from lms.core import clock
from lms.web.access import Actor


def cohort_card(*, cohort: CohortView, actor: Actor, **_: Any) -> str:
    """On the cohort's page: the way to the list, with its counts."""
    if not actor.can("completion.read"):
        return ""
    listed = services.candidates(organisation_id=actor.organisation_id, cohort_id=cohort.id)
    counts = {
        status: sum(candidate.status == status for candidate in listed.values())
        for status in ("proposed", "approved", "issued")
    }
    return render_template("completion/_cohort_card.html", cohort=cohort, counts=counts)


def home_card(*, actor: Actor, **_: Any) -> str:
    """On the learner's home: how many rules are met, and the way to the panel."""
    at = clock.now()
    place = cohorts.current_enrolment(person_id=actor.person_id, organisation_id=actor.organisation_id, at=at)
    if place is None or not actor.can("completion.own"):
        return ""
    found = services.standing(
        organisation_id=actor.organisation_id, cohort_id=place.cohort_id, person_id=actor.person_id, at=at
    )
    records = services.records_of(person_id=actor.person_id, organisation_id=actor.organisation_id)
    valid = [record for record in records if record.revoked_at is None and record.cohort_id == place.cohort_id]
    return render_template("completion/_home_card.html", standing=found, records=valid)
