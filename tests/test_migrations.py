"""Migrations and models agree, up and down, on both engines."""

from pathlib import Path

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from lms.core.db import Base, db
from lms.migrations import migrate
from lms.migrations.references import references_at_rest, refuse_broken_references
from lms.quizzes.models import AttemptQuestion
from tests.conftest import empty_tables
from tests.quizzes.bank import World


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


def test_a_filled_database_goes_one_release_back_and_forth(context: Flask, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.start(world.final.id)
    count = select(func.count()).select_from(AttemptQuestion)
    asked = db.session.scalar(count)
    db.session.remove()
    db.engine.dispose()
    command.downgrade(migrate.config(), "0001_first_schema")
    columns = {column["name"] for column in inspect(db.engine).get_columns("quizzes_question")}
    command.upgrade(migrate.config(), "heads")
    assert "held_at" not in columns
    assert asked
    assert db.session.scalar(count) == asked
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []


def test_a_migration_that_breaks_a_reference_is_taken_back(context: Flask, tmp_path: Path) -> None:
    """SQLite lets references rest, so that tables can be rebuilt, and checks them at the end; PostgreSQL at once."""
    World(tmp_path)
    db.session.remove()

    def lose_questions() -> None:
        writing = db.engine.connect().execution_options(lms_write=True)
        with writing as connection, references_at_rest(connection):
            connection.execute(text("DELETE FROM quizzes_question"))
            refuse_broken_references(connection)

    with pytest.raises((RuntimeError, IntegrityError), match="quizzes_question_version"):
        lose_questions()
    assert db.session.scalar(text("SELECT count(*) FROM quizzes_question"))


def test_after_an_upgrade_references_are_in_force(context: Flask) -> None:
    command.upgrade(migrate.config(), "heads")
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(text("PRAGMA foreign_keys")).scalar() == 1
    assert migrate.is_current()
