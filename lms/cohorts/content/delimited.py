"""Reads CSV as spreadsheets in China write it: three encodings, three separators."""

import csv
import re
from collections.abc import Iterator
from io import StringIO

from lms.cohorts.content.sheets import TableSource
from lms.core.errors import Invalid

_SEPARATORS = (",", "\t", ";")
_SEPARATOR_LINE = re.compile(r"sep=[,;\t]\r?\n", re.IGNORECASE)  # a hint that only one spreadsheet program reads
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def read_delimited(data: bytes) -> Iterator[TableSource]:
    """Yield the text as a table, once for each separator it may have; raise Invalid for what is no text."""
    text = decode(data)
    hint = _SEPARATOR_LINE.match(text)
    text = text[hint.end() :] if hint else text
    for separator in _SEPARATORS:
        if separator in text:
            yield TableSource("", _rows(text, separator, skipped=1 if hint else 0))
    if not any(separator in text for separator in _SEPARATORS):
        yield TableSource("", ([line] for line in text.splitlines()))


def decode(data: bytes) -> str:
    """Return the text of a file: by its byte order mark, else strictly UTF-8, else GB18030."""
    order: tuple[str, ...]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        order = ("utf-16",)
    elif data.startswith(b"\xef\xbb\xbf"):
        order = ("utf-8-sig",)
    else:
        order = ("utf-8", "gb18030")
    for encoding in order:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    raise Invalid("文件里的文字读不出来。请在表格软件里另存为 .xlsx，或“CSV UTF-8”格式，再上传。", field="file")


def _rows(text: str, separator: str, *, skipped: int) -> Iterator[list[str]]:
    yield from [[] for _ in range(skipped)]
    try:
        yield from csv.reader(StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise Invalid("CSV 里有不成对的引号或过长的内容。请另存为 .xlsx 后再上传。", field="file") from error
