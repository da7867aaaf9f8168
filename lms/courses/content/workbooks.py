"""Writes a working form as an Excel file: the empty paper, the filled example, and what it stands on.

The same form always gives the same bytes. Computed columns are formulas with the values they have; text stays text,
whatever sign it begins with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from lms.core.arithmetic import divides, rename
from lms.courses.content.forms import FormColumn, FormFile, FormSource, Value, total_of

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

EMPTY_ROWS = 15
PORTRAIT_WIDTH = 92  # characters that fit on an upright A4 page at a readable size
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_A4 = 9
_FONT = "宋体"
_LINE = 16.5  # height of a line of text, points
_NUMBERS = {"money": "#,##0.00", "number": "General", "date": "yyyy-mm-dd", "text": "@", "choice": "@"}
_BIG = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class SourceLine:
    """An article in words: its law, the law's number, what the article is called, its gist."""

    law: str
    number: str
    article: str
    gist: str


def write_form(source: FormSource, sources: Sequence[SourceLine]) -> bytes:
    """Return the workbook of a form."""
    import xlsxwriter  # noqa: PLC0415  (a tenth of a second that only this needs)

    target = BytesIO()
    form = source.form
    with xlsxwriter.Workbook(target, _OPTIONS) as book:
        made_at = datetime.combine(form.as_of, time(), UTC).replace(tzinfo=None)  # Excel knows no zones
        book.set_properties({"title": form.title, "subject": f"条目 {form.item}", "created": made_at})
        looks = _Looks(book)
        for name, rows in (("空表", None), ("填写示例", source.rows)):
            page = book.add_worksheet(name)
            paper = _Paper(page, form, looks, rows)
            paper.write()
        _write_about(book.add_worksheet("说明"), form, sources, looks)
    return target.getvalue()


class _Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: "Workbook") -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def get(self, **wanted: Any) -> "Format":
        key = tuple(sorted(wanted.items()))
        if key not in self.made:
            plain = {"font_name": _FONT, "font_size": 11, "valign": "vcenter", "text_wrap": True}
            self.made[key] = self.book.add_format(plain | wanted)
        return self.made[key]

    def cell(self, column: FormColumn, **wanted: Any) -> "Format":
        align = "right" if column.is_numeric else "left"
        return self.get(border=1, num_format=_NUMBERS[column.kind], align=align, **wanted)


class _Paper:
    """One sheet: title, fields, then the table or the text, notes and signatures; `rows` None is the empty paper."""

    def __init__(
        self, page: "Worksheet", form: FormFile, looks: _Looks, rows: tuple[dict[str, Value], ...] | None
    ) -> None:
        self.page, self.form, self.looks, self.rows = page, form, looks, rows
        self.at = 0
        self.widths = [max(column.width, 5) for column in form.column] or [92]

    def write(self) -> None:
        for column, width in enumerate(self.widths):
            self.page.set_column(column, column, width)
        self._across(self.form.title, 24, bold=True, font_size=16, align="center")
        if self.rows is not None or self.form.shape == "table":
            self._across(
                "" if self.rows is None else "填写示例：人员、项目和金额均为虚构", 15, font_size=9, align="right"
            )
        self._write_fields()
        if self.form.shape == "table":
            self._write_table()
        else:
            self._write_sections()
        for number, note in enumerate(self.form.notes, start=1):
            self._text(f"{'填写说明：' if number == 1 else ''}{number}. {note}", font_size=9)
        self._write_signatures()
        self._set_up_print()

    def _across(self, text: str, height: float, **look: Any) -> None:
        """Write a line over all columns."""
        self._merge(self.at, 0, len(self.widths) - 1, text, self.looks.get(**look))
        self.page.set_row(self.at, height)
        self.at += 1

    def _text(self, text: str, **look: Any) -> None:
        """Write a text over all columns, as high as it needs: Excel does not measure merged cells."""
        size = look.get("font_size", 11)
        self._across(text, _lines(text, sum(self.widths) * 11 / size) * _LINE * size / 11 + 3, **look)

    def _merge(self, row: int, first: int, last: int, text: str, look: "Format") -> None:
        if first == last:
            self.page.write_string(row, first, text, look)
        else:
            self.page.merge_range(row, first, row, last, "", look)
            self.page.write_string(row, first, text, look)  # merge_range would guess what the text is

    def _write_fields(self) -> None:
        """Fields stand two a line where there are columns enough."""
        texts = [f"{field.title}：{'' if self.rows is None else field.filled}" for field in self.form.fields]
        middle = _middle(self.widths)
        look = self.looks.get()
        for pair in (texts[at : at + 2] for at in range(0, len(texts), 2)) if middle else ([text] for text in texts):
            if middle and len(pair) == 2:
                self._merge(self.at, 0, middle - 1, pair[0], look)
                self._merge(self.at, middle, len(self.widths) - 1, pair[1], look)
            else:
                self._merge(self.at, 0, len(self.widths) - 1, pair[0], look)
            left, right = sum(self.widths[:middle]), sum(self.widths[middle:])
            rooms = (left, right) if middle and len(pair) == 2 else (left + right,)
            height = max(_lines(text, room) for text, room in zip(pair, rooms, strict=True))
            self.page.set_row(self.at, height * _LINE + 3)
            self.at += 1

    def _write_table(self) -> None:
        form, head = self.form, self.looks.get(bold=True, border=1, align="center", bg_color="#E8F1FA")
        for column, about in enumerate(form.column):
            self.page.write_string(self.at, column, about.title, head)
        highest = max(_lines(about.title, width) for about, width in zip(form.column, self.widths, strict=True))
        self.page.set_row(self.at, highest * _LINE + 6)
        self.page.repeat_rows(self.at)
        first = self.at + 1
        rows = [{}] * EMPTY_ROWS if self.rows is None else list(self.rows)
        for number, row in enumerate(rows, start=first):
            self._write_row(number, row)
        self.at = first + len(rows)
        for column, about in enumerate(form.column):
            _validate(self.page, about, first, column, self.at - 1)
        if any(column.total for column in form.column):
            self._write_totals(first)

    def _write_row(self, number: int, row: dict[str, Value]) -> None:
        needed = 1
        for column, about in enumerate(self.form.column):
            look, value = self.looks.cell(about), row.get(about.key)
            if about.formula:
                formula = _formula(about, self.form.column, number)
                self.page.write_formula(number, column, formula, look, "" if value is None else _plain(value))
            elif value is None:
                self.page.write_blank(number, column, None, look)
            elif isinstance(value, Decimal):
                self.page.write_number(number, column, float(value), look)
            elif isinstance(value, date):
                self.page.write_datetime(number, column, datetime.combine(value, time()), look)
            else:
                self.page.write_string(number, column, value, look)
                needed = max(needed, _lines(value, self.widths[column]))
        self.page.set_row(number, needed * _LINE + 5)

    def _write_totals(self, first: int) -> None:
        for column, about in enumerate(self.form.column):
            if about.total:
                cells = f"{_letters(column)}{first + 1}:{_letters(column)}{self.at}"
                value = "" if self.rows is None else _plain(total_of(about, self.rows))
                formula = f'=IF(COUNT({cells})=0,"",SUM({cells}))'
                self.page.write_formula(self.at, column, formula, self.looks.cell(about, bold=True), value)
            else:
                text = "合计" if column == 0 else ""
                self.page.write_string(self.at, column, text, self.looks.get(border=1, bold=True, align="center"))
        self.page.set_row(self.at, _LINE + 6)
        self.at += 1

    def _write_sections(self) -> None:
        for section in self.form.section:
            self._text(section.title, bold=True)
            for line in (section.blank if self.rows is None else section.filled).splitlines():
                if line.strip():
                    self._text(line.strip())

    def _write_signatures(self) -> None:
        if not self.form.signatures:
            return
        self.page.set_row(self.at, 10)
        self.at += 1
        texts = [f"{role}：____________" for role in self.form.signatures]
        for at in range(0, len(texts), 3):
            self._across("　　".join(texts[at : at + 3]), 26)
        self._across("日期：________年____月____日", 22, align="right")

    def _set_up_print(self) -> None:
        form, page = self.form, self.page
        page.set_paper(_A4)
        if sum(self.widths) > PORTRAIT_WIDTH:
            page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        page.center_horizontally()
        page.set_footer(f"&L条目 {form.item}　{form.title}&C第 &P 页，共 &N 页&R法规状态截至 {form.as_of.isoformat()}")


def _formula(column: FormColumn, columns: Sequence[FormColumn], row: int) -> str:
    """Return the Excel formula of a computed cell; it shows nothing while nothing is filled in."""
    cells = {other.key: f"{_letters(at)}{row + 1}" for at, other in enumerate(columns)}
    value = f"ROUND({rename(column.formula or '', cells)},{column.places})"
    if divides(column.formula or ""):  # a divisor not yet filled in is no error
        value = f'IFERROR({value},"")'
    inputs = ",".join(_input_ranges(columns, row))
    return f'=IF(COUNTA({inputs})=0,"",{value})'


def _input_ranges(columns: Sequence[FormColumn], row: int) -> Iterator[str]:
    """Yield the cells of a row that people fill in, neighbours as one range."""
    inputs = [at for at, column in enumerate(columns) if not column.formula]
    start = 0
    for at, column in enumerate(inputs):
        if at + 1 == len(inputs) or inputs[at + 1] != column + 1:
            first, last = f"{_letters(inputs[start])}{row + 1}", f"{_letters(column)}{row + 1}"
            yield first if first == last else f"{first}:{last}"
            start = at + 1


def _validate(page: "Worksheet", column: FormColumn, first: int, at: int, last: int) -> None:
    """Let Excel refuse what cannot stand in a column, with a word on what can."""
    if column.formula or column.kind == "text":
        return
    rules: dict[str, dict[str, Any]] = {
        "choice": {"validate": "list", "source": list(column.choices), "error_message": "请从下拉列表里选一项。"},
        "date": {
            "validate": "date",
            "criteria": ">=",
            "value": date(2000, 1, 1),
            "error_message": "请填日期，例如 2026-07-31。",
        },
    }
    number = {"validate": "decimal", "criteria": "between", "minimum": -_BIG, "maximum": _BIG}
    rule = rules.get(column.kind, number | {"error_message": "请只填数字，不写单位。"})
    page.data_validation(first, at, last, at, rule | {"error_title": column.title[:32]})


def _write_about(page: "Worksheet", form: FormFile, sources: Sequence[SourceLine], looks: _Looks) -> None:
    """Write the third sheet: what the form is for, how to fill it in, what it stands on."""
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 84)
    lines = [
        ("表名", form.title),
        ("大纲条目", form.item),
        ("用途", form.purpose),
        *((f"说明 {number}", note) for number, note in enumerate(form.notes, start=1)),
        *(
            (
                f"依据 {number}",
                f"《{line.law}》{f'（{line.number}）' if line.number else ''}{line.article}：{line.gist}",
            )
            for number, line in enumerate(sources, start=1)
        ),
        ("法规状态截至", form.as_of.isoformat()),
        ("复核", f"{form.reviewed.on.isoformat()}，{form.reviewed.outcome.heading}：{form.reviewed.note}"),
        ("提醒", "条文要点由编写人员归纳，适用时以公布的原文为准；当地主管部门有统一格式的，用当地格式。"),
    ]
    for row, (title, text) in enumerate(lines):
        page.write_string(row, 0, title, looks.get(bold=True, border=1, valign="top"))
        page.write_string(row, 1, text, looks.get(border=1, valign="top"))
        page.set_row(row, _lines(text, 84) * _LINE + 4)
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)


def _plain(value: Value) -> float | str:
    return float(value) if isinstance(value, Decimal) else str(value)


def _letters(column: int) -> str:
    """Return what Excel calls a column: 0 is A, 26 is AA."""
    return (_letters(column // 26 - 1) if column > 25 else "") + chr(ord("A") + column % 26)


def _lines(text: str, width: float) -> int:
    """Return how many lines a text needs in so many characters; a Chinese sign takes two."""
    needed = 0
    for line in text.split("\n"):
        characters = sum(2 if sign > "\u2e7f" or sign in "“”‘’…—·" else 1 for sign in line)
        needed += max(1, -int(-characters // max(1, int(width) - 1)))
    return needed


def _middle(widths: Sequence[float]) -> int:
    """Return the column at which the right half of a sheet begins, 0 for a sheet of few columns."""
    if len(widths) < 4:
        return 0
    total, left = sum(widths), 0.0
    for column, width in enumerate(widths):
        left += width
        if left >= total / 2:
            return min(column + 1, len(widths) - 1)
    return 0
