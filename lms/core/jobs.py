"""Periodic duties: each runs in one process at a time, however many processes there are."""

import threading
from datetime import datetime

import structlog
from flask import Flask
from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Model, UtcDateTime, db, transaction
from lms.core.plugin import Periodic, Registry

log = structlog.get_logger()


class JobRun(Model):
    """When a duty was last begun; claiming the row is what makes a run exclusive."""

    __tablename__ = "core_job_run"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)


def duties_of(app: Flask) -> list[Periodic]:
    """Return the periodic duties of all plugins."""
    registry: Registry = app.extensions["lms_registry"]
    return [duty for plugin in registry.plugins for duty in plugin.periodic]


def run_due(duties: list[Periodic], *, at: datetime) -> list[str]:
    """Run every duty whose time has come and return the names of those that ran."""
    begun = {row.name: row.started_at for row in db.session.execute(select(JobRun.name, JobRun.started_at))}
    db.session.rollback()
    # looking costs one read; only what seems due asks for the write lock
    waiting = [duty for duty in duties if duty.name not in begun or at - begun[duty.name] >= duty.every]
    return [duty.name for duty in waiting if _claim(duty, at=at) and _run(duty, at=at)]


def _claim(duty: Periodic, *, at: datetime) -> bool:
    try:
        with transaction() as session:
            row = session.get(JobRun, duty.name, with_for_update=True)
            if row is None:
                session.add(JobRun(name=duty.name, started_at=at))
            elif at - row.started_at < duty.every:
                return False
            else:
                row.started_at = at
    except IntegrityError:
        return False
    return True


def _run(duty: Periodic, *, at: datetime) -> bool:
    """Run one duty; a failing duty is logged and must not stop the others."""
    try:
        duty.run(at)
    except Exception:
        log.exception("duty failed", duty=duty.name)
    finally:
        db.session.remove()
    return True


def run_for_ever(app: Flask, duties: list[Periodic], *, stop: threading.Event, pause: float = 5.0) -> None:
    """Look for due duties until told to stop; for the supervising process of `lms serve` and for `lms worker`."""
    while not stop.wait(pause):
        with app.app_context():
            try:
                run_due(duties, at=clock.now())
            except Exception:
                log.exception("duties could not be looked up")
