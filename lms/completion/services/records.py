"""Issuing, listing and withdrawing completion records."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms.accounts import services as accounts
from lms.cohorts import services as cohorts
from lms.cohorts.services import CohortView
from lms.completion.events import RecordIssued, RecordRevoked
from lms.completion.models import Candidate, CompletionRecord, Rendering, Revocation
from lms.completion.rules import new_number
from lms.completion.services.standing import Standing, standings
from lms.core import audit, chain, clock
from lms.core.db import db, owned
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.events import publish
from lms.core.hours import credit_hours, duration
from lms.core.listing import ListPage, ListQuery, fetch
from lms.courses import services as courses

KIND = "completion"
LEVELS = {4: "四级/中级工", 3: "三级/高级工", 2: "二级/技师", 1: "一级/高级技师"}
MODES = {"full_time": "脱产", "part_time": "业余"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record about to be issued: all its facts, numbered and frozen."""

    candidate_id: int
    person_id: int
    series: int
    payload: dict[str, Any]


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


def prepare(*, organisation_id: int, cohort_id: int, base_url: str, at: datetime) -> list[Prepared]:
    """Return the records that issuing would make now: one for each approved candidate who still meets the rule.

    Reads only, so that the PDFs can be set before the write begins. `base_url` is the address that QR codes lead to.
    """
    rows = _approved(organisation_id, cohort_id)
    if not rows:
        raise Invalid("没有审核通过的学员。请先“提名”，再逐一审核，然后签发。")
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    person_ids = [row.person_id for row in rows]
    found = standings(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=person_ids, at=at)
    people = accounts.get_people(organisation_id=organisation_id, person_ids=person_ids)
    series = _next_series(cohort_id, person_ids)
    prepared = []
    for row in rows:
        if not found[row.person_id].met:
            name = people[row.person_id].name
            raise Conflict(f"{name} 现在已不满足结业条件（学时或成绩有变化），请退回后再签发其他人。")
        payload = _payload(
            cohort, found[row.person_id], people[row.person_id], number=new_number(), base_url=base_url, at=at
        )
        prepared.append(Prepared(row.id, row.person_id, series.get(row.person_id, 0) + 1, payload))
    return prepared


def _approved(organisation_id: int, cohort_id: int) -> Sequence[Candidate]:
    statement = owned(Candidate, organisation_id).where(
        Candidate.cohort_id == cohort_id, Candidate.status == "approved"
    )
    return db.session.scalars(statement.order_by(Candidate.id)).all()


def _next_series(cohort_id: int, person_ids: Sequence[int]) -> dict[int, int]:
    statement = (
        select(CompletionRecord.person_id, func.max(CompletionRecord.series))
        .where(CompletionRecord.cohort_id == cohort_id, CompletionRecord.person_id.in_(person_ids))
        .group_by(CompletionRecord.person_id)
    )
    return dict(db.session.execute(statement).tuples().all())


def _payload(
    cohort: CohortView, standing: Standing, person: accounts.PersonView, *, number: str, base_url: str, at: datetime
) -> dict[str, Any]:
    issuer = accounts.get_organisation(organisation_id=cohort.organisation_id)
    course = courses.get_course(organisation_id=cohort.organisation_id, course_id=cohort.course_id)
    hours = standing.hours
    final = (
        "未设置"
        if standing.final_score is None
        else f"{standing.final_score} 分（合格线 {standing.final_pass_mark} 分）"
    )
    return {
        "schema": 1,
        "number": number,
        "issuer": {"name": issuer.name, "uscc": issuer.uscc or ""},
        "holder": {
            "name": person.name,
            "masked_name": person.masked_name,
            "id_masked": person.masked_id_number or "未登记",
        },
        "course": {"name": course.name, "items": [{"code": item.code, "title": item.title} for item in course.items]},
        "cohort": {
            "name": cohort.name,
            "mode": cohort.mode,
            "mode_text": MODES[cohort.mode],
            "starts_on": cohort.starts_on.isoformat(),
            "ends_on": cohort.ends_on.isoformat(),
            "place": cohort.place,
            "target_level": cohort.target_level,
            "target_text": f"劳动关系协调师 {LEVELS.get(cohort.target_level, '')}".strip(),
        },
        "hours": {
            "planned_seconds": cohort.planned_seconds,
            "attended_seconds": hours.total_seconds,
            "onsite_seconds": hours.onsite_seconds,
            "online_seconds": hours.online_seconds,
            "planned_credit_hours": credit_hours(cohort.planned_seconds),
            "planned_clock": duration(cohort.planned_seconds),
            "attended_credit_hours": credit_hours(hours.total_seconds),
            "attended_clock": duration(hours.total_seconds),
            "onsite_clock": duration(hours.onsite_seconds),
            "online_clock": duration(hours.online_seconds),
        },
        "result": {
            "final_score": standing.final_score,
            "final_pass_mark": standing.final_pass_mark,
            "final_text": final,
            "rules": [
                {"title": rule.title, "now": rule.now_text, "needed": rule.needed_text} for rule in standing.rules
            ],
        },
        "issued_on": clock.local_date(at).isoformat(),
        "issued_at": at.isoformat(timespec="seconds"),
        "verify_url": f"{base_url}/verify/{number}",
    }


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

    Refused when the approved list or a learner's result is no longer what was prepared: two clerks pressing the button
    at once issue each record once.
    """
    rows = {row.id: row for row in _approved(organisation_id, cohort_id)}
    if set(rows) != {record.candidate_id for record in prepared}:
        raise Conflict("审核名单刚刚有变化（可能已由同事签发），请刷新页面。")
    person_ids = [record.person_id for record in prepared]
    now = standings(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=person_ids, at=at)
    for record in prepared:
        if now[record.person_id].hours.total_seconds != record.payload["hours"]["attended_seconds"]:
            raise Conflict("有学员的学时刚刚有变化，请再点一次“签发”。")
    values = [
        {
            "organisation_id": organisation_id,
            "number": record.payload["number"],
            "cohort_id": cohort_id,
            "person_id": record.person_id,
            "kind": KIND,
            "series": record.series,
            "payload": record.payload,
            "issued_at": at,
            "issued_by": actor_id,
        }
        for record in prepared
    ]
    chain.append(CompletionRecord, f"org-{organisation_id}", values, at=at)
    for record, pdf in zip(prepared, pdfs, strict=True):
        number = record.payload["number"]
        db.session.add(Rendering(number=number, pdf=pdf, sha256=hashlib.sha256(pdf).digest()))
        rows[record.candidate_id].status = "issued"
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
    db.session.flush()
    return [record.payload["number"] for record in prepared]


def revoke(*, organisation_id: int, number: str, reason: str, at: datetime, actor_id: int) -> None:
    """Withdraw a record with a reason; afterwards a corrected one may be issued."""
    record = db.session.scalars(
        owned(CompletionRecord, organisation_id).where(CompletionRecord.number == number)
    ).one_or_none()
    if record is None:
        raise NotFound
    if not reason:
        raise Invalid("请写明撤销原因，核验的人会看到。", field="reason")
    if db.session.scalar(select(Revocation.id).where(Revocation.number == number)) is not None:
        raise Conflict("这份记录已经撤销。")
    values = {
        "organisation_id": organisation_id,
        "number": number,
        "reason": reason,
        "revoked_at": at,
        "revoked_by": actor_id,
    }
    chain.append(Revocation, f"org-{organisation_id}", [values], at=at)
    issued = owned(Candidate, organisation_id).where(
        Candidate.cohort_id == record.cohort_id, Candidate.person_id == record.person_id, Candidate.status == "issued"
    )
    for candidate in db.session.scalars(issued):
        candidate.status = "returned"
        candidate.review_note = f"原记录已撤销：{reason}"[:200]
    audit.record(
        at=at,
        action="completion.revoke",
        subject=f"completion_record:{number}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=reason,
    )
    publish(RecordRevoked(organisation_id, record.cohort_id, record.person_id, number, reason, at))


_VIEW = (
    CompletionRecord.number,
    CompletionRecord.cohort_id,
    CompletionRecord.person_id,
    CompletionRecord.payload,
    CompletionRecord.issued_at,
    Revocation.revoked_at,
    Revocation.reason.label("revoke_reason"),
)


def records_of(*, person_id: int, organisation_id: int) -> list[RecordView]:
    """Return a person's records from one institution, newest first."""
    statement = (
        select(*_VIEW)
        .outerjoin(Revocation, Revocation.number == CompletionRecord.number)
        .where(CompletionRecord.person_id == person_id, CompletionRecord.organisation_id == organisation_id)
        .order_by(CompletionRecord.id.desc())
    )
    return [RecordView(**row) for row in db.session.execute(statement).mappings()]


def list_records(*, organisation_id: int, query: ListQuery, cohort_id: int | None = None) -> ListPage[RecordView]:
    """Return a page of an institution's records."""
    statement = (
        select(*_VIEW)
        .outerjoin(Revocation, Revocation.number == CompletionRecord.number)
        .where(CompletionRecord.organisation_id == organisation_id)
    )
    if cohort_id is not None:
        statement = statement.where(CompletionRecord.cohort_id == cohort_id)
    page = fetch(
        statement,
        query,
        searchable=(CompletionRecord.number, CompletionRecord.payload["holder"]["name"].as_string()),
        sortable={"number": CompletionRecord.number, "issued_at": CompletionRecord.issued_at},
        default_sort=(CompletionRecord.issued_at.desc(), CompletionRecord.number),
    )
    return ListPage([RecordView(**row._mapping) for row in page.rows], page.total, page.query)  # noqa: SLF001


def find_record(*, organisation_id: int, number: str) -> RecordView:
    """Return one record of an institution."""
    statement = (
        select(*_VIEW)
        .outerjoin(Revocation, Revocation.number == CompletionRecord.number)
        .where(CompletionRecord.number == number, CompletionRecord.organisation_id == organisation_id)
    )
    row = db.session.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound
    return RecordView(**row)


def verify_records() -> chain.Verdict:
    """Walk the chains of records and revocations, and compare each number's row with its frozen payload."""
    first = chain.verify(CompletionRecord)
    if not first.ok:
        return first
    second = chain.verify(Revocation)
    return chain.Verdict(first.checked + second.checked, second.fault)
