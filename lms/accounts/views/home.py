"""The first page after sign-in; what stands on it comes from the plugins above."""

from flask import render_template
from flask.typing import ResponseReturnValue

from lms.accounts.views.blueprint import blueprint
from lms.core.clock import now, to_local
from lms.web.access import current_actor, signed_in
from lms.web.parts import render_parts


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """Show the day: for learners the next thing to do, for staff what needs a decision."""
    actor = current_actor()
    at = now()
    hour = to_local(at).hour
    greeting = "早上好" if 5 <= hour < 11 else "中午好" if hour < 13 else "下午好" if hour < 18 else "晚上好"
    if hour < 5:
        greeting = "夜深了"
    page = "accounts/home_learner.html" if actor.frame == "learner" else "accounts/home_staff.html"
    pieces = render_parts(f"home.{actor.frame}", actor=actor)
    return render_template(page, greeting=greeting, at=at, pieces=pieces)
