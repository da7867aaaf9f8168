"""The command `lms attendance credit`: contract A over a file, without app, database or configuration."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

import click

from lms.attendance.content import EvidenceFile, UnusableEvidence, read_evidence
from lms.attendance.rules import (
    Credit,
    Entry,
    EvidenceGrade,
    NotCredited,
    Reason,
    Source,
    credit,
    to_json,
)
from lms.core.hours import credit_hours, duration

_UNUSABLE = 2
_STANDARD_INPUT = "-"
_SOURCES = {Source.ONSITE: "现场", Source.ONLINE: "线上"}
_GRADES = {EvidenceGrade.A: "甲", EvidenceGrade.B: "乙", EvidenceGrade.C: "丙"}
_REASONS = {
    Reason.NO_CHECK_OUT: "有签到、无签退，请向班主任申请补签",
    Reason.MISSED_PROMPT: "未在规定时间内回应在线提醒",
    Reason.OVERLAP: "同一时间已计入其他学习",
    Reason.LESSON_CAP: "已达到本课规定时长",
    Reason.DAILY_CAP: "已达到当日学时上限",
}
_WEEKDAYS = "一二三四五六日"


@click.command(
    "credit",
    help="按学时规则计算证据文件中的学时。",
    options_metavar="[选项]",
    add_help_option=False,
)
@click.option("--input", "source", metavar="文件", help="证据文件（JSON，UTF-8）；写 - 则从标准输入读取。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.help_option("--help", help="显示本说明。")
def credit_command(source: str | None, *, as_json: bool) -> None:
    """Print what the evidence in a file is worth; exit 2 and a message in Chinese when it is unusable."""
    if source is None:
        _refuse("请用 --input 指定证据文件，例如：lms attendance credit --input 证据.json --json")
    file = _read(source)
    if file.ignored:
        _say(f"提示：以下字段未被使用，已忽略：{'、'.join(file.ignored)}", err=True)
    answer = credit(file.evidence)
    _say(json.dumps(to_json(answer), ensure_ascii=False, indent=2) if as_json else _report(answer))


def _read(source: str) -> EvidenceFile:
    filename = "标准输入" if source == _STANDARD_INPUT else source
    try:
        raw = sys.stdin.buffer.read() if source == _STANDARD_INPUT else Path(source).read_bytes()
        return read_evidence(raw.decode("utf-8-sig"), filename)
    except OSError:
        _refuse(f"{filename}：无法读取，请检查文件是否存在、是否有读取权限。")
    except UnicodeDecodeError:
        _refuse(f"{filename}：不是 UTF-8 编码，请另存为 UTF-8 后再试。")
    except UnusableEvidence as error:
        _refuse(error.message)


def _refuse(message: str) -> NoReturn:
    _say(message, err=True)
    raise SystemExit(_UNUSABLE)


def _say(text: str, *, err: bool = False) -> None:
    """Print as UTF-8, whatever the terminal's locale claims."""
    click.echo(text.encode("utf-8", "backslashreplace"), err=err)


def _report(answer: Credit) -> str:
    """The answer for a person: one table of credited time, one of time lost, the total."""
    unit = answer.credit_hour_seconds
    blocks = ["计入学时"]
    blocks += _table(
        ("日期", "方式", "课次/课", "时间", "时长", "学时", "证据"),
        (
            (
                *(_day(entry.on), _SOURCES[entry.source], entry.ref, _span(entry)),
                *(duration(entry.seconds), credit_hours(entry.seconds, unit=unit), _GRADES[entry.grade]),
            )
            for entry in answer.entries
        ),
    )
    blocks += ["", "未计入"]
    blocks += _table(
        ("日期", "方式", "课次/课", "时间", "时长", "原因"),
        (
            (
                *(_day(lost.on), _SOURCES[lost.source], lost.ref, _span(lost)),
                *(duration(lost.seconds), _REASONS[lost.reason]),
            )
            for lost in answer.not_credited
        ),
    )
    blocks += ["", f"合计：{answer.credit_hours} 学时 / {duration(answer.total_seconds)}"]
    return "\n".join(blocks)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table whose columns stand straight although Chinese characters are two columns wide."""
    body = [head, *rows]
    if len(body) == 1:
        return ["（无）"]
    widths = [max(_width(cell) for cell in column) for column in zip(*body, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in body
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _day(on: date) -> str:
    return f"{on.isoformat()}（周{_WEEKDAYS[on.weekday()]}）"


def _span(line: Entry | NotCredited) -> str:
    """Clock times within one date; a check-in that was never paired is a single moment."""
    if not line.seconds:
        return f"{line.started_at:%H:%M:%S}"
    # A day ends with the midnight that begins the next.
    end = "24:00:00" if line.ended_at.date() > line.on else f"{line.ended_at:%H:%M:%S}"
    return f"{line.started_at:%H:%M:%S}–{end}"
