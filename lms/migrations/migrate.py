"""Runs Alembic for the application: `lms db upgrade`, `lms db check`, and the same from tests."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from lms.core.db import db
from lms.core.plugin import Registry

FOLDER = Path(__file__).parent


def init_app(app: Flask, database: SQLAlchemy, registry: Registry) -> None:
    """Register the `db` commands with every plugin's versions folder."""
    Migrate(app, database, directory=str(FOLDER), render_as_batch=True, compare_type=True)
    app.extensions["lms_version_folders"] = [
        str(FOLDER / "versions"),
        *(str(plugin.migrations) for plugin in registry.plugins if plugin.migrations is not None),
    ]


def config() -> Config:
    """Return Alembic's configuration for the running application."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("file_template", "%%(rev)s")
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", "\n".join(current_app.extensions["lms_version_folders"]))
    return settings


def upgrade() -> None:
    """Bring the database to the newest schema of the product and of every installed plugin."""
    command.upgrade(config(), "heads")


def is_current() -> bool:
    """Whether the database has the schema this code expects; one cheap look at start-up."""
    wanted = set(ScriptDirectory.from_config(config()).get_heads())
    with db.engine.connect() as connection:
        return (
            set(
                MigrationContext.configure(
                    connection, opts={"version_table": "core_schema_version"}
                ).get_current_heads()
            )
            == wanted
        )
