"""The piece of a text that shows why it was found, with the words marked."""

import re
from collections.abc import Iterator

from lms.search.rules.tokens import fold

LENGTH = 80
BEFORE = 24
_STOPS = "。；！？\n"

Piece = tuple[str, bool]  # a piece of text, and whether it is one of the words


def snippet(text: str, wanted: re.Pattern[str], *, length: int = LENGTH) -> list[Piece]:
    """Return about `length` signs around the first hit in pieces; from the beginning when there is no hit."""
    spans = list(_spans(text, wanted))
    first, last = spans[0] if spans else (0, 0)
    start = 0 if last <= length else _start(text, first)
    end = min(len(text), max(start + length, last))
    pieces: list[Piece] = [("…", False)] if start else []
    at = start
    for begin, stop in spans:
        if begin >= end:
            break
        pieces += [(text[at:begin], False), (text[begin : min(stop, end)], True)]
        at = min(stop, end)
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [(piece.replace("\n", " "), marked) for piece, marked in pieces if piece]


def _start(text: str, first: int) -> int:
    """Return where to begin before a hit: with its sentence when that is near, a few signs before it otherwise."""
    earliest = max(0, first - BEFORE)
    stop = max(text.rfind(sign, earliest, first) for sign in _STOPS)
    return earliest if stop < 0 else stop + 1


def _spans(text: str, wanted: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield where the words stand in the text, found in its folded form and carried back sign by sign."""
    origins = [at for at, sign in enumerate(text) for _ in fold(sign)]
    for match in wanted.finditer("".join(map(fold, text))):
        if match.end() > match.start():
            yield origins[match.start()], origins[match.end() - 1] + 1
