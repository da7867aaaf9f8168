"""Evidence of presence, the ledger made from it, and what is kept beside them.

Evidence (acts, marks, beats, prompts) and ledger are append-only hash chains. Settlement, spans and guesses are no
evidence: they can be thrown away and made again.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from lms.attendance.rules import Act, EvidenceGrade, Source, Witness
from lms.attendance.rules.presence import Mark
from lms.core.chain import Chained
from lms.core.db import Model, UtcDateTime

_ORGANISATION = "accounts_organisation.id"
_PERSON = "accounts_person.id"
_ENROLMENT = "cohorts_enrolment.id"
_SESSION = "cohorts_class_session.id"


def _one_of(column: str, *choices: str) -> str:
    return f"{column} IN ({', '.join(repr(str(choice)) for choice in choices)})"


class PresenceAct(Chained, Model):
    """A check-in or check-out at a class session; one stream per enrolment.

    at: the moment the act stands for; recorded_at: when it was written (a roll call states both ends of a class at
    once). mark_sequence: the roll-call mark the act follows from; a newer mark takes its acts out of force.
    """

    __tablename__ = "attendance_presence_act"
    chained_columns = (
        "organisation_id",
        "enrolment_id",
        "person_id",
        "class_session_id",
        "act",
        "at",
        "recorded_at",
        "witness",
        "recorded_by",
        "device",
        "note",
        "mark_sequence",
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey(_ORGANISATION))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey(_ENROLMENT))
    person_id: Mapped[int] = mapped_column(ForeignKey(_PERSON))
    class_session_id: Mapped[int] = mapped_column(ForeignKey(_SESSION))
    act: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    witness: Mapped[str] = mapped_column(String(16))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey(_PERSON))
    device: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(200))
    mark_sequence: Mapped[int | None]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        return (
            *super().__table_args__,
            CheckConstraint(_one_of("act", *Act), name="act"),
            CheckConstraint(_one_of("witness", *Witness), name="witness"),
            Index(None, "enrolment_id", "class_session_id"),
            Index(None, "class_session_id"),
        )


class RollCallMark(Chained, Model):
    """What an instructor said of one learner at one class; the newest of a learner and class is in force.

    minutes: how late (late) or how early (early); 0 for the other marks.
    """

    __tablename__ = "attendance_roll_call_mark"
    chained_columns = (
        "organisation_id",
        "enrolment_id",
        "person_id",
        "class_session_id",
        "mark",
        "minutes",
        "at",
        "recorded_by",
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey(_ORGANISATION))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey(_ENROLMENT))
    person_id: Mapped[int] = mapped_column(ForeignKey(_PERSON))
    class_session_id: Mapped[int] = mapped_column(ForeignKey(_SESSION))
    mark: Mapped[str] = mapped_column(String(16))
    minutes: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int] = mapped_column(ForeignKey(_PERSON))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        return (
            *super().__table_args__,
            CheckConstraint(_one_of("mark", *Mark), name="mark"),
            Index(None, "enrolment_id", "class_session_id"),
            Index(None, "class_session_id"),
        )


class Heartbeat(Chained, Model):
    """A sign of life from one device inside one lesson; one stream per enrolment, found by the stream's index.

    run_seconds and since_prompt are no evidence: the sitting so far as the page shows it, and the study time since the
    last prompt, carried along so that a beat need not look back.
    """

    __tablename__ = "attendance_heartbeat"
    chained_columns = ("organisation_id", "enrolment_id", "lesson_code", "device", "at")

    organisation_id: Mapped[int] = mapped_column(ForeignKey(_ORGANISATION))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey(_ENROLMENT))
    lesson_code: Mapped[str] = mapped_column(String(24))
    device: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_seconds: Mapped[int]
    since_prompt: Mapped[int]


class Prompt(Chained, Model):
    """A question 您还在学习吗？ (kind asked) or its answer (kind answered), two rows of one number.

    The row that asks is a sign of life too: the server asks in answer to a beat and keeps this row in its place.
    """

    __tablename__ = "attendance_prompt"
    chained_columns = (
        "organisation_id",
        "enrolment_id",
        "person_id",
        "number",
        "kind",
        "lesson_code",
        "device",
        "at",
        "expires_at",
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey(_ORGANISATION))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey(_ENROLMENT))
    person_id: Mapped[int] = mapped_column(ForeignKey(_PERSON))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    lesson_code: Mapped[str] = mapped_column(String(24))
    device: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_seconds: Mapped[int]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        return (
            *super().__table_args__,
            CheckConstraint("kind IN ('asked', 'answered')", name="kind"),
            UniqueConstraint("enrolment_id", "number", "kind"),
        )


class LedgerEntry(Chained, Model):
    """Time posted to a learner's account (credit) or taken back (reversal); one stream per cohort and person.

    seconds: positive for a credit, negative for its reversal, so that the sum is the total. ref: class session id
    (onsite) or lesson code (online). reverses: the sequence of the credit taken back, in the same stream.
    """

    __tablename__ = "attendance_ledger_entry"
    chained_columns = (
        "organisation_id",
        "cohort_id",
        "enrolment_id",
        "person_id",
        "kind",
        "source",
        "ref",
        "started_at",
        "ended_at",
        "seconds",
        "grade",
        "reason",
        "reverses",
        "at",
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey(_ORGANISATION))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts_cohort.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey(_ENROLMENT))
    person_id: Mapped[int] = mapped_column(ForeignKey(_PERSON))
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    ref: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seconds: Mapped[int]
    grade: Mapped[str] = mapped_column(String(1))
    reason: Mapped[str | None] = mapped_column(String(32))
    reverses: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        return (
            *super().__table_args__,
            CheckConstraint("kind IN ('credit', 'reversal')", name="kind"),
            CheckConstraint(_one_of("source", *Source), name="source"),
            CheckConstraint(_one_of("grade", *EvidenceGrade), name="grade"),
            CheckConstraint("(kind = 'credit') = (seconds > 0)", name="sign"),
            CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reverses"),
            # a credit is taken back once, also when two processes settle at the same moment
            UniqueConstraint("stream", "reverses"),
            Index(None, "cohort_id", "person_id"),
        )


class Policy(Model):
    """How a cohort counts hours; a cohort without a row has the defaults of `lms.attendance.rules.policy`."""

    __tablename__ = "attendance_policy"
    __table_args__ = (
        CheckConstraint(
            "credit_hour_seconds > 0 AND daily_cap_credit_hours > 0 AND heartbeat_gap_seconds > 0"
            " AND prompt_window_seconds > 0",
            name="positive",
        ),
    )

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts_cohort.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(_ORGANISATION))
    credit_hour_seconds: Mapped[int]
    daily_cap_credit_hours: Mapped[int]
    heartbeat_gap_seconds: Mapped[int]
    prompt_window_seconds: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[int] = mapped_column(ForeignKey(_PERSON))


class Settlement(Model):
    """Up to which moment an enrolment's evidence was posted to the ledger.

    stream: name of the enrolment's evidence streams. evidence_count: how many entries they held together, so that newer
    evidence shows whatever the clocks say. due_at: when the result changes by the passing of time alone (a prompt runs
    out, a roll call's check-out comes due), None when it does not. beats_sequence: the last beat in `StudySpan`.
    """

    __tablename__ = "attendance_settlement"

    enrolment_id: Mapped[int] = mapped_column(ForeignKey(_ENROLMENT), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(_ORGANISATION))
    stream: Mapped[str] = mapped_column(String(64), unique=True)
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    evidence_count: Mapped[int]
    beats_sequence: Mapped[int]


class StudySpan(Model):
    """Beats joined to spans, so that a year of beats need not be read again; made from `Heartbeat` alone."""

    __tablename__ = "attendance_study_span"
    __table_args__ = (Index(None, "enrolment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(_ORGANISATION))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey(_ENROLMENT))
    lesson_code: Mapped[str] = mapped_column(String(24))
    device: Mapped[str] = mapped_column(String(16))
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CodeGuess(Model):
    """Wrong sign-in codes of one person at one class within the present window of counting."""

    __tablename__ = "attendance_code_guess"

    person_id: Mapped[int] = mapped_column(ForeignKey(_PERSON), primary_key=True)
    class_session_id: Mapped[int] = mapped_column(ForeignKey(_SESSION), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(_ORGANISATION))
    failures: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
