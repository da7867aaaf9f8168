"""The audit log: who did what to what, when, and why; append-only and hash-chained."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from lms.core import chain
from lms.core.db import Model, UtcDateTime


class AuditEntry(chain.Chained, Model):
    """One act of a person or of the system. `subject` is `<table>:<id>`; `detail` holds no personal data."""

    __tablename__ = "core_audit_entry"
    chained_columns = ("organisation_id", "actor_id", "action", "subject", "reason", "detail", "at")

    organisation_id: Mapped[int | None]
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(96))
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        return (*super().__table_args__, Index(None, "organisation_id", "at"), Index(None, "subject"))


def record(
    *,
    at: datetime,
    action: str,
    subject: str,
    actor_id: int | None,
    organisation_id: int | None,
    reason: str | None = None,
    **detail: Any,
) -> None:
    """Append an act to the log inside the caller's transaction; one chain per organisation."""
    chain.append(
        AuditEntry,
        f"org-{organisation_id or 0}",
        [
            {
                "organisation_id": organisation_id,
                "actor_id": actor_id,
                "action": action,
                "subject": subject,
                "reason": reason,
                "detail": detail,
                "at": at,
            }
        ],
        at=at,
    )


def verify() -> chain.Verdict:
    """Walk the whole log (contract D)."""
    return chain.verify(AuditEntry)
