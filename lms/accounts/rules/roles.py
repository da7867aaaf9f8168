"""Who stands where: kinds of organisation, roles, and whose account a role may touch."""

from collections.abc import Iterable
from enum import StrEnum


class OrganisationKind(StrEnum):
    """What an organisation is."""

    INSTITUTION = "institution"
    EMPLOYER = "employer"
    ASSESSOR = "assessor"
    AUTHORITY = "authority"


class Role(StrEnum):
    """What a person does in an organisation."""

    PLATFORM_ADMINISTRATOR = "platform_administrator"
    ADMINISTRATOR = "administrator"
    REGISTRAR = "registrar"
    HEAD_TEACHER = "head_teacher"
    INSTRUCTOR = "instructor"
    LEARNER = "learner"
    EMPLOYER_CLERK = "employer_clerk"
    ASSESSOR_CLERK = "assessor_clerk"
    AUTHORITY_READER = "authority_reader"


KIND_TITLES = {
    OrganisationKind.INSTITUTION: "培训机构",
    OrganisationKind.EMPLOYER: "用人单位",
    OrganisationKind.ASSESSOR: "评价机构",
    OrganisationKind.AUTHORITY: "人社部门",
}

ROLE_TITLES = {
    Role.PLATFORM_ADMINISTRATOR: "平台管理员",
    Role.ADMINISTRATOR: "机构管理员",
    Role.REGISTRAR: "教务",
    Role.HEAD_TEACHER: "班主任",
    Role.INSTRUCTOR: "讲师",
    Role.LEARNER: "学员",
    Role.EMPLOYER_CLERK: "单位经办人",
    Role.ASSESSOR_CLERK: "评价机构经办人",
    Role.AUTHORITY_READER: "人社查阅人员",
}

STAFF = frozenset(role for role in Role if role is not Role.LEARNER)

_BY_KIND = {
    OrganisationKind.INSTITUTION: (
        Role.ADMINISTRATOR,
        Role.REGISTRAR,
        Role.HEAD_TEACHER,
        Role.INSTRUCTOR,
        Role.LEARNER,
    ),
    OrganisationKind.EMPLOYER: (Role.ADMINISTRATOR, Role.EMPLOYER_CLERK),
    OrganisationKind.ASSESSOR: (Role.ADMINISTRATOR, Role.ASSESSOR_CLERK),
    OrganisationKind.AUTHORITY: (Role.ADMINISTRATOR, Role.AUTHORITY_READER),
}

_TAUGHT = frozenset({Role.LEARNER})
_TEACHING = _TAUGHT | {Role.HEAD_TEACHER, Role.INSTRUCTOR}
# Whose account each role may add, end or reset. A registrar must not reach an administrator's account:
# with a new password in hand that would be a promotion.
_MANAGES: dict[Role, frozenset[Role]] = {
    Role.PLATFORM_ADMINISTRATOR: frozenset(Role),
    Role.ADMINISTRATOR: frozenset(Role) - {Role.PLATFORM_ADMINISTRATOR},
    Role.REGISTRAR: _TEACHING,
    Role.HEAD_TEACHER: _TAUGHT,
}


def roles_of_kind(kind: OrganisationKind) -> tuple[Role, ...]:
    """Return the roles that people can have in an organisation of this kind, highest first."""
    return _BY_KIND[kind]


def manageable(actor_roles: Iterable[str]) -> frozenset[Role]:
    """Return the roles whose accounts somebody with these roles may add, end or reset."""
    return frozenset().union(*(_MANAGES.get(Role(role), frozenset()) for role in actor_roles))


def can_manage(actor_roles: Iterable[str], target_roles: Iterable[str]) -> bool:
    """Whether every role of the target is within the actor's reach."""
    return {Role(role) for role in target_roles} <= manageable(actor_roles)


def role_titles(roles: Iterable[str]) -> str:
    """Return the Chinese titles of roles, highest first, as one text."""
    held = {Role(role) for role in roles}
    return "、".join(ROLE_TITLES[role] for role in Role if role in held)
