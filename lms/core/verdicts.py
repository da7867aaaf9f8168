"""How commands answer: contract D on chains, and what a check or an import of content files found."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from lms.core.chain import Verdict

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# what every command on content files asks for; its answer is given by `answer_content` or `refuse_content`
content_root = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="内容目录，默认为随产品安装的 content。",
)
content_json = click.option(
    "--json", "as_json", is_flag=True, help="输出 JSON：数量和错误；给人看的话写到标准错误，有错误时以 2 结束。"
)


def answer_verdict(verdict: Verdict, *, as_json: bool) -> None:
    """Print the result of walking chains; leave with 1 when one is broken."""
    if as_json:
        click.echo(json.dumps(verdict.to_json(), ensure_ascii=False))
    elif verdict.fault is None:
        click.echo(f"完好：共核对 {verdict.checked} 条记录。")
    else:
        fault = verdict.fault
        click.echo(f"已损坏：{fault.stream} 第 {fault.sequence} 条，{fault.reason}。", err=True)
    sys.exit(0 if verdict.ok else 1)


def answer_content(
    words: str, *, counts: Mapping[str, int], warnings: Sequence["DataclassInstance"], as_json: bool
) -> None:
    """Say that content files are in order; with JSON the counts go to stdout and words for people to stderr."""
    _list("提醒 ", warnings)
    click.echo(words, err=as_json)
    if as_json:
        _print(ok=True, counts=dict(counts), warnings=_plain(warnings), faults=[])


class Unusable(click.ClickException):
    """What a command was given is of no use: exit code 2."""

    exit_code = 2


def refuse_content(message: str, *, faults: Sequence["DataclassInstance"], as_json: bool) -> NoReturn:
    """List what is wrong with content files and leave: with 1, or with 2 after the JSON on stdout."""
    _list("", faults)
    if not as_json:
        raise click.ClickException(message)
    click.echo(message, err=True)
    _print(ok=False, message=message, counts={}, warnings=[], faults=_plain(faults))
    sys.exit(2)


def _list(before: str, faults: Iterable["DataclassInstance"]) -> None:
    for fault in faults:
        click.echo(f"{before}{fault}", err=True)


def _plain(faults: Iterable["DataclassInstance"]) -> list[dict[str, object]]:
    return [asdict(fault) for fault in faults]


def _print(**answer: object) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False))
