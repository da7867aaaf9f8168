"""Registering people: who a roster line means, and the person it makes when it means nobody yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms.accounts.models import PasswordSlip, Person
from lms.accounts.services.memberships import open_membership, require_role_allowed
from lms.accounts.services.passwords import new_initial_password
from lms.accounts.services.records import (
    PersonCreated,
    PersonView,
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


@dataclass(frozen=True, slots=True)
class Given:
    """What a roster line or a form says of a person, checked and normalised."""

    name: str
    phone: str | None
    id_number: str | None
    login_name: str | None


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
    """Make somebody a member: who has this ID number, else this phone (the name must agree), else a new one.

    A new person gets an initial password and a slip for it. What is missing of a known person is filled in;
    what is known is never overwritten by a roster.
    """
    require_role_allowed(organisation_id, role, actor_id=actor_id)
    given = Given(
        name=check_name(name),
        phone=check_phone(phone) if phone and phone.strip() else None,
        id_number=check_id_number(id_number, on=local_date(at)) if id_number and id_number.strip() else None,
        login_name=check_login_name(login_name) if login_name and login_name.strip() else None,
    )
    if not (given.phone or given.id_number or given.login_name):
        raise Invalid("手机号、身份证号、登录名至少填写一项，用来登录。", field="phone")
    person = _find_same_person(given)
    password: str | None = None
    if person is None:
        person, password = _create(given, organisation_id=organisation_id, at=at)
        _record("accounts.person_created", organisation_id, person.id, at=at, actor_id=actor_id)
    elif filled := _complete(person, given):
        action = "accounts.person_completed"
        _record(action, organisation_id, person.id, at=at, actor_id=actor_id, fields=filled)
    open_membership(organisation_id, person.id, role, at=at, actor_id=actor_id)
    return PersonCreated(person_id=person.id, is_new=password is not None, initial_password=password)


def _find_same_person(given: Given) -> Person | None:
    """Return the person these numbers belong to; numbers of two people, or another name, are refused."""
    return same_person(
        given,
        by_id=_by_id_number(given.id_number) if given.id_number else None,
        by_phone=_by_phone(given.phone) if given.phone else None,
    )


def same_person(given: Given, *, by_id: Person | None, by_phone: Person | None) -> Person | None:
    """Return who of those found by ID number and by phone is meant, None for nobody; Invalid when it cannot be."""
    if by_id is not None and by_id.name != given.name:
        raise Invalid("这个身份证号已用另一个姓名登记，请核对姓名和身份证号。", field="id_number")
    if by_phone is not None and by_phone is not by_id:
        if by_id is not None or (given.id_number and by_phone.id_number):
            raise Invalid("这个手机号已由另一个人使用，请核对手机号。", field="phone")
        if by_phone.name != given.name:
            raise Invalid("这个手机号已用另一个姓名登记，请核对姓名和手机号。", field="phone")
    return by_id or by_phone


def _by_id_number(number: str) -> Person | None:
    found = select(Person).where(Person.id_number_index == id_number_index(number))
    return db.session.scalars(found).one_or_none()


def _by_phone(number: str) -> Person | None:
    return db.session.scalars(select(Person).where(Person.phone_index == phone_index(number))).one_or_none()


def _refuse_taken_login_name(login_name: str | None) -> None:
    if login_name and db.session.scalar(select(Person.id).where(Person.login_name == login_name)):
        raise Invalid("这个登录名已有人使用，请换一个。", field="login_name")


def _create(given: Given, *, organisation_id: int, at: datetime) -> tuple[Person, str]:
    _refuse_taken_login_name(given.login_name)
    password, stored = new_initial_password()
    person = Person(
        name=given.name,
        login_name=given.login_name,
        phone=given.phone,
        phone_index=phone_index(given.phone) if given.phone else None,
        id_number=given.id_number,
        id_number_index=id_number_index(given.id_number) if given.id_number else None,
        password_hash=stored,
        must_change_password=True,
        created_at=at,
    )
    db.session.add(person)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict("刚刚有人登记了同一个人，请刷新后再试。") from None
    slip = PasswordSlip(organisation_id=organisation_id, person_id=person.id, password=password, created_at=at)
    db.session.add(slip)
    return person, password


def _complete(person: Person, given: Given) -> list[str]:
    """Fill in what nobody knew yet of a person and return the names of what was filled."""
    filled = []
    if given.phone and person.phone is None:
        person.phone, person.phone_index = given.phone, phone_index(given.phone)
        filled.append("phone")
    if given.id_number and person.id_number is None:
        person.id_number, person.id_number_index = given.id_number, id_number_index(given.id_number)
        filled.append("id_number")
    if given.login_name and person.login_name is None:
        _refuse_taken_login_name(given.login_name)
        person.login_name = given.login_name
        filled.append("login_name")
    return filled


def find_person_by_id_number(*, id_number: str) -> PersonView | None:
    """Return the person with this ID number, wherever they belong; None for an impossible number too."""
    try:
        row = _by_id_number(check_id_number(id_number))
    except Invalid:
        return None
    return None if row is None else person_view(row)


def find_person_by_phone(*, phone: str) -> PersonView | None:
    """Return the person with this phone, wherever they belong; None for an impossible number too."""
    try:
        row = _by_phone(check_phone(phone))
    except Invalid:
        return None
    return None if row is None else person_view(row)


def _record(
    action: str,
    organisation_id: int,
    person_id: int,
    *,
    at: datetime,
    actor_id: int | None,
    **detail: Any,
) -> None:
    audit.record(
        at=at,
        action=action,
        subject=f"accounts_person:{person_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        **detail,
    )
