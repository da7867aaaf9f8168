"""`lms laws …`: is the register still the law, what has to be read again, and who has read it again."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import with_appcontext

from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.core.listing import ListQuery
from lms.core.reviews import Outcome
from lms.courses import services
from lms.courses.rules.kinds import SubjectKind
from lms.courses.rules.naming import article_name

_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON；给人看的话写到标准错误。")
_ALL = 10_000  # changes on one page: the command line has no pages


@click.group(name="laws")
def laws_group() -> None:
    """法规库：对照官方文本，列出待复核的课文和试题，登记复核。"""


@laws_group.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--law", "slug", default=None, metavar="SLUG", help="法规代码；不写时按文件标题对照法规库。")
@click.option("--dry-run", is_flag=True, help="只对照，不登记修改，不停用任何课文和试题。")
@_JSON
@with_appcontext
def check_laws(*, files: tuple[Path, ...], slug: str | None, dry_run: bool, as_json: bool) -> None:
    """对照官方文本（Markdown 全文），找出与法规库不一致的条文；引用这些条文的课文和试题转为待复核。

    没有变化以 0 结束，有变化以 1 结束，文件不能用以 2 结束。
    """
    try:
        texts = [(path.name, _read(path)) for path in files]
        with transaction() as session:
            found = services.check_laws(files=texts, law=slug, at=clock.now())
            if dry_run:
                session.rollback()
    except Invalid as error:
        _refuse(error, as_json=as_json)
    for line in _lines(found, dry_run=dry_run):
        click.echo(line, err=as_json)
    if as_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False))
    sys.exit(1 if found.is_changed else 0)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Invalid(f"{path}：打不开这个文件，请核对路径。") from None


def _lines(found: services.LawCheck, *, dry_run: bool) -> list[str]:
    """Return what people read, a line for each finding."""
    lines = []
    for file in found.files:
        head = f"{file.file}：《{file.title}》（{file.law}）"
        lines.append(f"{head}有 {len(file.changed)} 条与登记的不一致" if file.changed else f"{head}与登记的一致")
        for one in file.changed:
            lines.append(f"  {article_name(one.article)} {one.kind.heading}")
            lines.append(f"    课文 {len(one.lessons)} 课：{'、'.join(one.lessons) or '没有引用'}")
            if one.showing:
                lines.append(f"    另有 {len(one.showing)} 课用到引用它的表样或图：{'、'.join(one.showing)}")
            lines.append(f"    试题 {len(one.questions)} 道：{'、'.join(one.questions) or '没有引用'}")
        if file.added:
            lines.append(f"  法规库没有登记的 {len(file.added)} 条未比较：{_names(file.added)}")
        if file.not_comparable:
            lines.append(
                f"  没有指纹或文件里没有、无法比较的 {len(file.not_comparable)} 条：{_names(file.not_comparable)}"
            )
    if found.held_lessons or found.held_questions:
        word = "将转为待复核（试运行，没有改动）" if dry_run else "已转为待复核，新试卷和练习不再抽到这些试题"
        lines.append(f"课文 {found.held_lessons} 课、试题 {found.held_questions} 道{word}。")
    elif found.is_changed:
        lines.append("这些修改已登记过，没有新增待复核的内容。")
    return lines


def _names(numbers: tuple[str, ...]) -> str:
    shown = "、".join(article_name(no) for no in numbers[:8])
    return f"{shown} 等" if len(numbers) > 8 else shown


def _as_json(found: services.LawCheck) -> dict[str, Any]:
    return {
        "files": [
            {
                "file": file.file,
                "law": file.law,
                "changed": [
                    {
                        "article": one.article,
                        "kind": one.kind.value,
                        "sha256": one.sha256,
                        "lessons": list(one.lessons),
                        "lessons_showing": list(one.showing),
                        "questions": list(one.questions),
                    }
                    for one in file.changed
                ],
                "added": list(file.added),
                "not_comparable": list(file.not_comparable),
            }
            for file in found.files
        ],
        "held": {"lessons": found.held_lessons, "questions": found.held_questions},
    }


@laws_group.command("review")
@_JSON
@with_appcontext
def list_reviews(*, as_json: bool) -> None:
    """列出待复核的课文和试题，按修改的条文分组。"""
    changes = services.list_changes(organisation_id=None, query=ListQuery(size=_ALL)).rows
    waiting: dict[int, list[services.ReviewView]] = {change.id: [] for change in changes}
    for review in services.waiting_reviews(organisation_id=None):
        waiting[review.change_id].append(review)
    if as_json:
        click.echo(json.dumps({"changes": [_waiting(one, waiting[one.id]) for one in changes]}, ensure_ascii=False))
        return
    for change in changes:
        found_on = clock.local_date(change.found_at)
        click.echo(f"#{change.id} {change.name} {change.kind.heading}（{found_on} 由 {change.file} 发现）")
        for review in waiting[change.id]:
            click.echo(f"  {review.kind.value}:{review.subject} {review.title}".rstrip())
    click.echo(f"共 {len(changes)} 处修改待复核。" if changes else "没有待复核的课文和试题。")


def _waiting(change: services.ChangeView, reviews: list[services.ReviewView]) -> dict[str, Any]:
    return {
        "id": change.id,
        "law": change.law_slug,
        "article": change.no,
        "kind": change.kind.value,
        "file": change.file,
        "found_at": change.found_at.isoformat(),
        "lessons": [review.subject for review in reviews if review.kind == SubjectKind.LESSON],
        "questions": [review.subject for review in reviews if review.kind == SubjectKind.QUESTION],
    }


@laws_group.command("clear")
@click.option(
    "--subject", "subjects", multiple=True, required=True, metavar="lesson:CODE|question:SLUG", help="可以重复写。"
)
@click.option("--reviewer", required=True, help="复核人姓名，记入复核记录。")
@click.option("--outcome", required=True, type=click.Choice([one.value for one in Outcome]), help="复核结论。")
@click.option("--note", required=True, help="对照了什么、结论是什么。")
@click.option("--change", "change_id", type=int, default=None, help="只针对这一处修改（lms laws review 里的编号）。")
@_JSON
@with_appcontext
def clear_reviews(
    *, subjects: tuple[str, ...], reviewer: str, outcome: str, note: str, change_id: int | None, as_json: bool
) -> None:
    """登记复核：没有其他待复核修改的课文和试题随即恢复使用。"""
    try:
        with transaction():
            cleared = services.clear_subjects(
                subjects=[_subject(text) for text in subjects],
                verdict=services.ReviewVerdict(reviewer=reviewer, outcome=Outcome(outcome), note=note),
                change_id=change_id,
                at=clock.now(),
            )
    except Invalid as error:
        _refuse(error, as_json=as_json)
    click.echo(f"已登记 {cleared} 项复核。" if cleared else "这些内容没有待复核的修改，没有改动。", err=as_json)
    if as_json:
        click.echo(json.dumps({"cleared": cleared}))


def _subject(text: str) -> tuple[SubjectKind, str]:
    kind, _, subject = text.partition(":")
    if kind not in set(SubjectKind) or not subject:
        raise Invalid(f"“{text}”写法不对，课文写作 lesson:2.4-1，试题写作 question:2.4-s01。")
    return SubjectKind(kind), subject


def _refuse(error: Invalid, *, as_json: bool) -> NoReturn:
    click.echo(error.message, err=True)
    if as_json:
        click.echo(json.dumps({"message": error.message}, ensure_ascii=False))
    sys.exit(2)
