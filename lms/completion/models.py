"""Tables of completion: the proposed list, records that are never edited, their revocations, their printed form."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, declared_attr, mapped_column

from lms.core.chain import Chained
from lms.core.db import Model, UtcDateTime


class Candidate(Model):
    """A learner on a cohort's list for completion: proposed, then approved or returned by a reviewer, then issued."""

    __tablename__ = "completion_candidate"
    __table_args__ = (
        CheckConstraint("status IN ('proposed', 'approved', 'returned', 'issued')", name="status"),
        Index(
            "uq_completion_candidate_active",
            "cohort_id",
            "person_id",
            unique=True,
            sqlite_where=text("status IN ('proposed', 'approved')"),
            postgresql_where=text("status IN ('proposed', 'approved')"),
        ),
        Index(None, "cohort_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts_cohort.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))
    status: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts_person.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    review_note: Mapped[str | None] = mapped_column(String(200))


class CompletionRecord(Chained, Model):
    """A record of completion (结业记录). Everything that is printed or shown stands in `payload`, frozen at issue."""

    __tablename__ = "completion_record"
    chained_columns = (
        "organisation_id",
        "number",
        "cohort_id",
        "person_id",
        "kind",
        "series",
        "payload",
        "issued_at",
        "issued_by",
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    number: Mapped[str] = mapped_column(String(32), unique=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts_cohort.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))
    kind: Mapped[str] = mapped_column(String(16))
    series: Mapped[int]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        # one record for a person, cohort and kind; a reissue after revocation has the next series number
        return (
            *super().__table_args__,
            UniqueConstraint("cohort_id", "person_id", "kind", "series"),
            Index(None, "person_id"),
            Index(None, "organisation_id", "issued_at"),
        )


class Revocation(Chained, Model):
    """The withdrawal of a record: an entry of its own; the record itself stays as it was."""

    __tablename__ = "completion_revocation"
    chained_columns = ("organisation_id", "number", "reason", "revoked_at", "revoked_by")

    organisation_id: Mapped[int] = mapped_column(ForeignKey("accounts_organisation.id"))
    number: Mapped[str] = mapped_column(ForeignKey("completion_record.number"), unique=True)
    reason: Mapped[str] = mapped_column(String(200))
    revoked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_by: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))


class Rendering(Model):
    """The PDF of a record exactly as it was made at issue."""

    __tablename__ = "completion_rendering"

    number: Mapped[str] = mapped_column(ForeignKey("completion_record.number"), primary_key=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


LASTING = (CompletionRecord, Revocation, Rendering)


def _refuse(_mapper: Any, _connection: Any, row: Model) -> None:
    message = f"{type(row).__name__} is never changed and never deleted; withdraw a record with a revocation"
    raise RuntimeError(message)


for _model in LASTING:
    event.listen(_model, "before_update", _refuse)
    event.listen(_model, "before_delete", _refuse)


@event.listens_for(Session, "do_orm_execute")
def _refuse_in_bulk(state: ORMExecuteState) -> None:
    if (state.is_update or state.is_delete) and state.bind_mapper is not None and state.bind_mapper.class_ in LASTING:
        message = f"{state.bind_mapper.class_.__name__} is never changed and never deleted"
        raise RuntimeError(message)
