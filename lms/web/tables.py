"""Lists on pages: the query comes from the address, so that a list can be bookmarked, sent and gone back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

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
        search=_printable(given.get("q", "")).strip()[:100],
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        size=PAGE_SIZE,
    )


def _printable(text: str) -> str:
    """Drop control characters: PostgreSQL takes no NUL in a text, and nobody searches for the others."""
    return "".join(symbol for symbol in text if symbol.isprintable() or symbol.isspace())


def list_url(**changes: str | int) -> str:
    """Return this page's address with some of the query changed; empty values fall away.

    The query is put together by itself: given to `url_for`, a reader's `_scheme` or `endpoint` would be obeyed.
    """
    kept = {name: values for name, values in request.args.lists() if name not in changes}
    kept |= {name: [str(value)] for name, value in changes.items()}
    pairs = [(name, value) for name, values in kept.items() for value in values if value]
    path = url_for(str(request.endpoint), **(request.view_args or {}))
    return f"{path}?{urlencode(pairs)}" if pairs else path


def sort_url(column: Column, page: ListPage[object]) -> str:
    """Return the address that sorts by a column, the other way round when it already does."""
    turned = page.query.sort == column.sort and not page.query.descending
    return list_url(sort=("-" if turned else "") + column.sort, page="")


def sort_state(column: Column, page: ListPage[object]) -> str:
    """Return the column's `aria-sort`."""
    if not column.sort or page.query.sort != column.sort:
        return "none"
    return "descending" if page.query.descending else "ascending"
