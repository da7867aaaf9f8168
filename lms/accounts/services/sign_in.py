"""Signing in: check (slow, reads only), settle (quick, writes), begin a session, recognise it later."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Executable, bindparam, delete, exists, not_, select

from lms.accounts.models import Membership, NoticeAcceptance, Organisation, Person, SignInThrottle
from lms.accounts.rules import identity
from lms.accounts.rules.notice import NOTICE_VERSION
from lms.accounts.rules.roles import STAFF
from lms.accounts.rules.sign_in import FORGET_AFTER, lock_out
from lms.accounts.services.memberships import memberships_of, roles_of
from lms.accounts.services.passwords import verify_password
from lms.accounts.services.records import Arrival, Attempt, Outcome, SignedIn
from lms.accounts.services.registration import id_number_index, phone_index
from lms.core import audit, crypto
from lms.core.db import db, insert_into, run_core
from lms.core.errors import Forbidden

NO_WAIT = timedelta(0)


def try_password(*, login: str, password: str, at: datetime) -> Attempt:
    """Find whom a login means and check the password; the same work for nobody, none while locked.

    Reads only and takes its 40 ms: call it before `transaction()`, then `settle_attempt` inside.
    """
    found = _find_by_login(login)
    key = f"person:{found[0]}" if found else _key_of_unknown(login)
    if waiting_time(key=key, at=at):
        return Attempt(key=key, person_id=None, right=False)
    right = verify_password(found[1] if found else None, password)
    return Attempt(key=key, person_id=found[0] if found and right else None, right=right)


def _find_by_login(login: str) -> tuple[int, str] | None:
    """Return id and password hash of the person whose phone, ID number or login name this is."""
    try:
        clause = Person.phone_index == phone_index(identity.parse_phone(login))
    except identity.BadIdentity:
        try:
            clause = Person.id_number_index == id_number_index(identity.parse_id_number(login).number)
        except identity.BadIdentity:
            clause = Person.login_name == login.strip().lower()[:32]
    row = db.session.execute(select(Person.id, Person.password_hash).where(clause)).one_or_none()
    return None if row is None else (row.id, row.password_hash)


def _key_of_unknown(login: str) -> str:
    """Return the key under which failures of a login that is nobody's are counted; it hides the login."""
    plain = identity.plain(login).lower()[:64]
    return "login:" + crypto.blind_index(plain, purpose="accounts_sign_in_throttle.key").hex()


def waiting_time(*, key: str, at: datetime) -> timedelta:
    """Return how long nobody may try under this key; zero when anybody may."""
    until = db.session.scalar(select(SignInThrottle.locked_until).where(SignInThrottle.key == key))
    return max(until - at, NO_WAIT) if until else NO_WAIT


def settle_attempt(*, attempt: Attempt, at: datetime) -> Outcome:
    """Count a failure or clear the count; never raises, because a rolled-back failure would not count.

    A right password is refused while the key is locked, also when it was checked just before: that closes the
    door on guesses sent side by side.
    """
    throttle = db.session.get(SignInThrottle, attempt.key, with_for_update=True, populate_existing=True)
    if throttle is not None and throttle.locked_until and throttle.locked_until > at:
        return Outcome(person_id=None, wait=throttle.locked_until - at)
    if attempt.right:
        if throttle is not None:
            db.session.delete(throttle)
        return Outcome(person_id=attempt.person_id, wait=NO_WAIT)
    return Outcome(person_id=None, wait=_count_failure(attempt.key, at=at))


def _count_failure(key: str, *, at: datetime) -> timedelta:
    """Add one to the failures under a key and return the wait that follows."""
    first = insert_into(SignInThrottle).values(key=key, failures=0, last_failed_at=at)
    db.session.execute(first.on_conflict_do_nothing())
    throttle = db.session.get_one(SignInThrottle, key, with_for_update=True, populate_existing=True)
    fresh = at - throttle.last_failed_at < FORGET_AFTER
    throttle.failures = throttle.failures + 1 if fresh else 1
    throttle.last_failed_at = at
    wait = lock_out(throttle.failures)
    throttle.locked_until = at + wait if wait else None
    if wait:
        kind, _, name = key.partition(":")
        subject = f"accounts_person:{name}" if kind in ("person", "code") else "accounts_sign_in_throttle:unknown"
        audit.record(
            at=at,
            action="accounts.locked_out",
            subject=subject,
            actor_id=None,
            organisation_id=None,
            failures=throttle.failures,
            seconds=int(wait.total_seconds()),
        )
    return wait


def forget_failures(*, at: datetime) -> None:
    """Drop counts so old that they no longer matter."""
    old = delete(SignInThrottle).where(SignInThrottle.last_failed_at < at - FORGET_AFTER)
    db.session.execute(old.execution_options(synchronize_session=False))


def arrival(*, person_id: int) -> Arrival:
    """Return what a person still has to do after the right password: a code, a choice of organisation."""
    row = db.session.execute(select(Person.epoch, Person.totp_enrolled_at).where(Person.id == person_id)).one()
    return Arrival(
        person_id=person_id,
        epoch=row.epoch,
        needs_code=row.totp_enrolled_at is not None,
        memberships=tuple(memberships_of(person_id=person_id)),
    )


def begin_session(*, person_id: int, epoch: int, organisation_id: int, at: datetime) -> str:
    """Note that a person signed in to an organisation and return the token `person:epoch:organisation`.

    epoch: the one of their arrival; a new password in between ends the sign-in.
    """
    if not roles_of(organisation_id=organisation_id, person_id=person_id):
        raise Forbidden("您已不属于这个机构。请重新登录，或联系机构管理员。")
    person = db.session.get_one(Person, person_id)
    if person.epoch != epoch:
        raise Forbidden("密码刚刚改过，请重新登录。")
    person.last_sign_in_at = at
    audit.record(
        at=at,
        action="accounts.signed_in",
        subject=f"accounts_person:{person_id}",
        actor_id=person_id,
        organisation_id=organisation_id,
    )
    return f"{person_id}:{person.epoch}:{organisation_id}"


def note_sign_out(*, person_id: int, organisation_id: int, at: datetime) -> None:
    """Log that a person signed out on this device."""
    audit.record(
        at=at,
        action="accounts.signed_out",
        subject=f"accounts_person:{person_id}",
        actor_id=person_id,
        organisation_id=organisation_id,
    )


@cache
def _signed_in_statement() -> Executable:
    """Build the one statement of every request once; a row for each role."""
    accepted = exists().where(NoticeAcceptance.person_id == Person.id, NoticeAcceptance.version == NOTICE_VERSION)
    return (
        select(
            Person.id,
            Person.name,
            Person.epoch,
            Person.must_change_password,
            Person.totp_enrolled_at.is_(None).label("without_totp"),
            not_(accepted).label("must_accept_notice"),
            Organisation.id.label("organisation_id"),
            Organisation.name.label("organisation_name"),
            Organisation.kind,
            Organisation.require_totp,
            Membership.role,
        )
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Person.id == bindparam("person_id"),
            Person.epoch == bindparam("epoch"),
            Organisation.id == bindparam("organisation_id"),
            Membership.until_at.is_(None),
        )
    )


def find_signed_in(*, token: str) -> SignedIn | None:
    """Return whom a session token means; None once everything was signed out or the last role ended.

    One statement; it runs with every request.
    """
    parts = token.split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        return None
    person_id, epoch, organisation_id = (int(part) for part in parts)
    rows = run_core(
        _signed_in_statement(), {"person_id": person_id, "epoch": epoch, "organisation_id": organisation_id}
    ).all()
    if not rows:
        return None
    first = rows[0]
    roles = frozenset(row.role for row in rows)
    return SignedIn(
        person_id=first.id,
        name=first.name,
        epoch=first.epoch,
        organisation_id=first.organisation_id,
        organisation_name=first.organisation_name,
        organisation_kind=first.kind,
        roles=roles,
        must_change_password=first.must_change_password,
        must_accept_notice=first.must_accept_notice,
        must_enrol_totp=first.require_totp and first.without_totp and not roles.isdisjoint(STAFF),
    )
