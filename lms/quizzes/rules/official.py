"""What the official content promises: how much of it there is and how evenly it is spread; kept in one place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lms.core.hours import CREDIT_HOUR_SECONDS, credit_hours
from lms.quizzes.rules.bias import Bias
from lms.quizzes.rules.kinds import Difficulty, Kind

_FEWEST = {
    Kind.SINGLE: 450,
    Kind.MULTIPLE: 200,
    Kind.TRUE_FALSE: 200,
    Kind.NUMERIC: 60,
    Kind.FILL: 30,
    Kind.CASE: 30,
}
_SHARES = {Difficulty.EASY: 40, Difficulty.MEDIUM: 40, Difficulty.HARD: 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds are inclusive; percentages are of the whole bank. A bank of one's own need not keep to them."""

    lessons: int = 60
    lessons_of_item: tuple[int, int] = (2, 5)
    credit_hours: tuple[int, int] = (60, 90)
    questions: int = 1000
    questions_of_item: int = 30
    kinds: Mapping[Kind, int] = field(default_factory=lambda: dict(_FEWEST))
    difficulties: Mapping[Difficulty, int] = field(default_factory=lambda: dict(_SHARES))
    difficulty_margin: int = 7
    longest_below: int = 35
    place: tuple[int, int] = (20, 30)
    true: tuple[int, int] = (40, 60)


OFFICIAL = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How much there is in all; minutes are nominal."""

    lessons: int
    minutes: int
    forms: int
    questions: int
    kinds: Mapping[Kind, int]
    difficulties: Mapping[Difficulty, int]

    @property
    def credit_hours(self) -> str:
        """The minutes as 学时, as every page shows them."""
        return credit_hours(self.minutes * 60)


def shortcomings(totals: Totals, bias: Bias, limits: Limits = OFFICIAL) -> Iterator[tuple[str, str]]:
    """Yield (what, message) for every promise that the whole does not keep."""
    if totals.lessons < limits.lessons:
        yield "课文", f"共 {totals.lessons} 课，至少要 {limits.lessons} 课"
    low, high = limits.credit_hours
    if not low * CREDIT_HOUR_SECONDS <= totals.minutes * 60 <= high * CREDIT_HOUR_SECONDS:
        yield "学时", f"共 {totals.credit_hours} 学时，应在 {low} 到 {high} 之间"
    if totals.questions < limits.questions:
        yield "试题", f"共 {totals.questions} 道，至少要 {limits.questions} 道"
    for kind, fewest in limits.kinds.items():
        if totals.kinds.get(kind, 0) < fewest:
            yield kind.heading, f"共 {totals.kinds.get(kind, 0)} 道，至少要 {fewest} 道"
    for difficulty, share in limits.difficulties.items():
        found = 100 * totals.difficulties.get(difficulty, 0) / max(1, totals.questions)
        if abs(found - share) > limits.difficulty_margin:
            low, high = share - limits.difficulty_margin, share + limits.difficulty_margin
            yield f"难度{difficulty.heading}", f"占 {found:.1f}%，应在 {low}% 到 {high}% 之间"
    yield from _tells(bias, limits)


def _tells(bias: Bias, limits: Limits) -> Iterator[tuple[str, str]]:
    if bias.longest is not None and bias.longest >= limits.longest_below:
        yield "单选题", f"正确选项最长的占 {bias.longest:.1f}%，应低于 {limits.longest_below}%"
    low, high = limits.place
    for at, share in enumerate(bias.places, start=1):
        if not low <= share <= high:
            yield "单选题", f"正确选项写在第 {at} 个的占 {share:.1f}%，应在 {low}% 到 {high}% 之间"
    low, high = limits.true
    if bias.true is not None and not low <= bias.true <= high:
        yield "判断题", f"说法正确的占 {bias.true:.1f}%，应在 {low}% 到 {high}% 之间"
