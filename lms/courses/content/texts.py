"""Checks of a lesson's Markdown: sections, boxes, tables, links, and nothing but the house's syntax."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lms.web.markup import CITATION

BOX_KINDS = ("local", "tip", "warning", "example")
MAX_COLUMNS = 6
_HEADING = re.compile(r"(#{1,6})\s*(.*)")
_BOX = re.compile(r'!!!\s*(\w*)\s*(?:"(.*)")?\s*')
_LINK = re.compile(r"(?P<image>!?)\[(?P<label>[^\[\]]*)\]\((?P<address>(?:[^()\s]|\([^()\s]*\))*)[^)]*\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TABLE_RULE = re.compile(r"\s*\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)*\|?[ \t]*")


@dataclass(frozen=True, slots=True)
class TextFault:
    """A fault in a text: the section it stands in, what is wrong; `citation` names an unknown article."""

    section: str
    message: str
    citation: bool = False


def check_text(source: str, known_articles: set[tuple[str, str]]) -> list[TextFault]:
    """Return what is wrong with a lesson's Markdown, in reading order."""
    return list(_faults(source, known_articles))


def _faults(source: str, known: set[tuple[str, str]]) -> Iterator[TextFault]:
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


def _line_faults(section: str, lines: list[str], at: int, known: set[tuple[str, str]]) -> Iterator[TextFault]:
    line = lines[at]
    if line.lstrip().startswith("!!!"):
        yield from _box_faults(section, lines, at)
    if _TABLE_RULE.fullmatch(line) and "|" in line:
        columns = len(line.strip().strip("|").split("|"))
        if columns > MAX_COLUMNS:
            yield TextFault(section, f"表格有 {columns} 列，手机上看不清，最多 {MAX_COLUMNS} 列")
    for link in _LINK.finditer(line):
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
    following = next((line for line in lines[at + 1 :] if line.strip()), "")
    if not following.startswith("    "):
        yield TextFault(section, "提示框没有内容，正文每行要缩进四个空格")


def _link_faults(section: str, link: re.Match[str], known: set[tuple[str, str]]) -> Iterator[TextFault]:
    address = link["address"]
    if link["image"]:
        yield TextFault(section, f"不能插入图片：{address[:60]}")
        return
    if not link["label"].strip():
        yield TextFault(section, f"链接没有文字：{address[:60]}")
    if address.startswith("law:"):
        citation = CITATION.fullmatch(address)
        if citation is None:
            yield TextFault(section, f"引用写作 (law:文件代码#条号)，这里是 {address[:60]}")
        elif (citation["law"], citation["article"]) not in known:
            yield TextFault(section, f"法规库里没有 {citation['law']}#{citation['article']}", citation=True)
    elif not address.startswith("https://"):
        yield TextFault(section, f"链接只能是 law: 或 https:，这里是 {address[:60] or '空'}")
