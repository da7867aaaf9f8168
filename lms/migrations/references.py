"""References during a migration on SQLite: at rest while tables are rebuilt, checked before anything is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text


@contextmanager
def references_at_rest(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table that others refer to, which fails on a filled database while references are in force.

    The switch works outside a transaction only, so it goes to the driver before the first statement and after the last.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()  # what is still open was not to be kept
        driver.execute("PRAGMA foreign_keys=ON")


def refuse_broken_references(connection: Connection) -> None:
    """Raise, and so take everything back, when a migration leaves a row that refers to nothing."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        message = f"the migration leaves {broken[0]} referring to missing rows of {broken[2]}: nothing was changed"
        raise RuntimeError(message)
