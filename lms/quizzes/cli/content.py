"""`lms content check`: the whole content as files, as a table and with every fault; a pure command, no database."""

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from lms.core import clock
from lms.core.verdicts import content_root
from lms.courses import services as courses
from lms.quizzes import services
from lms.quizzes.content.figures import ItemFigures
from lms.quizzes.rules.kinds import Difficulty, Kind
from lms.quizzes.services import ContentReport

_HEADS = ("条目", "课", "分钟", "表样", "试题", *(kind.heading[:2] for kind in Kind), "易/中/难", "最早复核")


@click.group(name="content")
def content_group() -> None:
    """内容文件：法规库、大纲、课文、表样和题库一起检查。"""


@content_group.command("check")
@content_root
@click.option(
    "--official/--no-official",
    default=None,
    help="是否按官方内容的数量、难度和均衡要求检查；默认只对随产品安装的内容这样做。",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON；给人看的话写到标准错误。")
def check_content(*, root: Path | None, official: bool | None, as_json: bool) -> None:
    """检查全部内容并列出每个条目的课文、时长、表样、试题和复核日期；有错误时逐条列出并以 1 结束。

    不打开数据库，不读取配置。
    """
    report = services.inspect_content(
        root=root or courses.default_root(),
        today=clock.local_date(clock.now()),
        official=root is None if official is None else official,
    )
    if report.is_empty:
        click.echo(f"{root or courses.default_root()} 里没有内容，请核对内容目录。", err=True)
        sys.exit(2)
    for line in (*_table(report), "", *_sums(report)):
        click.echo(line, err=as_json)
    for fault in report.faults:
        click.echo(str(fault), err=True)
    click.echo(f"内容有 {len(report.faults)} 处错误。" if report.faults else "没有错误。", err=as_json or not report.ok)
    if as_json:
        click.echo(json.dumps(_as_json(report), ensure_ascii=False, default=_plain))
    sys.exit(0 if report.ok else 1)


def _table(report: ContentReport) -> Iterator[str]:
    """Yield the table's lines: a head, a row for each item, the sums."""
    totals = report.totals
    rows = [
        _HEADS,
        *(_cells(row) for row in report.items),
        (
            "合计",
            str(totals.lessons),
            str(totals.minutes),
            str(totals.forms),
            str(totals.questions),
            *(str(totals.kinds.get(kind, 0)) for kind in Kind),
            _difficulties(totals.difficulties),
            str(min((row.oldest_review for row in report.items if row.oldest_review), default="—")),
        ),
    ]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(_HEADS))]
    for row in rows:
        yield "  ".join(" " * (width - _width(cell)) + cell for cell, width in zip(row, widths, strict=True))


def _cells(row: ItemFigures) -> Sequence[str]:
    return (
        row.code,
        str(row.lessons),
        str(row.minutes),
        str(row.forms),
        str(row.questions),
        *(str(row.kinds.get(kind, 0)) for kind in Kind),
        _difficulties(row.difficulties),
        str(row.oldest_review or "—"),
    )


def _difficulties(counts: Mapping[Difficulty, int]) -> str:
    return "/".join(str(counts.get(difficulty, 0)) for difficulty in Difficulty)


def _width(text: str) -> int:
    """Return how many columns a text takes on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _sums(report: ContentReport) -> Iterator[str]:
    totals, bias = report.totals, report.bias
    yield f"建议时长 {totals.minutes} 分钟，合 {totals.credit_hours} 学时。"
    if totals.questions:
        shares = (100 * totals.difficulties.get(one, 0) / totals.questions for one in Difficulty)
        listed = "，".join(f"{one.heading} {share:.1f}%" for one, share in zip(Difficulty, shares, strict=True))
        yield f"难度：{listed}。"
    if bias.longest is not None:
        places = "、".join(f"{share:.1f}%" for share in bias.places)
        yield f"单选题：正确选项最长的占 {bias.longest:.1f}%；正确选项写在第一到第{len(bias.places)}个的各占 {places}。"
    if bias.true is not None:
        yield f"判断题：说法正确的占 {bias.true:.1f}%。"
    if bias.right_of_multiple is not None:
        yield f"多选题：选项里正确的占 {bias.right_of_multiple:.1f}%。"


def _as_json(report: ContentReport) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "items": [asdict(row) for row in report.items],
        "totals": {**asdict(report.totals), "credit_hours": report.totals.credit_hours},
        "bias": asdict(report.bias),
        "faults": [asdict(fault) for fault in report.faults],
    }


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(repr(value))
