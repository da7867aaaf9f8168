"""`lms content import`: laws, syllabus, lessons, working forms and questions in one go, all or nothing."""

import time
from pathlib import Path

import click
from flask.cli import with_appcontext

from lms.core import clock
from lms.core.db import transaction
from lms.core.verdicts import answer_content, content_json, content_root, refuse_content
from lms.courses import services as courses
from lms.quizzes import services


@click.command("import")
@content_root
@content_json
@with_appcontext
def import_all(*, root: Path | None, as_json: bool) -> None:
    """检查并导入全部内容：法规、大纲、课文、表样、题库；有一处错误就一处也不改动。

    等于先后运行 lms courses import 和 lms quizzes import-bank；重复执行不会改动没有变化的内容。
    """
    began = time.perf_counter()
    root = root or courses.default_root()
    try:
        with transaction():
            lessons = courses.import_content(root=root, at=clock.now())
            bank = services.import_bank(root=root, at=clock.now())
    except (courses.ContentFaults, services.BankFaults) as error:
        refuse_content(error.message, faults=error.faults, as_json=as_json)
    answer_content(
        f"{lessons.summary}；{bank.summary}。用时 {time.perf_counter() - began:.1f} 秒。",
        counts=lessons.counts | bank.counts,
        warnings=(*lessons.warnings, *bank.warnings),
        as_json=as_json,
    )
