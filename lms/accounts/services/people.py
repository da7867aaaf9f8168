"""People of an organisation: list, look at, unmask."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Row, Select, func, select

from lms.accounts.models import Membership, Person
from lms.accounts.rules import identity
from lms.accounts.services.memberships import has_other_organisation, member_row, members
from lms.accounts.services.passwords import people_with_slips
from lms.accounts.services.records import PersonCard, PersonRow, PersonView, RolePeriod, person_view
from lms.accounts.services.registration import id_number_index, phone_index
from lms.core import audit
from lms.core.db import db
from lms.core.errors import Invalid
from lms.core.listing import ListPage, ListQuery, fetch

UNMASKABLE = {"phone": "手机号", "id_number": "身份证号"}


def get_people(*, organisation_id: int, person_ids: Iterable[int]) -> dict[int, PersonView]:
    """Return those of the people who are or were members of the organisation."""
    wanted = select(Person).where(Person.id.in_(set(person_ids)), Person.id.in_(members(organisation_id)))
    return {row.id: person_view(row) for row in db.session.scalars(wanted)}


def get_person(*, organisation_id: int, person_id: int) -> PersonView:
    """Return somebody who is or was a member of the organisation, or raise NotFound."""
    return person_view(member_row(organisation_id, person_id))


def get_self(*, person_id: int) -> PersonView:
    """Return a person's own record."""
    return person_view(db.session.get_one(Person, person_id))


def list_staff(*, organisation_id: int, roles: Iterable[str]) -> list[PersonView]:
    """Return who has one of the roles in the organisation now, by name."""
    held = select(Membership.person_id).where(
        Membership.organisation_id == organisation_id,
        Membership.role.in_(set(roles)),
        Membership.until_at.is_(None),
    )
    rows = db.session.scalars(select(Person).where(Person.id.in_(held)).order_by(Person.name, Person.id))
    return [person_view(row) for row in rows]


def list_people(*, organisation_id: int, query: ListQuery, role: str = "", ended: bool = False) -> ListPage[PersonRow]:
    """Return a page of the organisation's people, of one role if given; `ended` lists those who have left.

    A whole phone or ID number finds its owner; parts of numbers find nobody, since numbers are encrypted.
    """
    number = _number_index(query.search)
    statement = _people(organisation_id, role=role, ended=ended)
    asked = query
    if number is not None:
        statement = statement.where((Person.phone_index == number) | (Person.id_number_index == number))
        asked = ListQuery(sort=query.sort, descending=query.descending, page=query.page, size=query.size)
    joined = func.min(Membership.from_at)
    page = fetch(
        statement,
        asked,
        searchable=(Person.name, Person.login_name),
        sortable={"name": Person.name, "joined": joined, "seen": Person.last_sign_in_at},
        default_sort=(Person.name, Person.id),
    )
    shown = ListQuery(
        search=query.search,
        sort=query.sort,
        descending=query.descending,
        page=page.query.page,
        size=query.size,
    )
    return ListPage([_person_row(row) for row in page.rows], page.total, shown)


def _people(organisation_id: int, *, role: str, ended: bool) -> Select[Person, str, datetime, datetime | None]:
    """Select people of an organisation, a line each, with their roles and when they came and left."""
    here = Membership.organisation_id == organisation_id
    statement = (
        select(
            Person,
            func.aggregate_strings(Membership.role, ",").label("roles"),
            func.min(Membership.from_at).label("joined_at"),
            func.max(Membership.until_at).label("left_at"),
        )
        .join(Membership, Membership.person_id == Person.id)
        .where(here)
        .group_by(Person.id)
    )
    present = Membership.until_at.is_(None)
    statement = statement.where(
        Person.id.not_in(select(Membership.person_id).where(here, present)) if ended else present
    )
    if role:
        held = select(Membership.person_id).where(
            here, Membership.role == role, Membership.until_at.is_not(None) if ended else present
        )
        statement = statement.where(Person.id.in_(held))
    return statement


def _number_index(text: str) -> bytes | None:
    """Return the blind index of a search that is a whole number, None otherwise."""
    try:
        return phone_index(identity.parse_phone(text))
    except identity.BadIdentity:
        pass
    try:
        return id_number_index(identity.parse_id_number(text).number)
    except identity.BadIdentity:
        return None


def _person_row(row: Row[Person, str, datetime, datetime | None]) -> PersonRow:
    person, roles, joined_at, left_at = row
    return PersonRow(
        person=person_view(person),
        roles=tuple(sorted(set(roles.split(",")))),
        joined_at=joined_at,
        left_at=left_at,
        last_sign_in_at=person.last_sign_in_at,
    )


def get_person_card(*, organisation_id: int, person_id: int) -> PersonCard:
    """Return what the staff of an organisation see of one of its people, or raise NotFound."""
    row = member_row(organisation_id, person_id)
    periods = db.session.scalars(
        select(Membership)
        .where(Membership.organisation_id == organisation_id, Membership.person_id == person_id)
        .order_by(Membership.from_at.desc(), Membership.id)
    ).all()
    waiting = people_with_slips(organisation_id=organisation_id, person_ids=[person_id])
    return PersonCard(
        person=person_view(row),
        roles=tuple(period.role for period in periods if period.until_at is None),
        periods=tuple(RolePeriod(role=each.role, from_at=each.from_at, until_at=each.until_at) for each in periods),
        belongs_elsewhere=has_other_organisation(organisation_id, person_id),
        has_totp=row.totp_enrolled_at is not None,
        must_change_password=row.must_change_password,
        has_slip=bool(waiting),
        created_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
    )


def unmask(*, organisation_id: int, person_id: int, field: str, reason: str, at: datetime, actor_id: int | None) -> str:
    """Return a member's phone or ID number in full and log who looked, and why."""
    if field not in UNMASKABLE:
        raise Invalid("请选择要显示的内容。", field="field")
    if len(reason.strip()) < 2:
        raise Invalid("请写明查看原因，例如“核对报名材料”。原因会记入日志。", field="reason")
    row = member_row(organisation_id, person_id)
    value: str | None = getattr(row, field)
    if value is None:
        raise Invalid(f"此人没有登记{UNMASKABLE[field]}。", field="field")
    audit.record(
        at=at,
        action="accounts.unmasked",
        subject=f"accounts_person:{person_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=reason.strip(),
        field=field,
    )
    return value
