"""The page 搜索."""

from flask import Blueprint, render_template, request

from lms.core.listing import ListPage
from lms.search import services
from lms.search.services import Hit, SearchQuery, ShelfCount
from lms.web.access import Actor, current_actor, signed_in
from lms.web.parts import render_parts
from lms.web.tables import read_query

FEW = 4

blueprint = Blueprint(
    "search",
    "lms.search",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/search",
)


@blueprint.get("/search")
@signed_in
def show() -> str:
    """Show what was found: the best few of every shelf, or one shelf (`kind` in the address) page by page."""
    actor = current_actor()
    query = services.read_query(request.args.get("q", ""))
    closed = render_parts("search.closed", actor=actor)
    counts = () if closed else _counts(query, actor)
    chosen = next((count for count in counts if count.kind == request.args.get("kind")), None)
    return render_template(
        "search/search.html",
        query=query,
        closed=closed,
        counts=counts,
        total=sum(count.total for count in counts),
        chosen=chosen,
        groups=[
            (count, _hits(query, actor, count, chosen=chosen is not None))
            for count in counts
            if chosen in (None, count)
        ],
        layout=f"web/{actor.frame}.html",
    )


def _counts(query: SearchQuery, actor: Actor) -> tuple[ShelfCount, ...]:
    return services.count_hits(
        query=query, organisation_id=actor.organisation_id, permissions=sorted(actor.permissions)
    )


def _hits(query: SearchQuery, actor: Actor, shelf: ShelfCount, *, chosen: bool) -> ListPage[Hit]:
    return services.find(
        query=query,
        organisation_id=actor.organisation_id,
        permissions=sorted(actor.permissions),
        kinds=[shelf.kind],
        page=read_query().page if chosen else 1,
        size=services.PAGE_SIZE if chosen else FEW,
        total=shelf.total,
    )
