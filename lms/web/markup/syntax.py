"""The house's Markdown: citation chips, checklists, boxes, tables in scroll boxes, and no raw HTML."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import SimpleTextInlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

KnowsArticle = Callable[[str, str], bool]

BOXES = {"local": "地方规定", "tip": "提示", "warning": "注意", "example": "例"}
CITATION = re.compile(r"law:(?P<law>[a-z0-9]+(?:-[a-z0-9]+)*)#(?P<article>[\w()（）.-]{1,40})")
_RUN = r"([*_]{4,})"  # of a masked number or of a blank to fill in, not emphasis
_TASK = re.compile(r"\s*\[(?P<mark>[ xX])\]\s+")
_BLOCK_TAGS = frozenset(("ul", "ol", "p", "div", "table", "blockquote"))
_CJK = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u2018-\u201d\u2026\u2014]"
_SOFT_BREAK = re.compile(rf"(?<={_CJK})\n(?={_CJK})")
_LIST_ITEM = re.compile(r"(?:[-*+]|\d{1,3}\.) +\S")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)*\|?[ \t]*")
_UNITS = "[%％元天日人个次分倍米吨]|万元|平方米|立方米|公斤|小时|分钟|学时"
_FIGURE_CELL = re.compile(rf"[－−+＋-]?\d(?:[\d,，.]{{0,14}}\d)? ?(?:{_UNITS})?")
_DATE_CELL = re.compile(
    r"(?:\d{4}-)?\d{1,2}-\d{1,2}|(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?|\d{1,2}:\d{2}(?:[—–~-]\d{1,2}:\d{2})?"
)
_SHORT = 4
_NOTHING = frozenset(("", "—", "－", "-", "/"))


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation in a text: the law's slug, the article, what the chip says, whether it is registered."""

    law: str
    article: str
    label: str
    known: bool


class HouseExtension(Extension):
    """Adds the house's Markdown and takes away what a lesson must not contain; collects the citations."""

    def __init__(self, knows_article: KnowsArticle | None) -> None:
        super().__init__()
        self.knows_article = knows_article
        self.citations: list[Citation] = []

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  (Markdown's name)
        """Register the pieces; raw HTML, images, reference links and indented code are turned off."""
        for name in (
            "image_link",
            "image_reference",
            "short_image_ref",
            "reference",
            "short_reference",
            "html",
        ):
            md.inlinePatterns.deregister(name)
        md.inlinePatterns.deregister("autolink")
        md.inlinePatterns.deregister("automail")
        md.preprocessors.deregister("html_block")
        for name in ("code", "setextheader", "reference"):
            md.parser.blockprocessors.deregister(name)
        md.inlinePatterns.register(SimpleTextInlineProcessor(_RUN), "lms-runs", 65)
        md.preprocessors.register(_BlankLines(md), "lms-blank-lines", 25)
        md.treeprocessors.register(_Links(md, self), "lms-links", 19)
        md.treeprocessors.register(_Boxes(md), "lms-boxes", 18)
        md.treeprocessors.register(_Tasks(md), "lms-tasks", 17)
        md.treeprocessors.register(_Tables(md), "lms-tables", 16)
        md.treeprocessors.register(_SoftBreaks(md), "lms-soft-breaks", 15)


class _BlankLines(Preprocessor):
    """Lets lists and tables begin right under a paragraph, as people write them."""

    def run(self, lines: list[str]) -> list[str]:
        spaced: list[str] = []
        for at, line in enumerate(lines):
            previous = spaced[-1].strip() if spaced else ""
            if previous and self._begins_block(lines, at, previous):
                spaced.append("")
            spaced.append(line)
        return spaced

    @staticmethod
    def _begins_block(lines: list[str], at: int, previous: str) -> bool:
        line = lines[at].strip()
        if previous.startswith(("!!!", "???")):
            return False
        if _LIST_ITEM.match(line):
            unindented = not lines[at][:1].isspace() or lines[at - 1][:1].isspace()
            return unindented and not _LIST_ITEM.match(previous) and not _continues_list(lines, at)
        following = lines[at + 1].strip() if at + 1 < len(lines) else ""
        return "|" in line and "|" not in previous and bool(following and _TABLE_RULE.fullmatch(following))


def _continues_list(lines: list[str], at: int) -> bool:
    """Whether the lines right above belong to an item of the same list (a wrapped item)."""
    for line in reversed(lines[:at]):
        if not line.strip():
            return False
        if _LIST_ITEM.match(line.strip()):
            return True
    return False


class _Links(Treeprocessor):
    """Citations become chips, https links stay, every other link becomes its words."""

    def __init__(self, md: Markdown, house: HouseExtension) -> None:
        super().__init__(md)
        self.house = house

    def run(self, root: Element) -> None:
        for link in list(root.iter("a")):
            if link.get("class") == "diagram-link":  # made by us: text has no way to set a class
                continue
            address = unquote(link.attrib.pop("href", ""))
            link.attrib.pop("title", None)
            citation = CITATION.fullmatch(address)
            if citation:
                self._cite(link, citation["law"], citation["article"])
            elif address.startswith("https://"):
                link.attrib |= {"href": address, "class": "outside", "rel": "noopener noreferrer"}
            else:
                link.tag = "span"

    def _cite(self, link: Element, law: str, article: str) -> None:
        knows = self.house.knows_article
        known = knows is None or knows(law, article)
        self.house.citations.append(Citation(law, article, "".join(link.itertext()), known))
        if known:
            link.attrib |= {"href": f"/laws/{law}/{quote(article)}", "class": "cite"}
        else:
            link.tag = "span"
            link.set("class", "cite-unknown")


class _Boxes(Treeprocessor):
    """Admonitions of the four kinds, each with its kind in words; an unknown kind is a tip."""

    def run(self, root: Element) -> None:
        for box in root.iter("div"):
            words = box.get("class", "").split()
            if words[:1] != ["admonition"]:
                continue
            kind = next((word for word in words[1:] if word in BOXES), "tip")
            box.attrib |= {"class": f"box box-{kind}", "role": "note"}
            self._title(box, kind, given=words[1] if len(words) > 1 else "")

    @staticmethod
    def _title(box: Element, kind: str, *, given: str) -> None:
        title = box[0] if len(box) and box[0].get("class") == "admonition-title" else Element("p")
        if not len(box) or box[0] is not title:
            box.insert(0, title)
        own_words = "".join(title.itertext())
        if own_words == given.capitalize():
            title.text, own_words = "", ""
            del title[:]
        label = Element("span", {"class": "box-kind"})
        label.text, label.tail = BOXES[kind], f" {title.text or ''}"
        title.text = None
        title.insert(0, label)
        title.set("class", "box-title")
        box.set("aria-label", f"{BOXES[kind]} {own_words}".strip()[:200])


class _Tasks(Treeprocessor):
    """`- [ ] …` becomes a checkbox whose id is made of its words: a phone remembers it across revisions."""

    def run(self, root: Element) -> None:
        used: dict[str, int] = {}
        for item in list(root.iter("li")):
            holder = item if (item.text or "").strip() or not len(item) else item[0]
            match = _TASK.match(holder.text or "")
            if match and (holder is item or holder.tag == "p"):
                self._make(item, holder, match, used)

    @staticmethod
    def _make(item: Element, holder: Element, match: re.Match[str], used: dict[str, int]) -> None:
        label = Element("label", {"class": "task-label"})
        label.text = (holder.text or "")[match.end() :]
        inline = [child for child in holder if child.tag not in _BLOCK_TAGS]
        blocks = [child for child in item if child is not holder and child not in inline]
        label.extend(inline)
        key = hashlib.sha256("".join(label.itertext()).strip().encode()).hexdigest()[:8]
        used[key] = used.get(key, 0) + 1
        name = f"task-{key}" if used[key] == 1 else f"task-{key}-{used[key]}"
        label.set("for", name)
        box = Element("input", {"type": "checkbox", "class": "task-box", "id": name})
        if match["mark"] != " ":
            box.set("checked", "checked")
        del item[:]
        item.text = None
        item.set("class", "task")
        item.extend([box, label, *blocks])


class _Tables(Treeprocessor):
    """Each table stands in a box of its own that scrolls sideways and can be reached by keyboard."""

    def run(self, root: Element) -> None:
        seen: dict[str, int] = {}
        for parent, at, heading in list(self._find(root)):
            table = parent[at]
            seen[heading] = seen.get(heading, 0) + 1
            count = "" if seen[heading] == 1 else str(seen[heading])
            label = f"表格{count}：{heading}" if heading else f"表格{count}"
            box = Element("div", {"class": "table-box", "tabindex": "0", "role": "region", "aria-label": label[:200]})
            box.tail, table.tail = table.tail, None
            table.set("class", "table")
            _mark_columns(table)
            box.append(table)
            parent[at] = box

    def _find(self, root: Element) -> Iterator[tuple[Element, int, str]]:
        heading = ""
        for parent in root.iter():
            if parent.tag in ("h2", "h3", "h4"):
                heading = "".join(parent.itertext())
            for at, child in enumerate(parent):
                if child.tag in ("h2", "h3", "h4"):
                    heading = "".join(child.itertext())
                if child.tag == "table":
                    yield parent, at, heading


def _mark_columns(table: Element) -> None:
    """Give heads their scope; short words, figures and dates never break; a column of figures stands to the right."""
    head, *body = ([cell for cell in row if cell.tag in ("th", "td")] for row in table.iter("tr"))
    for at, title in enumerate(head):
        title.set("scope", "col")
        column = [(cell, "".join(cell.itertext()).strip()) for row in body for cell in row[at : at + 1]]
        filled = [text for _cell, text in column if text not in _NOTHING]
        is_aligned = "align" in title.attrib or "style" in title.attrib  # by the writer
        is_figures = at > 0 and not is_aligned and bool(filled) and all(map(_FIGURE_CELL.fullmatch, filled))
        for cell, text in column:
            if is_figures or _is_unbroken(text):
                cell.set("class", "number" if is_figures else "unbroken")
        if is_figures:
            title.set("class", "number")
        elif _is_unbroken("".join(title.itertext()).strip()):
            title.set("class", "unbroken")


def _is_unbroken(text: str) -> bool:
    return 0 < len(text) <= _SHORT or bool(_FIGURE_CELL.fullmatch(text) or _DATE_CELL.fullmatch(text))


class _SoftBreaks(Treeprocessor):
    """A line end between two Chinese characters is no space."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.text and element.tag != "code":
                element.text = _SOFT_BREAK.sub("", element.text)
            if element.tail:
                element.tail = _SOFT_BREAK.sub("", element.tail)
