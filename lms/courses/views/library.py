"""The law register, for everybody who learns or teaches."""

from flask import Response, make_response, render_template, request

from lms.courses import services
from lms.courses.views.blueprint import SECTION, blueprint
from lms.web.access import current_actor, requires
from lms.web.tables import Column, read_query

COLUMNS = (Column("文件"), Column("文号"), Column("地区"), Column("施行日期"), Column("状态"))


def _layout() -> str:
    return f"web/{current_actor().frame}.html"


@blueprint.get("/laws/")
@requires("courses.read")
def list_laws() -> str:
    """The register, with search."""
    page = services.list_laws(query=read_query())
    return render_template("courses/laws.html", page=page, columns=COLUMNS, layout=_layout(), section=SECTION)


@blueprint.get("/laws/<slug>")
@requires("courses.read")
def show_law(slug: str) -> str:
    """One document with the gist of each registered article, and the lessons that cite it."""
    law, articles = services.get_law(slug=slug)
    return render_template(
        "courses/law.html",
        law=law,
        articles=articles,
        cited_by=services.cited_by(organisation_id=current_actor().organisation_id, slug=slug),
        layout=_layout(),
        section=SECTION,
    )


@blueprint.get("/laws/<slug>/<no>")
@requires("courses.read")
def show_article(slug: str, no: str) -> Response:
    """One article: as a page, or with `?part=1` as the piece that the citation sheet shows."""
    article = services.get_article(slug=slug, no=no)
    if request.args.get("part"):
        response = make_response(render_template("courses/_article.html", article=article))
        response.headers["Cache-Control"] = "private, max-age=600"
        return response
    page = render_template("courses/article.html", article=article, layout=_layout(), section=SECTION)
    return make_response(page)
