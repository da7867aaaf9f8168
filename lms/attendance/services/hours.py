"""The one total: every page, list, rule and record asks here."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from lms.attendance.rules import Credit, NotCredited, Reason, Source, credit
from lms.attendance.rules.presence import CLOSES_AFTER
from lms.attendance.rules.standing import Ahead, percent, reachable_extra
from lms.attendance.services.evidence import Frame, Gathered, find_accounts, gather, get_account, read_frame
from lms.attendance.services.records import Account, Hours
from lms.core.clock import SHANGHAI, local_date, local_day


def hours_of(
    *,
    organisation_id: int,
    enrolment_id: int | None = None,
    cohort_id: int | None = None,
    person_id: int | None = None,
    at: datetime,
) -> Hours:
    """Return a learner's hours in a cohort, given an enrolment or cohort and person."""
    account = get_account(
        organisation_id=organisation_id, enrolment_id=enrolment_id, cohort_id=cohort_id, person_id=person_id
    )
    frame = read_frame(organisation_id=organisation_id, cohort_id=account.cohort_id)
    (gathered,) = gather(frame, [account], at=at)
    return count(frame, gathered, at=at)


def hours_of_cohort(
    *, organisation_id: int, cohort_id: int, at: datetime, person_ids: Collection[int] | None = None
) -> dict[int, Hours]:
    """Return the hours of everybody who has or had a place in a cohort (or of some), by person."""
    frame = read_frame(organisation_id=organisation_id, cohort_id=cohort_id)
    accounts = find_accounts(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=person_ids)
    counted = gather(frame, accounts.values(), at=at)
    return {gathered.account.person_id: count(frame, gathered, at=at) for gathered in counted}


def no_hours(*, planned_seconds: int) -> Hours:
    """Return the hours of somebody of whom there is no evidence and for whom nothing is ahead."""
    return Hours(
        total_seconds=0,
        onsite_seconds=0,
        online_seconds=0,
        held_seconds=0,
        planned_seconds=planned_seconds,
        attended_of_held=0,
        attended_of_planned=0,
        best_reachable=0,
        reachable_seconds=0,
    )


def count(frame: Frame, gathered: Gathered, *, at: datetime) -> Hours:
    """Apply the crediting rule to what was gathered and put the three ratios beside it."""
    answer = credit(gathered.evidence)
    onsite = sum(entry.seconds for entry in answer.entries if entry.source is Source.ONSITE)
    still_open = {line for line in answer.not_credited if _is_open(frame, line, at)}
    planned = frame.cohort.planned_seconds
    held = _held_seconds(frame, gathered.account, answer, at=at)
    reachable = answer.total_seconds + _extra(frame, gathered.account, answer, still_open, at=at)
    return Hours(
        total_seconds=answer.total_seconds,
        onsite_seconds=onsite,
        online_seconds=answer.total_seconds - onsite,
        held_seconds=held,
        planned_seconds=planned,
        attended_of_held=percent(onsite, held),
        attended_of_planned=percent(answer.total_seconds, planned),
        best_reachable=percent(reachable, planned),
        reachable_seconds=reachable,
        entries=answer.entries,
        not_credited=tuple(line for line in answer.not_credited if line not in still_open),
        open_check_ins=tuple(line for line in answer.not_credited if line in still_open),
    )


def _is_open(frame: Frame, line: NotCredited, at: datetime) -> bool:
    """Whether a check-in without check-out can still get one."""
    if line.reason is not Reason.NO_CHECK_OUT:
        return False
    return at <= frame.sessions[int(line.ref)].ends_at + CLOSES_AFTER


def _held_seconds(frame: Frame, account: Account, answer: Credit, *, at: datetime) -> int:
    """Sum the classes held while the learner had a place, and those they attended before it was entered."""
    attended = {entry.ref for entry in answer.entries if entry.source is Source.ONSITE}
    return sum(
        session.seconds
        for session in frame.sessions.values()
        if session.ends_at <= at and (str(session.id) in attended or account.holds(session.starts_at, session.ends_at))
    )


def _extra(frame: Frame, account: Account, answer: Credit, still_open: Collection[NotCredited], *, at: datetime) -> int:
    """Return the seconds that the rest of the cohort can still add for somebody who has a place in it now."""
    if frame.cohort.status == "closed" or not account.is_current(at):
        return 0
    since = {line.ref: line.started_at for line in still_open}
    classes: dict[date, int] = defaultdict(int)
    for session in frame.sessions.values():
        begins = max(session.starts_at, min(at, since.get(str(session.id), at)))
        if begins < session.ends_at and (session.ends_at > at or str(session.id) in since):
            classes[local_date(begins)] += int((session.ends_at - begins).total_seconds())
    online: dict[str, int] = defaultdict(int)
    for entry in answer.entries:
        if entry.source is Source.ONLINE:
            online[entry.ref] += entry.seconds
    today = local_date(at)
    ahead = Ahead(
        today=today,
        ends_on=frame.cohort.ends_on,
        classes=classes,
        lessons=sum(max(0, nominal - online[code]) for code, nominal in frame.nominal_seconds.items()),
        unscheduled=frame.unscheduled_seconds,
        credited_today=sum(entry.seconds for entry in answer.entries if entry.on == today),
        left_today=int((local_day(today)[1] - at).total_seconds()),
    )
    return reachable_extra(ahead, frame.policy.policy(SHANGHAI).daily_cap_seconds)
