"""Reads an uploaded roster, whatever kind of file it is, into lines; refuses in words a clerk can act on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from lms.cohorts.content.delimited import read_delimited
from lms.cohorts.content.sheets import MAX_ROWS, TableSource, read_sheets
from lms.cohorts.rules.roster import HEADING_ROWS, MAX_LINES, Heading, RosterLine, Row, find_heading, read_line
from lms.core.errors import Invalid

MAX_BYTES = 8 * 1024 * 1024

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE_AS = "请在表格软件里打开它，选“另存为”→“Excel 工作簿（.xlsx）”，再上传新文件。"


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster as read: the sheet it stood in ("" for CSV) and its lines, blank ones left out."""

    sheet: str
    lines: tuple[RosterLine, ...]


def read_roster(data: bytes) -> Roster:
    """Return the roster in a file or raise Invalid; what kind of file it is, the content says, not the name."""
    if not data.strip():
        raise Invalid("文件是空的。请选择有学员名单的 .xlsx 或 .csv 文件。", field="file")
    if len(data) > MAX_BYTES:
        raise Invalid("文件超过 8 MB。请删去图片和无关的工作表后再上传。", field="file")
    refuse_other_kinds(data)
    sources = read_sheets(data) if data.startswith(_ZIP) else read_delimited(data)
    return _choose(sources)


def refuse_other_kinds(data: bytes) -> None:
    """Raise Invalid for files of kinds we know and cannot take."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Invalid("文件设了打开密码，系统读不了。请去掉密码另存一份，再上传。", field="file")
        raise Invalid(f"这是旧版 .xls（或 WPS .et）表格，系统读不了。{_SAVE_AS}", field="file")
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta")):
        raise Invalid(f"这个文件其实是网页，不是表格。{_SAVE_AS}", field="file")
    if start.startswith((b"%pdf", b"\x89png", b"\xff\xd8\xff", b"rar!", b"7z\xbc\xaf", b"gif8")):
        raise Invalid("这不是表格文件。请选择 .xlsx 或 .csv 文件。", field="file")


def _choose(sources: Iterable[TableSource]) -> Roster:
    """Return the roster of the first table with a whole heading; else say what was missing in the best one."""
    nearest: tuple[Heading, TableSource] | None = None
    for source in sources:
        rows = iter(source.rows)
        first = list(islice(rows, HEADING_ROWS))
        heading = find_heading(first)
        if heading is None:
            continue
        if not heading.missing:
            return Roster(source.name, tuple(_lines(first, rows, heading)))
        if nearest is None or len(heading.columns) > len(nearest[0].columns):
            nearest = heading, source
    if nearest is None:
        raise Invalid(
            "没有找到表头。前 10 行里要有一行写着“姓名”“身份证号”等列名；可以先下载模板，把名单粘贴进去。", field="file"
        )
    heading, source = nearest
    wanted = "、".join(f"“{each.label}”" for each in heading.missing)
    place = f"工作表“{source.name}”的" if source.name else ""
    raise Invalid(f"{place}表头里缺少{wanted}列。请补上这一列，或改用模板里的列名。", field="file")


def _lines(first: list[Row], rest: Iterator[Row], heading: Heading) -> Iterator[RosterLine]:
    """Yield the lines below the heading; too many, or none, is Invalid."""
    count = 0
    below = [*enumerate(first, start=1)][heading.row + 1 :]
    for number, row in (*below, *enumerate(rest, start=len(first) + 1)):
        if number > MAX_ROWS:
            raise Invalid(f"表格超过 {MAX_ROWS} 行。请删除名单下方的空行和无关内容后再上传。", field="file")
        line = read_line(number, row, heading)
        if line is None:
            continue
        count += 1
        if count > MAX_LINES:
            raise Invalid(f"名单超过 {MAX_LINES} 人。请按班拆成几个文件，分别导入。", field="file")
        yield line
    if not count:
        raise Invalid(
            "表头下面没有学员。请填写名单后再上传；如果名单是公式算出来的，请先“选择性粘贴”为数值。", field="file"
        )
