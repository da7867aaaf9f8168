"""What completion adds to other plugins' pages."""

from typing import Any

from flask import render_template

from lms.cohorts import services as cohorts
from lms.cohorts.services import CohortView
from lms.completion import services
from lms.core import clock
from lms.web.access import Actor

MOST = 5


def cohort_card(*, cohort: CohortView, actor: Actor, **_: Any) -> str:
    """On the cohort's page: the way to the list, with its counts."""
    if not actor.can("completion.read"):
        return ""
    counts = services.count_candidates(organisation_id=actor.organisation_id, cohort_id=cohort.id)
    return render_template("completion/_cohort_card.html", cohort=cohort, counts=counts.get(cohort.id, {}))


def learner_card(*, cohort_id: int, person_id: int, actor: Actor, **_: Any) -> str:
    """On a learner's page, for staff: the same panel that the learner sees."""
    if not actor.can("completion.read"):
        return ""
    owner = actor.organisation_id
    found = services.standing(organisation_id=owner, cohort_id=cohort_id, person_id=person_id, at=clock.now())
    records = [
        record
        for record in services.records_of(person_id=person_id, organisation_id=owner)
        if record.cohort_id == cohort_id
    ]
    return render_template("completion/_learner_card.html", standing=found, records=records)


def staff_card(*, actor: Actor, **_: Any) -> str:
    """On the clerk's home: cohorts with somebody to review or to issue for, the newest few."""
    if not actor.can("completion.review"):
        return ""
    counts = services.count_candidates(organisation_id=actor.organisation_id)
    waiting = [(cohort_id, counts[cohort_id]) for cohort_id in sorted(counts, reverse=True)]
    waiting = [(cohort_id, found) for cohort_id, found in waiting if found.keys() & {"proposed", "approved"}][:MOST]
    lines = [
        (cohorts.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id), found)
        for cohort_id, found in waiting
    ]
    return render_template("completion/_staff_card.html", lines=lines) if lines else ""


def ask_card(*, actor: Actor, **_: Any) -> str:
    """On the home of those who receive records instead of making them: the way to the public check."""
    receives = actor.organisation_kind in ("employer", "assessor", "authority")
    return render_template("completion/_ask_card.html") if receives else ""


def home_card(*, actor: Actor, **_: Any) -> str:
    """On the learner's home: how many rules are met, and the way to the panel."""
    if not actor.can("completion.own"):
        return ""
    at = clock.now()
    place = cohorts.current_enrolment(person_id=actor.person_id, organisation_id=actor.organisation_id, at=at)
    if place is None:
        return ""
    found = services.standing(
        organisation_id=actor.organisation_id, cohort_id=place.cohort_id, person_id=actor.person_id, at=at
    )
    records = services.records_of(person_id=actor.person_id, organisation_id=actor.organisation_id)
    valid = [record for record in records if record.revoked_at is None and record.cohort_id == place.cohort_id]
    return render_template("completion/_home_card.html", standing=found, records=valid)


def my_card(*, actor: Actor, **_: Any) -> str:
    """On 我的: the way to progress and records, also when the cohort is long over."""
    return render_template("completion/_my_card.html") if actor.can("completion.own") else ""
