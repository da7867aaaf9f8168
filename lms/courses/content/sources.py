"""Reads one file of a content folder, and checks what each names: days and sources; what is wrong becomes a fault."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from lms.core.faults import CITATION, Fault
from lms.courses.content.schema import SourceEntry


def read_text(path: Path, file: str, faults: list[Fault]) -> str | None:
    """Return a file's text with plain line ends, or None and a fault."""
    try:
        return path.read_text("utf-8").replace("\r\n", "\n").removeprefix("\ufeff")
    except UnicodeDecodeError:
        faults.append(Fault(file, "", "", "不是 UTF-8 编码，请另存为 UTF-8"))
        return None


def load_toml(
    text: str, file: str, faults: list[Fault], *, first_line: int = 1, number: Callable[[str], Any] = float
) -> dict[str, Any] | None:
    """Return the values of a TOML text, or None and a fault with its line; `number` reads its decimals."""
    try:
        return tomllib.loads(text, parse_float=number)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        entry = f"第{int(where[1]) + first_line - 1}行" if where else ""
        faults.append(Fault(file, entry, "", "TOML 格式错误（引号、括号、日期或重复的名称）"))
        return None


def day_faults(file: str, *, as_of: date, reviewed_on: date, today: date) -> Iterator[Fault]:
    """Yield what is wrong with the days of a file: none lies ahead, and it is read no earlier than its law stands."""
    for name, on in (("as_of", as_of), ("reviewed.on", reviewed_on)):
        if on > today:
            yield Fault(file, "", name, f"{on.isoformat()} 晚于今天")
    if reviewed_on < as_of:
        yield Fault(file, "", "reviewed.on", "复核日期早于法规状态日期 as_of")


def source_faults(file: str, sources: Iterable[SourceEntry], articles: Collection[tuple[str, str]]) -> Iterator[Fault]:
    """Yield the sources of a file that the register does not know, and those named twice."""
    seen = set()
    for at, source in enumerate(sources, start=1):
        place, name = f"sources.第{at}项", f"{source.law}#{source.article}"
        if (source.law, source.article) not in articles:
            yield Fault(file, "", place, f"法规库里没有 {name}", CITATION)
        if name in seen:
            yield Fault(file, "", place, f"{name} 写了两次")
        seen.add(name)
