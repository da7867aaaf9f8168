"""Tables of cohorts: 班期, class sessions, enrolments as dated intervals, roster imports."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.crypto import EncryptedText
from lms.core.db import Model, UtcDateTime


class Cohort(Model):
    """One run of a course for a group of learners (班期).

    `planned_minutes` is the teaching plan's total; `completion_rule` holds the thresholds as data (see
    `lms.completion`); `status` is draft, open or closed.
    """

    __tablename__ = "cohorts_cohort"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'open', 'closed')", name="status"),
        CheckConstraint("mode IN ('full_time', 'part_time')", name="mode"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        Index(None, "organisation_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    name: Mapped[str] = mapped_column(String(80))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses_course.id"))
    target_level: Mapped[int]
    mode: Mapped[str] = mapped_column(String(16))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(120))
    head_teacher_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_person.id"))
    planned_minutes: Mapped[int]
    completion_rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(16), default="draft")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClassSession(Model):
    """One class on the timetable (课次): a planned interval in which presence counts as teaching time."""

    __tablename__ = "cohorts_class_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="interval"),
        Index(None, "cohort_id", "starts_at"),
        Index(None, "organisation_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts_cohort.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    item_code: Mapped[str] = mapped_column(String(16))
    instructor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_person.id"))
    room: Mapped[str] = mapped_column(String(80))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Enrolment(Model):
    """A person's place in a cohort as a dated interval; a transfer closes one and opens another."""

    __tablename__ = "cohorts_enrolment"
    __table_args__ = (
        CheckConstraint("until_at IS NULL OR until_at > from_at", name="interval"),
        Index(None, "person_id", "until_at"),
        Index(None, "cohort_id", "until_at"),
        # one place at a time in one cohort, also when two clerks press the button at once
        Index(
            "uq_cohorts_enrolment_current",
            "cohort_id",
            "person_id",
            unique=True,
            sqlite_where=text("until_at IS NULL"),
            postgresql_where=text("until_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts_cohort.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))
    employer_name: Mapped[str] = mapped_column(String(120), default="")
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(200))


class RosterImport(Model):
    """An uploaded roster between dry run and confirmation; its rows hold personal data and are encrypted.

    rows: JSON; wiped to `[]` once nothing is left to hand back, seven days after the upload at the latest.
    good_count: lines that will be (were) enrolled; present_count: lines of people already in the cohort.
    result: what confirming did, for the last page and for a second press of the button.
    """

    __tablename__ = "cohorts_roster_import"
    __table_args__ = (Index(None, "cohort_id", "created_at"), Index(None, "wiped_at", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts_cohort.id"))
    filename: Mapped[str] = mapped_column(String(200))
    rows: Mapped[str] = mapped_column(EncryptedText("cohorts_roster_import.rows"))
    good_count: Mapped[int]
    bad_count: Mapped[int]
    present_count: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_by: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wiped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
