"""A lesson for paper: folds open, citations as numbered notes, its working forms empty as well."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from markupsafe import Markup

from lms.courses.content import forms_in
from lms.courses.services.forms import FormView, as_form, find_form
from lms.courses.services.laws import articles_of
from lms.courses.services.reading import open_lesson, source_of
from lms.courses.services.records import ArticleView, LessonPage

_CHIP = re.compile(r'<a class="cite" href="/laws/(?P<law>[a-z0-9-]+)/(?P<no>[^"]+)">(?P<label>.*?)</a>')


@dataclass(frozen=True, slots=True)
class PrintedLesson:
    """A lesson as it is printed. notes: (number in the text, article); forms: the empty ones to add at the end."""

    page: LessonPage
    html: Markup
    notes: tuple[tuple[int, ArticleView], ...]
    forms: tuple[FormView, ...]


def print_lesson(*, organisation_id: int, person_id: int, code: str) -> PrintedLesson:
    """Return a lesson for paper as a person may read it."""
    page = open_lesson(organisation_id=organisation_id, person_id=person_id, code=code)
    html, cited = _number_citations(str(page.body.html))
    html = html.replace('<details class="fold', '<details open class="fold').replace(' loading="lazy"', "")
    known = {(article.law_slug, article.no): article for article in articles_of(sources=cited)}
    notes = [(number, known[key]) for key, number in cited.items() if key in known]
    forms = tuple(_forms(source_of(page.body)))
    return PrintedLesson(page, Markup(html), tuple(notes), forms)  # noqa: S704  (cleaned when it was saved)


def _number_citations(html: str) -> tuple[str, dict[tuple[str, str], int]]:
    """Return the text with a number behind each citation, and the articles with theirs, in order of appearance."""
    numbers: dict[tuple[str, str], int] = {}

    def number(match: re.Match[str]) -> str:
        key = (match["law"], unquote(match["no"]))
        at = numbers.setdefault(key, len(numbers) + 1)
        return f'<span class="cite">{match["label"]}<sup>[{at}]</sup></span>'

    return _CHIP.sub(number, html), numbers


def _forms(source: str) -> Iterator[FormView]:
    for slug in forms_in(source):
        form = find_form(slug)
        if form:
            yield as_form(form)
