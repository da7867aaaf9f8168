"""What a lesson has beside text: folds, diagrams, working forms, and the minutes of its exercises."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.extensions.admonition import AdmonitionProcessor
from markdown.treeprocessors import Treeprocessor

FOLDS = {"answer": "参考答案", "more": "展开阅读"}
_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
FIGURE = re.compile(rf"!\[(?P<words>[^\[\]]+)\]\(diagram:(?P<name>{_NAME})\)")
FORM = re.compile(rf"\[(?P<words>[^\[\]]+)\]\(form:(?P<slug>{_NAME})\)")
EXERCISE = re.compile(r"(?P<title>.*?)[（(](?P<about>约?) ?(?P<minutes>[1-9]\d{0,2}) ?分钟[）)]")


@dataclass(frozen=True, slots=True)
class Figure:
    """A diagram in a lesson: the picture, the page that shows it large, its size in CSS pixels, the line below."""

    address: str
    page: str
    width: int
    height: int
    caption: str


FindsFigure = Callable[[str], Figure | None]  # by the diagram's name
MakesCard = Callable[[str], str | None]  # HTML of a working form by its slug; sanitised with the rest


class PiecesExtension(Extension):
    """Adds folds, figures, cards of working forms and clock marks."""

    def __init__(self, figure: FindsFigure | None, card: MakesCard | None) -> None:
        super().__init__()
        self.figure = figure
        self.card = card

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  (Markdown's name)
        """Register the pieces; the clock marks come after the table of contents has read the headings."""
        md.parser.blockprocessors.register(_FoldProcessor(md.parser), "lms-folds", 106)
        md.parser.blockprocessors.register(_FigureProcessor(md.parser, self.figure), "lms-figures", 104)
        md.parser.blockprocessors.register(_CardProcessor(md, self.card), "lms-cards", 103)
        md.treeprocessors.register(_Folds(md), "lms-folds", 18.5)
        md.treeprocessors.register(_Minutes(md), "lms-minutes", 3)


class _FoldProcessor(AdmonitionProcessor):
    """`??? answer "…"` with an indented body, read like a box."""

    CLASSNAME = "fold-source"
    CLASSNAME_TITLE = "fold-title"
    RE = re.compile(r'(?:^|\n)\?\?\? ?(\w+)(?: +"(.*?)")? *(?:\n|$)')


class _Folds(Treeprocessor):
    """Turns what `_FoldProcessor` read into `<details>`; an unknown kind is something more to read."""

    def run(self, root: Element) -> None:
        for fold in list(root.iter("div")):
            words = fold.get("class", "").split()
            if words[:1] != ["fold-source"]:
                continue
            kind = words[1] if words[1] in FOLDS else "more"
            fold.tag = "details"
            fold.set("class", f"fold fold-{kind}")
            if not len(fold) or fold[0].get("class") != "fold-title":
                fold.insert(0, Element("p"))
            summary = fold[0]
            summary.tag = "summary"
            summary.attrib.clear()
            if "".join(summary.itertext()).strip() in ("", words[1].capitalize()):  # no title was given
                summary.text = FOLDS[kind]
                del summary[:]


def _alone(block: str) -> str:
    """Return a paragraph without the space around it; its indent stays, because that belongs to a list or a box."""
    return block.strip("\n").rstrip()


class _FigureProcessor(BlockProcessor):
    """`![words](diagram:name)` alone in a paragraph; a name nobody knows leaves its words."""

    def __init__(self, parser: BlockParser, find: FindsFigure | None) -> None:
        super().__init__(parser)
        self.find = find

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002
        return FIGURE.fullmatch(_alone(block)) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        match = FIGURE.fullmatch(_alone(blocks.pop(0)))
        if match is None:  # cannot be: `test` has seen the block
            return
        figure = self.find(match["name"]) if self.find else None
        if figure is None:
            SubElement(parent, "p").text = match["words"]
            return
        holder = SubElement(parent, "figure", {"class": "diagram"})
        link = SubElement(holder, "a", {"href": figure.page, "class": "diagram-link"})
        SubElement(
            link,
            "img",
            {
                "src": figure.address,
                "alt": match["words"],
                "width": str(figure.width),
                "height": str(figure.height),
                "loading": "lazy",
            },
        )
        SubElement(holder, "figcaption").text = figure.caption


class _CardProcessor(BlockProcessor):
    """`[title](form:slug)` alone in a paragraph; a slug nobody knows leaves its title."""

    def __init__(self, md: Markdown, make: MakesCard | None) -> None:
        super().__init__(md.parser)
        self.md = md
        self.make = make

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002
        return FORM.fullmatch(_alone(block)) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        match = FORM.fullmatch(_alone(blocks.pop(0)))
        if match is None:  # cannot be: `test` has seen the block
            return
        card = self.make(match["slug"]) if self.make else None
        SubElement(parent, "p").text = match["words"] if card is None else self.md.htmlStash.store(card)


class _Minutes(Treeprocessor):
    """The minutes at the end of an exercise's heading get a mark of their own; its id and words stay."""

    def run(self, root: Element) -> None:
        for heading in root.iter():
            if heading.tag in ("h2", "h3", "h4"):
                self._mark(heading)

    @staticmethod
    def _mark(heading: Element) -> None:
        last = heading[-1] if len(heading) else None
        text = (heading.text if last is None else last.tail) or ""
        match = EXERCISE.fullmatch(text.strip())
        if match is None:
            return
        if last is None:
            heading.text = match["title"]
        else:
            last.tail = match["title"]
        mark = SubElement(heading, "span", {"class": "minutes"})
        mark.text = f"{match['about']} {match['minutes']} 分钟".strip()
