"""Reads the official text of a law, as Markdown, into its articles and their fingerprints.

People bring the text from ministries' pages, editors and converters, so the reader takes what is the same to a lawyer:
Chinese or Arabic numerals, half or full width spaces or none, bold or heading marks, any line ends. A notice without
articles is taken apart by its sections: 三 and 三(三).
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from lms.courses.rules.naming import article_name

_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = r"[〇零一二两三四五六七八九十百千\d]"
_NUMBER = rf"{_NUMERAL}(?:\s*{_NUMERAL})*"
_ARTICLE = re.compile(
    rf"第\s*(?P<number>{_NUMBER})\s*条(?:\s*之\s*(?P<inserted>{_NUMERAL}{{1,3}}))?(?P<gap>[\s:：]*)(?P<text>.*)"
)
# how a sentence goes on that speaks of another article
_REFERENCE = re.compile(rf"第\s*{_NUMBER}\s*[款项]|规定|所|的|[和或及与至]|[、，,]|情形|除外")
_PARAGRAPH_OF = re.compile(rf"第\s*{_NUMBER}\s*[款项]")
_SECTION = re.compile(r"(?P<number>[一二三四五六七八九十]{1,3})\s*、\s*(?P<text>.*)")
_SUBSECTION = re.compile(r"[（(]\s*(?P<number>[一二三四五六七八九十]{1,3})\s*[）)]\s*(?P<text>.*)")
_NAMED = re.compile(r"[【\[][^】\]]{1,30}[】\]]\s*")
_DIVISION = re.compile(rf"第\s*{_NUMBER}\s*(?:分编|编|章|节)")
_ANNEX = re.compile(r"附\s*(?:件|录|表|[:：])|[（(]?(?:联系(?:人|科室|单位|电话|方式)|此件)")
_SENTENCE_END = ("。", "；", "：", ";", ":")
_EXCERPT = re.compile(r"节录|节选|摘录|摘编|仅事实|非全文")
_FRONT = re.compile(r"---[ \t]*\n(?P<fields>.*?)\n---[ \t]*(?:\n|$)", re.DOTALL)
_TITLE_FIELD = re.compile(r"^(?:title|标题|名称)[ \t]*[:：][ \t]*(?P<title>.+)$", re.MULTILINE)
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_RULE = re.compile(r"[-*_=\s]{3,}")
_LONGEST_HEADING = 60

# what a title says beside the law's name: which part of it is here, which revision, which number
_BESIDE = re.compile(r"\((?:[^()]*(?:节录|节选|摘录|修订|修正|修改|号)[^()]*|第[^()]*条[^()]*)\)")


class BadOfficial(ValueError):
    """The file is no official text that can be compared; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class OfficialArticle:
    """An article: its number as the register writes it (`28`, `276-1`, `三(三)`), its text without the number."""

    no: str
    text: str

    @property
    def sha256(self) -> str:
        """The fingerprint that the register keeps."""
        return fingerprint(self.text)


@dataclass(frozen=True, slots=True)
class OfficialText:
    """A law's text: what it may call itself, its articles in order, and whether it is only a part of the law."""

    titles: tuple[str, ...]
    articles: tuple[OfficialArticle, ...]
    is_excerpt: bool


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    is_heading: bool


def fingerprint(text: str) -> str:
    """Return the SHA-256 of an article's official text, its number left out, after NFKC and without white space."""
    return hashlib.sha256(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).encode()).hexdigest()


def title_key(title: str) -> str:
    """Return a title as titles are compared: without 中华人民共和国, book marks, spaces, and what part it is."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", title))
    return _BESIDE.sub("", plain).replace("中华人民共和国", "").strip("《》〈〉<>\"'“”*#")


def read_official(data: bytes) -> OfficialText:
    """Read an official text; raise BadOfficial when it has no articles, or one of them twice."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadOfficial("不是 UTF-8 编码，请另存为 UTF-8 后重试") from None
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    front = _FRONT.match(text)
    fields, body = (front["fields"], text[front.end() :]) if front else ("", text)
    lines = [_read_line(line) for line in body.split("\n")]
    named = (match["title"].strip().strip("\"'") for match in _TITLE_FIELD.finditer(fields))
    titles = (*named, *_first_lines(lines))
    articles = tuple(_articles(lines)) or tuple(_sections(lines))
    if not articles:
        raise BadOfficial("没有找到“第一条”或“一、”这样开头的条文，请提供官方公布的全文（Markdown）")
    return OfficialText(titles, articles, articles[0].no not in ("1", "一") or any(map(_EXCERPT.search, titles)))


def _read_line(line: str) -> _Line:
    """Return a line as it reads, without marks of Markdown and HTML."""
    plain = html.unescape(_TAG.sub("", line)).strip()
    if _RULE.fullmatch(plain):
        return _Line("", is_heading=False)
    heading = plain.startswith("#")
    plain = re.sub(r"^(?:#{1,6}|>|[-*+](?= ))\s*", "", plain)
    return _Line(re.sub(r"\*\*|__|\\(?=[^\w\s])", "", plain).strip(), heading)


def _first_lines(lines: list[_Line]) -> Iterator[str]:
    """Yield what may be the title: short lines before the first article, chapter or sentence."""
    for line in lines:
        begun = _DIVISION.match(line.text) or _ARTICLE.match(line.text) or _SECTION.match(line.text)
        if begun or len(line.text) > _LONGEST_HEADING:
            return
        if line.text:
            yield line.text


def _articles(lines: list[_Line]) -> Iterator[OfficialArticle]:
    """Yield the articles; headings, tables of contents and annexes belong to none."""
    number, last, paragraphs = "", "", list[str]()
    seen = set[str]()
    for line in lines:
        start = _start(line.text, last)
        if start is None and not _is_division(line):
            paragraphs.append(line.text)
            continue
        if number:
            yield OfficialArticle(number, _join(paragraphs))
        if start is None and seen and _is_annex(line):
            return
        number, paragraphs = "", []
        if start is not None:
            number = last = _number(start)
            if number in seen:
                raise BadOfficial(f"{article_name(number)}出现了两次，请只留一份条文后重试")
            seen.add(number)
            paragraphs = [_NAMED.sub("", start["text"], count=1) if _NAMED.match(start["text"]) else start["text"]]
    if number:
        yield OfficialArticle(number, _join(_without_signature(paragraphs)))


def _sections(lines: list[_Line]) -> Iterator[OfficialArticle]:
    """Yield the sections of a document without articles, a section before its subsections, each with all its text."""
    pieces: dict[str, list[str]] = {}
    section = subsection = ""
    for line in lines:
        outer, inner = _SECTION.match(line.text), _SUBSECTION.match(line.text)
        if pieces and _is_annex(line):
            break
        if outer:
            section, subsection = outer["number"], ""
        elif inner and section:
            subsection = f"{section}({inner['number']})"
        new = section if outer else subsection if inner else ""
        if new in pieces:
            raise BadOfficial(f"“{new}”这一节出现了两次，请只留一份后重试")
        if new:
            pieces[new] = [(outer or inner or {"text": ""})["text"]]
        elif subsection:
            pieces[subsection].append(line.text)
        if section and not outer:
            pieces[section].append(line.text)
    for number, paragraphs in pieces.items():
        yield OfficialArticle(number, _join(_without_signature(paragraphs)))


def _without_signature(paragraphs: list[str]) -> list[str]:
    """Return the last article without the office and the date that stand under some documents."""
    kept = [paragraph for paragraph in paragraphs if paragraph]
    while len(kept) > 1 and len(kept[-1]) <= _LONGEST_HEADING and not kept[-1].endswith((*_SENTENCE_END, "|", "”")):
        kept.pop()
    return kept


def _join(paragraphs: list[str]) -> str:
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


def _start(line: str, last: str) -> re.Match[str] | None:
    """Return the match when a line begins an article, and does not merely begin by naming one.

    A space, a colon or a name in brackets behind the number tells; without one it must be the number that comes next.
    """
    match = _ARTICLE.fullmatch(line)
    if match is None or _PARAGRAPH_OF.match(match["text"]):
        return None
    if match["gap"] or not match["text"] or _NAMED.match(match["text"]):
        return match
    if _REFERENCE.match(match["text"]) or (last and not _comes_next(_number(match), last)):
        return None
    return match


def _comes_next(number: str, last: str) -> bool:
    main, _, inserted = last.partition("-")
    return number in (str(int(main) + 1), f"{main}-{int(inserted or 0) + 1}")


def _is_division(line: _Line) -> bool:
    """Whether a line is a heading of chapters, or begins what comes behind the articles."""
    if line.is_heading:
        return True
    is_heading = len(line.text) <= _LONGEST_HEADING and not line.text.endswith(_SENTENCE_END)
    return _is_annex(line) or (is_heading and _DIVISION.match(line.text) is not None)


def _is_annex(line: _Line) -> bool:
    """Whether a line begins what comes behind the articles: annexes, whom to ask."""
    return _ANNEX.match(line.text) is not None and len(line.text) <= _LONGEST_HEADING and not line.text.endswith("。")


def _number(match: re.Match[str]) -> str:
    inserted = f"-{_value(match['inserted'])}" if match["inserted"] else ""
    return f"{_value(match['number'])}{inserted}"


def _value(numeral: str) -> int:
    """Return the value of 二百七十六, 二七六 or 276."""
    signs = re.sub(r"\s", "", numeral)
    if not any(sign in _UNITS for sign in signs):
        return int("".join(str(_digit(sign)) for sign in signs))
    total = digit = 0
    for sign in signs:
        if sign in _UNITS:
            total += (digit or 1) * _UNITS[sign]
            digit = 0
        else:
            digit = _digit(sign)
    return total + digit


def _digit(sign: str) -> int:
    return _DIGITS[sign] if sign in _DIGITS else int(sign)
