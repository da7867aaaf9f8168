"""`lms quizzes reports`: accepted reports (纠错), to be passed on to the maintainers of the bank."""

import json

import click
from flask.cli import with_appcontext

from lms.quizzes import services


@click.command("reports")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON：试题、依据、学员的话和答复，不含姓名和机构。")
@with_appcontext
def list_accepted(*, as_json: bool) -> None:
    """列出各机构已采纳的纠错，供转给题库维护者。"""
    accepted = services.export_accepted()
    if as_json:
        click.echo(json.dumps(accepted, ensure_ascii=False, indent=2))
        return
    for report in accepted["reports"]:
        click.echo(services.export_text(exported=report) + "\n")
    click.echo(f"已采纳的纠错共 {len(accepted['reports'])} 条。", err=True)
