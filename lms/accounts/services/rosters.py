"""Whole rosters at once: who is meant before anybody is registered, and full numbers for a list that is handed out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from lms.accounts.models import Person
from lms.accounts.services.memberships import members
from lms.accounts.services.registration import Given, id_number_index, phone_index, same_person
from lms.core import audit
from lms.core.db import db
from lms.core.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPerson:
    """What a roster line says of a person; checked and normalised by the `check_…` functions."""

    name: str
    id_number: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What `enrol_person` would do with a roster line: the person it means (None: a new one), or why it is refused."""

    person_id: int | None = None
    refusal: str = ""
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A person's numbers in full, "" for those nobody knows."""

    name: str
    id_number: str
    phone: str


def foresee(*, people: Sequence[RosterPerson]) -> list[Foreseen]:
    """Return for each line what registering it would do, by the same rule and in two statements."""
    by_id = _found(Person.id_number_index, [id_number_index(each.id_number) for each in people if each.id_number])
    by_phone = _found(Person.phone_index, [phone_index(each.phone) for each in people if each.phone])
    return [_foresee(each, by_id, by_phone) for each in people]


def _found(column: InstrumentedAttribute[bytes | None], indexes: list[bytes]) -> dict[bytes, Person]:
    rows = db.session.scalars(select(Person).where(column.in_(indexes)))
    return {getattr(row, column.key): row for row in rows} if indexes else {}


def _foresee(each: RosterPerson, by_id: dict[bytes, Person], by_phone: dict[bytes, Person]) -> Foreseen:
    given = Given(name=each.name, phone=each.phone, id_number=each.id_number, login_name=None)
    try:
        person = same_person(
            given,
            by_id=by_id.get(id_number_index(each.id_number)) if each.id_number else None,
            by_phone=by_phone.get(phone_index(each.phone)) if each.phone else None,
        )
    except Invalid as error:
        return Foreseen(refusal=error.message, field=error.field)
    return Foreseen(person_id=None if person is None else person.id)


def reveal_roster(
    *, organisation_id: int, person_ids: Sequence[int], reason: str, at: datetime, actor_id: int | None
) -> dict[int, Numbers]:
    """Return the numbers of members in full for a list that leaves the system; who took whose is logged at once."""
    wanted = select(Person).where(Person.id.in_(set(person_ids)), Person.id.in_(members(organisation_id)))
    found = {
        row.id: Numbers(name=row.name, id_number=row.id_number or "", phone=row.phone or "")
        for row in db.session.scalars(wanted)
    }
    audit.record(
        at=at,
        action="accounts.roster_revealed",
        subject=f"accounts_organisation:{organisation_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=reason,
        person_ids=sorted(found),
    )
    return found
