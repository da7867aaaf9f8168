"""`lms quizzes …`: bring the question bank into the database, or only check it; check the answers kept."""

import time
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext

from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.core.verdicts import answer_content, answer_verdict, content_json, content_root, refuse_content
from lms.courses import services as courses
from lms.quizzes import services
from lms.quizzes.rules.kinds import Kind


@click.group(name="quizzes")
def quizzes_group() -> None:
    """题库与测验：检查、导入题库，核对作答记录。"""


@quizzes_group.command("import-bank")
@content_root
@content_json
@with_appcontext
def import_bank(*, root: Path | None, as_json: bool) -> None:
    """检查全部试题，没有错误才导入；重复执行不会改动没有变化的试题，旧版本都保留。"""
    began = time.perf_counter()
    try:
        with transaction():
            report = services.import_bank(root=root or courses.default_root(), at=clock.now())
    except Invalid as error:
        _refuse(error, as_json=as_json)
    answer_content(
        f"{report.summary}。用时 {time.perf_counter() - began:.1f} 秒。",
        counts=report.counts,
        warnings=report.warnings,
        as_json=as_json,
    )


@quizzes_group.command("check-bank")
@content_root
@content_json
@with_appcontext
def check_bank(*, root: Path | None, as_json: bool) -> None:
    """只检查题库，不改动数据库；有错误时逐条列出并以失败结束。"""
    try:
        bank = services.check_bank(root=root or courses.default_root(), at=clock.now())
    except Invalid as error:
        _refuse(error, as_json=as_json)
    counts = {kind: sum(question.entry.kind == kind for question in bank.questions) for kind in Kind}
    listed = "，".join(f"{kind.heading} {number}" for kind, number in counts.items() if number)
    answer_content(
        f"没有错误：试题 {len(bank.questions)} 道（{listed}）。",
        counts={"questions": len(bank.questions)} | {kind.value: number for kind, number in counts.items()},
        warnings=bank.warnings,
        as_json=as_json,
    )


@quizzes_group.command("verify-answers")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON（契约 D）。")
@with_appcontext
def verify_answers(*, as_json: bool) -> None:
    """核对全部作答记录，指出第一条被改动的记录。"""
    answer_verdict(services.verify_answers(), as_json=as_json)


def _refuse(error: Invalid, *, as_json: bool) -> NoReturn:
    faults = error.faults if isinstance(error, services.BankFaults) else []
    refuse_content(error.message, faults=faults, as_json=as_json)
