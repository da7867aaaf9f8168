"""What crosses the door of question reports (纠错): frozen records, no rows."""

from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from lms.courses.services import CitationView
from lms.quizzes.rules.kinds import Kind, ReportKind, ReportStatus
from lms.quizzes.services.records import FaceView


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report: the one that is open now, and whether it is new."""

    report_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class ReportTarget:
    """A question that a learner may report, without its key; `open_report` is the one they have sent already."""

    version_id: int
    item_code: str
    kind: Kind
    stem: Markup
    open_report: int | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in a list; `stem` is plain text as it was written."""

    id: int
    person_id: int
    question_id: int
    slug: str
    item_code: str
    question_kind: Kind
    stem: str
    kind: ReportKind
    text: str
    status: ReportStatus
    created_at: datetime
    answered_at: datetime | None
    answered_by: int | None
    answer: str
    answer_read_at: datetime | None

    @property
    def is_news(self) -> bool:
        """Whether it was answered and its learner has not opened the answer yet."""
        return self.answered_at is not None and self.answer_read_at is None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.status == ReportStatus.OPEN


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report with the question as its learner saw it.

    face: options in that learner's order, because people write “B 也对”, with their answer, of a case to each of its
    questions; what it earned is not the quiz's, whose rule and marks are not looked up. own_answer: the answer in one
    line. number: of the version reported; current_number: of the one in use. others: the other reports on the question,
    open ones first. passing_on: the report as text for the bank's maintainers, empty unless it was accepted.
    """

    report: ReportRow
    face: FaceView
    own_answer: str
    citations: tuple[CitationView, ...]
    number: int
    current_number: int
    is_retired: bool
    as_of: date
    others: tuple[ReportRow, ...]
    passing_on: str

    @property
    def open_others(self) -> int:
        """How many other reports on the question wait too."""
        return sum(other.is_open for other in self.others)
