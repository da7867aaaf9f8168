"""Diagrams: the picture, and the page that shows it large with the articles it stands on."""

from flask import Response, make_response, render_template, request

from lms.courses import services
from lms.courses.views.blueprint import SECTION, blueprint
from lms.web.access import current_actor, requires, signed_in
from lms.web.assets import YEAR


@blueprint.get("/diagrams/<name>.svg")
@signed_in
def send_diagram(name: str) -> Response:
    """A diagram as SVG; its address carries its version, so that a phone may keep it for a year."""
    drawing = services.get_diagram(name=name)
    response = make_response(drawing.svg)
    response.mimetype = "image/svg+xml"
    # Opened by itself it is a document: nothing may run in it, and no style but its own.
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{drawing.style_hash}'; frame-ancestors 'none'"
    )
    current = request.args.get("v") == drawing.version
    response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable" if current else "private, no-cache"
    response.set_etag(drawing.version)
    return response.make_conditional(request)  # type: ignore[return-value]


@blueprint.get("/diagrams/<name>")
@requires("courses.read")
def show_diagram(name: str) -> str:
    """A diagram as large as the screen, its text for those who do not see it, its articles as chips."""
    drawing = services.get_diagram(name=name)
    chips = services.citations({"law": law, "article": article} for law, article in drawing.sources)
    layout = f"web/{current_actor().frame}.html"
    return render_template("courses/diagram.html", drawing=drawing, chips=chips, layout=layout, section=SECTION)
