"""Organisations, people, who is what where, and what signing in leaves behind."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.accounts.rules.roles import OrganisationKind, Role
from lms.core.crypto import EncryptedText
from lms.core.db import Model, UtcDateTime

_KINDS = ", ".join(f"'{kind}'" for kind in OrganisationKind)
_ROLES = ", ".join(f"'{role}'" for role in Role)


class Organisation(Model):
    """A tenant: training institution, employer, assessor or authority.

    contact: telephone or address for questions about personal information, shown in the notice.
    require_totp: staff must sign in with a second factor.
    """

    __tablename__ = "accounts_organisation"
    __table_args__ = (CheckConstraint(f"kind IN ({_KINDS})", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(120), unique=True)
    short_name: Mapped[str] = mapped_column(String(40), default="")
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    contact: Mapped[str] = mapped_column(String(120), default="")
    require_totp: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Person(Model):
    """A human being, once in the whole installation; what they are where stands in `Membership`.

    epoch: raised by 'sign out everywhere' and by a new password; a session of an older epoch is dead.
    password_hash: argon2, or `initial$…` (keyed digest) for a password this system made; it must be changed.
    totp_secret without totp_enrolled_at: enrolment begun, not confirmed.
    totp_step: the last step used, so that no code works twice.
    """

    __tablename__ = "accounts_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    login_name: Mapped[str | None] = mapped_column(String(32), unique=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText("accounts_person.phone"))
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    id_number: Mapped[str | None] = mapped_column(EncryptedText("accounts_person.id_number"))
    id_number_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    password_hash: Mapped[str] = mapped_column(String(160))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=0)
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("accounts_person.totp_secret"))
    totp_enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Membership(Model):
    """A role of a person in an organisation, as a dated interval; ended, never deleted."""

    __tablename__ = "accounts_membership"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", name="role"),
        CheckConstraint("until_at IS NULL OR until_at >= from_at", name="interval"),
        Index(
            "uq_accounts_membership_open",
            "person_id",
            "organisation_id",
            "role",
            unique=True,
            sqlite_where=text("until_at IS NULL"),
            postgresql_where=text("until_at IS NULL"),
        ),
        Index(None, "organisation_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    role: Mapped[str] = mapped_column(String(32))
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInThrottle(Model):
    """Failures in a row of a person, of an unknown login, or of a person's codes; `key` tells them apart."""

    __tablename__ = "accounts_sign_in_throttle"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PasswordSlip(Model):
    """An initial password waiting to be handed over; wiped when it is taken or no longer valid."""

    __tablename__ = "accounts_password_slip"
    __table_args__ = (Index(None, "organisation_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    password: Mapped[str | None] = mapped_column(EncryptedText("accounts_password_slip.password"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))


class NoticeAcceptance(Model):
    """That a person accepted one version of the personal-information notice, and when; only ever added."""

    __tablename__ = "accounts_notice_acceptance"
    __table_args__ = (UniqueConstraint("person_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    version: Mapped[str] = mapped_column(String(16))
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Model):
    """A way in without the phone, usable once; only its keyed digest is kept."""

    __tablename__ = "accounts_recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
