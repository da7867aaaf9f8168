"""Runs Alembic for the application: `lms db upgrade`, `lms db check`, and the same from tests."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from lms.core.db import db
from lms.core.plugin import Registry

FOLDER = Path(__file__).parent


def version_folders() -> list[str]:
    """Return where migrations lie: the product's, then each installed plugin's."""
    registry: Registry = current_app.extensions["lms_registry"]
    branches = [str(plugin.migrations) for plugin in registry.plugins if plugin.migrations is not None]
    return [str(FOLDER / "versions"), *branches]


def config() -> Config:
    """Return Alembic's configuration for the running application."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("file_template", "%%(rev)s")
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", "\n".join(version_folders()))
    return settings


def upgrade() -> None:
    """Bring the database to the newest schema of the product and of every installed plugin."""
    command.upgrade(config(), "heads")


def is_current() -> bool:
    """Whether the database has the schema this code expects; one cheap look at start-up."""
    wanted = set(ScriptDirectory.from_config(config()).get_heads())
    with db.engine.connect() as connection:
        standing = MigrationContext.configure(connection, opts={"version_table": "core_schema_version"})
        return bool(wanted) and set(standing.get_current_heads()) == wanted
