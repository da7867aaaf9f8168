"""Periodic duties: each runs in one process at a time, however many processes there are."""

import threading
from datetime import datetime

import structlog
from flask import Flask
from sqlalchemy import String
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Model, UtcDateTime, db, transaction
from lms.core.plugin import Periodic

log = structlog.get_logger()


class JobRun(Model):
    """When a duty was last begun; claiming the row is what makes a run exclusive."""

    __tablename__ = "core_job_run"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)


def run_due(duties: list[Periodic], *, at: datetime) -> list[str]:
    """Run every duty whose time has come and return the names of those that ran."""
    return [duty.name for duty in duties if _claim(duty, at=at) and _run(duty, at=at)]


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
