"""The door of search: push documents in, find them again."""

from lms.search.rules.plain import plain_text
from lms.search.rules.queries import SearchQuery, read_query
from lms.search.services.finding import PAGE_SIZE, count_hits, find
from lms.search.services.indexing import bring_up, changes, drop, put, rebuild
from lms.search.services.records import Changes, Document, Hit, Shelf, ShelfCount

__all__ = [
    "PAGE_SIZE",
    "Changes",
    "Document",
    "Hit",
    "SearchQuery",
    "Shelf",
    "ShelfCount",
    "bring_up",
    "changes",
    "count_hits",
    "drop",
    "find",
    "plain_text",
    "put",
    "read_query",
    "rebuild",
]
