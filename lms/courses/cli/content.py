"""`lms courses …`: bring the content files into the database, only check them, or build the working forms."""

import json
import time
from pathlib import Path

import click
from flask.cli import with_appcontext

from lms.core import clock
from lms.core.db import transaction
from lms.core.verdicts import Unusable, answer_content, content_json, content_root, refuse_content
from lms.courses import services
from lms.courses.content import default_root

_STRICT = click.option(
    "--strict/--no-strict", default=True, help="--no-strict：未登记的法规条款只作提醒，其余照常检查。"
)
_PARTS = ("laws", "articles", "items", "lessons")


@click.group(name="courses")
def courses_group() -> None:
    """大纲、课文和法规库：检查与导入。"""


@courses_group.command("import")
@content_root
@_STRICT
@content_json
@with_appcontext
def import_content(*, root: Path | None, strict: bool, as_json: bool) -> None:
    """检查全部内容，没有错误才导入；重复执行不会改动没有变化的课文。"""
    began = time.perf_counter()
    try:
        with transaction():
            report = services.import_content(root=root or default_root(), at=clock.now(), strict=strict)
    except services.ContentFaults as error:
        refuse_content(error.message, faults=error.faults, as_json=as_json)
    answer_content(
        f"{report.summary}。用时 {time.perf_counter() - began:.1f} 秒。",
        counts=report.counts,
        warnings=report.warnings,
        as_json=as_json,
    )


@courses_group.command("check")
@content_root
@_STRICT
@content_json
def check_content(*, root: Path | None, strict: bool, as_json: bool) -> None:
    """只检查内容，不改动数据库；有错误时逐条列出并以失败结束。"""
    try:
        content, warnings = services.check_content(root=root or default_root(), at=clock.now(), strict=strict)
    except services.ContentFaults as error:
        refuse_content(f"内容有 {len(error.faults)} 处错误。", faults=error.faults, as_json=as_json)
    answer_content(
        f"没有错误：法规 {len(content.laws)} 部 {len(content.articles)} 条，"
        f"条目 {len(content.items)} 个，课文 {len(content.lessons)} 课，表样 {len(content.forms)} 份。",
        counts={part: len(getattr(content, part)) for part in (*_PARTS, "forms")},
        warnings=warnings,
        as_json=as_json,
    )


@courses_group.command("forms")
@content_root
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="放 xlsx 文件的目录。")
@click.option("--item", "item_code", default=None, help="只做一个大纲条目的表，例如 3.4。")
@content_json
def build_forms(*, root: Path | None, out: Path, item_code: str | None, as_json: bool) -> None:
    """把全部表样做成 Excel 文件（空表、填写示例、依据）；同样的内容总是得到同样的文件。"""
    try:
        content, _warnings = services.check_content(root=root or default_root(), at=clock.now())
    except services.ContentFaults as error:
        refuse_content(f"内容有 {len(error.faults)} 处错误，没有生成文件。", faults=error.faults, as_json=as_json)
    made = list(services.build_forms(content=content, item_code=item_code))
    if not made:
        words = f"--item：没有条目 {item_code} 的表样。请核对条目编号，例如 3.4。" if item_code else "还没有表样。"
        if item_code and not as_json:
            raise Unusable(words)
        refuse_content(words, faults=[], as_json=as_json)
    files = {f"{form.item_code}-{form.slug}.xlsx": workbook for form, workbook in made}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, workbook in files.items():
            (out / name).write_bytes(workbook)
    except OSError as error:
        raise click.ClickException(f"不能写入 {out}：{error.strerror}。请换一个目录。") from error
    click.echo(f"已生成 {len(files)} 个文件，在 {out}。", err=as_json)
    if as_json:
        click.echo(json.dumps({"ok": True, "counts": {"forms": len(files)}, "files": list(files)}, ensure_ascii=False))
