"""What courses add to other plugins' pages."""

from typing import Any

from flask import render_template

from lms.courses import services
from lms.web.access import Actor


def search_tabs(*, actor: Actor, **_: Any) -> str:
    """On top of the search page, for staff: the tabs of 课程与题库."""
    if actor.frame != "staff" or not actor.can("courses.syllabus"):
        return ""
    return render_template("courses/_tabs.html", here="search")


def review_card(*, actor: Actor, **_: Any) -> str:
    """On the home page of staff: how much waits for a review that they may do."""
    if not actor.can("courses.review"):
        return ""
    official = services.may_clear_official(organisation_id=actor.organisation_id, roles=actor.roles)
    number = services.count_waiting(organisation_id=actor.organisation_id, official=official)
    return render_template("courses/_review_card.html", number=number) if number else ""
