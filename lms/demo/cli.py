"""`lms demo`: create the demo (contract G), and serve it in one command."""

import json
import time
from datetime import datetime
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from lms.accounts import services as accounts
from lms.cohorts import services as cohorts
from lms.completion import services as completion
from lms.core import clock
from lms.core.db import transaction
from lms.core.listing import ListQuery
from lms.core.settings import Settings
from lms.courses import services as courses
from lms.demo import world
from lms.demo.people import learners as invented_learners
from lms.demo.practice import practise_and_report
from lms.migrations import migrate
from lms.quizzes import services as quizzes
from lms.server import run_server, serving_options

ROLES = (
    ("learner", "学员（手机看）"),
    ("registrar", "教务"),
    ("administrator", "机构管理员"),
    ("head_teacher", "班主任"),
    ("instructor", "讲师"),
    ("employer_clerk", "用人单位经办人"),
)


@click.group()
def demo() -> None:
    """演示：一个机构、一个在办班期、一个已结业班期。"""


@demo.command("create")
@click.option("--learners", default=12, show_default=True, type=click.IntRange(1, 5000), help="在办班期的学员数。")
@click.option("--force", is_flag=True, help="数据库里有其他机构时也创建（不要用在正式系统上）。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON（契约 G）。")
@click.option("--base-url", default="", help="二维码和输出里的地址，默认取设置或本机端口。")
@click.option("--port", default=8000, envvar="PORT", show_default=True)
@with_appcontext
def create(*, learners: int, force: bool, as_json: bool, base_url: str, port: int) -> None:
    """创建演示数据；重复执行不会重复创建。"""
    upgrade_schema()
    settings: Settings = current_app.extensions["lms_settings"]
    address = base_url or settings.base_url or f"http://127.0.0.1:{port}"
    answer = ensure(learners=learners, base_url=address, force=force, at=clock.now())
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        tell(answer)


@demo.command("serve")
@serving_options
@click.option("--learners", default=12, show_default=True, type=click.IntRange(1, 5000))
@with_appcontext
def serve_demo(*, host: str, port: int, workers: int, threads: int, learners: int) -> None:
    """建库、载入内容、创建演示数据并启动（make run 用的就是它）。"""
    began = time.perf_counter()
    upgrade_schema()
    at = clock.now()
    found = find(base_url=f"http://127.0.0.1:{port}")
    if found is None:
        load_content(at=at)
        click.echo("正在创建演示班期……", err=True)
        found = ensure(learners=learners, base_url=f"http://127.0.0.1:{port}", force=False, at=at)
    tell(found)
    click.echo(f"准备用时 {time.perf_counter() - began:.1f} 秒。按 Ctrl+C 停止。", err=True)
    run_server(host=host, port=port, workers=workers, threads=threads, duties=True)


def upgrade_schema() -> None:
    """Bring the demo's own database to the newest schema; never done for a real installation at start-up."""
    if not migrate.is_current():
        click.echo("正在建立数据库……", err=True)
        migrate.upgrade()


def load_content(*, at: datetime) -> None:
    """Bring the content files into the database."""
    click.echo("正在载入大纲、课文、法规和题库……", err=True)
    with transaction():
        courses.import_content(root=courses.default_root(), at=at)
    with transaction():
        quizzes.import_bank(root=courses.default_root(), at=at)


def ensure(*, learners: int, base_url: str, force: bool, at: datetime) -> dict[str, Any]:
    """Return contract G's answer, creating what is missing."""
    found = find(base_url=base_url)
    if found is not None:
        return found
    others = accounts.list_organisations(query=ListQuery()).total
    if others and not force:
        message = "数据库里已有其他机构，为保护真实数据没有创建演示。请换一个空的数据目录（LMS_DATA_DIR）。"
        raise click.UsageError(message)
    if not courses.item_codes():
        load_content(at=at)
    password_hash = accounts.hash_password(world.PASSWORD)
    with transaction():
        owner, staff = world.make_organisations(at=at, password_hash=password_hash)
        running = world.make_running_cohort(
            owner=owner, staff=staff, count=learners, at=at, password_hash=password_hash
        )
        practise_and_report(owner, running.learner_ids[-1], at=at)
        finished = world.make_finished_cohort(owner=owner, staff=staff, at=at, password_hash=password_hash)
        world.approve_records(finished, at=at)
    _issue(finished, base_url=base_url, at=at)
    made = find(base_url=base_url)
    if made is None:
        message = "演示数据没有创建成功，请把上面的信息告诉开发者。"
        raise click.ClickException(message)
    return made


def _issue(finished: world.Finished, *, base_url: str, at: datetime) -> None:
    settings: Settings = current_app.extensions["lms_settings"]
    owner, cohort_id = finished.organisation_id, finished.cohort_id
    prepared = completion.prepare(organisation_id=owner, cohort_id=cohort_id, base_url=base_url, at=at)
    pdfs = completion.typeset([record.payload for record in prepared], font_path=settings.font_path)
    with transaction():
        completion.issue(
            organisation_id=owner,
            cohort_id=cohort_id,
            prepared=prepared,
            pdfs=pdfs,
            at=at,
            actor_id=finished.registrar_id,
        )
        cohorts.close_cohort(organisation_id=owner, cohort_id=cohort_id, at=at, actor_id=finished.registrar_id)


def find(*, base_url: str) -> dict[str, Any] | None:
    """Return contract G's answer for the demo that is there, None when there is none."""
    if not _has_people():
        return None
    institution = accounts.find_organisation_by_name(name=world.INSTITUTION)
    if institution is None:
        return None
    page = cohorts.list_cohorts(organisation_id=institution.id, query=ListQuery(search=world.RUNNING))
    if not page.rows:
        return None
    cohort = page.rows[0][0]
    final = next(
        quiz for quiz in quizzes.quizzes_of_cohort(organisation_id=institution.id, cohort_id=cohort.id) if quiz.is_final
    )
    count = len(cohorts.learners(organisation_id=institution.id, cohort_id=cohort.id))
    records = completion.list_records(organisation_id=institution.id, query=ListQuery()).rows
    logins = [("learner", person.login) for person in invented_learners(count)]
    logins += [(role, login) for role, login, _name in world.STAFF] + [("employer_clerk", "danwei")]
    return {
        "base_url": base_url,
        "accounts": [{"role": role, "login": login, "password": world.PASSWORD} for role, login in logins],
        "cohort": cohort.name,
        "cohort_url": f"{base_url}/cohorts/{cohort.id}",
        "lesson_url": f"{base_url}/lessons/2.4-1",
        "quiz_url": f"{base_url}/quizzes/{final.id}",
        "verify_urls": [f"{base_url}/verify/{record.number}" for record in records],
    }


def _has_people() -> bool:
    """Whether anything was ever made here; a cheap look before the names are compared."""
    return accounts.list_organisations(query=ListQuery(size=1)).total > 0


def tell(answer: dict[str, Any]) -> None:
    """Print who can sign in, for people."""
    titles = dict(ROLES)
    lines = ["", f"  安薪学堂演示：{answer['base_url']}", f"  班期：{answer['cohort']}", "", "  登录名 / 密码"]
    shown: set[str] = set()
    for account in answer["accounts"]:
        if account["role"] not in shown:
            shown.add(account["role"])
            lines.append(f"    {account['login']} / {account['password']}    {titles[account['role']]}")
    if answer["verify_urls"]:
        lines += ["", f"  核验一份结业记录（不用登录）：{answer['verify_urls'][0]}"]
    click.echo("\n".join([*lines, ""]), err=True)
