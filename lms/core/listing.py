"""Lists that are searched, sorted and paged in the database, whatever their length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select

from lms.core.db import db

PAGE_SIZE = 50
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What the reader asked of a list: words to search, column to sort by, page from 1."""

    search: str = ""
    sort: str = ""
    descending: bool = False
    page: int = 1
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """One page of a list and where it stands in the whole."""

    rows: Sequence[T]
    total: int
    query: ListQuery

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.query.size))


def fetch(
    statement: Select[*tuple[Any, ...]],
    query: ListQuery,
    *,
    searchable: Sequence[ColumnElement[Any] | Any] = (),
    sortable: Mapping[str, ColumnElement[Any] | Any] | None = None,
    default_sort: Sequence[ColumnElement[Any] | Any] = (),
) -> ListPage[Any]:
    """Run a select as a searched, sorted page; rows are entities when one was selected, tuples otherwise."""
    for word in query.search.split():
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        statement = statement.where(or_(*(column.ilike(pattern, escape="\\") for column in searchable)))
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    chosen = (sortable or {}).get(query.sort)
    order = [chosen.desc() if query.descending else chosen.asc()] if chosen is not None else []
    page = min(max(query.page, 1), max(1, -(-total // query.size)))
    statement = statement.order_by(None).order_by(*order, *default_sort)
    statement = statement.limit(query.size).offset((page - 1) * query.size)
    result = db.session.execute(statement)
    single = len(statement.column_descriptions) == 1
    rows: Sequence[Any] = result.scalars().all() if single else result.all()
    kept = ListQuery(search=query.search, sort=query.sort, descending=query.descending, page=page, size=query.size)
    return ListPage(rows, total, kept)
