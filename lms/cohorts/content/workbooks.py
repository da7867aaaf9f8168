"""Writes xlsx files in which every value is text: an ID number keeps its digits, `=1+1` stays what was typed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_TEXT = "@"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to write: columns as (heading, width in characters), rows of text, rows to be marked red (from 0)."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[str]] = ()
    marked: frozenset[int] = frozenset()


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook as bytes; headings stay in sight, columns are formatted as text for what is typed later."""
    target = BytesIO()
    import xlsxwriter  # noqa: PLC0415  (a tenth of a second that only exports need)

    with xlsxwriter.Workbook(target, _OPTIONS) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E8F1FA", "border": 1, "num_format": _TEXT})
        plain = book.add_format({"num_format": _TEXT, "valign": "top", "text_wrap": True})
        marked = book.add_format(
            {"num_format": _TEXT, "valign": "top", "text_wrap": True, "bg_color": "#FDECEB", "font_color": "#B42318"}
        )
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for column, (title, width) in enumerate(sheet.columns):
                page.set_column(column, column, width, plain)
                page.write_string(0, column, title, heading)
            for number, row in enumerate(sheet.rows):
                for column, value in enumerate(row):
                    look = marked if number in sheet.marked else plain
                    if value:
                        page.write_string(number + 1, column, value, look)
                    else:
                        page.write_blank(number + 1, column, None, look)
    return target.getvalue()
