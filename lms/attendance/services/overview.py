"""What staff look at: classes with who came, and a cohort's learners with their hours as a list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms.accounts import services as accounts
from lms.attendance.models import PresenceAct, RollCallMark
from lms.attendance.rules import Act
from lms.attendance.rules.presence import OWN_WITNESSES
from lms.attendance.services.evidence import find_accounts, gather, read_frame
from lms.attendance.services.hours import count
from lms.attendance.services.records import Hours, window_of
from lms.cohorts import services as cohorts
from lms.cohorts.services import SessionView
from lms.core.db import db
from lms.core.listing import ListPage, ListQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLine:
    """A class in a list: how many signed in themselves, how many the roll call has marked."""

    session: SessionView
    cohort_name: str
    signed: int
    called: int
    sign_in_open: bool
    roll_call_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerLine:
    """A learner in a cohort's list of hours; `at_risk` when the goal cannot be reached any more."""

    person_id: int
    name: str
    employer_name: str
    left: bool
    hours: Hours
    goal_seconds: int

    @property
    def at_risk(self) -> bool:
        """Whether even everything still ahead would not be enough."""
        return not self.left and self.hours.reachable_seconds < self.goal_seconds


def classes_between(*, organisation_id: int, from_at: datetime, until_at: datetime, at: datetime) -> list[ClassLine]:
    """Return the institution's classes that touch an interval."""
    sessions = cohorts.sessions_between(organisation_id=organisation_id, from_at=from_at, until_at=until_at)
    return _class_lines(organisation_id, sessions, at)


def classes_of_cohort(*, organisation_id: int, cohort_id: int, at: datetime) -> list[ClassLine]:
    """Return a cohort's classes, cancelled ones left out, newest first."""
    sessions = cohorts.list_sessions(organisation_id=organisation_id, cohort_id=cohort_id)
    held = [session for session in sessions if not session.cancelled]
    return _class_lines(organisation_id, reversed(held), at)


def _class_lines(organisation_id: int, sessions: Iterable[SessionView], at: datetime) -> list[ClassLine]:
    sessions = list(sessions)
    if not sessions:
        return []
    ids = [session.id for session in sessions]
    names = {
        cohort_id: cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id).name
        for cohort_id in {session.cohort_id for session in sessions}
    }
    signed = _counts(
        select(PresenceAct.class_session_id, func.count(PresenceAct.person_id.distinct()))
        .where(
            PresenceAct.organisation_id == organisation_id,
            PresenceAct.class_session_id.in_(ids),
            PresenceAct.act == Act.CHECK_IN.value,
            PresenceAct.witness.in_([witness.value for witness in OWN_WITNESSES]),
        )
        .group_by(PresenceAct.class_session_id)
    )
    called = _counts(
        select(RollCallMark.class_session_id, func.count(RollCallMark.person_id.distinct()))
        .where(RollCallMark.organisation_id == organisation_id, RollCallMark.class_session_id.in_(ids))
        .group_by(RollCallMark.class_session_id)
    )
    return [
        ClassLine(
            session=session,
            cohort_name=names[session.cohort_id],
            signed=signed.get(session.id, 0),
            called=called.get(session.id, 0),
            sign_in_open=window_of(session).is_open(at),
            roll_call_open=window_of(session).takes_roll_call(at),
        )
        for session in sessions
    ]


def _counts(statement: Any) -> dict[int, int]:
    return {row[0]: row[1] for row in db.session.execute(statement)}


def learner_lines(*, organisation_id: int, cohort_id: int, at: datetime) -> list[LearnerLine]:
    """Return everybody who has or had a place in a cohort with their hours; the same few statements for any number."""
    frame = read_frame(organisation_id=organisation_id, cohort_id=cohort_id)
    accounts_found = find_accounts(organisation_id=organisation_id, cohort_id=cohort_id)
    people = accounts.get_people(organisation_id=organisation_id, person_ids=list(accounts_found))
    share = int(frame.cohort.completion_rule.get("attended_percent", 90))
    goal = -(-frame.cohort.planned_seconds * share // 100)
    lines = []
    for gathered in gather(frame, accounts_found.values(), at=at):
        account = gathered.account
        line = LearnerLine(
            person_id=account.person_id,
            name=people[account.person_id].name,
            employer_name=account.places[-1].employer_name,
            left=account.places[-1].until_at is not None,
            hours=count(frame, gathered, at=at),
            goal_seconds=goal,
        )
        lines.append(line)
    return lines


_SORTS: dict[str, Callable[[LearnerLine], Any]] = {
    "name": lambda line: line.name,
    "total": lambda line: line.hours.total_seconds,
    "onsite": lambda line: line.hours.onsite_seconds,
    "online": lambda line: line.hours.online_seconds,
    "held": lambda line: line.hours.attended_of_held,
    "planned": lambda line: line.hours.attended_of_planned,
    "reachable": lambda line: line.hours.reachable_seconds,
}


def page_of_learners(*, lines: Iterable[LearnerLine], query: ListQuery) -> ListPage[LearnerLine]:
    """Return a searched, sorted page; by default present learners first, those furthest behind on top."""
    words = query.search.split()
    found = [line for line in lines if all(word in f"{line.name} {line.employer_name}" for word in words)]
    found.sort(key=lambda line: (line.left, not line.at_risk, line.hours.total_seconds, line.name))
    if query.sort in _SORTS:
        found.sort(key=_SORTS[query.sort], reverse=query.descending)
    pages = max(1, -(-len(found) // query.size))
    page = min(max(query.page, 1), pages)
    kept = ListQuery(search=query.search, sort=query.sort, descending=query.descending, page=page, size=query.size)
    return ListPage(found[(page - 1) * query.size : page * query.size], len(found), kept)
