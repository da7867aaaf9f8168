"""What anybody with a number may see: the record's status and facts, name and ID masked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.completion.models import CompletionRecord, Rendering, Revocation
from lms.completion.rules import normalise_number
from lms.core.db import db, run_core
from lms.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """The answer to a check, by `status`: valid or revoked."""

    number: str
    status: str
    payload: dict[str, Any]
    issued_at: datetime
    revoked_at: datetime | None
    revoke_reason: str | None

    def to_json(self, *, at: datetime) -> dict[str, Any]:
        """Return what outsiders get: no full name, no full ID number."""
        shown = {key: value for key, value in self.payload.items() if key not in ("holder", "schema")}
        holder = self.payload["holder"]
        return {
            **shown,
            "holder": {"name": holder["masked_name"], "id": holder["id_masked"]},
            "status": self.status,
            "status_as_of": at.isoformat(timespec="seconds"),
            "revoked_at": self.revoked_at.isoformat(timespec="seconds") if self.revoked_at else None,
            "revoke_reason": self.revoke_reason,
        }


def find_public_record(*, number: str) -> PublicRecord | None:
    """Return the record of a number as typed, one statement; None when there is none (or it cannot be a number)."""
    normal = normalise_number(number)
    if normal is None:
        return None
    row = run_core(
        select(CompletionRecord.payload, CompletionRecord.issued_at, Revocation.revoked_at, Revocation.reason)
        .outerjoin(Revocation, Revocation.number == CompletionRecord.number)
        .where(CompletionRecord.number == normal)
    ).one_or_none()
    if row is None:
        return None
    status = "valid" if row.revoked_at is None else "revoked"
    return PublicRecord(normal, status, row.payload, row.issued_at, row.revoked_at, row.reason)


def read_pdf(*, number: str, organisation_id: int, person_id: int | None = None) -> bytes:
    """Return a record's PDF as made at issue, for its institution, or (with `person_id`) for its holder only."""
    statement = (
        select(Rendering.pdf)
        .join(CompletionRecord, CompletionRecord.number == Rendering.number)
        .where(Rendering.number == number, CompletionRecord.organisation_id == organisation_id)
    )
    if person_id is not None:
        statement = statement.where(CompletionRecord.person_id == person_id)
    pdf = db.session.scalar(statement)
    if pdf is None:
        raise NotFound("没有这份结业记录的 PDF。请从结业记录页面重新打开。")
    return pdf
