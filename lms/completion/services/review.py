"""The list of candidates: proposed by one act, reviewed by another."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from lms.cohorts import services as cohorts
from lms.completion.models import Candidate
from lms.completion.services.standing import standings
from lms.core import audit
from lms.core.db import db, owned
from lms.core.errors import Conflict, Invalid, NotFound

LISTED = ("proposed", "approved", "issued")


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A learner on the list; `earlier_note` says why they were returned the time before, "" if they were not."""

    id: int
    cohort_id: int
    person_id: int
    status: str
    proposed_by: int
    proposed_at: datetime
    reviewed_by: int | None
    reviewed_at: datetime | None
    review_note: str | None
    earlier_note: str = ""


def _view(row: Candidate, earlier: CandidateView | None) -> CandidateView:
    names = [name for name in CandidateView.__dataclass_fields__ if name != "earlier_note"]
    note = "" if earlier is None else earlier.review_note or earlier.earlier_note
    return CandidateView(**{name: getattr(row, name) for name in names}, earlier_note=note)


def propose(*, organisation_id: int, cohort_id: int, at: datetime, actor_id: int) -> int:
    """List every learner who meets the rule and is not yet listed or issued; return how many were added."""
    places = cohorts.learners(organisation_id=organisation_id, cohort_id=cohort_id)
    listed = owned(Candidate, organisation_id).where(Candidate.cohort_id == cohort_id, Candidate.status.in_(LISTED))
    there = set(db.session.scalars(listed.with_only_columns(Candidate.person_id)))
    waiting = [place.person_id for place in places if place.person_id not in there]
    found = standings(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=waiting, at=at)
    ready = [person_id for person_id in waiting if found[person_id].met]
    if not ready:
        return 0
    new = {"organisation_id": organisation_id, "cohort_id": cohort_id, "status": "proposed"}
    db.session.add_all(
        Candidate(**new, person_id=person_id, proposed_by=actor_id, proposed_at=at) for person_id in ready
    )
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("同事刚刚也在提名，名单已变化，请刷新页面。") from error
    audit.record(
        at=at,
        action="completion.propose",
        subject=f"cohorts_cohort:{cohort_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        person_ids=ready,
    )
    return len(ready)


def review(
    *,
    organisation_id: int,
    candidate_id: int,
    approve: bool,
    note: str,
    at: datetime,
    actor_id: int,
    cohort_id: int | None = None,
) -> bool:
    """Approve a proposed candidate, or return one with a note that says why; False when they were approved already.

    Somebody approved can still be returned until the record is issued. With `cohort_id`, only of that cohort.
    """
    statement = owned(Candidate, organisation_id).where(Candidate.id == candidate_id)
    if cohort_id is not None:
        statement = statement.where(Candidate.cohort_id == cohort_id)
    row = db.session.scalars(statement.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("名单里没有这位学员，请刷新页面。")
    if row.status not in ("proposed", "approved"):
        raise Conflict("这位学员的审核状态已变化，请刷新页面。")
    if not approve and not note:
        raise Invalid("退回时请写明原因，班主任会看到。", field="note")
    if approve and row.status == "approved":
        return False
    row.status = "approved" if approve else "returned"
    row.reviewed_by, row.reviewed_at, row.review_note = actor_id, at, note or None
    db.session.flush()
    audit.record(
        at=at,
        action="completion.approve" if approve else "completion.return",
        subject=f"completion_candidate:{candidate_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=note or None,
        person_id=row.person_id,
    )
    return True


def candidates(*, organisation_id: int, cohort_id: int) -> dict[int, CandidateView]:
    """Return the newest place on the list of each learner of a cohort, by person."""
    statement = owned(Candidate, organisation_id).where(Candidate.cohort_id == cohort_id).order_by(Candidate.id)
    newest: dict[int, CandidateView] = {}
    for row in db.session.scalars(statement):
        newest[row.person_id] = _view(row, newest.get(row.person_id))
    return newest


def count_candidates(*, organisation_id: int, cohort_id: int | None = None) -> dict[int, dict[str, int]]:
    """Return how many places on the list are in each state, by cohort; of one cohort or of all."""
    statement = select(Candidate.cohort_id, Candidate.status, func.count()).where(
        Candidate.organisation_id == organisation_id
    )
    if cohort_id is not None:
        statement = statement.where(Candidate.cohort_id == cohort_id)
    counts: dict[int, dict[str, int]] = {}
    for cohort, status, number in db.session.execute(statement.group_by(Candidate.cohort_id, Candidate.status)):
        counts.setdefault(cohort, {})[status] = number
    return counts
