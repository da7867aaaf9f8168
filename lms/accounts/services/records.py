"""What crosses the accounts door: frozen records, with numbers masked unless the name says otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from lms.accounts.models import Organisation, Person
from lms.accounts.rules import identity
from lms.accounts.rules.masks import mask_id_number, mask_name, mask_phone, tail
from lms.core.errors import Invalid

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationView:
    """An organisation as others see it."""

    id: int
    kind: str
    name: str
    short_name: str
    uscc: str | None
    contact: str
    require_totp: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A person as lists and records show them; `id_tail` is the ID number's last four characters, or ""."""

    id: int
    name: str
    masked_name: str
    masked_id_number: str
    masked_phone: str
    id_tail: str
    login_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCreated:
    """The outcome of an enrolment; `initial_password` only for a person who is new here and everywhere."""

    person_id: int
    is_new: bool
    initial_password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """An initial password to hand over. `login` works as typed; `masked_login` is for print and screen."""

    person_id: int
    name: str
    login: str
    masked_login: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipView:
    """One organisation a person belongs to now, with the roles they have there."""

    organisation_id: int
    organisation_name: str
    kind: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePeriod:
    """A role of a person in one organisation, from when until when."""

    role: str
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A line of the people list."""

    person: PersonView
    roles: tuple[str, ...]
    joined_at: datetime
    left_at: datetime | None
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """What the staff of an organisation see of one of its people."""

    person: PersonView
    roles: tuple[str, ...]
    periods: tuple[RolePeriod, ...]
    belongs_elsewhere: bool
    has_totp: bool
    must_change_password: bool
    has_slip: bool
    created_at: datetime
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The person behind a session, with the roles they have in the organisation they signed in to."""

    person_id: int
    name: str
    epoch: int
    organisation_id: int
    organisation_name: str
    organisation_kind: str
    roles: frozenset[str]
    must_change_password: bool
    must_accept_notice: bool
    must_enrol_totp: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A password tried: whose it is, whether it was right, and the key its failures are counted under."""

    key: str
    person_id: int | None
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attempt: the person when it succeeded, else how long to wait before the next."""

    person_id: int | None
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A person whose password was right: what still stands between them and their pages."""

    person_id: int
    epoch: int
    needs_code: bool
    memberships: tuple[MembershipView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """The newest version of the notice that a person accepted, and when."""

    version: str
    at: datetime


def organisation_view(row: Organisation) -> OrganisationView:
    """Return an organisation's record."""
    return OrganisationView(
        id=row.id,
        kind=row.kind,
        name=row.name,
        short_name=row.short_name or row.name,
        uscc=row.uscc,
        contact=row.contact,
        require_totp=row.require_totp,
        created_at=row.created_at,
    )


def person_view(row: Person) -> PersonView:
    """Return a person's masked record."""
    return PersonView(
        id=row.id,
        name=row.name,
        masked_name=mask_name(row.name),
        masked_id_number=mask_id_number(row.id_number),
        masked_phone=mask_phone(row.phone),
        id_tail=tail(row.id_number),
        login_name=row.login_name,
    )


def accepted(parse: Callable[[str], T], text: str, *, field: str) -> T:
    """Return what a rule reads in a text; a refusal of the rule becomes Invalid for that field."""
    try:
        return parse(text)
    except identity.BadIdentity as error:
        raise Invalid(str(error), field=field) from None


def check_id_number(text: str, *, on: date | None = None) -> str:
    """Return the normalised ID number or raise Invalid; given `on`, its holder is 16–100 years old then."""
    return accepted(lambda value: identity.parse_id_number(value, on=on).number, text, field="id_number")


def check_phone(text: str) -> str:
    """Return the mobile number as 11 digits or raise Invalid."""
    return accepted(identity.parse_phone, text, field="phone")


def check_uscc(text: str) -> str:
    """Return the unified social credit code or raise Invalid."""
    return accepted(identity.parse_uscc, text, field="uscc")


def check_name(text: str) -> str:
    """Return a person's name in its normal form or raise Invalid."""
    return accepted(identity.parse_name, text, field="name")


def check_login_name(text: str) -> str:
    """Return a login name in lower case or raise Invalid."""
    return accepted(identity.parse_login_name, text, field="login_name")
