"""Finding: the same hits on both engines, ranked by each engine's own measure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, Integer, and_, case, cast, column, func, literal_column, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from lms.core.db import db
from lms.core.listing import ListPage, ListQuery
from lms.search.models import SearchDocument, SearchShelf
from lms.search.rules.queries import SearchQuery, Word, pattern
from lms.search.rules.snippets import Piece, snippet
from lms.search.rules.tokens import GAP
from lms.search.services.records import Hit, ShelfCount

PAGE_SIZE = 20
LONGEST_TITLE = 60
TITLE_WEIGHT = 10.0  # as much as ts_rank gives weight A over weight D

_index = table("search_index", column("rowid", Integer), column("id", Integer), column("vector", TSVECTOR))
_document = SearchDocument.__table__.c


@dataclass(frozen=True, slots=True)
class _Match:
    """How an engine finds a query: its row's key, the condition, and the order, best first."""

    key: ColumnElement[int]
    condition: ColumnElement[bool]
    order: ColumnElement[Any]


def count_hits(*, query: SearchQuery, organisation_id: int, permissions: Collection[str]) -> tuple[ShelfCount, ...]:
    """Return how many documents of each shelf have all the words; shelves without any are left out."""
    if not query.words:
        return ()
    match = _match(query)
    statement = (
        select(SearchShelf.kind, SearchShelf.heading, func.count())
        .join_from(_index, SearchDocument, SearchDocument.id == match.key)
        .join(SearchShelf, SearchShelf.kind == SearchDocument.kind)
        .where(match.condition, _visible(organisation_id, permissions))
        .group_by(SearchShelf.kind, SearchShelf.heading, SearchShelf.position)
        .order_by(SearchShelf.position)
    )
    return tuple(ShelfCount(*row) for row in db.session.execute(statement))


def find(
    *,
    query: SearchQuery,
    organisation_id: int,
    permissions: Collection[str],
    kinds: Collection[str] = (),
    page: int = 1,
    size: int = PAGE_SIZE,
    total: int | None = None,
) -> ListPage[Hit]:
    """Return a page of the documents that have all the words, best first; `kinds` empty: of all shelves.

    Only official documents and the organisation's own are found, and only those one of the permissions opens.
    total: how many there are, where `count_hits` has said so; finding out is half the work.
    """
    if not query.words:
        return ListPage((), 0, ListQuery(search=query.text, size=size))
    match = _match(query)
    conditions = [match.condition, _visible(organisation_id, permissions)]
    if kinds:  # not the bare column: by its index SQLite would ask the words anew for every document of the shelf
        conditions.append(_document.kind.concat("").in_(kinds))
    joined = select(func.count()).join_from(_index, SearchDocument, _document.id == match.key)
    if total is None:
        total = db.session.scalar(joined.where(*conditions)) or 0
    page = min(max(page, 1), max(1, -(-total // size)))
    rows = db.session.execute(
        joined.with_only_columns(
            _document.kind,
            _document.ref,
            _document.title,
            _document.text,
            _document.item_code,
            case((_document.staff_permission.in_(permissions), _document.staff_href), else_=_document.href),
        )
        .where(*conditions)
        .order_by(match.order, _document.kind, _document.ref)
        .limit(size)
        .offset((page - 1) * size)
    )
    wanted = pattern(query.words)
    hits = [
        Hit(
            kind=kind,
            ref=ref,
            title=_marked(snippet(title, wanted, length=LONGEST_TITLE)),
            snippet=_marked(snippet(body, wanted)),
            href=href,
            item_code=item_code,
        )
        for kind, ref, title, body, item_code, href in rows
    ]
    return ListPage(hits, total, ListQuery(search=query.text, page=page, size=size))


def _visible(organisation_id: int, permissions: Collection[str]) -> ColumnElement[bool]:
    return and_(
        or_(_document.organisation_id.is_(None), _document.organisation_id == organisation_id),
        or_(_document.permission.in_(permissions), _document.staff_permission.in_(permissions)),
    )


def _match(query: SearchQuery) -> _Match:
    return _fts5(query.words) if db.session.get_bind().dialect.name == "sqlite" else _tsvector(query.words)


def _fts5(words: Sequence[Word]) -> _Match:
    """SQLite: each word is a phrase; tokens hold letters, digits and GAP only, so nothing in them can end it."""
    phrases = [f'"{" ".join(word.tokens)}"{"*" if word.open_end else ""}' for word in words]
    index: ColumnElement[Any] = literal_column("search_index")
    return _Match(_index.c.rowid, index.op("MATCH")(" AND ".join(phrases)), func.bm25(index, TITLE_WEIGHT, 1.0).asc())


def _tsvector(words: Sequence[Word]) -> _Match:
    """PostgreSQL: the vector names documents with all the tokens, the kept tokens say whether they stand side by side.

    A vector knows no position beyond 16383 and no more than 256 of a token, so it cannot be asked for phrases.
    """
    wanted = cast(" & ".join(_lexemes(word) for word in words), TSQUERY)
    phrases = [_side_by_side(word) for word in words if len(word.tokens) > 1]
    rank = func.ts_rank(_index.c.vector, wanted, 1)  # 1: a long text counts for less
    return _Match(_index.c.id, and_(_index.c.vector.op("@@")(wanted), *phrases), rank.desc())


def _lexemes(word: Word) -> str:
    named = [f"'{token}'" for token in word.tokens if token != GAP]
    return " & ".join(named) + (":*" if word.open_end else "")


def _side_by_side(word: Word) -> ColumnElement[bool]:
    phrase = f" {' '.join(word.tokens)}{'' if word.open_end else ' '}"
    return or_(func.strpos(_document.title_tokens, phrase) > 0, func.strpos(_document.body_tokens, phrase) > 0)


def _marked(pieces: Sequence[Piece]) -> Markup:
    return Markup("").join(Markup("<mark>{}</mark>").format(text) if hit else escape(text) for text, hit in pieces)
