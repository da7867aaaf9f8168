"""The name-plate of accounts."""

from datetime import timedelta

from flask import Flask

from lms.accounts import jobs, services
from lms.accounts.cli import accounts_cli
from lms.accounts.services import Role
from lms.accounts.views import blueprint, hold_at_the_door, load_actor
from lms.core.plugin import NavItem, Periodic, Permission, Plugin
from lms.web.access import login_manager

_STAFF = frozenset(Role) - {Role.LEARNER}
_ADMINISTRATORS = frozenset({Role.PLATFORM_ADMINISTRATOR, Role.ADMINISTRATOR})
_OFFICE = _ADMINISTRATORS | {Role.REGISTRAR}


def _init_app(app: Flask) -> None:
    """Recognise who asks, and hold back who still owes a password, the notice or a second factor."""
    services.use_fast_hash(fast=app.testing and bool(app.config.get("LMS_FAST_HASH")))
    login_manager.user_loader(load_actor)
    app.before_request(hold_at_the_door)


plugin = Plugin(
    name="accounts",
    title="账号与机构",
    permissions=(
        Permission(name="accounts.learn", title="学习", roles=frozenset({Role.LEARNER})),
        Permission(name="accounts.work", title="使用工作台", roles=_STAFF),
        Permission(name="accounts.people", title="查看本机构人员", roles=_OFFICE | {Role.HEAD_TEACHER}),
        Permission(name="accounts.manage_people", title="管理本机构人员", roles=_OFFICE),
        Permission(name="accounts.unmask", title="查看完整证件号和手机号", roles=_OFFICE),
        Permission(name="accounts.settings", title="本机构设置", roles=_ADMINISTRATORS),
        Permission(name="accounts.organisations", title="管理全部机构", roles=frozenset({Role.PLATFORM_ADMINISTRATOR})),
    ),
    blueprint=blueprint,
    nav=(
        NavItem(
            frame="learner",
            title="首页",
            endpoint="accounts.home",
            permission="accounts.learn",
            icon="home",
            order=10,
        ),
        NavItem(
            frame="learner",
            title="我的",
            endpoint="accounts.me",
            permission="accounts.learn",
            icon="person",
            order=40,
        ),
        NavItem(
            frame="staff",
            title="今天",
            endpoint="accounts.home",
            permission="accounts.work",
            icon="today",
            order=10,
        ),
        NavItem(
            frame="staff",
            title="学员与员工",
            endpoint="accounts.people",
            permission="accounts.people",
            icon="people",
            order=30,
        ),
        NavItem(
            frame="staff",
            title="本机构设置",
            endpoint="accounts.settings",
            permission="accounts.settings",
            icon="settings",
            order=90,
        ),
        NavItem(
            frame="staff",
            title="全部机构",
            endpoint="accounts.organisations",
            permission="accounts.organisations",
            icon="organisation",
            order=95,
        ),
    ),
    cli=(accounts_cli,),
    periodic=(Periodic(name="accounts.forget_failures", every=timedelta(hours=6), run=jobs.forget_failures),),
    init_app=_init_app,
)
