"""`lms accounts`: the first administrator comes from the command line, everybody else from the pages."""

import os
import sys

import click
from flask import current_app
from flask.cli import AppGroup

from lms.accounts import services
from lms.accounts.services import OrganisationKind, Role
from lms.core.clock import now
from lms.core.db import transaction
from lms.core.errors import LmsError

accounts_cli = AppGroup("accounts", help="人员和机构：建立管理员。")


class Refused(click.ClickException):
    """Unusable input: exit code 2, as in all our commands."""

    exit_code = 2


@accounts_cli.command("create-admin")
@click.option("--login", required=True, help="登录名：3 到 32 个字母、数字、点或短横，以字母开头。")
@click.option("--name", required=True, help="姓名。")
@click.option("--organisation", default="安薪学堂", show_default=True, help="机构全称；没有就新建。")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in OrganisationKind]),
    default=OrganisationKind.INSTITUTION.value,
    show_default=True,
    help="新建机构时的类型。",
)
@click.option("--password-stdin", is_flag=True, help="从标准输入读取密码。")
def create_admin(login: str, name: str, organisation: str, kind: str, *, password_stdin: bool) -> None:
    """建立平台管理员，同时是一个机构的管理员。"""
    try:
        login = services.check_login_name(login)
        services.check_name(name)
        password = _read_password(from_stdin=password_stdin)
        services.check_new_password(password, personal=(login,))
        password_hash = services.hash_password(password)
        _create(login, name, organisation, kind, password_hash)
    except LmsError as error:
        raise Refused(error.message) from None
    click.echo(f"已建立管理员“{login}”，机构“{organisation}”。请打开 {_address()}/sign-in 登录。")


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("密码", hide_input=True, confirmation_prompt="再输一次密码", err=True)
    return password


def _create(login: str, name: str, organisation: str, kind: str, password_hash: str) -> None:
    at = now()
    with transaction():
        found = services.find_organisation_by_name(name=organisation)
        organisation_id = found.id if found else services.create_organisation(kind=kind, name=organisation, at=at)
        created = services.enrol_person(
            organisation_id=organisation_id,
            role=Role.ADMINISTRATOR,
            name=name,
            login_name=login,
            at=at,
            actor_id=None,
        )
        services.add_membership(
            organisation_id=organisation_id,
            person_id=created.person_id,
            role=Role.PLATFORM_ADMINISTRATOR,
            at=at,
            actor_id=None,
        )
        services.set_password(person_id=created.person_id, password_hash=password_hash, at=at)


def _address() -> str:
    base: str = current_app.extensions["lms_settings"].base_url
    return base or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
