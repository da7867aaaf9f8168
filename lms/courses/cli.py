"""`lms courses …`: bring the content files into the database, or only check them."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext

from lms.core import clock
from lms.core.db import transaction
from lms.courses import services
from lms.courses.content import Fault, default_root

_ROOT = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="内容目录，默认为随产品安装的 content。",
)
_STRICT = click.option(
    "--strict/--no-strict", default=True, help="--no-strict：未登记的法规条款只作提醒，其余照常检查。"
)


@click.group(name="courses")
def courses_group() -> None:
    """大纲、课文和法规库：检查与导入。"""


@courses_group.command("import")
@_ROOT
@_STRICT
@with_appcontext
def import_content(*, root: Path | None, strict: bool) -> None:
    """检查全部内容，没有错误才导入；重复执行不会改动没有变化的课文。"""
    began = time.perf_counter()
    try:
        with transaction():
            report = services.import_content(root=root or default_root(), at=clock.now(), strict=strict)
    except services.ContentFaults as error:
        _refuse(error.faults, error.message)
    _warn(report.warnings)
    click.echo(
        f"法规 {report.laws} 部 {report.articles} 条（更新 {report.laws_changed} 部）；"
        f"条目 {report.items} 个（更新 {report.items_changed} 个）；"
        f"课文 {report.lessons} 课（新增 {report.lessons_new}，修订 {report.lessons_changed}，"
        f"停用 {report.lessons_retired}）。用时 {time.perf_counter() - began:.1f} 秒。"
    )


@courses_group.command("check")
@_ROOT
@_STRICT
def check_content(*, root: Path | None, strict: bool) -> None:
    """只检查内容，不改动数据库；有错误时逐条列出并以失败结束。"""
    try:
        content, warnings = services.check_content(root=root or default_root(), at=clock.now(), strict=strict)
    except services.ContentFaults as error:
        _refuse(error.faults, "")
    _warn(warnings)
    click.echo(
        f"没有错误：法规 {len(content.laws)} 部 {len(content.articles)} 条，"
        f"条目 {len(content.items)} 个，课文 {len(content.lessons)} 课。"
    )


def _warn(warnings: Iterable[Fault]) -> None:
    for fault in warnings:
        click.echo(f"提醒 {fault}", err=True)


def _refuse(faults: list[Fault], message: str) -> NoReturn:
    for fault in faults:
        click.echo(str(fault), err=True)
    raise click.ClickException(message or f"内容有 {len(faults)} 处错误。")
