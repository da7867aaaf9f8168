"""Tables of quizzes: questions and their immutable versions, blueprints, quizzes, attempts, answers as they came in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from lms.core.db import Model, UtcDateTime
from lms.core.reviews import Outcome
from lms.quizzes.rules.kinds import Difficulty, HandInKind, Kind, MultipleRule, QuizKind, ReportKind, ReportStatus

_KINDS = ", ".join(f"'{kind}'" for kind in Kind)
_DIFFICULTIES = ", ".join(f"'{difficulty}'" for difficulty in Difficulty)
_QUIZ_KINDS = ", ".join(f"'{kind}'" for kind in QuizKind)
_MULTIPLE_RULES = ", ".join(f"'{rule}'" for rule in MultipleRule)
_REPORT_KINDS = ", ".join(f"'{kind}'" for kind in ReportKind)
_REPORT_STATUSES = ", ".join(f"'{status}'" for status in ReportStatus)
_HAND_INS = ", ".join(f"'{kind}'" for kind in HandInKind)


class Question(Model):
    """A question as the bank knows it; what it says is its current version.

    The official bank belongs to nobody. content_hash is that of the current version, so that an import compares
    without reading texts; retired_at is set when no file holds the question any more. held_at: since when it waits for
    a review (待复核) because an article it cites has changed; it is not drawn and not practised until it is cleared.
    """

    __tablename__ = "quizzes_question"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint(f"difficulty IN ({_DIFFICULTIES})", name="difficulty"),
        Index(None, "item_code", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(24), unique=True)
    item_code: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(12))
    difficulty: Mapped[str] = mapped_column(String(8))
    knowledge_point: Mapped[str] = mapped_column(String(80))
    current_version_id: Mapped[int | None]
    content_hash: Mapped[str] = mapped_column(String(64))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class QuestionVersion(Model):
    """One wording of a question, rendered when it was saved; never changed, never deleted.

    shown: all that a learner may see before hand-in (stem, options, unit as clean HTML). answer_key: what may not be
    seen before (correct options, why, explanation, sources, numbers); it stands in a column of its own that the
    question page never reads. source: the entry as it was written. option_count: how many options are shuffled.
    """

    __tablename__ = "quizzes_question_version"
    __table_args__ = (UniqueConstraint("question_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey(Question.id))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    item_code: Mapped[str] = mapped_column(String(16))
    difficulty: Mapped[str] = mapped_column(String(8))
    knowledge_point: Mapped[str] = mapped_column(String(80))
    stem: Mapped[str] = mapped_column(Text)
    shown: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer_key: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    option_count: Mapped[int]
    as_of: Mapped[date]
    reviewed_on: Mapped[date]
    review_outcome: Mapped[str] = mapped_column(String(12), default=Outcome.PASSED, server_default=Outcome.PASSED)
    review_note: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Blueprint(Model):
    """What a quiz draws (组卷方案); a changed plan is a new row, so that an attempt's seed can be played again.

    sections: list of {label, items, kind, count, marks}; items are syllabus codes.
    """

    __tablename__ = "quizzes_blueprint"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts_person.id"))


class Quiz(Model):
    """A quiz of a cohort: the test after an item, or the final test (结业考核).

    pass_mark is percent. max_attempts empty: as often as one likes. opens_at, closes_at empty: no bound.
    withdrawn_at: no longer offered; attempts made before stay.
    """

    __tablename__ = "quizzes_quiz"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_QUIZ_KINDS})", name="kind"),
        CheckConstraint(f"multiple_rule IN ({_MULTIPLE_RULES})", name="multiple_rule"),
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("pass_mark BETWEEN 1 AND 100", name="pass_mark"),
        CheckConstraint("max_attempts IS NULL OR max_attempts > 0", name="max_attempts"),
        CheckConstraint("opens_at IS NULL OR closes_at IS NULL OR closes_at > opens_at", name="window"),
        CheckConstraint("(kind = 'item_quiz') = (item_code IS NOT NULL)", name="item"),
        Index(None, "cohort_id"),
        # one test after each item, also when a cohort is opened twice at once
        Index(
            "uq_quizzes_quiz_item",
            "cohort_id",
            "item_code",
            unique=True,
            sqlite_where=text("item_code IS NOT NULL"),
            postgresql_where=text("item_code IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts_cohort.id"))
    kind: Mapped[str] = mapped_column(String(12))
    item_code: Mapped[str | None] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]
    minutes: Mapped[int]
    pass_mark: Mapped[int]
    max_attempts: Mapped[int | None]
    multiple_rule: Mapped[str] = mapped_column(String(20))
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blueprint_id: Mapped[int] = mapped_column(ForeignKey(Blueprint.id))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Attempt(Model):
    """One person's paper: drawn with a stored seed, under the rules the learner was told when it began.

    score and max_score are marks, percent is their share rounded down; they are empty until the paper is handed in.
    """

    __tablename__ = "quizzes_attempt"
    __table_args__ = (
        CheckConstraint(f"hand_in_kind IN ({_HAND_INS})", name="hand_in_kind"),
        CheckConstraint("(handed_in_at IS NULL) = (score IS NULL)", name="marked"),
        CheckConstraint("deadline_at > started_at", name="deadline"),
        UniqueConstraint("quiz_id", "person_id", "number"),
        Index(None, "cohort_id", "person_id"),
        # never two papers at once, also when the button is pressed twice
        Index(
            "uq_quizzes_attempt_running",
            "quiz_id",
            "person_id",
            unique=True,
            sqlite_where=text("handed_in_at IS NULL"),
            postgresql_where=text("handed_in_at IS NULL"),
        ),
        Index(
            "ix_quizzes_attempt_overdue",
            "deadline_at",
            sqlite_where=text("handed_in_at IS NULL"),
            postgresql_where=text("handed_in_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts_cohort.id"))
    quiz_id: Mapped[int] = mapped_column(ForeignKey(Quiz.id))
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))
    number: Mapped[int]
    blueprint_id: Mapped[int] = mapped_column(ForeignKey(Blueprint.id))
    seed: Mapped[int] = mapped_column(BigInteger)
    pass_mark: Mapped[int]
    multiple_rule: Mapped[str] = mapped_column(String(20))
    question_count: Mapped[int]
    max_score: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hand_in_kind: Mapped[str | None] = mapped_column(String(12))
    score: Mapped[int | None]
    percent: Mapped[int | None]
    passed: Mapped[bool | None]


class AttemptQuestion(Model):
    """A question of a paper: the version it pins and the order in which its options are shown.

    option_order: the place shown holds the number of the option in the version. earned: marks, after hand-in.
    parts: of a case, for each of its questions {kind, option_order}; null for everything else.
    """

    __tablename__ = "quizzes_attempt_question"

    attempt_id: Mapped[int] = mapped_column(ForeignKey(Attempt.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(QuestionVersion.id), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    label: Mapped[str] = mapped_column(String(80))
    option_order: Mapped[list[int]] = mapped_column(JSON)
    option_count: Mapped[int]
    parts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    marks: Mapped[int]
    flagged: Mapped[bool] = mapped_column(default=False)
    earned: Mapped[int | None]


class AnswerStep(Model):
    """One answer as it came in; only ever added. The newest of a position is the answer.

    number: running number in the attempt. answer: list of places shown, or text, or of a case a list of the answers to
    its questions; null when the answer was taken back.
    answered: questions of the attempt that have an answer after this step. hash: over this step and the one
    before (see `lms.core.chain.link`); the last one is written into the audit log at hand-in.
    """

    __tablename__ = "quizzes_answer_step"
    __table_args__ = (UniqueConstraint("attempt_id", "position", "client_sequence"),)

    attempt_id: Mapped[int] = mapped_column(ForeignKey(Attempt.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    client_sequence: Mapped[int] = mapped_column(BigInteger)
    answer: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    answered: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class PracticeRun(Model):
    """One pass through the questions of an item (练习): one question a screen, resumed where it stopped.

    plan: for each position {version_id, option_order, parts} as `AttemptQuestion` has them, drawn with the seed when
    the run began. answered, right: how many questions have an answer, how many of those are wholly right.
    """

    __tablename__ = "quizzes_practice_run"
    __table_args__ = (
        CheckConstraint("answered >= right_count", name="counts"),
        Index("ix_quizzes_practice_run_person", "organisation_id", "person_id", "item_code"),
        # one run at a time, also when the button is pressed twice
        Index(
            "uq_quizzes_practice_run_running",
            "organisation_id",
            "person_id",
            "item_code",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))
    item_code: Mapped[str] = mapped_column(String(16))
    seed: Mapped[int] = mapped_column(BigInteger)
    plan: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    question_count: Mapped[int]
    answered: Mapped[int] = mapped_column(default=0)
    right_count: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PracticeAnswer(Model):
    """The answer to a question of a practice run; the first one counts and stays.

    right_parts of parts: questions of a case that are right; 0 or 1 of 1 for everything else.
    """

    __tablename__ = "quizzes_practice_answer"
    __table_args__ = (CheckConstraint("right_parts BETWEEN 0 AND parts", name="right_parts"),)

    run_id: Mapped[int] = mapped_column(ForeignKey(PracticeRun.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(QuestionVersion.id), index=True)
    answer: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    right_parts: Mapped[int]
    parts: Mapped[int]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuestionReport(Model):
    """A learner's word that something is wrong with a question (纠错), and what the institution answered.

    answer_read_at: when the learner first opened the answer; until then their home page announces it.
    """

    __tablename__ = "quizzes_question_report"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_REPORT_KINDS})", name="kind"),
        CheckConstraint(f"status IN ({_REPORT_STATUSES})", name="status"),
        CheckConstraint("(status = 'open') = (answered_at IS NULL)", name="answered"),
        Index("ix_quizzes_question_report_status", "organisation_id", "status"),
        Index("ix_quizzes_question_report_person", "person_id", "organisation_id"),
        # one open report a person and question, also when the button is pressed twice
        Index(
            "uq_quizzes_question_report_open",
            "organisation_id",
            "person_id",
            "question_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey(Question.id))
    version_id: Mapped[int] = mapped_column(ForeignKey(QuestionVersion.id))
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("accounts_person.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    answer_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@event.listens_for(QuestionVersion, "before_update")
@event.listens_for(QuestionVersion, "before_delete")
@event.listens_for(Blueprint, "before_update")
@event.listens_for(Blueprint, "before_delete")
@event.listens_for(AnswerStep, "before_update")
@event.listens_for(AnswerStep, "before_delete")
def _immutable(mapper: Mapper[Any], _connection: Connection, _row: object) -> None:
    message = f"rows of {mapper.local_table} are never changed: save a new one"
    raise RuntimeError(message)
