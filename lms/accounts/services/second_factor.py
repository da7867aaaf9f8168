"""The second factor of staff: enrol, check a code once, recovery codes, take away."""

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update

from lms.accounts.models import Person, RecoveryCode
from lms.accounts.rules.identity import plain
from lms.accounts.rules.sign_in import INITIAL_ALPHABET
from lms.accounts.services.memberships import lock_person, member_row, require_reach
from lms.accounts.services.organisations import organisation_row
from lms.accounts.services.records import Attempt, Outcome
from lms.accounts.services.sign_in import settle_attempt, waiting_time
from lms.core import audit, crypto
from lms.core.db import db
from lms.core.errors import Conflict, Forbidden, Invalid

ISSUER = "安薪学堂"
STEP_SECONDS = 30
TOLERANCE = 1  # steps before and after: phones are a few seconds off
RECOVERY_CODES = 10
_WRONG = "验证码不对或已过期，请输入验证器现在显示的 6 位数字。"


def has_totp(*, person_id: int) -> bool:
    """Whether a person signs in with a second factor."""
    return db.session.scalar(select(Person.totp_enrolled_at).where(Person.id == person_id)) is not None


def begin_totp(*, person_id: int) -> None:
    """Make a secret that waits to be confirmed; an earlier unconfirmed one is replaced."""
    person = lock_person(person_id)
    if person.totp_enrolled_at is not None:
        raise Conflict("两步验证已经启用。")
    person.totp_secret = pyotp.random_base32()


def waiting_totp(*, person_id: int) -> tuple[str, str] | None:
    """Return secret and `otpauth:` address of an unconfirmed enrolment, None when there is none."""
    person = db.session.get_one(Person, person_id)
    if person.totp_secret is None or person.totp_enrolled_at is not None:
        return None
    account = person.login_name or person.name
    return person.totp_secret, pyotp.TOTP(person.totp_secret).provisioning_uri(name=account, issuer_name=ISSUER)


def confirm_totp(*, person_id: int, code: str, at: datetime, organisation_id: int) -> list[str]:
    """Put the waiting secret in force with a first code and return the recovery codes, to be shown once."""
    person = lock_person(person_id)
    if person.totp_secret is None or person.totp_enrolled_at is not None:
        raise Conflict("没有等待确认的设置，请重新开始。")
    step = _matching_step(person.totp_secret, code, at=at, after=person.totp_step)
    if step is None:
        raise Invalid(_WRONG, field="code")
    person.totp_step, person.totp_enrolled_at = step, at
    codes = _new_recovery_codes(person_id)
    _record("accounts.totp_enrolled", person_id, organisation_id, actor_id=person_id, at=at)
    return codes


def check_second_factor(*, person_id: int, code: str, at: datetime) -> Outcome:
    """Accept a code of the authenticator or a recovery code, each once; failures count."""
    key = f"code:{person_id}"
    person = lock_person(person_id)
    if wait := waiting_time(key=key, at=at):
        return Outcome(person_id=None, wait=wait)  # before the code is looked at: it is not used up
    right = _use_totp(person, code, at=at) or _use_recovery_code(person_id, code, at=at)
    attempt = Attempt(key=key, person_id=person_id if right else None, right=right)
    return settle_attempt(attempt=attempt, at=at)


def _use_totp(person: Person, code: str, *, at: datetime) -> bool:
    if person.totp_secret is None or person.totp_enrolled_at is None:
        return False
    step = _matching_step(person.totp_secret, code, at=at, after=person.totp_step)
    if step is None:
        return False
    person.totp_step = step
    return True


def _matching_step(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """Return the time step a code belongs to, if it is near and later than the last one used."""
    digits = plain(code)
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(at.timestamp()) // STEP_SECONDS
    for step in range(present - TOLERANCE, present + TOLERANCE + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    return None


def _use_recovery_code(person_id: int, code: str, *, at: datetime) -> bool:
    used = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.digest == _digest(person_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.id)
    )
    return used.one_or_none() is not None


def _digest(person_id: int, code: str) -> bytes:
    return crypto.blind_index(f"{person_id}:{plain(code).lower()}", purpose="accounts_recovery_code.digest")


def _new_recovery_codes(person_id: int) -> list[str]:
    """Replace a person's recovery codes: ten of ten signs, 49 bits each."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["".join(secrets.choice(INITIAL_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(person_id=person_id, digest=_digest(person_id, code)) for code in codes)
    db.session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def renew_recovery_codes(*, person_id: int, at: datetime, organisation_id: int) -> list[str]:
    """Return fresh recovery codes, to be shown once; the old ones no longer work."""
    if not has_totp(person_id=person_id):
        raise Conflict("还没有启用两步验证。")
    codes = _new_recovery_codes(person_id)
    _record("accounts.recovery_codes_renewed", person_id, organisation_id, actor_id=person_id, at=at)
    return codes


def count_recovery_codes(*, person_id: int) -> int:
    """Return how many recovery codes a person has left."""
    unused = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0


def remove_own_totp(*, person_id: int, at: datetime, organisation_id: int) -> int:
    """Turn a person's second factor off and return the new epoch; refused where the organisation requires it."""
    if organisation_row(organisation_id).require_totp:
        raise Forbidden("本机构要求工作人员使用两步验证，不能关闭。更换手机请联系机构管理员。")
    epoch = _clear(person_id)
    _record("accounts.totp_removed", person_id, organisation_id, actor_id=person_id, at=at)
    return epoch


def reset_totp(*, organisation_id: int, person_id: int, reason: str, at: datetime, actor_id: int) -> None:
    """Take the second factor from a member who lost phone and codes; they enrol anew."""
    member_row(organisation_id, person_id)
    if not reason.strip():
        raise Invalid("请写明原因，例如“手机丢失，已当面核实本人”。", field="reason")
    require_reach(actor_id, organisation_id, person_id)
    _clear(person_id)
    _record("accounts.totp_reset", person_id, organisation_id, actor_id=actor_id, at=at, reason=reason.strip())


def _clear(person_id: int) -> int:
    """Forget secret and codes, end all sessions (they relied on the code) and return the new epoch."""
    person = lock_person(person_id)
    person.totp_secret, person.totp_enrolled_at = None, None
    person.epoch += 1
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    return person.epoch


def _record(
    action: str,
    person_id: int,
    organisation_id: int,
    *,
    actor_id: int,
    at: datetime,
    reason: str | None = None,
) -> None:
    audit.record(
        at=at,
        action=action,
        subject=f"accounts_person:{person_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=reason,
    )
