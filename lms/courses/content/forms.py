"""Working forms (`content/forms/<slug>.toml`): their shape, and what stands in each cell of the filled example."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from lms.core.arithmetic import evaluate, names_in
from lms.core.reviews import Reviewed
from lms.courses.content.schema import SLUG, SourceEntry, Strict, Text, Title

NUMERIC = frozenset(("number", "money"))
BLANK = "____"
_KEY = r"^[a-z][a-z0-9_]{0,29}$"
_LIST_LENGTH = 255  # that is all the choices Excel takes for one cell

_PLACES = {"money": 2, "number": 4}  # digits after the point of what is computed

Value = str | Decimal | date


class FormColumn(Strict):
    """A column of a table; with a formula it is computed, on paper, on the page and in Excel alike."""

    key: Annotated[str, StringConstraints(pattern=_KEY)]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24)]
    kind: Literal["text", "number", "money", "date", "choice"]
    width: Annotated[int, Field(ge=2, le=60)]
    formula: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = None
    total: bool = False
    choices: tuple[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)], ...] = ()

    @property
    def places(self) -> int:
        """How many digits after the point a computed value is rounded to, half up: money to the 分."""
        return _PLACES[self.kind]

    @property
    def is_numeric(self) -> bool:
        """Whether it can be reckoned with."""
        return self.kind in NUMERIC

    @field_validator("choices")
    @classmethod
    def _fit_into_a_cell(cls, choices: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(choices)) != len(choices):
            raise ValueError("选项有重复")
        if any("," in choice for choice in choices) or len(",".join(choices)) > _LIST_LENGTH:
            raise ValueError(f"选项里不能有英文逗号，合计不超过 {_LIST_LENGTH} 个字符")
        return choices


class FormField(Strict):
    """A line above the table: its title, and what stands there in the filled example."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24)]
    filled: Text


class FormSection(Strict):
    """A piece of a form that is text: empty and filled."""

    title: Title
    blank: Text
    filled: Text


class FormFile(Strict):
    """A working form, rows apart (they are checked one by one, so that each fault has its place)."""

    slug: Annotated[str, StringConstraints(pattern=SLUG, max_length=48)]
    item: str
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=30)]
    shape: Literal["table", "document"]
    purpose: Text
    as_of: date
    reviewed: Reviewed
    sources: Annotated[tuple[SourceEntry, ...], Field(min_length=1)]
    fields: Annotated[tuple[FormField, ...], Field(max_length=20)] = ()
    notes: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    signatures: Annotated[tuple[Text, ...], Field(max_length=12)] = ()
    column: Annotated[tuple[FormColumn, ...], Field(max_length=20)] = ()
    section: Annotated[tuple[FormSection, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _shape_has_its_parts(self) -> "FormFile":
        if self.shape == "table" and (len(self.column) < 2 or self.section):
            raise ValueError("shape 是 table：要有两个以上 [[column]]，不要 [[section]]")
        if self.shape == "document" and (self.column or not self.section):
            raise ValueError("shape 是 document：要有 [[section]]，不要 [[column]] 和 [[row]]")
        return self


@dataclass(frozen=True, slots=True)
class FormSource:
    """A form file: the form, the rows of its filled example, and the hash of the file."""

    file: str
    form: FormFile
    rows: tuple[dict[str, Value], ...]
    content_hash: str


def filled_row(form: FormFile, row: Mapping[str, Value]) -> dict[str, Value]:
    """Return a row with its computed columns; an empty cell counts as nothing, as it does in Excel.

    Raises BadFormula where a formula has no value (it divides by zero).
    """
    columns = {column.key: column for column in form.column}
    known: dict[str, Value] = dict(row)

    def worth(key: str) -> Fraction:
        column = columns[key]
        if column.formula and key not in known:
            exact = evaluate(column.formula, {name: worth(name) for name in names_in(column.formula)})
            known[key] = round_half_up(exact, column.places)
        value = known.get(key)
        return Fraction(value) if isinstance(value, Decimal) else Fraction(0)

    for column in form.column:
        if column.formula:
            worth(column.key)
    return known


def total_of(column: FormColumn, rows: tuple[dict[str, Value], ...]) -> Decimal:
    """Return the sum under a column."""
    values = (row.get(column.key) for row in rows)
    return sum((value for value in values if isinstance(value, Decimal)), Decimal(0))


def round_half_up(exact: Fraction, places: int) -> Decimal:
    """Return a number with so many digits after the point; a half goes away from zero, as ROUND does in Excel."""
    scaled = abs(exact) * 10**places
    whole = (scaled * 2 + 1) // 2
    return (Decimal(whole) if exact >= 0 else -Decimal(whole)).scaleb(-places)


def shown(column: FormColumn, value: Value | None) -> str:
    """Return what a cell says on a page: money with its 分, numbers without useless zeros, dates as 2026-11-20."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if column.kind == "money" else f"{value.normalize():,f}"
    return value.isoformat() if isinstance(value, date) else value
