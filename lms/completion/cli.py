"""`lms completion`."""

import click
from flask.cli import with_appcontext

from lms.completion import services
from lms.core.verdicts import answer_verdict


@click.group()
def completion() -> None:
    """结业记录：核对有没有被改动。"""


@completion.command("verify-records")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON（契约 D 的格式）。")
@with_appcontext
def verify_records(*, as_json: bool) -> None:
    """核对全部结业记录和撤销记录的链，指出第一条有问题的。"""
    answer_verdict(services.verify_records(), as_json=as_json)
