"""Reads `content/forms/*.toml` and names everything that can be wrong with a working form."""

import hashlib
import re
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lms.core.arithmetic import BadFormula, names_in
from lms.core.faults import Fault, from_validation
from lms.courses.content.forms import BLANK, FormColumn, FormFile, FormSource, Value, filled_row
from lms.courses.content.sources import day_faults, load_toml, read_text, source_faults

_SECRET = re.compile(r"(?<![\dA-Za-z])(?:\d{15,19}|\d{17}[Xx]|1[3-9]\d{9})(?![\dA-Za-z])")
_TOO_MUCH = 10**12


def read_forms(
    root: Path, faults: list[Fault], *, articles: set[tuple[str, str]], items: Collection[str], today: date
) -> dict[str, FormSource]:
    """Read and check all forms of a content folder; faults are added to the list."""
    found: dict[str, FormSource] = {}
    titles: dict[str, str] = {}
    for path in sorted((root / "forms").glob("*.toml")):
        source = _read_form(path, faults)
        if source is None:
            continue
        form = source.form
        faults += _front_faults(path, source.file, form, today)
        faults += source_faults(source.file, form.sources, articles)
        if items and form.item not in items:
            faults.append(Fault(source.file, "", "item", f"大纲里没有条目 {form.item}"))
        if form.title in titles:
            faults.append(Fault(source.file, "", "title", f"与 {titles[form.title]} 的表名相同"))
        titles[form.title] = source.file
        found[form.slug] = source
    return found


def load_forms(root: Path) -> dict[str, FormSource]:
    """Return the forms of a content folder that are sound in themselves; an import has checked the rest."""
    faults: list[Fault] = []
    sources = [_read_form(path, faults) for path in sorted((root / "forms").glob("*.toml"))]
    broken = {fault.file for fault in faults}
    return {source.form.slug: source for source in sources if source is not None and source.file not in broken}


def _read_form(path: Path, faults: list[Fault]) -> FormSource | None:
    file = f"forms/{path.name}"
    text = read_text(path, file, faults)
    values = None if text is None else load_toml(text, file, faults, number=Decimal)
    if text is None or values is None:
        return None
    rows = values.pop("row", [])
    try:
        form = FormFile.model_validate(values)
    except ValidationError as error:
        faults += from_validation(error, file=file)
        return None
    faults += _text_faults(file, form)
    columns = list(_column_faults(file, form))
    faults += columns or list(_table_faults(file, form, rows))
    filled = [] if columns or form.shape == "document" else list(_read_rows(file, form, rows, faults))
    return FormSource(file, form, tuple(filled), hashlib.sha256(text.encode()).hexdigest())


def _front_faults(path: Path, file: str, form: FormFile, today: date) -> Iterator[Fault]:
    if form.slug != path.stem:
        yield Fault(file, "", "slug", f"应与文件名一致，为 {path.stem}")
    yield from day_faults(file, as_of=form.as_of, reviewed_on=form.reviewed.on, today=today)


def _text_faults(file: str, form: FormFile) -> Iterator[Fault]:
    """Numbers of persons that are not masked, and a filled text that still has blanks."""
    texts = [("", f"fields.第{at}项.filled", entry.filled) for at, entry in enumerate(form.fields, start=1)]
    texts += [("", f"notes.第{at}项", note) for at, note in enumerate(form.notes, start=1)]
    for section in form.section:
        texts += [(f"“{section.title}”", name, getattr(section, name)) for name in ("blank", "filled")]
        if BLANK in section.filled:
            yield Fault(file, f"“{section.title}”", "filled", f"填写示例里还有没填的 {BLANK}")
    if form.section and not any(BLANK in section.blank for section in form.section):
        yield Fault(file, "", "section", f"空表里没有要填的地方，用 {BLANK} 标出")
    for entry, name, text in texts:
        yield from _secrets(file, entry, name, text)


def _secrets(file: str, entry: str, name: str, text: str) -> Iterator[Fault]:
    if number := _SECRET.search(text):
        message = f"{number[0][:3]}…像是身份证号、手机号或银行卡号，要打码，写作 420106********1234"
        yield Fault(file, entry, name, message)


def _column_faults(file: str, form: FormFile) -> Iterator[Fault]:
    seen: set[str] = set()
    for column in form.column:
        place = f"列 {column.key}"
        if column.key in seen:
            yield Fault(file, place, "key", "这一列写了两次")
        seen.add(column.key)
        if (column.kind == "choice") != bool(column.choices):
            yield Fault(file, place, "choices", "kind 是 choice 的列要有选项，其他列没有")
        if not column.is_numeric and (column.total or column.formula):
            yield Fault(file, place, "kind", "只有 number 和 money 的列能有 formula 和 total")
        yield from _formula_faults(file, place, column, form)
    titles = [column.title for column in form.column]
    for title in sorted({title for title in titles if titles.count(title) > 1}):
        yield Fault(file, f"列“{title}”", "title", "两列的标题相同")
    if form.column and all(column.formula for column in form.column):
        yield Fault(file, "", "column", "所有列都是算出来的，没有可填的列")


def _formula_faults(file: str, place: str, column: FormColumn, form: FormFile) -> Iterator[Fault]:
    if column.formula is None:
        return
    try:
        used = names_in(column.formula)
    except BadFormula as error:
        yield Fault(file, place, "formula", str(error))
        return
    numeric = {other.key for other in form.column if other.is_numeric}
    for name in used:
        if name not in numeric:
            known = any(other.key == name for other in form.column)
            yield Fault(file, place, "formula", f"{name} 不是数字列" if known else f"没有 {name} 这一列")
    if not used:
        yield Fault(file, place, "formula", "算式里没有用到别的列")
    elif column.key in _reaches(column.key, form):
        yield Fault(file, place, "formula", "算式绕了一圈又用到自己")


def _reaches(key: str, form: FormFile) -> set[str]:
    """Return all columns that a computed column needs, directly or through others."""
    formulas = {column.key: column.formula for column in form.column if column.formula}
    found: set[str] = set()
    waiting = [key]
    while waiting:
        try:
            used = names_in(formulas.get(waiting.pop(), "0"))
        except BadFormula:  # named where it stands
            continue
        waiting += [name for name in used if name not in found]
        found.update(used)
    return found


def _table_faults(file: str, form: FormFile, rows: Any) -> Iterator[Fault]:
    if form.shape == "document" and rows:
        yield Fault(file, "", "row", "shape 是 document 的表没有 [[row]]")
    if form.shape == "table" and not rows:
        yield Fault(file, "", "row", "填写示例至少要有一行 [[row]]")


def _read_rows(file: str, form: FormFile, rows: Any, faults: list[Fault]) -> Iterator[dict[str, Value]]:
    """Yield the rows with their computed columns; what is wrong with one is added to the faults."""
    for number, given in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        place = f"第{number}行"
        if not isinstance(given, dict) or not given:
            faults.append(Fault(file, place, "", "每一行写作 [[row]]，下面一列一行，不能是空的"))
            continue
        wrong = list(_row_faults(file, place, form, given))
        faults += wrong
        if wrong:
            continue
        row = {key: Decimal(value) if isinstance(value, int) else value for key, value in given.items() if value != ""}
        try:
            yield filled_row(form, row)
        except BadFormula as error:
            faults.append(Fault(file, place, "", f"{error}，请填上要用的数"))


def _row_faults(file: str, place: str, form: FormFile, row: dict[str, Any]) -> Iterator[Fault]:
    columns = {column.key: column for column in form.column}
    for key, value in row.items():
        fault = _value_fault(columns[key], value) if key in columns else "没有这一列"
        if fault:
            yield Fault(file, place, key, fault)
        elif isinstance(value, str):
            yield from _secrets(file, place, key, value)


def _value_fault(column: FormColumn, value: Any) -> str:
    """Return what is wrong with a value of a filled row; an empty text is a cell left blank."""
    if column.formula:
        return "这一列由算式得出，不要填"
    if value == "":
        return ""
    if column.is_numeric:
        return _number_fault(column, value)
    if column.kind == "date":
        return "" if type(value) is date else "应为日期，写作 2026-11-20"
    if not isinstance(value, str):
        return "应为文字，加上引号"
    return f"只能是 {'、'.join(column.choices)}" if column.choices and value not in column.choices else ""


def _number_fault(column: FormColumn, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        return "应为数字"
    number = Decimal(value)
    if abs(number) >= _TOO_MUCH:
        return "这个数太大"
    places = 2 if column.kind == "money" else 6
    return "" if number == round(number, places) else ("金额最多到分" if places == 2 else "小数最多六位")
