"""Lists on pages: the query comes from the address, so that a list can be bookmarked, sent and gone back to."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from lms.core.listing import PAGE_SIZE, ListPage, ListQuery


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; `sort` is its name in the address when the list can be sorted by it."""

    title: str
    sort: str = ""
    numeric: bool = False


def read_query(args: Mapping[str, str] | MultiDict[str, str] | None = None) -> ListQuery:
    """Read search words (`q`), sort (`sort`, `-` before the name for descending) and page (`page`) from the address."""
    given = request.args if args is None else args
    sort = given.get("sort", "")
    page = given.get("page", "1")
    return ListQuery(
        search=given.get("q", "").strip()[:100],
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        size=PAGE_SIZE,
    )


def list_url(**changes: str | int) -> str:
    """Return this page's address with some of the query changed; empty values fall away."""
    kept = {**request.args.to_dict(), **{name: str(value) for name, value in changes.items()}}
    values = {name: value for name, value in kept.items() if value}
    return url_for(str(request.endpoint), **(request.view_args or {}), **values)  # type: ignore[arg-type]


def sort_url(column: Column, page: ListPage[object]) -> str:
    """Return the address that sorts by a column, the other way round when it already does."""
    turned = page.query.sort == column.sort and not page.query.descending
    return list_url(sort=("-" if turned else "") + column.sort, page="")


def sort_state(column: Column, page: ListPage[object]) -> str:
    """Return the column's `aria-sort`."""
    if not column.sort or page.query.sort != column.sort:
        return "none"
    return "descending" if page.query.descending else "ascending"
