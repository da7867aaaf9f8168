"""Practice: the questions of an item in a chance order, one after the other, those that are held back skipped."""

import random
from collections.abc import Collection, Sequence
from operator import attrgetter

from lms.quizzes.rules.drawing import Candidate, Laid, lay_out


def plan_run(pool: Sequence[Candidate], seed: int) -> list[tuple[Candidate, Laid]]:
    """Return every question of a pool once, in a chance order; the same seed gives the same run again."""
    ordered = sorted(pool, key=attrgetter("slug"))
    chance = random.Random(seed)  # noqa: S311  (a run can be drawn again from its seed)
    chance.shuffle(ordered)
    return [(candidate, lay_out(candidate, chance)) for candidate in ordered]


def open_positions(plan: Sequence[int], *, answered: Collection[int], usable: Collection[int]) -> list[int]:
    """Return the positions still to come: not answered, and their version still in use; `plan` holds versions."""
    return [
        position
        for position, version_id in enumerate(plan, start=1)
        if position not in answered and version_id in usable
    ]


def percent(right: int, of: int) -> int | None:
    """Return a share in whole percent, rounded down; None of nothing."""
    return 100 * right // of if of else None
