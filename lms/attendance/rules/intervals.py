"""Algebra of half-open spans `(start, end)` of whole seconds; a span with end <= start is empty."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Span = tuple[int, int]


def unite(spans: Iterable[Span]) -> list[Span]:
    """The union as sorted spans that neither overlap nor touch."""
    united: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def subtract(span: Span, holes: Iterable[Span]) -> list[Span]:
    """What remains of `span` outside the `holes`, which are sorted and disjoint as `unite` returns them."""
    remaining: list[Span] = []
    at, end = span
    for hole_start, hole_end in holes:
        if at < min(hole_start, end):
            remaining.append((at, min(hole_start, end)))
        at = max(at, hole_end)
    if at < end:
        remaining.append((at, end))
    return remaining


def joined(signs: Iterable[Span], gap: int) -> Iterator[Span]:
    """Runs of signs, single instants (t, t) among them, in which no two neighbours are further apart than `gap`."""
    first: int | None = None
    last = 0
    for start, end in sorted(signs):
        if first is None:
            first, last = start, end
        elif start - last > gap:
            yield first, last
            first, last = start, end
        last = max(last, end)
    if first is not None:
        yield first, last


class Claims:
    """The seconds already given away; each can be given once. A claim costs O(log n) comparisons."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def claim(self, span: Span) -> tuple[list[Span], list[Span]]:
        """Give away what is still free of `span`; return (the free parts, the parts given away before)."""
        start, end = span
        # Spans that only touch are taken along, so that the claims stay few and untouching.
        first, beyond = bisect_left(self._ends, start), bisect_right(self._starts, end)
        held = [
            (max(start, held_start), min(end, held_end))
            for held_start, held_end in zip(self._starts[first:beyond], self._ends[first:beyond], strict=True)
        ]
        self._starts[first:beyond] = [min([start, *self._starts[first:beyond]])]
        self._ends[first:beyond] = [max([end, *self._ends[first:beyond]])]
        return subtract(span, held), unite(held)
