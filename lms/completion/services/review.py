"""The list of candidates: proposed by one act, reviewed by another."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.cohorts import services as cohorts
from lms.completion.models import Candidate
from lms.completion.services.standing import standings
from lms.core import audit
from lms.core.db import db, get_owned, owned
from lms.core.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A learner on the list."""

    id: int
    cohort_id: int
    person_id: int
    status: str
    proposed_by: int
    proposed_at: datetime
    reviewed_by: int | None
    reviewed_at: datetime | None
    review_note: str | None


def _view(row: Candidate) -> CandidateView:
    return CandidateView(**{name: getattr(row, name) for name in CandidateView.__dataclass_fields__})


def propose(*, organisation_id: int, cohort_id: int, at: datetime, actor_id: int) -> int:
    """List every learner who meets the rule and is not yet listed or issued; return how many were added."""
    places = cohorts.learners(organisation_id=organisation_id, cohort_id=cohort_id)
    listed = {
        person_id
        for (person_id,) in db.session.execute(
            select(Candidate.person_id).where(
                Candidate.organisation_id == organisation_id,
                Candidate.cohort_id == cohort_id,
                Candidate.status.in_(("proposed", "approved", "issued")),
            )
        )
    }
    waiting = [place.person_id for place in places if place.person_id not in listed]
    found = standings(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=waiting, at=at)
    ready = [person_id for person_id in waiting if found[person_id].met]
    for person_id in ready:
        db.session.add(
            Candidate(
                organisation_id=organisation_id,
                cohort_id=cohort_id,
                person_id=person_id,
                status="proposed",
                proposed_by=actor_id,
                proposed_at=at,
            )
        )
    db.session.flush()
    if ready:
        audit.record(
            at=at,
            action="completion.propose",
            subject=f"cohorts_cohort:{cohort_id}",
            actor_id=actor_id,
            organisation_id=organisation_id,
            person_ids=ready,
        )
    return len(ready)


def review(*, organisation_id: int, candidate_id: int, approve: bool, note: str, at: datetime, actor_id: int) -> None:
    """Approve a candidate, or return them with a note that says why."""
    row = get_owned(Candidate, organisation_id=organisation_id, id=candidate_id)
    if row.status != "proposed":
        raise Conflict("这位学员的审核状态已变化，请刷新页面。")
    if not approve and not note:
        raise Invalid("退回时请写明原因，学员和班主任会看到。", field="note")
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


def candidates(*, organisation_id: int, cohort_id: int) -> dict[int, CandidateView]:
    """Return the newest place on the list of each learner of a cohort, by person."""
    statement = owned(Candidate, organisation_id).where(Candidate.cohort_id == cohort_id).order_by(Candidate.id)
    return {row.person_id: _view(row) for row in db.session.scalars(statement)}
