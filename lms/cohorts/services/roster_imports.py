"""Roster import in two acts: the dry run keeps the judged lines, confirming enrols the good ones, all or none."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from lms.accounts import services as accounts
from lms.cohorts.models import Cohort, RosterImport
from lms.cohorts.rules.roster import RosterField, RosterLine
from lms.cohorts.services.enrolments import enrol
from lms.cohorts.services.roster_checks import BAD, KNOWN, NEW, PRESENT, RosterRow, check_lines
from lms.core import audit
from lms.core.db import db, get_owned, owned
from lms.core.errors import Conflict, NotFound

KEPT_FOR = timedelta(days=7)
NOTHING = "[]"
_GONE = "没有找到这次导入。请从班期页面重新上传名册。"


@dataclass(frozen=True, slots=True)
class RosterResult:
    """What confirming did: accounts made, known people enrolled, lines of people already there, lines left out."""

    created: int
    known: int
    present: int
    left_out: int

    @property
    def enrolled(self) -> int:
        """How many people got a place."""
        return self.created + self.known


@dataclass(frozen=True, slots=True)
class RosterImportView:
    """An upload as its pages show it; `rows` is empty once wiped, and holds only bad rows after confirming."""

    id: int
    cohort_id: int
    filename: str
    rows: tuple[RosterRow, ...]
    good_count: int
    bad_count: int
    present_count: int
    created_at: datetime
    confirmed_at: datetime | None
    result: RosterResult | None

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be confirmed."""
        return self.confirmed_at is None and bool(self.rows)


@dataclass(frozen=True, slots=True)
class CheckedRoster:
    """A roster that was read and judged, not yet kept."""

    filename: str
    rows: tuple[RosterRow, ...]

    def count(self, *states: str) -> int:
        """Return how many lines are in one of the states."""
        return sum(row.state in states for row in self.rows)


def check_roster(*, organisation_id: int, cohort_id: int, filename: str, data: bytes, at: datetime) -> CheckedRoster:
    """Read and judge a roster; reads only, so call it before `transaction()`: a large file takes a second."""
    _open_cohort(organisation_id, cohort_id)
    # Excel costs each process 15 MB and a tenth of a second; most processes never see a file
    from lms.cohorts.content.rosters import read_roster  # noqa: PLC0415

    roster = read_roster(data)
    rows = check_lines(organisation_id=organisation_id, cohort_id=cohort_id, lines=roster.lines, at=at)
    return CheckedRoster(filename.strip()[-200:] or "名册", tuple(rows))


def keep_roster(*, organisation_id: int, cohort_id: int, checked: CheckedRoster, at: datetime, actor_id: int) -> int:
    """Keep a judged roster for confirmation and return the import's id; earlier uploads not confirmed are wiped."""
    _open_cohort(organisation_id, cohort_id)
    db.session.execute(
        update(RosterImport)
        .where(
            RosterImport.organisation_id == organisation_id,
            RosterImport.cohort_id == cohort_id,
            RosterImport.created_by == actor_id,
            RosterImport.confirmed_at.is_(None),
            RosterImport.wiped_at.is_(None),
        )
        .values(rows=NOTHING, wiped_at=at)
    )
    row = RosterImport(
        organisation_id=organisation_id,
        cohort_id=cohort_id,
        filename=checked.filename,
        rows=_dump(checked.rows),
        good_count=checked.count(NEW, KNOWN),
        bad_count=checked.count(BAD),
        present_count=checked.count(PRESENT),
        created_by=actor_id,
        created_at=at,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def dry_run_roster(
    *, organisation_id: int, cohort_id: int, filename: str, data: bytes, at: datetime, actor_id: int
) -> int:
    """Read, judge and keep a roster and return the import's id; nobody is enrolled."""
    checked = check_roster(organisation_id=organisation_id, cohort_id=cohort_id, filename=filename, data=data, at=at)
    return keep_roster(organisation_id=organisation_id, cohort_id=cohort_id, checked=checked, at=at, actor_id=actor_id)


def get_roster_import(*, organisation_id: int, cohort_id: int, import_id: int) -> RosterImportView:
    """Return an upload of a cohort."""
    row = db.session.scalars(
        owned(RosterImport, organisation_id).where(RosterImport.cohort_id == cohort_id, RosterImport.id == import_id)
    ).one_or_none()
    if row is None:
        raise NotFound(_GONE)
    return _view(row)


def confirm_roster(
    *, organisation_id: int, cohort_id: int, import_id: int, at: datetime, actor_id: int
) -> RosterResult:
    """Enrol the good lines and return what was done; pressed twice, the second press is told the same.

    The lines are judged again: whoever was registered or enrolled meanwhile is seen, and a line that has become bad is
    left out.
    """
    row = db.session.scalars(
        owned(RosterImport, organisation_id)
        .where(RosterImport.cohort_id == cohort_id, RosterImport.id == import_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(_GONE)
    if row.confirmed_at is not None:
        return RosterResult(**(row.result or {}))
    rows = _load(row.rows)
    if not rows:
        raise Conflict("这次上传的名册已清除，没有导入任何人。请重新上传。")
    _open_cohort(organisation_id, cohort_id)
    rows = _judge_again(rows, organisation_id=organisation_id, cohort_id=cohort_id, at=at)
    for each in rows:
        if each.is_good:
            _enrol(each, organisation_id=organisation_id, cohort_id=cohort_id, at=at, actor_id=actor_id)
    bad = [each for each in rows if each.state == BAD]
    counts = {state: sum(each.state == state for each in rows) for state in (NEW, KNOWN, PRESENT)}
    result = RosterResult(counts[NEW], counts[KNOWN], counts[PRESENT], len(bad))
    row.rows = _dump(bad)  # the good ones are in the register now; these go back to the clerk, then are wiped too
    row.confirmed_at = at
    row.wiped_at = None if bad else at
    row.result = {name: getattr(result, name) for name in result.__dataclass_fields__}
    audit.record(
        at=at,
        action="cohorts.roster_confirmed",
        subject=f"cohorts_cohort:{cohort_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        import_id=import_id,
        **row.result,
    )
    return result


def discard_roster(*, organisation_id: int, cohort_id: int, import_id: int, at: datetime) -> None:
    """Wipe an upload that will not be confirmed, or the bad rows that nobody needs back."""
    get_roster_import(organisation_id=organisation_id, cohort_id=cohort_id, import_id=import_id)
    row = get_owned(RosterImport, organisation_id=organisation_id, id=import_id)
    row.rows, row.wiped_at = NOTHING, at


def forget_rosters(*, at: datetime) -> int:
    """Wipe the rows of uploads older than seven days, of every organisation, and return how many there were."""
    old = (
        update(RosterImport)
        .where(RosterImport.wiped_at.is_(None), RosterImport.created_at <= at - KEPT_FOR)
        .values(rows=NOTHING, wiped_at=at)
        .returning(RosterImport.id)
        .execution_options(synchronize_session=False)
    )
    return len(db.session.scalars(old).all())


def _judge_again(rows: Sequence[RosterRow], *, organisation_id: int, cohort_id: int, at: datetime) -> list[RosterRow]:
    """Judge anew the lines that were not bad; bad ones stay bad, since nobody has seen them green."""
    lines = [
        RosterLine(each.number, {which: getattr(each, which.value) for which in RosterField})
        for each in rows
        if each.state != BAD
    ]
    again = check_lines(organisation_id=organisation_id, cohort_id=cohort_id, lines=lines, at=at)
    return sorted([*again, *(each for each in rows if each.state == BAD)], key=lambda each: each.number)


def _enrol(each: RosterRow, *, organisation_id: int, cohort_id: int, at: datetime, actor_id: int) -> None:
    made = accounts.enrol_person(
        organisation_id=organisation_id,
        role=accounts.Role.LEARNER,
        name=each.name,
        phone=each.phone or None,
        id_number=each.id_number,
        at=at,
        actor_id=actor_id,
    )
    enrol(
        organisation_id=organisation_id,
        cohort_id=cohort_id,
        person_id=made.person_id,
        employer_name=each.employer,
        at=at,
        actor_id=actor_id,
    )


def _open_cohort(organisation_id: int, cohort_id: int) -> None:
    if get_owned(Cohort, organisation_id=organisation_id, id=cohort_id).status == "closed":
        raise Conflict("班期已结束，不能再加入学员。")


def _dump(rows: Sequence[RosterRow]) -> str:
    return json.dumps([row.to_json() for row in rows], ensure_ascii=False)


def _load(text: str) -> list[RosterRow]:
    return [RosterRow(**values) for values in json.loads(text)]


def _view(row: RosterImport) -> RosterImportView:
    return RosterImportView(
        id=row.id,
        cohort_id=row.cohort_id,
        filename=row.filename,
        rows=tuple(_load(row.rows)),
        good_count=row.good_count,
        bad_count=row.bad_count,
        present_count=row.present_count,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        result=RosterResult(**row.result) if row.result else None,
    )
