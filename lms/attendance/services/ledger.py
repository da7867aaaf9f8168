"""The ledger: settling evidence into it, its sum, its lines, and who is due for settling."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from lms.attendance.events import HoursCredited
from lms.attendance.models import Heartbeat, LedgerEntry, PresenceAct, Prompt, RollCallMark, Settlement
from lms.attendance.rules import Credit, EvidenceGrade, Source, credit
from lms.attendance.rules.settling import Plan, Posted, plan
from lms.attendance.services.evidence import gather, get_account, read_frame
from lms.attendance.services.records import Account, LedgerLine, Settled, evidence_stream
from lms.attendance.services.spans import join_beats
from lms.core import chain
from lms.core.chain import ChainHead
from lms.core.db import db, owned
from lms.core.events import publish

EVIDENCE = (PresenceAct, RollCallMark, Heartbeat, Prompt)
_EVIDENCE_TABLES = [model.__tablename__ for model in EVIDENCE]
# A sitting is settled when it is over; one that goes on and on, once an hour.
QUIET_FOR = timedelta(minutes=5)
AT_LEAST_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Heads:
    """How many entries each enrolment's evidence has, and when the newest was written."""

    counts: dict[int, int]
    newest_at: datetime | None


def settle(*, organisation_id: int, enrolment_id: int, at: datetime) -> Settled:
    """Post to the ledger what the crediting rule says of an enrolment's account now; twice is as good as once."""
    account = get_account(organisation_id=organisation_id, enrolment_id=enrolment_id)
    # the ledger's lock comes before the first look at the evidence: settlements of one account follow one another
    chain.hold(LedgerEntry, account.ledger_stream, at=at)
    heads = _evidence_heads(account)
    rows = {row.enrolment_id: row for row in _settlements(account)}
    if _is_settled(rows, heads, at):
        return Settled(total_seconds=ledger_seconds(account=account))
    frame = read_frame(organisation_id=organisation_id, cohort_id=account.cohort_id)
    for place_id in account.enrolment_ids:
        row = rows.get(place_id) or _open_settlement(account, place_id, at=at)
        row.beats_sequence = join_beats(
            organisation_id=organisation_id,
            enrolment_id=place_id,
            joined_up_to=row.beats_sequence,
            gap_seconds=frame.policy.heartbeat_gap_seconds,
            at=at,
        )
        row.settled_at, row.evidence_count = max(row.settled_at, at), heads.counts.get(place_id, 0)
        rows[place_id] = row
    db.session.flush()
    (gathered,) = gather(frame, [account], at=at)
    # evidence that another process wrote a moment after `at` is left for the next settlement
    late = [heads.newest_at] if heads.newest_at is not None and heads.newest_at > at else []
    due = [*late, *([gathered.due_at] if gathered.due_at is not None else [])]
    for row in rows.values():
        row.due_at = min(due, default=None)
    db.session.flush()
    return _post(account, credit(gathered.evidence), at=at)


def _is_settled(rows: dict[int, Settlement], heads: _Heads, at: datetime) -> bool:
    """Whether nothing was recorded and nothing came due since the last settlement (or `at` lies before it)."""
    if any(row.settled_at > at for row in rows.values()):
        return True
    return heads.counts.keys() <= rows.keys() and all(
        row.evidence_count == heads.counts.get(enrolment_id, 0) and (row.due_at is None or row.due_at > at)
        for enrolment_id, row in rows.items()
    )


def _post(account: Account, answer: Credit, *, at: datetime) -> Settled:
    to_do = plan(_posted(account), answer)
    if to_do.is_empty:
        return Settled(total_seconds=answer.total_seconds, entries=answer.entries)
    chain.append(LedgerEntry, account.ledger_stream, _entries(account, to_do, at=at), at=at)
    publish(
        HoursCredited(
            organisation_id=account.organisation_id,
            cohort_id=account.cohort_id,
            person_id=account.person_id,
            total_seconds=answer.total_seconds,
            at=at,
        )
    )
    return Settled(
        total_seconds=answer.total_seconds,
        credits=len(to_do.postings),
        reversals=len(to_do.reversals),
        entries=answer.entries,
    )


def _entries(account: Account, to_do: Plan, *, at: datetime) -> list[dict[str, Any]]:
    shared = {
        "organisation_id": account.organisation_id,
        "cohort_id": account.cohort_id,
        "person_id": account.person_id,
        "at": at,
    }
    reversals = [
        {
            **shared,
            "kind": "reversal",
            "enrolment_id": account.enrolment_at(reversal.posted.started_at),
            "source": reversal.posted.source.value,
            "ref": reversal.posted.ref,
            "started_at": reversal.posted.started_at,
            "ended_at": reversal.posted.ended_at,
            "seconds": reversal.posted.span[0] - reversal.posted.span[1],
            "grade": reversal.posted.grade.value,
            "reason": reversal.reason,
            "reverses": reversal.posted.sequence,
        }
        for reversal in to_do.reversals
    ]
    postings = [
        {
            **shared,
            "kind": "credit",
            "enrolment_id": account.enrolment_at(posting.started_at),
            "source": posting.source.value,
            "ref": posting.ref,
            "started_at": posting.started_at,
            "ended_at": posting.ended_at,
            "seconds": posting.seconds,
            "grade": posting.grade.value,
            "reason": None,
            "reverses": None,
        }
        for posting in to_do.postings
    ]
    return reversals + postings


def _posted(account: Account) -> list[Posted]:
    """Return the credits that stand: posted and not taken back."""
    lines = ledger_lines(account=account)
    taken_back = {line.reverses for line in lines}
    return [
        Posted(line.sequence, Source(line.source), line.ref, line.started_at, line.ended_at, EvidenceGrade(line.grade))
        for line in lines
        if line.kind == "credit" and line.sequence not in taken_back
    ]


def ledger_lines(*, account: Account) -> list[LedgerLine]:
    """Return the account's ledger from its first entry."""
    statement = (
        owned(LedgerEntry, account.organisation_id)
        .where(LedgerEntry.stream == account.ledger_stream)
        .order_by(LedgerEntry.sequence)
    )
    names = LedgerLine.__dataclass_fields__
    return [LedgerLine(**{name: getattr(row, name) for name in names}) for row in db.session.scalars(statement)]


def ledger_seconds(*, account: Account) -> int:
    """Return the ledger's sum; after a settlement it is what `hours_of` says."""
    statement = select(func.coalesce(func.sum(LedgerEntry.seconds), 0)).where(
        LedgerEntry.organisation_id == account.organisation_id, LedgerEntry.stream == account.ledger_stream
    )
    return int(db.session.scalar(statement) or 0)


def _settlements(account: Account) -> list[Settlement]:
    statement = owned(Settlement, account.organisation_id).where(Settlement.enrolment_id.in_(account.enrolment_ids))
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def _open_settlement(account: Account, enrolment_id: int, *, at: datetime) -> Settlement:
    row = Settlement(
        enrolment_id=enrolment_id,
        organisation_id=account.organisation_id,
        stream=evidence_stream(enrolment_id),
        settled_at=at,
        evidence_count=0,
        beats_sequence=0,
    )
    db.session.add(row)
    return row


def _evidence_heads(account: Account) -> _Heads:
    streams = {evidence_stream(enrolment_id): enrolment_id for enrolment_id in account.enrolment_ids}
    statement = (
        select(ChainHead.stream, func.sum(ChainHead.sequence), func.max(ChainHead.updated_at))
        .where(ChainHead.table_name.in_(_EVIDENCE_TABLES), ChainHead.stream.in_(streams), ChainHead.sequence > 0)
        .group_by(ChainHead.stream)
    )
    rows = db.session.execute(statement).all()
    counts = {streams[stream]: int(count) for stream, count, _ in rows}
    return _Heads(counts, max((newest_at for *_, newest_at in rows), default=None))


def needs_settling(*, organisation_id: int, enrolment_id: int, at: datetime) -> bool:
    """Whether an account's ledger is behind its evidence."""
    account = get_account(organisation_id=organisation_id, enrolment_id=enrolment_id)
    rows = {row.enrolment_id: row for row in _settlements(account)}
    return not _is_settled(rows, _evidence_heads(account), at)


def due_for_settling(*, at: datetime, quiet_for: timedelta = QUIET_FOR, limit: int = 200) -> list[tuple[int, int]]:
    """Return (organisation id, enrolment id) whose evidence is newer than its settlement and quiet, oldest first."""
    evidence = (
        select(
            ChainHead.stream,
            func.sum(ChainHead.sequence).label("entries"),
            func.max(ChainHead.updated_at).label("newest_at"),
        )
        .where(ChainHead.table_name.in_(_EVIDENCE_TABLES), ChainHead.sequence > 0)
        .group_by(ChainHead.stream)
        .subquery()
    )
    behind = (
        select(evidence.c.stream)
        .outerjoin(Settlement, Settlement.stream == evidence.c.stream)
        .where(
            or_(Settlement.stream.is_(None), Settlement.evidence_count != evidence.c.entries, Settlement.due_at <= at),
            or_(evidence.c.newest_at <= at - quiet_for, Settlement.settled_at <= at - AT_LEAST_EVERY),
        )
        .order_by(evidence.c.newest_at)
        .limit(limit)
    )
    return _places_of(list(db.session.scalars(behind)))


def _places_of(streams: list[str]) -> list[tuple[int, int]]:
    """Return (organisation id, enrolment id) of evidence streams, in their order."""
    found: dict[str, tuple[int, int]] = {}
    for model in EVIDENCE:
        first = select(model.stream, model.organisation_id, model.enrolment_id).where(
            model.stream.in_(streams), model.sequence == 1
        )
        found |= {row.stream: (row.organisation_id, row.enrolment_id) for row in db.session.execute(first)}
    return [found[stream] for stream in streams if stream in found]
