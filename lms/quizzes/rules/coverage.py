"""How far the syllabus is covered: the three demands of 鄂人社发〔2024〕8号 四(二) as three numbers.

"全要素涵盖培训内容，全周期确保培训时长，全链条确保培训质效": the notice names contents, hours and quality and
measures none of them; what is counted here is ours, and docs/glossary.md says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

FULL_POOL = 30  # three item quizzes of ten questions without a repetition


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """An item as it stands: lessons and nominal minutes; questions in use, of these waiting; whether all were read."""

    lessons: int
    minutes: int
    questions: int
    waiting: int
    is_reviewed: bool

    @property
    def is_covered(self) -> bool:
        """全要素: it is taught, it is asked, and both were read against the law."""
        return self.lessons > 0 and self.questions > 0 and self.is_reviewed

    @property
    def is_chained(self) -> bool:
        """全链条: learn, practise, test, review hold: enough to draw from, and nothing that waits for a review."""
        return self.is_covered and self.waiting == 0 and self.questions >= FULL_POOL


@dataclass(frozen=True, slots=True)
class ThreeNumbers:
    """items: how many there are; covered, chained: of how many that holds; seconds: nominal time of all lessons."""

    items: int
    covered: int
    seconds: int
    chained: int


def three_numbers(items: Iterable[ItemState]) -> ThreeNumbers:
    """Return the three numbers of a syllabus."""
    listed = list(items)
    return ThreeNumbers(
        items=len(listed),
        covered=sum(item.is_covered for item in listed),
        seconds=sum(item.minutes for item in listed) * 60,
        chained=sum(item.is_chained for item in listed),
    )
