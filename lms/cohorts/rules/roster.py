"""What a roster says: where its heading stands, which column is what, what a cell means, who stands in it twice."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

HEADING_ROWS = 10  # a heading stands within the first rows, below titles and notes
MAX_LINES = 2000
SAFE_DIGITS = 15  # spreadsheets keep no more digits of a number than these


class RosterField(StrEnum):
    """What a roster tells of a learner."""

    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    EMPLOYER = "employer"

    @property
    def label(self) -> str:
        """The column's heading in our own files."""
        return {"name": "姓名", "id_number": "身份证号", "phone": "手机号", "employer": "工作单位"}[self.value]


REQUIRED = (RosterField.NAME, RosterField.ID_NUMBER)

# The first of a list is preferred when a file has two columns that could be meant.
SYNONYMS: dict[RosterField, tuple[str, ...]] = {
    RosterField.NAME: (
        "姓名",
        "学员姓名",
        "名字",
        "人员姓名",
        "员工姓名",
        "职工姓名",
        "学生姓名",
        "参训人员",
        "学员",
        "name",
    ),
    RosterField.ID_NUMBER: (
        "身份证号",
        "身份证号码",
        "居民身份证号",
        "居民身份证号码",
        "公民身份号码",
        "公民身份证号码",
        "公民身份证号",
        "身份证件号码",
        "身份证件号",
        "证件号码",
        "证件号",
        "有效证件号码",
        "身份证编号",
        "身份证",
        "idnumber",
    ),
    RosterField.PHONE: (
        "手机号",
        "手机号码",
        "手机",
        "移动电话",
        "本人手机号",
        "联系手机",
        "联系电话",
        "联系方式",
        "电话号码",
        "电话",
        "手机电话",
        "phone",
        "mobile",
    ),
    RosterField.EMPLOYER: (
        "工作单位",
        "工作单位全称",
        "单位名称",
        "单位全称",
        "用人单位",
        "用人单位名称",
        "所在单位",
        "所在单位名称",
        "企业名称",
        "企业全称",
        "公司名称",
        "公司",
        "所属单位",
        "所属企业",
        "现工作单位",
        "单位",
        "employer",
    ),
}
_MEANING = {word: (known, rank) for known, words in SYNONYMS.items() for rank, word in enumerate(words)}

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_NOISE = re.compile(r"[\s\u200b-\u200f\ufeff*:;,.、_\-]+")
_SCIENTIFIC = re.compile(r"[+]?\d(?:[.,]\d+)?[eE][+]?\d{1,3}")
_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)
_ERRORS = frozenset({"#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})


@dataclass(frozen=True, slots=True)
class Uncomputed:
    """A cell that holds a formula whose result was not saved with the file."""


CellValue: TypeAlias = "str | int | float | bool | date | datetime | Uncomputed | object | None"
Row: TypeAlias = Sequence[CellValue]


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a roster's heading ends and which column holds what; counted from 0."""

    row: int
    columns: dict[RosterField, int]

    @property
    def missing(self) -> tuple[RosterField, ...]:
        """The columns that a roster cannot do without and this one does not have."""
        return tuple(each for each in REQUIRED if each not in self.columns)


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One learner's line: `number` as the spreadsheet counts, texts as written, what is wrong with them."""

    number: int
    cells: dict[RosterField, str]
    faults: dict[RosterField, str] = field(default_factory=dict)


def heading_word(value: CellValue) -> str:
    """Return a heading without spaces, line breaks, stars and remarks in brackets: `*姓 名（必填）` is 姓名."""
    text = unicodedata.normalize("NFKC", str(value)) if isinstance(value, str) else ""
    bare = _NOISE.sub("", _BRACKETS.sub("", text))
    return (bare or _NOISE.sub("", text)).lower()


def find_heading(rows: Sequence[Row]) -> Heading | None:
    """Return the heading among the first rows, the most complete one; None when no row names two columns we know.

    A heading of two rows (merged cells above, their parts below) is read as one.
    """
    found = []
    for at, row in enumerate(rows[:HEADING_ROWS]):
        columns = _columns(row)
        found.append(Heading(at, columns))
        # a row of remarks such as “单位：… 联系电话：…” is no upper half
        if columns.keys() & set(REQUIRED) and at + 1 < min(len(rows), HEADING_ROWS):
            found.append(Heading(at + 1, _columns(_merged(row, rows[at + 1]))))
    return max((each for each in found if len(each.columns) >= 2), key=_completeness, default=None)


def _completeness(heading: Heading) -> tuple[bool, int]:
    return not heading.missing, len(heading.columns)


def _merged(upper: Row, lower: Row) -> list[CellValue]:
    """Return two rows as one: the lower one's words, the upper one's where the lower is blank."""
    wide = max(len(upper), len(lower))
    above, below = ([*row, *[None] * (wide - len(row))] for row in (upper, lower))
    return [under if heading_word(under) else over for over, under in zip(above, below, strict=True)]


def _columns(row: Row) -> dict[RosterField, int]:
    """Return which column of a heading row is what; of two that mean the same, the better known word's."""
    chosen: dict[RosterField, tuple[int, int]] = {}
    for column, value in enumerate(row):
        known = _MEANING.get(heading_word(value))
        if known is None:
            continue
        meaning, rank = known
        if meaning not in chosen or rank < chosen[meaning][0]:
            chosen[meaning] = (rank, column)
    return {meaning: column for meaning, (_rank, column) in chosen.items()}


def column_letter(column: int) -> str:
    """Return what spreadsheets call a column counted from 0: 0 is A, 27 is AB."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_line(number: int, row: Row, heading: Heading) -> RosterLine | None:
    """Return a row as a learner's line, None when every cell that matters is blank.

    A formula without a result is blank: rosters are often prefilled with lookups further down than there are people.
    """
    cells: dict[RosterField, str] = {}
    faults: dict[RosterField, str] = {}
    for meaning, column in heading.columns.items():
        value = row[column] if column < len(row) else None
        cells[meaning] = cell_text(value)
        if reason := _fault(value, cells[meaning], meaning):
            faults[meaning] = f"第 {number} 行 {column_letter(column)} 列：{reason}"
    if not any(cells.values()):
        return None
    return RosterLine(number, cells, faults)


def cell_text(value: CellValue) -> str:
    """Return a cell as text: whole numbers without a point, no `="…"` around, no apostrophe in front, no odd spaces."""
    if value is None or isinstance(value, Uncomputed):
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**SAFE_DIGITS:
        return str(int(value))
    text = (
        (str(value).upper() if isinstance(value, float) else str(value))
        .replace("\u3000", " ")
        .replace("\xa0", " ")
        .replace("\ufeff", "")
        .strip()
    )
    if wrapped := _WRAPPED.fullmatch(text):
        text = wrapped[1].strip()
    return text.removeprefix("'").removeprefix("\u2018")


def _fault(value: CellValue, text: str, meaning: RosterField) -> str | None:
    """Return why a cell cannot be read at all, None when it can."""
    title = meaning.label
    if (isinstance(value, Uncomputed) and meaning in REQUIRED) or text in _ERRORS:
        return f"{title}是公式，文件里没有它的结果。请复制这一列，“选择性粘贴”为数值后再导入。"
    if meaning not in (RosterField.ID_NUMBER, RosterField.PHONE):
        return None
    if (isinstance(value, int | float) and abs(value) >= 10**SAFE_DIGITS) or _SCIENTIFIC.fullmatch(text):
        shown = text if len(text) <= 24 else text[:24] + "…"
        advice = "请把这一列的单元格格式设为“文本”，重新填写后再导入。"
        return f"{title}被表格软件存成了数字（{shown}），后几位已经丢失。{advice}"
    return None


def repeats(values: Iterable[tuple[int, str]]) -> dict[int, int]:
    """Return for each row whose value stood in an earlier row that earlier row; empty values do not count."""
    first: dict[str, int] = {}
    found: dict[int, int] = {}
    for number, value in values:
        if not value:
            continue
        if value in first:
            found[number] = first[value]
        else:
            first[value] = number
    return found
