"""Alembic's environment: our metadata, our engine, foreign tables left alone, encrypted columns as plain bytes."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import text
from sqlalchemy.types import TypeDecorator

from lms.core.db import Base, db
from lms.migrations.references import references_at_rest, refuse_broken_references

LOCK = 7_320_241


def include_object(_object: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:  # noqa: FBT001
    """Leave tables alone that no model of ours describes."""
    return not (kind == "table" and reflected and compare_to is None and not _is_ours(name or ""))


def _is_ours(name: str) -> bool:
    return name in Base.metadata.tables


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain types they are stored in, so that history never imports the product."""
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__.startswith("lms."):
        autogen.imports.add("import sqlalchemy as sa")
        return f"sa.{item.impl!r}"
    return False


def run() -> None:
    """Upgrade the connected database inside one transaction, one process at a time."""
    engine = db.engine
    writing = engine.connect().execution_options(lms_write=True)
    with writing as connection, references_at_rest(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include_object,
            render_item=render_item,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            version_table="core_schema_version",
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # released with the transaction, never carried back into the pool
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            context.run_migrations()
            refuse_broken_references(connection)


if context.is_offline_mode():
    message = "offline migrations are not supported: run against the database"
    raise RuntimeError(message)
run()
