"""Working forms: the list, one form empty or filled, and its Excel file."""

from flask import Response, render_template, request

from lms.courses import services
from lms.courses.views.blueprint import SECTION, blueprint
from lms.web.access import current_actor, requires
from lms.web.downloads import workbook

VIEWS = ("filled", "empty")


def _layout() -> str:
    return f"web/{current_actor().frame}.html"


@blueprint.get("/forms/")
@requires("courses.read")
def list_forms() -> str:
    """All working forms by syllabus item."""
    items = {item.code: item for item in services.list_items(organisation_id=current_actor().organisation_id)}
    groups: dict[str, list[services.FormView]] = {}
    for form in services.list_forms():
        groups.setdefault(form.item_code, []).append(form)
    return render_template("courses/forms.html", groups=groups, items=items, layout=_layout(), section=SECTION)


@blueprint.get("/forms/<slug>")
@requires("courses.read")
def show_form(slug: str) -> str:
    """One form: the filled example, or the empty paper with `?view=empty`; printed as it stands there."""
    form = services.get_form(slug=slug)
    view = request.args.get("view", VIEWS[0])
    return render_template(
        "courses/form.html",
        form=form,
        view=view if view in VIEWS else VIEWS[0],
        chips=services.citations({"law": law, "article": article} for law, article in form.sources),
        lessons=services.lessons_showing(form=slug, organisation_id=current_actor().organisation_id),
        in_wechat="MicroMessenger" in (request.user_agent.string or ""),
        print_now="print" in request.args,
        layout=_layout(),
        section=SECTION,
    )


@blueprint.get("/forms/<slug>.xlsx")
@requires("courses.read")
def send_form(slug: str) -> Response:
    """A form as an Excel file, named by its title."""
    form = services.get_form(slug=slug)
    name = f"{form.item_code} {form.title}.xlsx"
    return workbook(services.build_form(slug=slug), name, plain=f"{slug}.xlsx")
