"""Passwords: hashing, initial passwords and their slips, changing, resetting, signing out everywhere.

Hashing costs about 40 ms by design, so the functions that hash (`hash_password`, `prepare_password`,
`is_own_password`, `try_password`) only read: call them before `transaction()`, or every other writer waits.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from lms.accounts.models import PasswordSlip, Person
from lms.accounts.rules.masks import mask_id_number, mask_phone
from lms.accounts.rules.sign_in import INITIAL_ALPHABET, INITIAL_LENGTH, password_fault
from lms.accounts.services.memberships import has_other_organisation, lock_person, member_row, require_reach
from lms.accounts.services.records import Slip
from lms.core import audit, crypto
from lms.core.db import db
from lms.core.errors import Invalid

_INITIAL = "initial$"
# OWASP's choice for argon2id: 37 ms and 19 MiB on the reference machine, so that a class can sign in at once.
_CAREFUL = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
# What an unknown login is checked against, so that the answer takes as long: a password nobody has seen.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$drTp1SjfhRZwQG534JI7SA$5ps/e+GG4ICysA+kmktJi0spMLYNRqHq+4nz2eWj0JM"


@dataclass(frozen=True, slots=True)
class _Hashing:
    """How passwords are hashed, and the hash of nobody at that cost."""

    hasher: PasswordHasher
    nobody: str


_hashing = [_Hashing(_CAREFUL, _NOBODY)]


def use_fast_hash(*, fast: bool) -> None:
    """Choose cheap hashes for tests, which make hundreds of people; the real cost otherwise."""
    _hashing[0] = _Hashing(_FAST, _FAST.hash(secrets.token_hex(32))) if fast else _Hashing(_CAREFUL, _NOBODY)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return _hashing[0].hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one; takes the same time for nobody and for initial passwords."""
    hashing = _hashing[0]
    if stored is None:
        _matches(hashing.hasher, hashing.nobody, password)
        return False
    if stored.startswith(_INITIAL):
        _matches(hashing.hasher, hashing.nobody, password)
        _, salt, digest = stored.split("$")
        return hmac.compare_digest(_initial_digest(salt, password), digest)
    return _matches(hashing.hasher, stored, password)


def _matches(hasher: PasswordHasher, stored: str, password: str) -> bool:
    try:
        return hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def new_initial_password() -> tuple[str, str]:
    """Return a random password and what to store of it.

    A keyed digest, not argon2: a roster of 300 would hold the database's write lock for twelve seconds.
    Without the key, which is not in the database, the digest is as closed as the encrypted slip beside it;
    the first sign-in replaces it.
    """
    password = "".join(secrets.choice(INITIAL_ALPHABET) for _ in range(INITIAL_LENGTH))
    salt = secrets.token_hex(8)
    return password, f"{_INITIAL}{salt}${_initial_digest(salt, password)}"


def _initial_digest(salt: str, password: str) -> str:
    return crypto.blind_index(f"{salt}:{password}", purpose="accounts.initial_password").hex()


def is_own_password(*, person_id: int, password: str) -> bool:
    """Whether the person knows their password; slow on purpose, reads only."""
    stored = db.session.scalar(select(Person.password_hash).where(Person.id == person_id))
    return verify_password(stored, password)


def check_new_password(password: str, *, personal: tuple[str, ...] = ()) -> None:
    """Raise Invalid when a new password is too weak; `personal` is what it may not contain."""
    if fault := password_fault(password, personal=personal):
        raise Invalid(fault, field="new")


def prepare_password(*, person_id: int, current: str, new: str) -> str:
    """Check both passwords and return the new hash for `change_password`; slow, reads only."""
    person = db.session.get_one(Person, person_id)
    known = tuple(value for value in (person.login_name, person.phone, person.id_number) if value)
    if not verify_password(person.password_hash, current):
        raise Invalid("当前密码不对，请重新输入。", field="current")
    check_new_password(new, personal=known)
    if new == current:
        raise Invalid("新密码不能与当前密码相同。", field="new")
    return hash_password(new)


def change_password(*, person_id: int, password_hash: str, at: datetime, organisation_id: int | None) -> int:
    """Put a person's own new password in force and return the new epoch: older sessions end."""
    epoch = _store(person_id, password_hash, must_change=False)
    _record("accounts.password_changed", person_id, organisation_id, actor_id=person_id, at=at)
    return epoch


def set_password(
    *,
    person_id: int,
    password_hash: str,
    at: datetime,
    actor_id: int | None = None,
    must_change: bool = False,
) -> None:
    """Put a given password in force, for commands and the demo; the hash comes from `hash_password`."""
    _store(person_id, password_hash, must_change=must_change)
    _record("accounts.password_set", person_id, None, actor_id=actor_id, at=at)


def reset_password(*, organisation_id: int, person_id: int, at: datetime, actor_id: int | None) -> str:
    """Give a member a new initial password and return it, to be shown once.

    Refused for people who belong to another organisation too: one tenant must not open another's door.
    A platform administrator may.
    """
    person = member_row(organisation_id, person_id)
    roles = require_reach(actor_id, organisation_id, person_id)
    if has_other_organisation(organisation_id, person_id) and "platform_administrator" not in roles:
        raise Invalid(
            f"{person.name} 同时属于其他机构，本机构不能重置其密码。请本人登录后自行修改，或联系平台管理员重置。"
        )
    password, stored = new_initial_password()
    _store(person_id, stored, must_change=True)
    _record("accounts.password_reset", person_id, organisation_id, actor_id=actor_id, at=at)
    return password


def sign_out_everywhere(*, person_id: int, at: datetime, organisation_id: int | None) -> None:
    """End every session of a person, this one included."""
    lock_person(person_id).epoch += 1
    _record("accounts.signed_out_everywhere", person_id, organisation_id, actor_id=person_id, at=at)


def _store(person_id: int, stored: str, *, must_change: bool) -> int:
    """Keep a password, end the sessions of the old one, and wipe slips that no longer work."""
    person = lock_person(person_id)
    person.password_hash = stored
    person.must_change_password = must_change
    person.epoch += 1
    db.session.execute(
        update(PasswordSlip)
        .where(PasswordSlip.person_id == person_id, PasswordSlip.password.is_not(None))
        .values(password=None)
    )
    return person.epoch


def take_password_slips(
    *, organisation_id: int, person_ids: Sequence[int], at: datetime, actor_id: int | None
) -> list[Slip]:
    """Return the initial passwords that wait for these people, once: they are wiped as they are read."""
    waiting = (
        select(PasswordSlip, Person)
        .join(Person, Person.id == PasswordSlip.person_id)
        .where(
            PasswordSlip.organisation_id == organisation_id,
            PasswordSlip.person_id.in_(person_ids),
            PasswordSlip.password.is_not(None),
        )
        .order_by(Person.id)
        .with_for_update(of=PasswordSlip)
    )
    slips = []
    for slip, person in db.session.execute(waiting).all():
        slips.append(_slip(person, slip.password or ""))
        slip.password, slip.taken_at, slip.taken_by = None, at, actor_id
    if slips:
        audit.record(
            at=at,
            action="accounts.password_slips_taken",
            subject=f"accounts_organisation:{organisation_id}",
            actor_id=actor_id,
            organisation_id=organisation_id,
            person_ids=[slip.person_id for slip in slips],
        )
    return slips


def people_with_slips(*, organisation_id: int, person_ids: Sequence[int]) -> set[int]:
    """Return which of these people have an initial password waiting to be handed over."""
    waiting = select(PasswordSlip.person_id).where(
        PasswordSlip.organisation_id == organisation_id,
        PasswordSlip.person_id.in_(person_ids),
        PasswordSlip.password.is_not(None),
    )
    return set(db.session.scalars(waiting))


def _slip(person: Person, password: str) -> Slip:
    login = person.phone or person.login_name or person.id_number or ""
    masked = mask_phone(person.phone) or person.login_name or mask_id_number(person.id_number)
    return Slip(person_id=person.id, name=person.name, login=login, masked_login=masked, password=password)


def _record(action: str, person_id: int, organisation_id: int | None, *, actor_id: int | None, at: datetime) -> None:
    audit.record(
        at=at,
        action=action,
        subject=f"accounts_person:{person_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
    )
