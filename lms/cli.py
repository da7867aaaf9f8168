"""The `lms` command: what every plugin brings, and running the product.

Pure commands (contracts A and E) run without an application: no database is opened, no configuration is read.
"""

from collections.abc import Iterable

import click
from flask.cli import ScriptInfo, with_appcontext

from lms.app import BUILT_IN, create_app
from lms.core import audit
from lms.core.chain import Verdict
from lms.core.plugin import Plugin, load_entry_points
from lms.core.verdicts import answer_verdict
from lms.demo.cli import demo
from lms.migrations.cli import db_group
from lms.server import serve, worker


@click.group(name="audit")
def audit_group() -> None:
    """操作日志：核对有没有被改动。"""


@audit_group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON（契约 D）。")
@with_appcontext
def audit_verify(*, as_json: bool) -> None:
    """核对全部操作日志，指出第一条有问题的记录。"""
    verdict: Verdict = audit.verify()
    answer_verdict(verdict, as_json=as_json)


def build(plugins: Iterable[Plugin]) -> click.Group:
    """Return the command with every plugin's commands in it."""
    root = click.Group("lms", help="安薪学堂：劳资专管员培训与学习管理系统。")
    own: tuple[click.Command, ...] = (serve, worker, db_group, audit_group, demo)
    for command in (*own, *(command for plugin in plugins for command in plugin.cli)):
        root.add_command(command)
    return root


def main() -> None:
    """Run the command line."""
    build((*BUILT_IN, *load_entry_points())).main(obj=ScriptInfo(create_app=create_app))


if __name__ == "__main__":
    main()
