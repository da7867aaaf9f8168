"""Draws the diagrams as SVG from templates: lines broken by ourselves, articles noted down as they are named."""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from lms.core.errors import NotFound
from lms.courses.content.diagrams import DIAGRAMS, EXCERPTS, PERIODS, SHORT_TITLES
from lms.courses.rules.naming import chip_label
from lms.courses.rules.wrapping import measure, wrap
from lms.courses.services.templating import environment

NO_DIAGRAM = "没有这张图。请从课文里点图打开。"
WIDTH = 343  # a phone of 375 px less the margins of a lesson
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_HEIGHT = re.compile(rf'viewBox="0 0 {WIDTH} (\d+)"')


@dataclass(frozen=True, slots=True)
class Drawing:
    """A diagram ready to be sent: the picture, its size in CSS pixels, what it stands on, and its fingerprints.

    style_hash: of its style element, for a policy that allows this style and no other.
    """

    name: str
    title: str
    description: str
    svg: str
    width: int
    height: int
    sources: tuple[tuple[str, str], ...]
    version: str
    style_hash: str

    @property
    def address(self) -> str:
        """Where it is; another picture has another address."""
        return f"/diagrams/{self.name}.svg?v={self.version}"

    @property
    def page(self) -> str:
        """Where it is shown large, with its articles."""
        return f"/diagrams/{self.name}"

    @property
    def caption(self) -> str:
        """The line below it: its title and the articles it stands on, by law."""
        laws: dict[str, list[str]] = {}
        for law, article in self.sources:
            laws.setdefault(law, []).append(article)
        parts = [
            f"{chip_label(SHORT_TITLES[law], '、'.join(sorted(articles, key=_by_number)))}"
            f"{'（仅据摘录核实）' if law in EXCERPTS else ''}"
            for law, articles in laws.items()
        ]
        return f"{self.title}。依据：{'；'.join(parts)}"


def _by_number(article: str) -> tuple[int, str]:
    """Articles by number, then the ones known by a word."""
    return (int(article), "") if article.isdigit() else (10_000, article)


@lru_cache(maxsize=len(DIAGRAMS))
def get_diagram(*, name: str) -> Drawing:
    """Return a diagram, drawn once in a process."""
    if name not in DIAGRAMS:
        raise NotFound(NO_DIAGRAM)
    about, sources = DIAGRAMS[name], dict[tuple[str, str], None]()
    template = environment().get_template(f"courses/diagrams/{name}.svg")
    svg = template.render(
        about=about, width=WIDTH, cite=_citer(sources), period=_period_reader(sources), lines=wrap, measure=measure
    )
    style, height = _STYLE.search(svg), _HEIGHT.search(svg)
    if style is None or height is None:
        raise LookupError(f"diagram {name} has no style or no height")
    return Drawing(
        name=name,
        title=about.title,
        description=about.description,
        svg=svg,
        width=WIDTH,
        height=int(height[1]),
        sources=tuple(sources),
        version=hashlib.sha256(svg.encode()).hexdigest()[:12],
        style_hash=base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode(),
    )


def find_diagram(name: str) -> Drawing | None:
    """Return a diagram, None when there is none of that name."""
    return get_diagram(name=name) if name in DIAGRAMS else None


def _citer(sources: dict[tuple[str, str], None]) -> Callable[[str, str], str]:
    """Return the function by which a template names an article: it says its short name and notes it down."""

    def cite(law: str, *articles: str) -> str:
        sources.update(dict.fromkeys((law, article) for article in articles))
        return chip_label(SHORT_TITLES[law], "、".join(articles))

    return cite


def _period_reader(sources: dict[tuple[str, str], None]) -> Callable[[str], str]:
    """Return the function by which a template names a period: it writes it out and notes its article down."""

    def period(name: str) -> str:
        found = PERIODS[name]
        sources[found.law, found.article] = None
        return found.text

    return period
