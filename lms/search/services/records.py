"""What crosses the door of search: frozen records, no rows."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Shelf:
    """A kind of document: what its group of results is called, and where the group stands, small first."""

    kind: str
    heading: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something to be found; ref is its name on the shelf.

    text: plain (see `plain_text`). stamp: changes whenever anything of the document does. permission: who may find it.
    organisation_id: its owner, None for official content. staff_href, staff_permission: where those who hold that
    permission are led instead, whether they hold the first or not.
    """

    ref: str
    stamp: str
    title: str
    text: str
    href: str
    permission: str
    item_code: str = ""
    organisation_id: int | None = None
    staff_href: str = ""
    staff_permission: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """How a shelf differs from what should stand on it: documents to push again, and documents to drop."""

    stale: frozenset[str]
    gone: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: title and snippet are escaped, with the words in <mark>."""

    kind: str
    ref: str
    title: Markup
    snippet: Markup
    href: str
    item_code: str


@dataclass(frozen=True, slots=True)
class ShelfCount:
    """How many documents of a shelf were found."""

    kind: str
    heading: str
    total: int
