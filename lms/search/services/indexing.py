"""What stands in the index: plugins above push their documents and drop them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, text

from lms.core.db import db, insert_into
from lms.core.events import publish
from lms.search.events import IndexCleared
from lms.search.models import SearchDocument, SearchShelf
from lms.search.rules.tokens import VERSION, compose, token_text
from lms.search.services.records import Changes, Document, Shelf

_MANY = 400  # refs in one statement


def bring_up(*, shelf: Shelf, stamps: Mapping[str, str], documents: Callable[[list[str]], Iterable[Document]]) -> None:
    """Make a whole shelf what it should be (ref → stamp); `documents` is asked for those that are not as they stand."""
    found = changes(kind=shelf.kind, stamps=stamps)
    drop(kind=shelf.kind, refs=found.gone)
    put(shelf=shelf, documents=documents(sorted(found.stale)))


def changes(*, kind: str, stamps: Mapping[str, str]) -> Changes:
    """Compare a whole shelf with what should stand on it (ref → stamp), in one light statement."""
    statement = select(SearchDocument.ref, SearchDocument.content_hash).where(SearchDocument.kind == kind)
    standing = dict(db.session.execute(statement).all())
    stale = frozenset(ref for ref, stamp in stamps.items() if standing.get(ref) != _hash(stamp))
    return Changes(stale, frozenset(standing.keys() - stamps.keys()))


def put(*, shelf: Shelf, documents: Iterable[Document]) -> int:
    """Write documents, each in the place of the one that had its name, and return how many they were."""
    rows = [_row(shelf.kind, document) for document in documents]
    if rows:
        _put_up(shelf)
        _upsert(SearchDocument, ("kind", "ref"), rows)
    return len(rows)


def _put_up(shelf: Shelf) -> None:
    """See that a shelf stands as it should; one that does is not written, or all who save would queue for its row."""
    wanted = {"kind": shelf.kind, "heading": shelf.heading, "position": shelf.position}
    standing = select(SearchShelf.kind, SearchShelf.heading, SearchShelf.position).where(SearchShelf.kind == shelf.kind)
    row = db.session.execute(standing).mappings().one_or_none()
    if row is None or dict(row) != wanted:
        _upsert(SearchShelf, ("kind",), [wanted])


def _hash(stamp: str) -> str:
    return f"{VERSION}:{stamp}"


def _row(kind: str, document: Document) -> dict[str, Any]:
    title, body = compose(document.title), compose(document.text)
    return {
        "kind": kind,
        "ref": document.ref,
        "organisation_id": document.organisation_id,
        "item_code": document.item_code,
        "title": title,
        "text": body,
        "href": document.href,
        "permission": document.permission,
        "staff_href": document.staff_href,
        "staff_permission": document.staff_permission,
        "title_tokens": token_text(title),
        "body_tokens": token_text(body),
        "content_hash": _hash(document.stamp),
    }


def _upsert(model: type[SearchShelf | SearchDocument], key: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """Write rows over those with the same key; two who push the same document at once both succeed."""
    statement = insert_into(model.__table__)
    written = {name: statement.excluded[name] for name in rows[0] if name not in key}
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_=written), rows)


def drop(*, kind: str, refs: Collection[str]) -> None:
    """Take documents out of the index; names that nobody has are no fault."""
    names = sorted(refs)
    for start in range(0, len(names), _MANY):
        some: ColumnElement[bool] = SearchDocument.ref.in_(names[start : start + _MANY])
        db.session.execute(
            delete(SearchDocument).where(SearchDocument.kind == kind, some).execution_options(synchronize_session=False)
        )


def rebuild(*, at: datetime) -> dict[str, int]:
    """Empty the index, have every plugin push its documents again, and return how many each shelf holds by heading."""
    if db.session.get_bind().dialect.name == "sqlite":  # first make the index agree with its rows, whatever befell it
        db.session.execute(text("INSERT INTO search_index (search_index) VALUES ('rebuild')"))
    else:  # who is saving comes to an end first: their rows, locked one by one in another order, would deadlock
        db.session.execute(text("LOCK TABLE search_document IN SHARE ROW EXCLUSIVE MODE"))
    db.session.execute(delete(SearchDocument).execution_options(synchronize_session=False))
    publish(IndexCleared(at=at))
    return _count_documents()


def _count_documents() -> dict[str, int]:
    """Return how many documents each shelf holds, by heading, in order; empty shelves are left out."""
    statement = (
        select(SearchShelf.heading, func.count(SearchDocument.id))
        .join(SearchDocument, SearchDocument.kind == SearchShelf.kind)
        .group_by(SearchShelf.kind, SearchShelf.heading, SearchShelf.position)
        .order_by(SearchShelf.position)
    )
    return dict(db.session.execute(statement).all())
