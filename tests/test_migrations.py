"""Migrations and models agree, up and down, on both engines."""

from alembic import command
from flask import Flask
from sqlalchemy import inspect

from lms.core.db import Base, db
from lms.migrations import migrate
from tests.conftest import empty_tables


def test_the_schema_is_what_the_models_describe(context: Flask) -> None:
    """`lms db check`: autogenerate finds nothing to write."""
    command.check(migrate.config())


def test_history_is_one_straight_line(context: Flask) -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(migrate.config())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_down_to_nothing_and_up_again(context: Flask) -> None:
    empty_tables()
    db.engine.dispose()
    command.downgrade(migrate.config(), "base")
    left = set(inspect(db.engine).get_table_names()) & set(Base.metadata.tables)
    command.upgrade(migrate.config(), "heads")
    assert left == set()
    assert set(Base.metadata.tables) <= set(inspect(db.engine).get_table_names())
    assert migrate.is_current()
