"""学习: a learner's course and timetable; and what cohorts add to the home pages."""

from typing import Any

from flask import render_template, request

from lms.accounts import services as accounts
from lms.cohorts import services
from lms.cohorts.services import EnrolmentView, SessionView
from lms.cohorts.views.blueprint import blueprint
from lms.cohorts.views.cohorts import by_day
from lms.core import clock
from lms.core.errors import NotFound
from lms.courses import services as courses
from lms.web.access import Actor, current_actor, requires


@blueprint.get("/study")
@requires("cohorts.study")
def study() -> str:
    """The learner's course: items, lessons, progress, timetable; `?cohort=` chooses among several."""
    actor, at = current_actor(), clock.now()
    places = _own_places(actor)
    if not places:
        return render_template("cohorts/study_empty.html")
    place = _chosen(places)
    view = services.get_cohort(organisation_id=actor.organisation_id, cohort_id=place.cohort_id)
    plan = services.study_plan(
        organisation_id=actor.organisation_id, cohort_id=place.cohort_id, person_id=actor.person_id
    )
    sessions = services.list_sessions(organisation_id=actor.organisation_id, cohort_id=place.cohort_id)
    today = clock.local_date(at)
    days = by_day(sessions)
    return render_template(
        "cohorts/study.html",
        cohort=view,
        places=places,
        plan=plan,
        begun=_begun(actor) if view.status == "open" else None,
        items={each.item.code: each.item for each in plan.items},
        past=[(on, group) for on, group in days if on < today],
        coming=[(on, group) for on, group in days if on >= today],
        people=_teachers(actor, sessions),
        today=today,
        at=at,
    )


def _own_places(actor: Actor) -> list[EnrolmentView]:
    """Return the learner's present places here, running cohorts first, newest first."""
    found = services.enrolments_of(person_id=actor.person_id, organisation_id=actor.organisation_id, at=clock.now())
    rank = {"open": 0, "draft": 1, "closed": 2}
    return sorted(found, key=lambda place: rank[place.cohort_status])


def _chosen(places: list[EnrolmentView]) -> EnrolmentView:
    wanted = request.args.get("cohort", type=int)
    if wanted is None:
        return places[0]
    found = next((place for place in places if place.cohort_id == wanted), None)
    if found is None:
        raise NotFound("您不在这个班期。请从“学习”重新进入。")
    return found


def _begun(actor: Actor) -> courses.LessonView | None:
    """Return the lesson the learner opened last and has not finished."""
    return courses.last_unfinished(organisation_id=actor.organisation_id, person_id=actor.person_id)


def _teachers(actor: Actor, sessions: list[SessionView]) -> dict[int, accounts.PersonView]:
    ids = {each.instructor_id for each in sessions if each.instructor_id}
    return accounts.get_people(organisation_id=actor.organisation_id, person_ids=ids) if ids else {}


def home_learner(*, actor: Actor, **_: Any) -> str:
    """On the learner's home: the course's progress and 继续学习; nothing for people in no cohort."""
    if not actor.can("cohorts.study"):
        return ""
    place = services.current_enrolment(person_id=actor.person_id, organisation_id=actor.organisation_id, at=clock.now())
    if place is None:
        waiting = _own_places(actor)
        return render_template("cohorts/_home_waiting.html", places=waiting) if waiting else ""
    plan = services.study_plan(
        organisation_id=actor.organisation_id, cohort_id=place.cohort_id, person_id=actor.person_id
    )
    return render_template("cohorts/_home_learner.html", place=place, plan=plan, begun=_begun(actor))


def home_staff(*, actor: Actor, **_: Any) -> str:
    """On the staff's home: running cohorts and what each wants today."""
    if not actor.can("cohorts.read"):
        return ""
    entries = services.agenda(organisation_id=actor.organisation_id, at=clock.now())
    if not entries and not actor.can("cohorts.manage"):
        return ""
    return render_template("cohorts/_home_staff.html", entries=entries, titles=services.STATUS_TITLES)
