"""Checks of a lesson's Markdown: sections, boxes, folds, tables, links, and nothing but the house's syntax."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lms.courses.content.diagrams import DIAGRAMS
from lms.web.markup import CITATION, FIGURE, FOLDS, FORM

BOX_KINDS = ("local", "tip", "warning", "example")
MAX_COLUMNS = 6
SHORTEST_WORDS = 12
_HEADING = re.compile(r"(#{1,6})\s*(.*)")
_BOX = re.compile(r'!!!\s*(\w*)\s*(?:"(.*)")?\s*')
_FOLD = re.compile(r'\?\?\? ?(\w*)(?: +"(.*)")? *')
_LINK = re.compile(r"(?P<image>!?)\[(?P<label>[^\[\]]*)\]\((?P<address>(?:[^()\s]|\([^()\s]*\))*)[^)]*\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TABLE_RULE = re.compile(r"\s*\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)*\|?[ \t]*")


@dataclass(frozen=True, slots=True)
class TextFault:
    """A fault in a text: the section it stands in, what is wrong; `citation` names an unknown article."""

    section: str
    message: str
    citation: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a text may point at: registered articles, and working forms with the item each belongs to."""

    articles: set[tuple[str, str]]
    forms: Mapping[str, str] = field(default_factory=dict)
    item: str = ""  # of the lesson; a form of another item is a fault, an own lesson may use any


def check_text(
    source: str, known_articles: set[tuple[str, str]], *, forms: Mapping[str, str] | None = None, item: str = ""
) -> list[TextFault]:
    """Return what is wrong with a lesson's Markdown, in reading order; `forms` are item codes by slug."""
    return list(_faults(source, Known(known_articles, forms or {}, item)))


def forms_in(source: str) -> list[str]:
    """Return the slugs of the working forms a text shows, each once, in order."""
    return list(dict.fromkeys(form["slug"] for form in FORM.finditer(source)))


def diagrams_in(source: str) -> list[str]:
    """Return the names of the diagrams a text shows, each once, in order."""
    return list(dict.fromkeys(figure["name"] for figure in FIGURE.finditer(source)))


def _faults(source: str, known: Known) -> Iterator[TextFault]:
    section, filled, level = "开头", True, 0
    lines = source.splitlines()
    for at, line in enumerate(lines):
        heading = _HEADING.fullmatch(line.strip()) if line.startswith("#") else None
        if heading:
            deeper = len(heading[1]) > level
            if not filled and not deeper:
                yield TextFault(section, "这一节没有内容")
            yield from _heading_faults(heading)
            section, filled, level = heading[2] or "（无标题）", False, len(heading[1])
        elif line.strip():
            filled = True
            yield from _line_faults(section, lines, at, known)
    if level == 0:
        yield TextFault("开头", "至少要有一节，小标题以“## ”开头")
    elif not filled:
        yield TextFault(section, "这一节没有内容")


def _heading_faults(heading: re.Match[str]) -> Iterator[TextFault]:
    if not heading[2]:
        yield TextFault("", "小标题后面没有文字")
    if len(heading[1]) not in (2, 3, 4):
        yield TextFault(heading[2], "小标题用“##”“###”或“####”，一级标题由系统显示课名")


def _line_faults(section: str, lines: list[str], at: int, known: Known) -> Iterator[TextFault]:
    line = lines[at]
    if line.lstrip().startswith("!!!"):
        yield from _box_faults(section, lines, at)
    if line.lstrip().startswith("???"):
        yield from _fold_faults(section, lines, at)
    if _TABLE_RULE.fullmatch(line) and "|" in line:
        columns = len(line.strip().strip("|").split("|"))
        if columns > MAX_COLUMNS:
            yield TextFault(section, f"表格有 {columns} 列，手机上看不清，最多 {MAX_COLUMNS} 列")
    for link in _LINK.finditer(line):
        if link["address"].startswith("form:") or link["image"]:
            yield from _piece_faults(section, lines, at, link, known)
        else:
            yield from _link_faults(section, link, known)
    tag = _TAG.search(_LINK.sub("", line))
    if tag:
        yield TextFault(section, f"不能写 HTML：{tag[0][:40]}")


def _box_faults(section: str, lines: list[str], at: int) -> Iterator[TextFault]:
    box = _BOX.fullmatch(lines[at].strip())
    if box is None or box[1] not in BOX_KINDS:
        yield TextFault(section, f'提示框写作 !!! 类型 "标题"，类型只能是 {"、".join(BOX_KINDS)}')
    elif box[1] == "local" and not box[2]:
        yield TextFault(section, '地方规定的提示框要写明地方，例如 !!! local "湖北"')
    if not _has_body(lines, at):
        yield TextFault(section, "提示框没有内容，正文每行要缩进四个空格")


def _fold_faults(section: str, lines: list[str], at: int) -> Iterator[TextFault]:
    fold = _FOLD.fullmatch(lines[at].strip())
    if fold is None or fold[1] not in FOLDS:
        yield TextFault(section, f'折叠内容写作 ??? 类型 "标题"，类型只能是 {"、".join(FOLDS)}')
    if not _has_body(lines, at):
        yield TextFault(section, "折叠内容是空的，正文每行要比“???”多缩进四个空格")


def _has_body(lines: list[str], at: int) -> bool:
    indent = len(lines[at]) - len(lines[at].lstrip())
    following = next((line for line in lines[at + 1 :] if line.strip()), "")
    return following.startswith(" " * (indent + 4))


def _piece_faults(section: str, lines: list[str], at: int, link: re.Match[str], known: Known) -> Iterator[TextFault]:
    """What is wrong with a diagram or a working form; both stand alone in a paragraph."""
    line, address = lines[at].strip(), link["address"]
    diagram, form = FIGURE.fullmatch(link[0]), FORM.fullmatch(link[0])
    if diagram is None and form is None:
        if address.startswith(("diagram:", "form:")):
            yield TextFault(
                section, f"写作 ![图的文字说明](diagram:图名) 或 [表名](form:表代码)，这里是 {link[0][:60]}"
            )
        else:
            yield TextFault(section, f"不能插入图片：{address[:60]}")
        return
    around = [lines[near].strip() for near in (at - 1, at + 1) if 0 <= near < len(lines)]
    if line != link[0] or any(near and not near.startswith(("!!!", "???", "#")) for near in around):
        yield TextFault(section, f"图和表要单独成段，前后空一行：{link[0][:60]}")
    if diagram and diagram["name"] not in DIAGRAMS:
        yield TextFault(section, f"没有这张图：{diagram['name']}，可用的有 {'、'.join(sorted(DIAGRAMS))}")
    if diagram and len(diagram["words"]) < SHORTEST_WORDS:
        yield TextFault(
            section, f"图 {diagram['name']} 的文字说明太短，要让看不到图的人也明白，至少 {SHORTEST_WORDS} 个字"
        )
    if form:
        yield from _form_faults(section, form["slug"], known)


def _form_faults(section: str, slug: str, known: Known) -> Iterator[TextFault]:
    if slug not in known.forms:
        yield TextFault(section, f"没有这张表：forms/{slug}.toml")
    elif known.item and known.forms[slug] != known.item:
        yield TextFault(section, f"表 {slug} 属于条目 {known.forms[slug]}，应放在那个条目的课文里")


def _link_faults(section: str, link: re.Match[str], known: Known) -> Iterator[TextFault]:
    address = link["address"]
    if not link["label"].strip():
        yield TextFault(section, f"链接没有文字：{address[:60]}")
    if address.startswith("law:"):
        citation = CITATION.fullmatch(address)
        if citation is None:
            yield TextFault(section, f"引用写作 (law:文件代码#条号)，这里是 {address[:60]}")
        elif (citation["law"], citation["article"]) not in known.articles:
            yield TextFault(section, f"法规库里没有 {citation['law']}#{citation['article']}", citation=True)
    elif not address.startswith("https://"):
        yield TextFault(section, f"链接只能是 law: 或 https:，这里是 {address[:60] or '空'}")
