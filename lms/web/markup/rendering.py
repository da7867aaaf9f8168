"""From Markdown to clean HTML, with the table of contents and the citations found on the way."""

import hashlib
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import markdown
from markdown.extensions import Extension
from markdown.extensions.admonition import AdmonitionExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import TocExtension

from lms.web.markup.pieces import FindsFigure, MakesCard, PiecesExtension
from lms.web.markup.sanitising import sanitise
from lms.web.markup.syntax import Citation, HouseExtension, KnowsArticle

# A single line in which nothing can be meant as markup; nearly every text of a question bank is one.
_SIGNS = r"0-9A-Za-z\u4e00-\u9fff\u3001-\u3011“”‘’…—·×÷±①-⑩％＋－＝≥≤！（），：；？．／～.,;:()/%+=\-"
_PLAIN = re.compile(rf"(?!\d+\. )[0-9A-Za-z\u4e00-\u9fff“‘《（【①-⑩](?:[{_SIGNS} ]*[{_SIGNS}])?")
_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TocEntry:
    """A heading of a text: the id it can be jumped to by, its words, its level (2 or 3)."""

    id: str
    title: str
    level: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered text; html is clean and needs no further escaping."""

    html: str
    toc: tuple[TocEntry, ...]
    citations: tuple[Citation, ...]


def render_lesson(
    source: str,
    citation: KnowsArticle | None = None,
    *,
    figure: FindsFigure | None = None,
    card: MakesCard | None = None,
) -> Rendered:
    """Render a lesson; what the callbacks do not know (an article, a diagram, a form) stays plain text."""
    house = HouseExtension(citation)
    toc = TocExtension(slugify=_slug, toc_depth="2-3", marker="")
    converter = _converter([house, PiecesExtension(figure, card), toc])
    html = sanitise(converter.convert(source))
    tokens: list[dict[str, Any]] = converter.toc_tokens  # type: ignore[attr-defined]
    return Rendered(html, tuple(_flatten(tokens)), tuple(house.citations))


def render_text(source: str, *, inline: bool = False) -> str:
    """Render a question's text; `inline` drops the paragraph around a text that is a single one."""
    if is_plain(source):  # a bank is thousands of plain sentences: they need neither Markdown nor cleaning
        return source if inline else f"<p>{source}</p>"
    html = render_marked_up(source)
    single = _PARAGRAPH.fullmatch(html) if inline else None
    return single[1] if single else html


def is_plain(source: str) -> bool:
    """Whether a text is one line without anything that Markdown or HTML could read as its own."""
    return _PLAIN.fullmatch(source) is not None


def render_marked_up(source: str) -> str:
    """Render a question's text the long way, whatever is in it."""
    return sanitise(_converter([HouseExtension(None)]).convert(source))


def _converter(extensions: list[Extension]) -> markdown.Markdown:
    tables = TableExtension(use_align_attribute=True)
    all_of_them = [tables, AdmonitionExtension(), SaneListExtension(), *extensions]
    return markdown.Markdown(extensions=all_of_them, output_format="html")


def _slug(title: str, _separator: str) -> str:
    """Return an id made of the heading's words, in ASCII, that stays when other headings come and go."""
    return "h-" + hashlib.sha256(title.encode()).hexdigest()[:8]


def _flatten(tokens: list[dict[str, Any]]) -> list[TocEntry]:
    found = []
    for token in tokens:
        found.append(TocEntry(token["id"], unescape(token["name"]), int(token["level"])))
        found += _flatten(token["children"])
    return found
