"""Tables of search: shelves, and the documents that stand on them.

The index over the documents is a table of the engine's own kind (`search_index`, made by the migration and kept up by
triggers): FTS5 on SQLite, a tsvector with GIN on PostgreSQL. No model describes it.
"""

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Model


class SearchShelf(Model):
    """A kind of document: what its group of results is called, and where the group stands, small first."""

    __tablename__ = "search_shelf"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    heading: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]


class SearchDocument(Model):
    """Something that can be found; `organisation_id` is empty for official content and names the owner otherwise.

    text: plain. staff_href and staff_permission: another page for those who hold that permission, empty when there is
    none. title_tokens and body_tokens: see `rules.tokens`. content_hash: the stamp it was pushed with.
    """

    __tablename__ = "search_document"
    __table_args__ = (UniqueConstraint("kind", "ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(ForeignKey(SearchShelf.kind))
    ref: Mapped[str] = mapped_column(String(120))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    item_code: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    href: Mapped[str] = mapped_column(String(200))
    permission: Mapped[str] = mapped_column(String(80))
    staff_href: Mapped[str] = mapped_column(String(200))
    staff_permission: Mapped[str] = mapped_column(String(80))
    title_tokens: Mapped[str] = mapped_column(Text)
    body_tokens: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(80))
