"""People: enrol, find, list, look at, unmask."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Row, Select, func, select
from sqlalchemy.exc import IntegrityError

from lms.accounts.models import Membership, PasswordSlip, Person
from lms.accounts.rules import identity
from lms.accounts.services.memberships import (
    has_other_organisation,
    member_row,
    members,
    open_membership,
    require_role_allowed,
)
from lms.accounts.services.passwords import new_initial_password, people_with_slips
from lms.accounts.services.records import (
    PersonCard,
    PersonCreated,
    PersonRow,
    PersonView,
    RolePeriod,
    check_id_number,
    check_login_name,
    check_name,
    check_phone,
    person_view,
)
from lms.core import audit, crypto
from lms.core.clock import local_date
from lms.core.db import db
from lms.core.errors import Conflict, Invalid
from lms.core.listing import ListPage, ListQuery, fetch

UNMASKABLE = {"phone": "手机号", "id_number": "身份证号"}


def phone_index(number: str) -> bytes:
    """Return the blind index of a mobile number."""
    return crypto.blind_index(number, purpose="accounts_person.phone")


def id_number_index(number: str) -> bytes:
    """Return the blind index of an ID number."""
    return crypto.blind_index(number, purpose="accounts_person.id_number")


def enrol_person(
    *,
    organisation_id: int,
    role: str,
    name: str,
    phone: str | None = None,
    id_number: str | None = None,
    login_name: str | None = None,
    at: datetime,
    actor_id: int | None,
) -> PersonCreated:
    """Make somebody a member: whoever has this ID number, else this phone (the name must agree), else a new person.

    A new person gets an initial password and a slip for it. What is missing of a known person is filled in; what is
    known is never overwritten by a roster.
    """
    require_role_allowed(organisation_id, role, actor_id=actor_id)
    name = check_name(name)
    phone = check_phone(phone) if phone and phone.strip() else None
    id_number = check_id_number(id_number, on=local_date(at)) if id_number and id_number.strip() else None
    login_name = check_login_name(login_name) if login_name and login_name.strip() else None
    if not (phone or id_number or login_name):
        raise Invalid("手机号、身份证号、登录名至少填写一项，用来登录。", field="phone")
    person = _find_same_person(name=name, phone=phone, id_number=id_number)
    password: str | None = None
    if person is None:
        _refuse_taken_login_name(login_name, None)
        person, password = _create(name, phone, id_number, login_name, organisation_id, at)
        _record("accounts.person_created", organisation_id, person.id, at=at, actor_id=actor_id)
    else:
        _complete(
            person, phone, id_number, login_name, organisation_id=organisation_id, at=at, actor_id=actor_id
        )
    open_membership(organisation_id, person.id, role, at=at, actor_id=actor_id)
    return PersonCreated(person_id=person.id, is_new=password is not None, initial_password=password)


def _find_same_person(*, name: str, phone: str | None, id_number: str | None) -> Person | None:
    """Return the person these numbers belong to; numbers of two people, or another name, are refused."""
    by_id = _by_id_number(id_number) if id_number else None
    by_phone = _by_phone(phone) if phone else None
    if by_id is not None and by_id.name != name:
        raise Invalid("这个身份证号已用另一个姓名登记，请核对姓名和身份证号。", field="id_number")
    if by_phone is not None and by_phone is not by_id:
        if by_id is not None or (id_number and by_phone.id_number):
            raise Invalid("这个手机号已由另一个人使用，请核对手机号。", field="phone")
        if by_phone.name != name:
            raise Invalid("这个手机号已用另一个姓名登记，请核对姓名和手机号。", field="phone")
    return by_id or by_phone


def _by_id_number(number: str) -> Person | None:
    return db.session.scalars(
        select(Person).where(Person.id_number_index == id_number_index(number))
    ).one_or_none()


def _by_phone(number: str) -> Person | None:
    return db.session.scalars(select(Person).where(Person.phone_index == phone_index(number))).one_or_none()


def _refuse_taken_login_name(login_name: str | None, person_id: int | None) -> None:
    if not login_name:
        return
    holder = db.session.scalar(select(Person.id).where(Person.login_name == login_name))
    if holder is not None and holder != person_id:
        raise Invalid("这个登录名已有人使用，请换一个。", field="login_name")


def _create(
    name: str,
    phone: str | None,
    id_number: str | None,
    login_name: str | None,
    organisation_id: int,
    at: datetime,
) -> tuple[Person, str]:
    password, stored = new_initial_password()
    person = Person(
        name=name,
        login_name=login_name,
        phone=phone,
        phone_index=phone_index(phone) if phone else None,
        id_number=id_number,
        id_number_index=id_number_index(id_number) if id_number else None,
        password_hash=stored,
        must_change_password=True,
        created_at=at,
    )
    db.session.add(person)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict("刚刚有人登记了同一个人，请刷新后再试。") from None
    db.session.add(
        PasswordSlip(organisation_id=organisation_id, person_id=person.id, password=password, created_at=at)
    )
    return person, password


def _complete(
    person: Person,
    phone: str | None,
    id_number: str | None,
    login_name: str | None,
    *,
    organisation_id: int,
    at: datetime,
    actor_id: int | None,
) -> None:
    """Fill in what nobody knew yet of a person."""
    filled = []
    if phone and person.phone is None:
        person.phone, person.phone_index = phone, phone_index(phone)
        filled.append("phone")
    if id_number and person.id_number is None:
        person.id_number, person.id_number_index = id_number, id_number_index(id_number)
        filled.append("id_number")
    if login_name and person.login_name is None:
        _refuse_taken_login_name(login_name, person.id)
        person.login_name = login_name
        filled.append("login_name")
    if filled:
        _record(
            "accounts.person_completed", organisation_id, person.id, at=at, actor_id=actor_id, fields=filled
        )


def find_person_by_id_number(*, id_number: str) -> PersonView | None:
    """Return the person with this ID number, in whatever organisation; None for nobody or an impossible number."""
    try:
        row = _by_id_number(check_id_number(id_number))
    except Invalid:
        return None
    return None if row is None else person_view(row)


def find_person_by_phone(*, phone: str) -> PersonView | None:
    """Return the person with this mobile number, in whatever organisation; None for nobody or an impossible number."""
    try:
        row = _by_phone(check_phone(phone))
    except Invalid:
        return None
    return None if row is None else person_view(row)


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


def list_people(
    *, organisation_id: int, query: ListQuery, role: str = "", ended: bool = False
) -> ListPage[PersonRow]:
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


def _people(organisation_id: int, *, role: str, ended: bool) -> Select[Person, str, datetime, datetime]:
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


def _person_row(row: Row[Person, str, datetime, datetime]) -> PersonRow:
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
        periods=tuple(
            RolePeriod(role=each.role, from_at=each.from_at, until_at=each.until_at) for each in periods
        ),
        belongs_elsewhere=has_other_organisation(organisation_id, person_id),
        has_totp=row.totp_enrolled_at is not None,
        must_change_password=row.must_change_password,
        has_slip=bool(waiting),
        created_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
    )


def unmask(
    *, organisation_id: int, person_id: int, field: str, reason: str, at: datetime, actor_id: int | None
) -> str:
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


def _record(
    action: str,
    organisation_id: int,
    person_id: int,
    *,
    at: datetime,
    actor_id: int | None,
    **detail: list[str],
) -> None:
    audit.record(
        at=at,
        action=action,
        subject=f"accounts_person:{person_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        **detail,
    )
