"""Issuing records and withdrawing them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms.accounts import services as accounts
from lms.cohorts import services as cohorts
from lms.completion.events import RecordIssued, RecordRevoked
from lms.completion.models import Candidate, CompletionRecord, Rendering, Revocation
from lms.completion.rules import new_number
from lms.completion.services.payloads import Facts, facts_of, freeze, still_holds
from lms.completion.services.standing import standings
from lms.core import audit, chain
from lms.core.db import db, owned
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.events import publish
from lms.courses import services as courses

KIND = "completion"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record about to be issued: all its facts, numbered and frozen."""

    candidate_id: int
    person_id: int
    series: int
    payload: dict[str, Any]


def prepare(*, organisation_id: int, cohort_id: int, base_url: str, at: datetime) -> list[Prepared]:
    """Return the records that issuing would make now: one for each approved candidate.

    Reads only, so that the PDFs can be set before the write begins. `base_url` is the address that QR codes lead to.
    Refused when somebody on the list does not meet the rule any more; they must be returned first.
    """
    cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    rows = _approved(organisation_id, cohort_id)
    if not rows:
        raise Invalid("没有审核通过的学员。请先“提名”，再逐一审核，然后签发。")
    person_ids = [row.person_id for row in rows]
    facts = _facts(organisation_id, cohort_id, person_ids, at=at)
    series = _last_series(cohort_id, person_ids)
    return [
        Prepared(
            candidate_id=row.id,
            person_id=row.person_id,
            series=series.get(row.person_id, 0) + 1,
            payload=freeze(facts[row.person_id], number=new_number(), base_url=base_url, at=at),
        )
        for row in rows
    ]


def _approved(organisation_id: int, cohort_id: int, *, lock: bool = False) -> Sequence[Candidate]:
    """Return the approved candidates; locked, a second clerk waits here and then finds them issued."""
    statement = owned(Candidate, organisation_id).where(
        Candidate.cohort_id == cohort_id, Candidate.status == "approved"
    )
    statement = statement.order_by(Candidate.id)
    return db.session.scalars(statement.with_for_update() if lock else statement).all()


def _facts(organisation_id: int, cohort_id: int, person_ids: Sequence[int], *, at: datetime) -> dict[int, Facts]:
    """Return what the record of each person says as things stand; refuse those who do not meet the rule."""
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    course = courses.get_course(organisation_id=organisation_id, course_id=cohort.course_id)
    issuer = accounts.get_organisation(organisation_id=organisation_id)
    people = accounts.get_people(organisation_id=organisation_id, person_ids=person_ids)
    found = standings(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=person_ids, at=at)
    unmet = [people[person_id].name for person_id in person_ids if not found[person_id].met]
    if unmet:
        raise Conflict(
            f"{_names(unmet)}现在已不满足结业条件（学时或成绩有变化），没有签发任何记录。请先退回，再签发其他人。"
        )
    return {
        person_id: facts_of(
            cohort=cohort, course=course, issuer=issuer, person=people[person_id], standing=found[person_id]
        )
        for person_id in person_ids
    }


def _names(names: Sequence[str]) -> str:
    shown = "、".join(names[:5])
    return shown if len(names) <= 5 else f"{shown}等 {len(names)} 人"


def _last_series(cohort_id: int, person_ids: Sequence[int]) -> dict[int, int]:
    statement = (
        select(CompletionRecord.person_id, func.max(CompletionRecord.series))
        .where(
            CompletionRecord.cohort_id == cohort_id,
            CompletionRecord.person_id.in_(person_ids),
            CompletionRecord.kind == KIND,
        )
        .group_by(CompletionRecord.person_id)
    )
    return dict(db.session.execute(statement).all())


def issue(
    *,
    organisation_id: int,
    cohort_id: int,
    prepared: Sequence[Prepared],
    pdfs: Sequence[bytes],
    at: datetime,
    actor_id: int,
) -> list[str]:
    """Issue all prepared records in the caller's transaction, or none, and return their numbers.

    Refused when the approved list or what a record says is no longer what was prepared: two clerks pressing the button
    at once issue each record once. The fingerprint of each PDF goes into the chained payload.
    """
    rows = {row.id: row for row in _approved(organisation_id, cohort_id, lock=True)}
    if set(rows) != {record.candidate_id for record in prepared}:
        raise Conflict("审核名单刚刚有变化（可能已由同事签发），请刷新页面。")
    _refuse_changed(organisation_id, cohort_id, prepared, at=at)
    values = [
        {
            "organisation_id": organisation_id,
            "number": record.payload["number"],
            "cohort_id": cohort_id,
            "person_id": record.person_id,
            "kind": KIND,
            "series": record.series,
            "payload": {**record.payload, "pdf_sha256": hashlib.sha256(pdf).hexdigest()},
            "issued_at": datetime.fromisoformat(record.payload["issued_at"]),
            "issued_by": actor_id,
        }
        for record, pdf in zip(prepared, pdfs, strict=True)
    ]
    chain.append(CompletionRecord, f"org-{organisation_id}", values, at=at)
    for record, pdf in zip(prepared, pdfs, strict=True):
        number = record.payload["number"]
        db.session.add(Rendering(number=number, pdf=pdf, sha256=hashlib.sha256(pdf).digest()))
        rows[record.candidate_id].status = "issued"
    db.session.flush()
    _announce(organisation_id, cohort_id, prepared, at=at, actor_id=actor_id)
    return [record.payload["number"] for record in prepared]


def _refuse_changed(organisation_id: int, cohort_id: int, prepared: Sequence[Prepared], *, at: datetime) -> None:
    person_ids = [record.person_id for record in prepared]
    facts = _facts(organisation_id, cohort_id, person_ids, at=at)
    changed = [
        record.payload["holder"]["name"]
        for record in prepared
        if not still_holds(record.payload, facts[record.person_id])
    ]
    if changed:
        raise Conflict(f"{_names(changed)}的学时、成绩或资料刚刚有变化，没有签发任何记录。请刷新后再点一次“签发”。")


def _announce(
    organisation_id: int, cohort_id: int, prepared: Sequence[Prepared], *, at: datetime, actor_id: int
) -> None:
    for record in prepared:
        number = record.payload["number"]
        audit.record(
            at=at,
            action="completion.issue",
            subject=f"completion_record:{number}",
            actor_id=actor_id,
            organisation_id=organisation_id,
            person_id=record.person_id,
            cohort_id=cohort_id,
        )
        publish(RecordIssued(organisation_id, cohort_id, record.person_id, number, at))


def revoke(*, organisation_id: int, number: str, reason: str, at: datetime, actor_id: int) -> None:
    """Withdraw a record with a reason; afterwards a corrected one may be issued."""
    record = db.session.scalars(
        owned(CompletionRecord, organisation_id).where(CompletionRecord.number == number)
    ).one_or_none()
    if record is None:
        raise NotFound
    if not reason.strip():
        raise Invalid("请写明撤销原因，核验的人会看到。", field="reason")
    stream = f"org-{organisation_id}"
    chain.hold(Revocation, stream, at=at)  # the second of two clerks waits here and then sees the first one's entry
    if db.session.scalar(select(Revocation.id).where(Revocation.number == number)) is not None:
        raise Conflict("这份记录已经撤销，请刷新页面。")
    values = {
        "organisation_id": organisation_id,
        "number": number,
        "reason": reason.strip(),
        "revoked_at": at,
        "revoked_by": actor_id,
    }
    chain.append(Revocation, stream, [values], at=at)
    _back_to_the_list(record, reason.strip())
    audit.record(
        at=at,
        action="completion.revoke",
        subject=f"completion_record:{number}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=reason.strip(),
    )
    publish(RecordRevoked(organisation_id, record.cohort_id, record.person_id, number, reason.strip(), at))


def _back_to_the_list(record: CompletionRecord, reason: str) -> None:
    """Let the holder of a withdrawn record be proposed again."""
    issued = owned(Candidate, record.organisation_id).where(
        Candidate.cohort_id == record.cohort_id, Candidate.person_id == record.person_id, Candidate.status == "issued"
    )
    for candidate in db.session.scalars(issued):
        candidate.status = "returned"
        candidate.review_note = f"原记录已撤销：{reason}"[:200]
    db.session.flush()
