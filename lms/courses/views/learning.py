"""What a learner reads: the list of lessons, a lesson, and having finished it."""

from functools import lru_cache

from flask import Response, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from lms.core import clock
from lms.core.db import transaction
from lms.courses import services
from lms.courses.rules.kinds import ItemGroup
from lms.courses.views.blueprint import blueprint
from lms.web.access import current_actor, requires


@blueprint.get("/lessons/")
@requires("courses.read")
def list_lessons() -> str:
    """All lessons by part and item, with what the reader has finished."""
    actor = current_actor()
    items = services.list_items(organisation_id=actor.organisation_id)
    lessons = services.lessons_of_items(codes=[item.code for item in items])
    finished = services.finished_lessons(person_ids=[actor.person_id])[actor.person_id]
    filled = [item for item in items if lessons[item.code]]
    groups = [(group, [item for item in filled if item.group == group]) for group in ItemGroup]
    return render_template("courses/lessons.html", groups=groups, lessons=lessons, finished=finished)


@blueprint.get("/lessons/<code>")
@requires("courses.read")
def show_lesson(code: str) -> str:
    """A lesson; the first time a person opens it, that is noted."""
    actor = current_actor()
    page = services.open_lesson(organisation_id=actor.organisation_id, person_id=actor.person_id, code=code)
    if page.opened_at is None:
        with transaction():
            services.mark_opened(person_id=actor.person_id, lesson_id=page.lesson.id, at=clock.now())
    text = _lesson_text(code, page.body)
    return render_template("courses/lesson.html", page=page, lesson=page.lesson, text=text, reader=actor)


@lru_cache(maxsize=256)
def _lesson_text(code: str, body: services.LessonBody) -> Markup:
    """Return the part of a lesson page that is the same for every reader, put together once for each revision."""
    return Markup(render_template("courses/_lesson_text.html", code=code, body=body))  # noqa: S704


@blueprint.get("/lessons/<code>/print")
@requires("courses.read")
def print_lesson(code: str) -> str:
    """A lesson for paper: folds open, citations as notes, forms filled and empty, no navigation."""
    actor = current_actor()
    printed = services.print_lesson(organisation_id=actor.organisation_id, person_id=actor.person_id, code=code)
    return render_template("courses/print.html", printed=printed, lesson=printed.page.lesson)


@blueprint.get("/lessons/<code>/print.css")
@requires("courses.read")
def print_margins(code: str) -> Response:
    """What stands in the margin of every printed page: only a style sheet can put it there."""
    actor = current_actor()
    page = services.open_lesson(organisation_id=actor.organisation_id, person_id=actor.person_id, code=code)
    lines = {
        "left": f"{page.lesson.item_code} {page.item_title}",
        "right": f"课文 {code} · 第 {page.body.number} 版 · 法规状态截至 {page.body.as_of.isoformat()}",
        "owner": actor.organisation_name,
    }
    style = render_template("courses/print_margins.css", **{name: _css_text(line) for name, line in lines.items()})
    return Response(style, mimetype="text/css")


def _css_text(text: str) -> str:
    """Return a text as a CSS string; whatever is no letter or digit is written as its code."""
    return '"' + "".join(sign if sign.isalnum() else f"\\{ord(sign):x} " for sign in text) + '"'


@blueprint.post("/lessons/<code>/finish")
@requires("courses.read")
def finish_lesson(code: str) -> BaseResponse:
    """我已学完."""
    actor = current_actor()
    with transaction():
        services.finish_lesson(
            organisation_id=actor.organisation_id, person_id=actor.person_id, lesson_code=code, at=clock.now()
        )
    return redirect(url_for("courses.show_lesson", code=code, _anchor="finish"))
