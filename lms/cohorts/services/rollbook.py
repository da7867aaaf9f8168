"""A cohort's learners as staff look at them: with names, searched, sorted, paged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lms.accounts import services as accounts
from lms.accounts.services import PersonView
from lms.cohorts.services.enrolments import EnrolmentView, learners
from lms.core.listing import ListPage, ListQuery


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A present learner: the place and the person, numbers masked."""

    enrolment: EnrolmentView
    person: PersonView
    password_waits: bool


@dataclass(frozen=True, slots=True)
class Rollbook:
    """A page of learners, and of the whole cohort: how many are present, how many initial passwords wait."""

    page: ListPage[LearnerRow]
    present: int
    passwords_waiting: int


_KEYS: dict[str, Callable[[LearnerRow], Any]] = {
    # GB 18030 orders common characters by their sound, as clerks expect of a list of names
    "name": lambda row: row.person.name.encode("gb18030"),
    "employer": lambda row: row.enrolment.employer_name.encode("gb18030"),
    "since": lambda row: row.enrolment.from_at,
}


def list_learners(*, organisation_id: int, cohort_id: int, query: ListQuery) -> Rollbook:
    """Return a page of the present learners, by name, employer or last four characters of the ID number.

    Names stand behind another door, so a cohort's learners (some hundred) are searched here; four statements.
    """
    places = learners(organisation_id=organisation_id, cohort_id=cohort_id)
    ids = [place.person_id for place in places]
    people = accounts.get_people(organisation_id=organisation_id, person_ids=ids)
    waiting = accounts.people_with_slips(organisation_id=organisation_id, person_ids=ids)
    rows = [
        LearnerRow(place, people[place.person_id], place.person_id in waiting)
        for place in places
        if place.person_id in people
    ]
    words = query.search.casefold().split()
    found = [row for row in rows if all(word in _searched(row) for word in words)]
    if query.sort in _KEYS:
        found.sort(key=_KEYS[query.sort], reverse=query.descending)
    return Rollbook(_page(found, query), len(rows), len(waiting))


def _searched(row: LearnerRow) -> str:
    return f"{row.person.name} {row.enrolment.employer_name} {row.person.id_tail}".casefold()


def _page(rows: Sequence[LearnerRow], query: ListQuery) -> ListPage[LearnerRow]:
    page = min(max(query.page, 1), max(1, -(-len(rows) // query.size)))
    kept = ListQuery(search=query.search, sort=query.sort, descending=query.descending, page=page, size=query.size)
    return ListPage(rows[(page - 1) * query.size : page * query.size], len(rows), kept)
