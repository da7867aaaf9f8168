"""The piece of a text that shows why it was found, with the words marked."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from lms.search.rules.tokens import fold

LENGTH = 80
BEFORE = 24
_STOPS = "。；！？\n"
_BREAK = re.compile(r"\n")
_BREAK_AFTER_STOP = re.compile(r"(?<=[。；！？：])\n")

Piece = tuple[str, bool]  # a piece of text, and whether it is one of the words
Span = tuple[int, int, int]  # beginning, end, which word


def snippet(text: str, wanted: re.Pattern[str], *, length: int = LENGTH) -> list[Piece]:
    """Return about `length` signs of a text in pieces: where most of the words stand together, else its beginning."""
    spans = list(_spans(text, wanted))
    start, end = _window(text, spans, length)
    pieces: list[Piece] = [("…", False)] if start else []
    at = start
    for begin, stop, _word in spans:
        if start <= begin < end and at < stop:  # a sign compared as several words is shown once
            pieces += [(text[at:begin], False), (text[max(at, begin) : min(stop, end)], True)]
            at = min(stop, end)
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [(_one_line(piece), marked) for piece, marked in pieces if piece]


def _window(text: str, spans: list[Span], length: int) -> tuple[int, int]:
    """Return where the piece begins and ends: around the first hit that has the most different words behind it."""
    if not spans:
        return 0, min(len(text), length)
    reach = length - BEFORE
    begin, stop, _word = max(spans, key=lambda span: (_words_within(spans, span[0], span[0] + reach), -span[0]))
    start = 0 if stop <= length else _start(text, begin)
    return start, min(len(text), max(start + length, stop))


def _words_within(spans: list[Span], start: int, end: int) -> int:
    first = bisect_left(spans, (start, 0, 0))
    last = bisect_left(spans, (end, 0, 0))
    return len({word for _begin, _stop, word in spans[first:last]})


def _start(text: str, first: int) -> int:
    """Return where to begin before a hit: with its sentence when that is near, a few signs before it otherwise."""
    earliest = max(0, first - BEFORE)
    stop = max(text.rfind(sign, earliest, first) for sign in _STOPS)
    return earliest if stop < 0 else stop + 1


def _spans(text: str, wanted: re.Pattern[str]) -> Iterator[Span]:
    """Yield where which word stands in the text, found in its folded form and carried back sign by sign."""
    folded = fold(text)
    origins: Sequence[int] = range(len(text))
    if len(folded) != len(text):  # a sign may become several, never none
        origins = [at for at, sign in enumerate(text) for _ in fold(sign)]
    for match in wanted.finditer(folded):
        yield origins[match.start()], origins[match.end() - 1] + 1, match.lastindex or 0


def _one_line(text: str) -> str:
    return _BREAK.sub(" · ", _BREAK_AFTER_STOP.sub(" ", text))
