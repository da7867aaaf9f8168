"""What crosses the door of practice: frozen records, no rows."""

from dataclasses import dataclass

from lms.courses.services import CitationView
from lms.quizzes.rules.practice import percent
from lms.quizzes.services.records import Asked, FaceView


@dataclass(frozen=True, slots=True)
class RunningFinal:
    """A final test that is being written: until it is handed in, practice and explanations are closed.

    attempt_id is empty when it is written at another institution than the one signed in to.
    """

    attempt_id: int | None
    title: str


@dataclass(frozen=True, slots=True)
class PracticeItem:
    """An item as a learner has practised it.

    questions: how many there are now. practised: how many of these were answered at least once. answered, right: over
    all runs. state: `new`, `running` or `finished`.
    """

    code: str
    title: str
    questions: int
    practised: int
    answered: int
    right: int
    state: str

    @property
    def percent(self) -> int | None:
        """The share of right answers in whole percent, None before the first."""
        return percent(self.right, self.answered)


@dataclass(frozen=True, slots=True)
class Practice:
    """A run as far as it has come.

    planned: how many questions there were when it began. outcomes: for each position answered whether it was wholly
    right. open: positions still to come; what was held back or retired meanwhile is not among them.
    """

    run_id: int
    item_code: str
    planned: int
    outcomes: dict[int, bool]
    open: tuple[int, ...]

    @property
    def answered(self) -> int:
        """How many questions are answered."""
        return len(self.outcomes)

    @property
    def right(self) -> int:
        """How many of them are wholly right."""
        return sum(self.outcomes.values())

    @property
    def total(self) -> int:
        """How many questions the run has, those skipped left out."""
        return self.answered + len(self.open)

    @property
    def percent(self) -> int:
        """The share of right answers in whole percent."""
        return percent(self.right, self.answered) or 0

    @property
    def wrong(self) -> list[int]:
        """Positions answered and not wholly right."""
        return [position for position, right in sorted(self.outcomes.items()) if not right]

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to answer."""
        return not self.open

    def number_of(self, position: int) -> int:
        """Return which question of the run a position is as the learner counts: from 1, without what was skipped."""
        answered = sorted(self.outcomes)
        return answered.index(position) + 1 if position in self.outcomes else len(answered) + 1


@dataclass(frozen=True, slots=True)
class PracticeQuestion:
    """A question of a run: to be answered (`asked`), or answered and explained (`face` with its chips).

    is_held: waits for a review since it was answered.
    """

    position: int
    version_id: int
    asked: Asked | None
    face: FaceView | None = None
    citations: tuple[CitationView, ...] = ()
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A question of a run that was not wholly right; `stem` is plain text, cut short by the page."""

    position: int
    kind: str
    stem: str
