"""`lms attendance`."""

import sys
from datetime import timedelta

import click
from flask.cli import with_appcontext

from lms.attendance import services
from lms.attendance.cli_credit import credit_command
from lms.core import clock
from lms.core.db import transaction
from lms.core.verdicts import answer_verdict


@click.group("attendance")
def attendance() -> None:
    """学时：按规则计算、结算台账、核对台账。"""


@attendance.command("verify-ledger")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON（契约 D）。")
@with_appcontext
def verify_ledger(*, as_json: bool) -> None:
    """核对全部考勤证据和学时台账，指出第一条有问题的记录。"""
    answer_verdict(services.verify_ledger(), as_json=as_json)


@attendance.command("settle")
@with_appcontext
def settle_all() -> None:
    """立即结算所有有新证据的学员（平时由定时任务完成）。"""
    at = clock.now()
    due = services.due_for_settling(at=at, quiet_for=timedelta(0), limit=1_000_000)
    with click.progressbar(due, label="正在结算", file=sys.stderr) as waiting:
        for organisation_id, enrolment_id in waiting:
            with transaction():
                services.settle(organisation_id=organisation_id, enrolment_id=enrolment_id, at=at)
    click.echo(f"结算完成，共 {len(due)} 人。")


attendance.add_command(credit_command)
