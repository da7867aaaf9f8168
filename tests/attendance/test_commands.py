"""Commands and duties."""

import json
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from lms.attendance import jobs
from lms.attendance.models import CodeGuess, LedgerEntry
from lms.attendance.services import Mark
from lms.core.db import db, transaction
from tests.attendance.conftest import Place, clock
from tests.attendance.test_sign_in import by_code, wrong_code


def test_the_ledger_is_verified_by_command(app: Flask, place: Place) -> None:
    place.sign(clock("08:30"))
    place.sign(clock("10:00"))
    runner = app.test_cli_runner()
    good = runner.invoke(args=["attendance", "verify-ledger", "--json"])
    assert good.exit_code == 0
    assert json.loads(good.output) == {"ok": True, "checked": 3, "first_bad": None}
    with app.app_context(), transaction():
        db.session.execute(
            text("UPDATE attendance_presence_act SET at = recorded_at, witness = 'manual' WHERE sequence = 2")
        )
    bad = runner.invoke(args=["attendance", "verify-ledger", "--json"])
    assert bad.exit_code == 1
    first = json.loads(bad.output)["first_bad"]
    assert first["stream"] == f"attendance_presence_act/enrolment-{place.enrolment_id}"
    assert first["sequence"] == 2
    assert "改动过" in first["reason"]
    assert "已损坏" in runner.invoke(args=["attendance", "verify-ledger"]).stderr


def test_the_duty_settles_what_is_quiet(app: Flask, place: Place) -> None:
    place.roll_call(clock("08:40"), (Mark.PRESENT, 0))
    place.study(clock("12:00"), 3)

    def posted() -> int:
        return db.session.scalar(select(func.coalesce(func.sum(LedgerEntry.seconds), 0))) or 0

    with app.app_context():
        jobs.settle(clock("12:04"))
        assert posted() == 0
        jobs.settle(clock("12:10"))
        assert posted() == 5400 + 180
        jobs.settle(clock("12:20"))
        assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 2


def test_settling_by_command(app: Flask, place: Place) -> None:
    place.roll_call(clock("08:40"), (Mark.PRESENT, 0))
    done = app.test_cli_runner().invoke(args=["attendance", "settle"])
    assert "结算完成，共 1 人" in done.output
    assert "结算完成，共 0 人" in app.test_cli_runner().invoke(args=["attendance", "settle"]).output


def test_old_guesses_are_forgotten(app: Flask, place: Place) -> None:
    by_code(place, wrong_code(place), clock("08:40"))
    with app.app_context():
        jobs.forget_guesses(clock("09:00"))
        assert db.session.scalar(select(func.count()).select_from(CodeGuess)) == 1
        jobs.forget_guesses(clock("10:00"))
        assert db.session.scalar(select(func.count()).select_from(CodeGuess)) == 0


def test_the_duty_costs_little_when_there_is_nothing_to_do(
    app: Flask, place: Place, count_statements: Callable[[], Any]
) -> None:
    with app.app_context(), count_statements() as seen:
        jobs.settle(clock("12:00"))
    assert len(seen) <= 5
