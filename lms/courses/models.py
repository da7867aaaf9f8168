"""Syllabus items, lessons and their revisions, the law register and its changes, courses, who has read what."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from lms.core.db import Model, UtcDateTime
from lms.core.reviews import Outcome
from lms.courses.rules.kinds import ChangeKind, ItemGroup, SubjectKind

_GROUPS = ", ".join(f"'{group}'" for group in ItemGroup)
_OUTCOMES = ", ".join(f"'{outcome}'" for outcome in Outcome)
_CHANGES = ", ".join(f"'{kind}'" for kind in ChangeKind)
_SUBJECTS = ", ".join(f"'{kind}'" for kind in SubjectKind)


class SyllabusItem(Model):
    """A syllabus item; `organisation_id` is empty for the official 24 and names the owner of a local one."""

    __tablename__ = "courses_syllabus_item"
    __table_args__ = (CheckConstraint(f"item_group IN ({_GROUPS})", name="item_group"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    group: Mapped[str] = mapped_column("item_group", String(8))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))


class Lesson(Model):
    """A lesson as people know it; its text is the current revision.

    current_revision_id has no foreign key: the two tables would point at each other. content_hash is that
    of the current revision, so that an import compares without reading texts. previous_code and next_code
    are the neighbours in reading order, written when the outline changes, because every page needs them.
    held_at: since when it waits for a review (待复核) because an article it cites has changed; readers are told.
    """

    __tablename__ = "courses_lesson"
    __table_args__ = (Index(None, "item_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey(SyllabusItem.id))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    position: Mapped[int]
    current_revision_id: Mapped[int | None]
    content_hash: Mapped[str] = mapped_column(String(64))
    previous_code: Mapped[str | None] = mapped_column(String(24))
    next_code: Mapped[str | None] = mapped_column(String(24))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LessonRevision(Model):
    """One text of a lesson, rendered when it was saved; never changed, never deleted.

    toc: list of {id, title, level}. sources and citations: lists of {law, article}, those of the front
    matter and those found in the text. author_id is empty for official content.
    """

    __tablename__ = "courses_lesson_revision"
    __table_args__ = (UniqueConstraint("lesson_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey(Lesson.id))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    minutes: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    toc: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    sources: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    citations: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    self_check: Mapped[list[str]] = mapped_column(JSON)
    as_of: Mapped[date]
    reviewed_on: Mapped[date | None]
    review_outcome: Mapped[str] = mapped_column(String(12), default=Outcome.PASSED, server_default=Outcome.PASSED)
    review_note: Mapped[str] = mapped_column(Text, default="")
    content_hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Law(Model):
    """A document of the law register. status: in_force, amended or repealed; text_status: full or excerpt."""

    __tablename__ = "courses_law"

    slug: Mapped[str] = mapped_column(String(48), primary_key=True)
    title: Mapped[str] = mapped_column(String(160))
    short_title: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(80))
    issuer: Mapped[str] = mapped_column(String(160))
    region: Mapped[str] = mapped_column(String(20))
    effective_on: Mapped[date | None]
    amended_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(12))
    text_status: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)


class LawArticle(Model):
    """An article that content may cite: number, gist in our words, fingerprint of its official text."""

    __tablename__ = "courses_law_article"
    __table_args__ = (UniqueConstraint("law_slug", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    law_slug: Mapped[str] = mapped_column(ForeignKey(Law.slug))
    no: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    gist: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))


class ArticleChange(Model):
    """That an article's official text is no longer the one the register holds; found by `lms laws check`.

    new_sha256 and new_text are empty when the article is gone. file: name of the file that was read. The same change is
    kept once, however often the file is checked.
    """

    __tablename__ = "courses_article_change"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_CHANGES})", name="kind"),
        UniqueConstraint("law_slug", "no", "old_sha256", "new_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    law_slug: Mapped[str] = mapped_column(ForeignKey(Law.slug))
    no: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(8))
    old_sha256: Mapped[str] = mapped_column(String(64))
    new_sha256: Mapped[str] = mapped_column(String(64))
    new_text: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(String(200))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Review(Model):
    """One lesson or question that has to be read again because of one change (待复核), until a named person clears it.

    subject: code of a lesson or slug of a question. organisation_id: owner of a local lesson, empty for official
    content. reviewer: the name that vouches; cleared_by: their account, empty when the command line cleared it.
    """

    __tablename__ = "courses_review"
    __table_args__ = (
        CheckConstraint(f"subject_kind IN ({_SUBJECTS})", name="subject_kind"),
        CheckConstraint(f"outcome IS NULL OR outcome IN ({_OUTCOMES})", name="outcome"),
        CheckConstraint("(cleared_at IS NULL) = (outcome IS NULL)", name="cleared"),
        UniqueConstraint("change_id", "subject_kind", "subject"),
        Index("ix_courses_review_subject", "subject_kind", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey(ArticleChange.id))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(24))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_by: Mapped[int | None] = mapped_column(ForeignKey("accounts_person.id"))
    reviewer: Mapped[str] = mapped_column(String(40), default="")
    outcome: Mapped[str | None] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text, default="")


class Course(Model):
    """An ordered choice of items with planned minutes, made by an institution for its cohorts."""

    __tablename__ = "courses_course"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CourseItem(Model):
    """One item of a course and the minutes planned for it."""

    __tablename__ = "courses_course_item"
    __table_args__ = (UniqueConstraint("course_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    item_id: Mapped[int] = mapped_column(ForeignKey(SyllabusItem.id))
    position: Mapped[int]
    planned_minutes: Mapped[int]


class LessonProgress(Model):
    """That a person opened a lesson, and that they declared it finished, with the revision they had then."""

    __tablename__ = "courses_lesson_progress"

    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"), primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey(Lesson.id), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_revision_id: Mapped[int | None] = mapped_column(ForeignKey(LessonRevision.id))


@event.listens_for(LessonRevision, "before_update")
@event.listens_for(LessonRevision, "before_delete")
def _immutable(_mapper: Mapper[LessonRevision], _connection: Connection, revision: LessonRevision) -> None:
    message = f"lesson revision {revision.id} is immutable: save a new one"
    raise RuntimeError(message)
