"""What gives the right answer away without knowing it: its length, its place, a liking for 正确."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bias:
    """Figures of a bank in percent; None where there is nothing to count.

    longest: singles whose right option is longer than every wrong one. places: where the right option stands in the
    file, first to last. true: statements that are right. right_of_multiple: options of multiples that are right.
    """

    longest: float | None
    places: tuple[float, ...]
    true: float | None
    right_of_multiple: float | None


def right_is_longest(right: Sequence[str], wrong: Sequence[str]) -> bool:
    """Whether the one right option is longer than every wrong one, which gives it away."""
    return len(right) == 1 and bool(wrong) and len(right[0]) > max(map(len, wrong))


def measure(
    *,
    singles: Sequence[tuple[int, Sequence[str]]],
    multiples: Iterable[tuple[int, int]],
    statements: Sequence[bool],
) -> Bias:
    """Return the figures; singles: place of the right option and all options, multiples: (right, all)."""
    longest = sum(
        right_is_longest([options[at]], [text for place, text in enumerate(options) if place != at])
        for at, options in singles
    )
    places = Counter(at for at, _options in singles)
    widest = max((len(options) for _at, options in singles), default=0)
    right = total = 0
    for one, all_of_them in multiples:
        right, total = right + one, total + all_of_them
    return Bias(
        longest=_percent(longest, len(singles)),
        places=tuple(100 * places[at] / len(singles) for at in range(widest)),
        true=_percent(sum(statements), len(statements)),
        right_of_multiple=_percent(right, total),
    )


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
