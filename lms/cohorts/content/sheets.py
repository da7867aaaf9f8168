"""Reads xlsx files of strangers: bounded when unpacked, no entities, no macros, no links followed."""

import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml import DEFUSEDXML

from lms.cohorts.rules.roster import CellValue, Row, Uncomputed
from lms.core.errors import Invalid

if not DEFUSEDXML:
    message = "openpyxl must read with defusedxml: install it, and do not set OPENPYXL_DEFUSEDXML"
    raise RuntimeError(message)

MAX_UNPACKED = 24 * 1024 * 1024
MAX_PARTS = 500
MAX_ELEMENTS = 400_000  # 2,000 lines of 40 cells, each with a string of its own, are 320,000
MAX_ATTRIBUTES = 400_000
MAX_AROUND = 60_000  # of styles, names and the like, which are turned into objects one by one
MAX_SHEETS = 20
MAX_COLUMNS = 100
MAX_ROWS = 10_000  # blank ones included

_TABLES = ("xl/worksheets/", "xl/sharedStrings")

# What broken and hostile files make zipfile, ElementTree, defusedxml (ValueError) and openpyxl raise.
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class TableSource:
    """A table that may be a roster: its name and its rows, read as they are asked for."""

    name: str
    rows: Iterable[Row]


def read_sheets(data: bytes) -> Iterator[TableSource]:
    """Yield the visible sheets of a workbook; raise Invalid for what is no sound workbook or unpacks too large."""
    _check_size(data)
    with _sound():
        values, formulas = (_open(data, data_only=data_only) for data_only in (True, False))
        names = [sheet.title for sheet in values.worksheets if sheet.sheet_state == "visible"]
    for name in names[:MAX_SHEETS]:
        with _sound():
            rows = _rows(values[name], formulas[name])
        yield TableSource(name, rows)


@contextmanager
def _sound() -> Iterator[None]:
    """Turn what broken files raise into Invalid, and keep quiet about styles and validations that nobody here needs."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _BROKEN as error:
        raise Invalid(
            "这个文件打不开，可能已损坏或不是 Excel 工作簿。请在表格软件里打开后另存为 .xlsx，再上传。", field="file"
        ) from error


def _check_size(data: bytes) -> None:
    """Refuse what unpacks too large or holds more elements than a roster can; found out without parsing it.

    Parsed, 20 MB of `<c/>` would be five million objects. In every encoding that expat reads, the byte of `<` is one
    and the same, so counting bytes bounds the work.
    """
    with _sound(), zipfile.ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
        fits = len(parts) <= MAX_PARTS and sum(part.file_size for part in parts) <= MAX_UNPACKED
        if fits:  # zipfile never unpacks more of a part than is said
            counts = [(part.filename, *_count(archive, part)) for part in parts]
            fits = (
                sum(elements for _, elements, _ in counts) <= MAX_ELEMENTS
                and sum(attributes for _, _, attributes in counts) <= MAX_ATTRIBUTES
                and all(elements <= MAX_AROUND for name, elements, _ in counts if not name.startswith(_TABLES))
            )
    if not fits:
        raise Invalid("文件展开后太大。请删去图片和无关的列、工作表，或把名单复制到模板里再上传。", field="file")


def _count(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """Return how many elements and attributes a part holds at most."""
    elements = attributes = 0
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 16):
            elements += chunk.count(b"<") - chunk.count(b"</")
            attributes += chunk.count(b"=")
    return elements, attributes


def _open(data: bytes, *, data_only: bool) -> Workbook:
    return load_workbook(BytesIO(data), read_only=True, data_only=data_only, keep_links=False)


def _rows(values: ReadOnlyWorksheet, formulas: ReadOnlyWorksheet) -> list[Row]:
    """Return the rows as values, one more than may be; a formula without a saved result is marked as such."""
    pairs = zip(_raw_rows(values), _raw_rows(formulas), strict=False)
    return [tuple(_cell(value, source) for value, source in zip(row, raw, strict=True)) for row, raw in pairs]


def _raw_rows(sheet: Any) -> Iterator[tuple[CellValue, ...]]:
    sheet.reset_dimensions()  # some programs write a wrong size, and the reader would believe it
    yield from sheet.iter_rows(max_col=MAX_COLUMNS, max_row=MAX_ROWS + 1, values_only=True)


def _cell(value: CellValue, source: CellValue) -> CellValue:
    return Uncomputed() if value is None and source is not None else value
