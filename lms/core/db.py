"""The database: base class, column types, and the one place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    Select,
    SelectBase,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from lms.core.errors import NotFound

WRITE = {"lms_write": True}
R = TypeVar("R")


class Base(DeclarativeBase):
    """Typed base of all models; constraint names are fixed so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


M = TypeVar("M", bound=Base)
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:

    class Model(Base):
        """What every table inherits from."""

        __abstract__ = True
else:
    Model = db.Model


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; a naive datetime is refused on the way in, none ever comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values; SQLite, which has no zones, keeps UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"naive datetime {value!r}: the database keeps aware moments only"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@contextmanager
def transaction() -> Iterator[Session]:
    """Run one unit of work: everything in the block is committed together, or nothing is.

    For views, commands and jobs only. A reading snapshot taken earlier in the request is ended first, so the block
    sees and changes the newest state; on SQLite it takes the write lock at once (BEGIN IMMEDIATE), because a
    lock taken later loses updates.
    """
    session = db.session()
    if session.info.get("writing"):
        message = "transaction() inside transaction(): one unit of work has one committer"
        raise RuntimeError(message)
    _refuse_pending(session)
    session.rollback()
    session.info["writing"] = True
    try:
        session.connection(execution_options=WRITE)
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def take_turns(name: str) -> None:
    """Wait until no other transaction that takes turns under this name is running, and keep the turn until the end.

    For long work on many shared rows, such as an import: row locks taken in another order would deadlock. The first
    thing in the transaction, so that what it reads is what the one before left. SQLite has one writer anyway.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


def run_core(statement: Executable, parameters: Any = None) -> CursorResult[Any]:
    """Run a Core statement on the session's own connection and transaction, past the ORM's machinery.

    For what runs with every request, beat or answer; elsewhere `db.session.execute` reads better. A write needs
    `transaction()` here too.
    """
    session = db.session()
    if not isinstance(statement, SelectBase) and not session.info.get("writing"):
        message = "a write statement outside transaction()"
        raise RuntimeError(message)
    return session.connection().execute(statement, parameters)


def owned(model: type[M], organisation_id: int) -> Select[M]:
    """Select the rows of one organisation: the tenant wall that every query on owned tables starts from."""
    return select(model).where(model.organisation_id == organisation_id)  # type: ignore[attr-defined]


def get_owned(model: type[M], *, organisation_id: int, id: int, message: str | None = None) -> M:  # noqa: A002
    """Return one row of an organisation; another organisation's row is NotFound like one that never was."""
    row = db.session.scalars(owned(model, organisation_id).where(inspect(model).primary_key[0] == id)).one_or_none()
    if row is None:
        raise NotFound(message) if message else NotFound
    return row


def insert_into(table: Any) -> "sqlite.Insert":
    """Return an INSERT of the session's own engine, for `on_conflict_…`, which common SQL does not have."""
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    return cast("sqlite.Insert", dialect.insert(table))  # one of the two, alike in all that is asked of it


def init_app(app: Flask, url: str) -> None:
    """Connect the application to its database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    options: dict[str, Any] = {"pool_pre_ping": False}
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": 30, "check_same_thread": False}
    else:
        options |= {"pool_size": 8, "max_overflow": 8, "pool_recycle": 1800}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    app.after_request(_refuse_leftovers)


def _prepare_sqlite(engine: Engine) -> None:
    """Make SQLite durable, concurrent and strict; transactions begin where SQLAlchemy says, not where pysqlite does."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("lms_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@event.listens_for(Session, "before_flush")
def _only_in_transaction(session: Session, *_: object) -> None:
    """Refuse a write outside `transaction()` where it happens, not later where it is missed."""
    pending = session.new or session.deleted or any(session.is_modified(row) for row in session.dirty)
    if pending and not session.info.get("writing"):
        message = "a write outside transaction(): views and commands open it, services never do"
        raise RuntimeError(message)


@event.listens_for(Session, "do_orm_execute")
def _statements_only_in_transaction(state: ORMExecuteState) -> None:
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and not state.session.info.get("writing"):
        message = "a write statement outside transaction()"
        raise RuntimeError(message)


def _refuse_pending(session: Session) -> None:
    if session.new or session.deleted or any(session.is_modified(row) for row in session.dirty):
        message = "changes were made before transaction() began"
        raise RuntimeError(message)


def _refuse_leftovers(response: R) -> R:
    """End no request with changes that nobody committed."""
    session = db.session()
    if session.new or session.deleted or any(session.is_modified(row) for row in session.dirty):
        session.rollback()
        message = "the request ended with uncommitted changes"
        raise RuntimeError(message)
    return response
