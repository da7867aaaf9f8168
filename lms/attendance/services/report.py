"""A learner's hours told day by day, with the names of classes and lessons."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from lms.accounts import services as accounts
from lms.attendance.rules import Entry, EvidenceGrade, NotCredited, Reason, Source
from lms.attendance.rules.policy import PolicyData
from lms.attendance.services.evidence import Frame, gather, get_account, read_frame
from lms.attendance.services.hours import count
from lms.attendance.services.ledger import ledger_lines
from lms.attendance.services.records import Hours, LedgerLine

# Odd seconds between two beats are no news to anybody.
SHORTEST_LOSS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Time of one class or lesson on one day: credited with a grade, or lost with a reason."""

    source: Source
    title: str
    spans: tuple[tuple[datetime, datetime], ...]
    seconds: int
    grade: EvidenceGrade | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was credited and what was not on one local date."""

    on: date
    seconds: int
    credited: tuple[Line, ...]
    lost: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursReport:
    """A learner's hours with everything a page needs to explain them; days newest first."""

    cohort_id: int
    cohort_name: str
    person_id: int
    person_name: str
    enrolment_id: int
    hours: Hours
    days: tuple[Day, ...]
    attending: tuple[Line, ...]
    policy: PolicyData
    ledger: tuple[LedgerLine, ...] = ()


def hours_report(
    *,
    organisation_id: int,
    enrolment_id: int | None = None,
    cohort_id: int | None = None,
    person_id: int | None = None,
    with_ledger: bool = False,
    at: datetime,
) -> HoursReport:
    """Return a learner's hours in a cohort day by day."""
    account = get_account(
        organisation_id=organisation_id, enrolment_id=enrolment_id, cohort_id=cohort_id, person_id=person_id
    )
    frame = read_frame(organisation_id=organisation_id, cohort_id=account.cohort_id)
    (gathered,) = gather(frame, [account], at=at)
    hours = count(frame, gathered, at=at)
    names = _Names(frame)
    people = accounts.get_people(organisation_id=organisation_id, person_ids=[account.person_id])
    return HoursReport(
        cohort_id=account.cohort_id,
        cohort_name=frame.cohort.name,
        person_id=account.person_id,
        person_name=people[account.person_id].name,
        enrolment_id=account.places[-1].id,
        hours=hours,
        days=_days(hours, names),
        attending=_losses(hours.open_check_ins, names),
        policy=frame.policy,
        ledger=tuple(ledger_lines(account=account)) if with_ledger else (),
    )


class _Names:
    """The titles of a cohort's classes and lessons."""

    def __init__(self, frame: Frame) -> None:
        self._lessons = {lesson.code: lesson.title for lesson in frame.lessons.values()}
        self._classes = {
            str(session.id): f"{session.item_code} {frame.items.get(session.item_code, '')}".strip()
            for session in frame.sessions.values()
        }

    def of(self, source: Source, ref: str) -> str:
        if source is Source.ONSITE:
            return self._classes.get(ref, "课次")
        return f"{ref} {self._lessons.get(ref, '')}".strip()


def _days(hours: Hours, names: _Names) -> tuple[Day, ...]:
    dates = sorted({entry.on for entry in hours.entries} | {line.on for line in hours.not_credited}, reverse=True)
    days = []
    for on in dates:
        entries = [entry for entry in hours.entries if entry.on == on]
        lost = _losses((line for line in hours.not_credited if line.on == on), names)
        if entries or lost:
            seconds = sum(entry.seconds for entry in entries)
            days.append(Day(on=on, seconds=seconds, credited=_credits(entries, names), lost=lost))
    return tuple(days)


def _credits(entries: Iterable[Entry], names: _Names) -> tuple[Line, ...]:
    groups: dict[tuple[Source, str, EvidenceGrade], list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.source, entry.ref, entry.grade].append(entry)
    return tuple(
        Line(
            source=source,
            title=names.of(source, ref),
            spans=tuple((entry.started_at, entry.ended_at) for entry in own),
            seconds=sum(entry.seconds for entry in own),
            grade=grade,
        )
        for (source, ref, grade), own in groups.items()
    )


def _losses(lines: Iterable[NotCredited], names: _Names) -> tuple[Line, ...]:
    groups: dict[tuple[Source, str, Reason], list[NotCredited]] = defaultdict(list)
    for line in lines:
        groups[line.source, line.ref, line.reason].append(line)
    found = (
        Line(
            source=source,
            title=names.of(source, ref),
            spans=tuple((line.started_at, line.ended_at) for line in own),
            seconds=sum(line.seconds for line in own),
            reason=reason,
        )
        for (source, ref, reason), own in groups.items()
    )
    return tuple(line for line in found if line.seconds >= SHORTEST_LOSS or line.reason is Reason.NO_CHECK_OUT)
