"""A cohort on its way to completion: every learner with rules, place on the list and record."""

from dataclasses import dataclass
from datetime import datetime

from lms.accounts import services as accounts
from lms.accounts.services import PersonView
from lms.cohorts import services as cohorts
from lms.completion.services.records import valid_numbers
from lms.completion.services.review import LISTED, CandidateView, candidates
from lms.completion.services.standing import Standing, standings

STAGES = ("proposed", "approved", "ready", "learning", "issued")


@dataclass(frozen=True, slots=True)
class LearnerLine:
    """One learner; `number` is their valid record's; `has_left`: listed, but without a place in the cohort now."""

    person: PersonView
    standing: Standing
    candidate: CandidateView | None
    number: str | None
    has_left: bool

    @property
    def stage(self) -> str:
        """One of STAGES: what has to happen next."""
        if self.number is not None:
            return "issued"
        if self.candidate is not None and self.candidate.status in ("proposed", "approved"):
            return self.candidate.status
        return "ready" if self.standing.met and not self.has_left else "learning"

    @property
    def returned_because(self) -> str:
        """Why a reviewer sent them back, the last time; "" if nobody did."""
        if self.candidate is None:
            return ""
        return (
            (self.candidate.review_note or "") if self.candidate.status == "returned" else self.candidate.earlier_note
        )


@dataclass(frozen=True, slots=True)
class Overview:
    """All learners of a cohort, those who wait for a decision first."""

    lines: tuple[LearnerLine, ...]

    def count(self, stage: str) -> int:
        """Return how many stand at a stage."""
        return sum(line.stage == stage for line in self.lines)


def overview(*, organisation_id: int, cohort_id: int, at: datetime) -> Overview:
    """Return every present learner of a cohort and everybody on its list; statements do not grow with them."""
    present = [place.person_id for place in cohorts.learners(organisation_id=organisation_id, cohort_id=cohort_id)]
    listed = candidates(organisation_id=organisation_id, cohort_id=cohort_id)
    left = {person_id for person_id, candidate in listed.items() if candidate.status in LISTED} - set(present)
    person_ids = [*present, *sorted(left)]
    people = accounts.get_people(organisation_id=organisation_id, person_ids=person_ids)
    found = standings(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=person_ids, at=at)
    numbers = valid_numbers(organisation_id=organisation_id, cohort_id=cohort_id)
    lines = [
        LearnerLine(
            person=people[person_id],
            standing=found[person_id],
            candidate=listed.get(person_id),
            number=numbers.get(person_id),
            has_left=person_id in left,
        )
        for person_id in person_ids
    ]
    return Overview(tuple(sorted(lines, key=lambda line: STAGES.index(line.stage))))
