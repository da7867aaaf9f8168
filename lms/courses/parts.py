"""What courses add to other plugins' pages."""

from typing import Any

from flask import render_template

from lms.web.access import Actor


def search_tabs(*, actor: Actor, **_: Any) -> str:
    """On top of the search page, for staff: the tabs of 课程与题库."""
    if actor.frame != "staff" or not actor.can("courses.syllabus"):
        return ""
    return render_template("courses/_tabs.html", here="search")
