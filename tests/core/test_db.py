"""One committer, aware moments, no lost updates."""

import threading
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.core import audit, clock
from lms.core.db import db, transaction
from lms.core.jobs import JobRun

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_a_write_outside_a_transaction_is_refused_where_it_happens(context: Flask) -> None:
    db.session.add(JobRun(name="x", started_at=AT))
    with pytest.raises(RuntimeError, match=r"outside transaction"):
        db.session.flush()
    db.session.rollback()


def test_a_write_statement_outside_a_transaction_is_refused(context: Flask) -> None:
    with pytest.raises(RuntimeError, match=r"outside transaction"):
        db.session.execute(update(JobRun).values(started_at=AT))


def test_a_transaction_commits_all_or_nothing(context: Flask) -> None:
    def fail_half_way() -> None:
        with transaction() as session:
            session.add(JobRun(name="x", started_at=AT))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert db.session.scalar(select(JobRun)) is None
    with transaction() as session:
        session.add(JobRun(name="x", started_at=AT))
    assert db.session.scalar(select(JobRun.started_at)) == AT


def test_transactions_do_not_nest(context: Flask) -> None:
    with pytest.raises(RuntimeError, match="one unit of work"), transaction(), transaction():
        pass


def test_moments_come_back_aware_and_in_utc(context: Flask) -> None:
    with transaction() as session:
        session.add(JobRun(name="x", started_at=clock.local_midnight(date(2026, 3, 2))))
    stored = db.session.scalar(select(JobRun.started_at))
    assert stored == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert stored is not None
    assert stored.utcoffset() is not None


def test_a_naive_moment_is_refused(context: Flask) -> None:
    with pytest.raises(Exception, match="naive"), transaction() as session:
        session.add(JobRun(name="x", started_at=datetime(2026, 3, 2)))  # noqa: DTZ001


def test_eight_writers_at_once_lose_no_update(app: Flask) -> None:
    """The stream of the audit log stays one unbroken chain however many processes write to it."""

    def write(number: int) -> None:
        with app.app_context():
            for turn in range(10):
                with transaction():
                    audit.record(
                        at=AT, action="test", subject=f"t:{number}-{turn}", actor_id=None, organisation_id=None
                    )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        verdict = audit.verify()
        assert (verdict.ok, verdict.checked) == (True, 80)
