"""What crosses the door of quizzes: frozen records, no rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from lms.core.reviews import Outcome
from lms.courses.services import CitationView
from lms.quizzes.rules.answers import Answer, progress
from lms.quizzes.rules.drawing import Section, full_marks, question_count
from lms.quizzes.rules.kinds import LETTERS, Difficulty, HandInKind, Kind, MultipleRule, QuizKind
from lms.quizzes.rules.marking import CASE_RULE
from lms.quizzes.rules.timing import is_over, seconds_left


def as_sections(values: Sequence[Mapping[str, Any]]) -> tuple[Section, ...]:
    """Return a blueprint's sections as they are kept."""
    return tuple(Section(one["label"], tuple(one["items"]), one["kind"], one["count"], one["marks"]) for one in values)


def from_sections(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Return sections as a blueprint keeps them."""
    return [
        {"label": one.label, "items": list(one.items), "kind": one.kind, "count": one.count, "marks": one.marks}
        for one in sections
    ]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question in the bank's list."""

    id: int
    slug: str
    item_code: str
    kind: Kind
    difficulty: Difficulty
    knowledge_point: str
    stem: str
    number: int
    retired_at: datetime | None
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OptionView:
    """An option as staff and the result page see it; `chosen` is None where nobody answered."""

    letter: str
    html: Markup
    correct: bool
    why: Markup
    chosen: bool | None = None


@dataclass(frozen=True, slots=True)
class Earned:
    """What somebody answered, as people write it, and the marks it earned."""

    answer: str
    earned: int
    marks: int

    @property
    def state(self) -> str:
        """`right`, `partly`, `wrong` or `blank`."""
        if self.earned == self.marks:
            return "right"
        if self.earned:
            return "partly"
        return "wrong" if self.answer else "blank"


@dataclass(frozen=True, slots=True)
class FaceView:
    """A question with its key: staff, and learners once it is answered. A case has its questions in `parts`.

    right: the right answer as people write it; tolerance: how far a number may be off, empty where it may not.
    own: what the learner answered, None where nobody did.
    """

    kind: Kind
    stem: Markup
    options: tuple[OptionView, ...]
    right: str
    unit: str
    formula: str
    explanation: Markup
    tolerance: str = ""
    own: Earned | None = None
    parts: tuple["FaceView", ...] = ()


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a question."""

    id: int
    number: int
    created_at: datetime
    is_current: bool
    item_code: str
    difficulty: Difficulty
    knowledge_point: str
    face: FaceView
    citations: tuple[CitationView, ...]
    as_of: date
    reviewed_on: date
    review_outcome: Outcome
    review_note: str


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A question with all its versions, newest first, and how it was answered so far."""

    question: QuestionRow
    versions: tuple[VersionView, ...]
    drawn: int
    right: int


@dataclass(frozen=True, slots=True)
class QuizView:
    """A quiz of a cohort; marks are those of a whole paper."""

    id: int
    organisation_id: int
    cohort_id: int
    kind: QuizKind
    item_code: str | None
    title: str
    minutes: int
    pass_mark: int
    max_attempts: int | None
    multiple_rule: MultipleRule
    opens_at: datetime | None
    closes_at: datetime | None
    withdrawn_at: datetime | None
    sections: tuple[Section, ...]

    @property
    def question_count(self) -> int:
        """How many questions a paper has."""
        return question_count(self.sections)

    @property
    def max_score(self) -> int:
        """The marks of a whole paper."""
        return full_marks(self.sections)

    @property
    def kinds(self) -> list[tuple[str, int, int]]:
        """Heading, number and marks each of the kinds of questions, in the order of the paper."""
        counts: dict[tuple[str, int], int] = {}
        for section in self.sections:
            key = (Kind(section.kind).heading, section.marks)
            counts[key] = counts.get(key, 0) + section.count
        return [(heading, count, marks) for (heading, marks), count in counts.items()]

    @property
    def case_rule(self) -> str:
        """How cases are marked, empty when there are none."""
        return CASE_RULE if any(section.kind == Kind.CASE for section in self.sections) else ""

    @property
    def is_final(self) -> bool:
        """Whether this is the final test."""
        return self.kind == QuizKind.FINAL_TEST

    def is_open(self, at: datetime) -> bool:
        """Whether an attempt may begin now, as far as the calendar goes."""
        begun = self.opens_at is None or self.opens_at <= at
        return begun and self.withdrawn_at is None and (self.closes_at is None or at < self.closes_at)


@dataclass(frozen=True, slots=True)
class QuizResult:
    """How a person stands in a quiz; scores are percent, `attempts` those handed in."""

    quiz_id: int
    title: str
    kind: str
    item_code: str | None
    best_score: int | None
    pass_mark: int
    passed: bool
    attempts: int
    passed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt in a list."""

    id: int
    quiz_id: int
    person_id: int
    number: int
    started_at: datetime
    deadline_at: datetime
    handed_in_at: datetime | None
    hand_in_kind: HandInKind | None
    score: int | None
    max_score: int
    percent: int | None
    passed: bool | None

    def is_overdue(self, at: datetime) -> bool:
        """Whether the time has run out and nobody has handed the paper in yet."""
        return self.handed_in_at is None and is_over(at=at, deadline_at=self.deadline_at)


@dataclass(frozen=True, slots=True)
class OwnQuiz:
    """A quiz as one learner sees it, with their attempts, oldest first."""

    quiz: QuizView
    attempts: tuple[AttemptRow, ...]

    @property
    def handed_in(self) -> tuple[AttemptRow, ...]:
        """The attempts that were handed in."""
        return tuple(attempt for attempt in self.attempts if attempt.handed_in_at is not None)

    @property
    def running(self) -> AttemptRow | None:
        """The attempt that has not been handed in."""
        return next((attempt for attempt in self.attempts if attempt.handed_in_at is None), None)

    @property
    def best(self) -> AttemptRow | None:
        """The handed-in attempt with the highest score."""
        return max(self.handed_in, key=lambda attempt: (attempt.percent or 0, -attempt.number), default=None)

    @property
    def passed(self) -> bool:
        """Whether any attempt passed."""
        return any(attempt.passed for attempt in self.attempts)

    @property
    def attempts_left(self) -> int | None:
        """How many attempts are left, None for as many as one likes."""
        return None if self.quiz.max_attempts is None else max(0, self.quiz.max_attempts - len(self.attempts))


@dataclass(frozen=True, slots=True)
class Started:
    """The attempt that runs now, and whether it did so before."""

    attempt_id: int
    resumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it may be shown before it is marked, with the answer kept so far; a case with its questions."""

    kind: Kind
    marks: int
    stem: Markup
    options: tuple[Markup, ...]
    unit: str
    answer: Answer
    parts: tuple["Asked", ...] = ()

    @property
    def progress(self) -> str:
        """How far it is answered: `blank`, `partly` or `answered`."""
        return progress(self.kind, self.answer)

    @property
    def lettered(self) -> list[tuple[int, str, Markup]]:
        """Place, letter and text of each option, as shown."""
        return [(place, LETTERS[place], html) for place, html in enumerate(self.options)]

    def has(self, place: int) -> bool:
        """Whether a place is chosen."""
        return isinstance(self.answer, list) and place in self.answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperQuestion(Asked):
    """A question of a running paper: only what may be shown before hand-in."""

    position: int
    label: str
    flagged: bool
    sequence: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A running attempt with everything needed to go on when the connection drops; no key."""

    attempt_id: int
    quiz_id: int
    quiz_title: str
    multiple_rule: MultipleRule
    started_at: datetime
    deadline_at: datetime
    questions: tuple[PaperQuestion, ...]
    sequence: int

    def is_over(self, at: datetime) -> bool:
        """Whether the time has run out."""
        return is_over(at=at, deadline_at=self.deadline_at)

    def seconds_left(self, at: datetime) -> int:
        """Whole seconds until the deadline."""
        return seconds_left(at=at, deadline_at=self.deadline_at)

    @property
    def blanks(self) -> list[int]:
        """Positions without an answer."""
        return self._where("blank")

    @property
    def unfinished(self) -> list[int]:
        """Positions of cases of which some questions have no answer yet."""
        return self._where("partly")

    def _where(self, progress: str) -> list[int]:
        return [question.position for question in self.questions if question.progress == progress]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an answer.

    closed: the paper was handed in, nothing was kept. superseded: a newer answer is there, this one was not kept.
    answered: questions with an answer, cases only when all of theirs have one. seconds_left: until the deadline.
    """

    saved: bool
    position: int
    number: int = 0
    answered: int = 0
    seconds_left: int = 0
    sequence: int = 0
    superseded: bool = False
    closed: bool = False
    by_deadline: bool = False


@dataclass(frozen=True, slots=True)
class ResultQuestion:
    """A marked question: what the learner answered, what was right, and why; is_held: it waits for a review now."""

    position: int
    version_id: int
    label: str
    face: FaceView
    own: Earned
    citations: tuple[CitationView, ...]
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """A handed-in attempt with every question, its key included."""

    attempt: AttemptRow
    quiz_title: str
    quiz_kind: QuizKind
    item_code: str | None
    cohort_id: int
    pass_mark: int
    questions: tuple[ResultQuestion, ...]

    def count(self, state: str) -> int:
        """How many questions are in a state."""
        return sum(question.own.state == state for question in self.questions)
