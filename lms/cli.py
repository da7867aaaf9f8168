"""The `lms` command: what every plugin brings, and running the product.

Pure commands (contracts A and E) run without an application: no database is opened, no configuration is read.
"""

import sys
from collections.abc import Iterable

import click
from flask import current_app
from flask.cli import ScriptInfo, with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from lms.app import BUILT_IN, create_app
from lms.core import audit
from lms.core.chain import Verdict
from lms.core.plugin import Plugin, Registry, load_entry_points
from lms.core.verdicts import answer_verdict
from lms.demo.cli import demo
from lms.migrations.cli import db_group
from lms.server import serve, worker
from lms.web.access import PUBLIC, SIGNED_IN, access_of


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


@click.command("contracts")
@with_appcontext
def contracts() -> None:
    """检查每个插件是否守约：名称、依赖、权限、数据表，以及每个页面都写明谁能看。"""
    registry: Registry = current_app.extensions["lms_registry"]
    known = {PUBLIC, SIGNED_IN, *registry.permissions}
    untagged = [
        endpoint
        for endpoint, view in current_app.view_functions.items()
        if not endpoint.endswith("static") and access_of(view) not in known
    ]
    if untagged:
        message = f"这些页面没有写明谁能看：{'、'.join(sorted(untagged))}"
        raise click.ClickException(message)
    for plugin in registry.plugins:
        click.echo(f"{plugin.name:12} {plugin.title}：{len(plugin.permissions)} 项权限，{len(plugin.listeners)} 个监听")


def build(plugins: Iterable[Plugin]) -> click.Group:
    """Return the command with every plugin's commands in it."""
    root = click.Group("lms", help="安薪学堂：劳资专管员培训与学习管理系统。")
    own: tuple[click.Command, ...] = (serve, worker, db_group, audit_group, contracts, demo)
    for command in (*own, *(command for plugin in plugins for command in plugin.cli)):
        root.add_command(command)
    return root


def main() -> None:
    """Run the command line; a database without our tables gets a sentence, not a traceback."""
    root = build((*BUILT_IN, *load_entry_points()))
    try:
        root.main(obj=ScriptInfo(create_app=create_app))
    except (OperationalError, ProgrammingError) as error:
        if "no such table" not in str(error.orig) and "does not exist" not in str(error.orig):
            raise
        click.echo("数据库还没有建好或不是最新，请先运行：lms db upgrade", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
