"""Who belongs where with which roles, and whose account an actor may touch."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, exists, select

from lms.accounts.models import Membership, Organisation, Person
from lms.accounts.rules.roles import (
    ROLE_TITLES,
    OrganisationKind,
    Role,
    can_manage,
    manageable,
    roles_of_kind,
)
from lms.accounts.services.organisations import organisation_row
from lms.accounts.services.records import MembershipView
from lms.core import audit
from lms.core.db import db
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound

_NOT_HERE = "本机构没有这个人。请从人员列表重新进入。"


def memberships_of(*, person_id: int) -> list[MembershipView]:
    """Return the organisations a person belongs to now, by name."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.name, Organisation.kind, Membership.role)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id, Membership.until_at.is_(None))
        .order_by(Organisation.name, Organisation.id)
    ).all()
    grouped: dict[int, list[str]] = {}
    for row in rows:
        grouped.setdefault(row.id, []).append(row.role)
    seen = {row.id: row for row in rows}
    return [
        MembershipView(
            organisation_id=row.id,
            organisation_name=row.name,
            kind=row.kind,
            roles=tuple(sorted(grouped[row.id])),
        )
        for row in seen.values()
    ]


def roles_of(*, organisation_id: int, person_id: int) -> frozenset[str]:
    """Return the roles a person has in an organisation now."""
    return frozenset(
        db.session.scalars(
            select(Membership.role).where(
                Membership.organisation_id == organisation_id,
                Membership.person_id == person_id,
                Membership.until_at.is_(None),
            )
        )
    )


def add_membership(*, organisation_id: int, person_id: int, role: str, at: datetime, actor_id: int | None) -> None:
    """Give a person a role in an organisation; nothing happens when they have it already."""
    if actor_id is not None:
        member_row(organisation_id, person_id)
    require_role_allowed(organisation_id, role, actor_id=actor_id)
    open_membership(organisation_id, person_id, role, at=at, actor_id=actor_id)


def open_membership(organisation_id: int, person_id: int, role: str, *, at: datetime, actor_id: int | None) -> None:
    """Add the row of a membership that was already allowed; none when the person has the role."""
    if role in roles_of(organisation_id=organisation_id, person_id=person_id):
        return
    db.session.add(Membership(person_id=person_id, organisation_id=organisation_id, role=role, from_at=at))
    db.session.flush()
    _record("accounts.membership_added", organisation_id, person_id, at=at, actor_id=actor_id, role=role)


def end_membership(
    *,
    organisation_id: int,
    person_id: int,
    role: str | None = None,
    reason: str,
    at: datetime,
    actor_id: int | None,
) -> None:
    """End one role of a person in an organisation, or all; their sessions there end with the next request."""
    member_row(organisation_id, person_id)
    if not reason.strip():
        raise Invalid("请写明原因，例如“离职”“结业”。", field="reason")
    if actor_id == person_id:
        raise Invalid("不能结束自己的身份，请由另一位管理员操作。")
    rows = db.session.scalars(
        select(Membership)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.person_id == person_id,
            Membership.until_at.is_(None),
        )
        .with_for_update()
    ).all()
    ending = [row for row in rows if role is None or row.role == role]
    if not ending:
        raise Conflict("此人在本机构的这个身份已经结束，请刷新页面。")
    require_reach_over(actor_id, organisation_id, [row.role for row in ending])
    for row in ending:
        row.until_at = at
        _record(
            "accounts.membership_ended",
            organisation_id,
            person_id,
            at=at,
            actor_id=actor_id,
            reason=reason.strip(),
            role=row.role,
        )


def actor_roles(actor_id: int, organisation_id: int) -> frozenset[str]:
    """Return an actor's roles in an organisation; being platform administrator counts everywhere."""
    return frozenset(
        db.session.scalars(
            select(Membership.role).where(
                Membership.person_id == actor_id,
                Membership.until_at.is_(None),
                (Membership.organisation_id == organisation_id) | (Membership.role == Role.PLATFORM_ADMINISTRATOR),
            )
        )
    )


def require_reach(actor_id: int | None, organisation_id: int, person_id: int) -> frozenset[str]:
    """Return the actor's roles, or raise Forbidden when a role of the person is out of their reach.

    No actor is the system itself (a command), which may do everything.
    """
    target = db.session.scalars(
        select(Membership.role).where(Membership.person_id == person_id, Membership.until_at.is_(None))
    ).all()
    return require_reach_over(actor_id, organisation_id, target)


def require_reach_over(actor_id: int | None, organisation_id: int, roles: Iterable[str]) -> frozenset[str]:
    """Return the actor's roles, or raise Forbidden when one of these roles is out of their reach."""
    if actor_id is None:
        return frozenset({Role.PLATFORM_ADMINISTRATOR})
    held = actor_roles(actor_id, organisation_id)
    if not can_manage(held, roles):
        raise Forbidden("此人的身份高于您的管理范围。请联系本机构管理员办理。")
    return held


def require_role_allowed(organisation_id: int, role: str, *, actor_id: int | None) -> None:
    """Raise when a role does not exist in organisations of this kind, or the actor may not give it.

    Who may enrol learners is decided by the calling page's permission; any other role needs reach over it.
    """
    if role not in set(Role):
        raise Invalid("请选择身份。", field="role")
    kind = OrganisationKind(organisation_row(organisation_id).kind)
    platform = role == Role.PLATFORM_ADMINISTRATOR
    if not platform and role not in roles_of_kind(kind):
        raise Invalid(f"这类机构没有“{ROLE_TITLES[Role(role)]}”这个身份。", field="role")
    if role != Role.LEARNER:
        require_reach_over(actor_id, organisation_id, [role])


def assignable_roles(*, organisation_id: int, actor_id: int) -> list[Role]:
    """Return the roles that an actor may give in an organisation, highest first."""
    kind = OrganisationKind(organisation_row(organisation_id).kind)
    reach = manageable(actor_roles(actor_id, organisation_id))
    return [role for role in roles_of_kind(kind) if role in reach]


def has_other_organisation(organisation_id: int, person_id: int) -> bool:
    """Whether a person belongs to another organisation now."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Membership.person_id == person_id,
                    Membership.organisation_id != organisation_id,
                    Membership.until_at.is_(None),
                )
            )
        )
    )


def member_row(organisation_id: int, person_id: int) -> Person:
    """Return the row of somebody who is or was a member, or raise NotFound: the tenant wall for people."""
    row = db.session.scalars(
        select(Person).where(Person.id == person_id, Person.id.in_(members(organisation_id)))
    ).one_or_none()
    if row is None:
        raise NotFound(_NOT_HERE)
    return row


def members(organisation_id: int) -> Select[int]:
    """Select the ids of those who are or were members of an organisation."""
    return select(Membership.person_id).where(Membership.organisation_id == organisation_id)


def lock_person(person_id: int) -> Person:
    """Return a person's newest row, locked until the transaction ends."""
    return db.session.get_one(Person, person_id, populate_existing=True, with_for_update=True)


def _record(
    action: str,
    organisation_id: int,
    person_id: int,
    *,
    at: datetime,
    actor_id: int | None,
    role: str,
    reason: str | None = None,
) -> None:
    audit.record(
        at=at,
        action=action,
        subject=f"accounts_person:{person_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=reason,
        role=role,
    )
