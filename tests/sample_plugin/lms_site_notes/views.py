"""One page: my notes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.core.db import transaction
from lms.web.access import current_actor, requires
from lms_site_notes import services

blueprint = Blueprint("site_notes", __name__, template_folder="templates", url_prefix="/site-notes")


@blueprint.get("/")
@requires("site_notes.write")
def index() -> str:
    """My notes."""
    return render_template("site_notes/index.html", notes=services.list_notes(person_id=current_actor().person_id))


@blueprint.post("/<lesson_code>")
@requires("site_notes.write")
def save(lesson_code: str) -> Response:
    """Keep a note."""
    with transaction():
        services.write_note(
            person_id=current_actor().person_id, lesson_code=lesson_code, text=request.form.get("text", "").strip()
        )
    flash("已保存。", "success")
    return redirect(url_for("site_notes.index"))
