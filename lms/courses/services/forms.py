"""Working forms as people see them: on a page, in a lesson, as an Excel file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.content import Content, default_root
from lms.courses.content.form_files import load_forms
from lms.courses.content.forms import FormColumn, FormField, FormSection, FormSource, Value, shown, total_of
from lms.courses.content.workbooks import SourceLine, write_form
from lms.courses.models import LessonRevision
from lms.courses.rules.naming import article_name, chip_label
from lms.courses.services.laws import article_address, articles_of
from lms.courses.services.records import ArticleView, CitationView, LessonView
from lms.courses.services.syllabus import as_lesson, lesson_rows, visible_to
from lms.courses.services.templating import environment

NO_FORM = "没有这张表。请从“表样”列表重新选择。"
EMPTY_ROWS = {True: 9, False: 15}  # of an empty form on a page, wide or upright; the Excel file has its own


@dataclass(frozen=True, slots=True)
class FormView:
    """A working form with its filled example: cells, totals and sums are ready to be shown."""

    slug: str
    item_code: str
    title: str
    shape: str
    purpose: str
    as_of: date
    columns: tuple[FormColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...]
    fields: tuple[FormField, ...]
    notes: tuple[str, ...]
    signatures: tuple[str, ...]
    sections: tuple[FormSection, ...]
    sources: tuple[tuple[str, str], ...]

    @property
    def is_table(self) -> bool:
        """Whether it is a table; else it is a text with blanks."""
        return self.shape == "table"

    @property
    def shares(self) -> tuple[int, ...]:
        """How much of the paper's width each column takes, in percent."""
        widths = [max(column.width, 7) for column in self.columns]
        return tuple(round(100 * width / sum(widths)) for width in widths)

    @property
    def empty_rows(self) -> int:
        """How many lines an empty form has that fits on one page."""
        return EMPTY_ROWS[self.is_wide]

    @property
    def is_wide(self) -> bool:
        """Whether it is printed on its side."""
        return len(self.columns) > 6

    @property
    def is_crowded(self) -> bool:
        """Whether it needs small print even on its side."""
        return len(self.columns) > 14


def list_forms(*, item_codes: Iterable[str] | None = None) -> list[FormView]:
    """Return the forms in the order of their items, all or those of some items."""
    wanted = None if item_codes is None else set(item_codes)
    views = [as_form(source) for source in _library().values()]
    kept = [view for view in views if wanted is None or view.item_code in wanted]
    return sorted(kept, key=_by_item)


def _by_item(form: FormView) -> tuple[list[int], str]:
    return [int(number) for number in form.item_code.split(".")], form.slug


def get_form(*, slug: str) -> FormView:
    """Return a form with its filled example."""
    return as_form(_source(slug))


def build_form(*, slug: str) -> bytes:
    """Return a form as an Excel file: empty, filled, and what it stands on in words."""
    source = _source(slug)
    known = articles_of(sources=[(entry.law, entry.article) for entry in source.form.sources])
    return write_form(source, [_source_line(article) for article in known])


def build_forms(*, content: Content, item_code: str | None = None) -> Iterator[tuple[FormView, bytes]]:
    """Yield the forms of a content folder that was read and checked, or those of one item, as Excel files."""
    for form in sorted(map(as_form, content.forms.values()), key=_by_item):
        if item_code in (None, form.item_code):
            source = content.forms[form.slug]
            yield form, write_form(source, list(_lines_of(content, source)))


def _lines_of(content: Content, source: FormSource) -> Iterator[SourceLine]:
    for entry in source.form.sources:
        law, articles = content.laws[entry.law]
        gist = next(article.gist for article in articles if article.no == entry.article)
        yield SourceLine(law.title, law.number, article_name(entry.article), gist)


def lessons_showing(*, form: str, organisation_id: int | None) -> list[LessonView]:
    """Return the lessons in use that show a form, in reading order."""
    shows = LessonRevision.source.contains(f"(form:{form})", autoescape=True)
    statement = lesson_rows().where(visible_to(organisation_id), shows)
    return [as_lesson(row) for row in db.session.execute(statement)]


def form_items() -> dict[str, str]:
    """Return the item code of every form by its slug: what a lesson may show."""
    return {slug: source.form.item for slug, source in _library().items()}


def find_form(slug: str) -> FormSource | None:
    """Return a form of the installed content, None when there is none of that name."""
    return _library().get(slug)


def form_card(source: FormSource, short_titles: Mapping[str, str]) -> str:
    """Return the HTML by which a lesson shows a form; the lesson's own cleaning follows."""
    form = as_form(source)
    template = environment().get_template("courses/_form_card.html")
    return template.render(form=form, sources=form_sources(form.sources, short_titles))


def form_sources(sources: Iterable[tuple[str, str]], short_titles: Mapping[str, str]) -> list[CitationView]:
    """Return what a form stands on as chips."""
    return [CitationView(chip_label(short_titles.get(law, law), no), article_address(law, no)) for law, no in sources]


def as_form(source: FormSource) -> FormView:
    """Return the record of a form file."""
    form = source.form
    return FormView(
        slug=form.slug,
        item_code=form.item,
        title=form.title,
        shape=form.shape,
        purpose=form.purpose,
        as_of=form.as_of,
        columns=form.column,
        rows=tuple(_cells(form.column, row) for row in source.rows),
        totals=_totals(form.column, source.rows),
        fields=form.fields,
        notes=form.notes,
        signatures=form.signatures,
        sections=form.section,
        sources=tuple((entry.law, entry.article) for entry in form.sources),
    )


def _cells(columns: tuple[FormColumn, ...], row: Mapping[str, Value]) -> tuple[str, ...]:
    return tuple(shown(column, row.get(column.key)) for column in columns)


def _totals(columns: tuple[FormColumn, ...], rows: tuple[dict[str, Value], ...]) -> tuple[str, ...]:
    """Return the cells of the line of sums, none when no column has one."""
    if not any(column.total for column in columns):
        return ()
    return tuple(shown(column, total_of(column, rows)) if column.total else "" for column in columns)


def _source(slug: str) -> FormSource:
    source = _library().get(slug)
    if source is None:
        raise NotFound(NO_FORM)
    return source


def _source_line(article: ArticleView) -> SourceLine:
    return SourceLine(article.law_title, article.number, article_name(article.no), article.gist)


def _library() -> dict[str, FormSource]:
    """Return the forms of the installed content; files that change while the server runs are read again."""
    root = default_root()
    stamp = tuple((path.name, path.stat().st_mtime_ns) for path in sorted((root / "forms").glob("*.toml")))
    return _read(root, stamp)


@lru_cache(maxsize=2)
def _read(root: Path, _stamp: tuple[tuple[str, int], ...]) -> dict[str, FormSource]:
    return load_forms(root)
