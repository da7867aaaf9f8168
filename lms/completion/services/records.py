"""Issued records: listing, reading, proving that nobody changed them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from lms.completion.models import CompletionRecord, Rendering, Revocation
from lms.completion.rules import normalise_number
from lms.core import chain
from lms.core.chain import Chained, Fault, Verdict
from lms.core.db import db
from lms.core.errors import NotFound
from lms.core.listing import ListPage, ListQuery, fetch


@dataclass(frozen=True, slots=True)
class RecordView:
    """An issued record; `revoked_at` is None while it is valid."""

    number: str
    cohort_id: int
    person_id: int
    payload: dict[str, Any]
    issued_at: datetime
    revoked_at: datetime | None
    revoke_reason: str | None


def _select(organisation_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            CompletionRecord.number,
            CompletionRecord.cohort_id,
            CompletionRecord.person_id,
            CompletionRecord.payload,
            CompletionRecord.issued_at,
            Revocation.revoked_at,
            Revocation.reason.label("revoke_reason"),
        )
        .outerjoin(Revocation, Revocation.number == CompletionRecord.number)
        .where(CompletionRecord.organisation_id == organisation_id)
    )


def records_of(*, person_id: int, organisation_id: int) -> list[RecordView]:
    """Return a person's records from one institution, newest first."""
    statement = _select(organisation_id).where(CompletionRecord.person_id == person_id)
    rows = db.session.execute(statement.order_by(CompletionRecord.id.desc())).mappings()
    return [RecordView(**row) for row in rows]


def list_records(*, organisation_id: int, query: ListQuery, cohort_id: int | None = None) -> ListPage[RecordView]:
    """Return a page of an institution's records; the search knows a whole number in any form it is typed."""
    statement = _select(organisation_id)
    if cohort_id is not None:
        statement = statement.where(CompletionRecord.cohort_id == cohort_id)
    page = fetch(
        statement,
        replace(query, search=normalise_number(query.search) or query.search),
        searchable=(CompletionRecord.number, CompletionRecord.payload["holder"]["name"].as_string()),
        sortable={"number": CompletionRecord.number, "issued_at": CompletionRecord.issued_at},
        default_sort=(CompletionRecord.issued_at.desc(), CompletionRecord.number),
    )
    return ListPage([RecordView(**row._mapping) for row in page.rows], page.total, page.query)  # noqa: SLF001


def valid_numbers(*, organisation_id: int, cohort_id: int) -> dict[int, str]:
    """Return the number of the valid record of each person of a cohort who has one."""
    statement = (
        select(CompletionRecord.person_id, CompletionRecord.number)
        .outerjoin(Revocation, Revocation.number == CompletionRecord.number)
        .where(
            CompletionRecord.organisation_id == organisation_id,
            CompletionRecord.cohort_id == cohort_id,
            Revocation.id.is_(None),
        )
        .order_by(CompletionRecord.series)
    )
    return dict(db.session.execute(statement).all())


def find_record(*, organisation_id: int, number: str) -> RecordView:
    """Return one record of an institution."""
    statement = _select(organisation_id).where(CompletionRecord.number == number)
    row = db.session.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound("没有这份结业记录。请从“结业”列表重新进入。")
    return RecordView(**row)


_CHAINS: tuple[type[Chained], ...] = (CompletionRecord, Revocation)


def verify_records() -> Verdict:
    """Walk the chains of records and revocations, then hold every PDF against the fingerprint in its record.

    The first bad entry is named as `<table>/<stream>` and sequence.
    """
    checked = 0
    for model in _CHAINS:
        verdict = chain.verify(model)
        checked += verdict.checked
        if verdict.fault is not None:
            table = str(model.__tablename__)  # type: ignore[attr-defined]
            return Verdict(checked, replace(verdict.fault, stream=f"{table}/{verdict.fault.stream}"))
    return Verdict(checked, next(_bad_renderings(), None))


def _bad_renderings() -> Iterator[Fault]:
    statement = (
        select(CompletionRecord.stream, CompletionRecord.sequence, CompletionRecord.payload, Rendering.pdf)
        .outerjoin(Rendering, Rendering.number == CompletionRecord.number)
        .order_by(CompletionRecord.stream, CompletionRecord.sequence)
        .execution_options(yield_per=100)
    )
    with db.session.execute(statement) as result:
        for row in result:
            if row.pdf is None:
                yield Fault(f"{Rendering.__tablename__}/{row.stream}", row.sequence, "PDF 不见了")
            elif hashlib.sha256(row.pdf).hexdigest() != row.payload.get("pdf_sha256"):
                yield Fault(f"{Rendering.__tablename__}/{row.stream}", row.sequence, "PDF 与签发时的指纹不符")
