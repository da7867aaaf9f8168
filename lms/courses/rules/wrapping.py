"""Breaks Chinese text into lines of a given width: SVG has no lines of its own."""

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"[0-9]+(?:[.,][0-9]+)*[%日年月天]?|[A-Za-z]+|.", re.DOTALL)
_NEVER_FIRST = frozenset("，。、；：？！）》〉】」』”’…—·％％,.;:?!)]}%→")
_NEVER_LAST = frozenset("（《〈【「『“‘([{")
_ORPHAN = 3.0  # ems
_NARROWEST = 0.7  # of the width, that a text is made narrower for the sake of its last line
_NARROW = 0.58  # of an em: digits and Latin letters of the fonts in use, rounded up


def measure(text: str) -> float:
    """Return the width of a text in ems: a Chinese sign is one, a digit or Latin letter a good half."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else _NARROW for sign in text)


def wrap(text: str, width: float, size: float) -> list[str]:
    """Return the lines of a text that are at most `width` wide at a font size, both in the same unit.

    A line begins with no closing mark and ends with no opening one; numbers and words stay whole; the last line is no
    orphan of one or two signs where the lines before can spare some.
    """
    lines = _fill(text, width, size)
    narrower = width
    while len(lines) > 1 and measure(lines[-1]) < _ORPHAN and narrower > width * _NARROWEST:
        narrower -= size / 2
        closer = _fill(text, narrower, size)
        if len(closer) > len(lines):
            break
        lines = closer
    return lines


def _fill(text: str, width: float, size: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and measure(line + piece) * size > width:
            lines.append(line)
            line = ""
        line += piece
    return [*lines, line] if line else lines


def _pieces(text: str) -> Iterator[str]:
    """Yield what must stay together: a word with the marks that belong to it."""
    piece = ""
    for match in _WORD.finditer(text):
        word = match[0]
        if piece and word not in _NEVER_FIRST and piece[-1] not in _NEVER_LAST:
            yield piece
            piece = ""
        piece += word
    if piece:
        yield piece
