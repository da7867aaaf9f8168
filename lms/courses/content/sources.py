"""Reads one file of a content folder; what cannot be read becomes a fault."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lms.core.faults import Fault


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
