"""`lms quizzes …` as people type it."""

import json
from pathlib import Path

from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from lms.core.db import db
from lms.courses.models import LessonRevision
from tests import factories
from tests.quizzes import bank
from tests.quizzes.bank import World


def runner(app: Flask) -> FlaskCliRunner:
    db.session.remove()
    return app.test_cli_runner()


def test_import_says_what_it_did_and_does_nothing_twice(context: Flask, tmp_path: Path) -> None:
    factories.syllabus()
    root = str(bank.write_bank(tmp_path))
    first = runner(context).invoke(args=["quizzes", "import-bank", "--root", root])
    assert first.exit_code == 0, first.output
    assert "试题 57 道（新增 57，修订 0，停用 0，恢复 0）" in first.output
    assert "新增 0，修订 0" in runner(context).invoke(args=["quizzes", "import-bank", "--root", root]).output
    checked = runner(context).invoke(args=["quizzes", "check-bank", "--root", root])
    assert "没有错误：试题 57 道（单选题 24，多选题 12，判断题 12，计算题 3，填空题 3，案例题 3）" in checked.output


def test_all_content_comes_in_one_go_or_not_at_all(context: Flask, tmp_path: Path) -> None:
    factories.write_content(tmp_path)
    root = str(bank.write_bank(tmp_path))
    args = ["content", "import", "--json", "--root", root]
    first = json.loads(runner(context).invoke(args=args).stdout)
    assert (first["counts"]["lessons_new"], first["counts"]["new"]) == (len(factories.LESSONS), 57)
    again = runner(context).invoke(args=args)
    assert "新增 0" in again.stderr
    assert not any(json.loads(again.stdout)["counts"][name] for name in ("lessons_changed", "new", "changed"))
    lesson = next((tmp_path / "syllabus").glob("*/*.md"))
    lesson.write_text(lesson.read_text("utf-8").replace("\n##", "\n补一句。\n\n##", 1), "utf-8")
    bank.write_bank(tmp_path, {"1.1": bank.single("1.1-s01").replace("easy", "simple")})
    refused = runner(context).invoke(args=args)
    assert refused.exit_code == 2
    assert db.session.scalar(select(func.max(LessonRevision.number))) == 1, "the lesson's change is not kept alone"


def test_faults_are_listed_and_fail(context: Flask, tmp_path: Path) -> None:
    factories.syllabus()
    root = str(bank.write_bank(tmp_path, {"1.1": bank.single("1.1-s01").replace("easy", "simple")}))
    for command in ("import-bank", "check-bank"):
        outcome = runner(context).invoke(args=["quizzes", command, "--root", root])
        assert outcome.exit_code == 1
        assert "question_bank/1.1.toml：1.1-s01 difficulty：只能是" in outcome.output


def test_json_holds_counts_and_faults_and_people_read_the_rest(context: Flask, tmp_path: Path) -> None:
    factories.syllabus()
    root = str(bank.write_bank(tmp_path))
    imported = runner(context).invoke(args=["quizzes", "import-bank", "--json", "--root", root])
    assert imported.exit_code == 0
    assert json.loads(imported.stdout) == {
        "ok": True,
        "counts": {"questions": 57, "new": 57, "changed": 0, "retired": 0, "restored": 0},
        "warnings": [],
        "faults": [],
    }
    assert "试题 57 道（新增 57" in imported.stderr
    checked = json.loads(runner(context).invoke(args=["quizzes", "check-bank", "--json", "--root", root]).stdout)
    assert (checked["counts"]["questions"], checked["counts"]["single"]) == (57, 24)
    bank.write_bank(tmp_path, {"1.1": bank.single("1.1-s01").replace("easy", "simple")})
    for command in ("import-bank", "check-bank"):
        refused = runner(context).invoke(args=["quizzes", command, "--json", "--root", root])
        assert refused.exit_code == 2
        (fault,) = json.loads(refused.stdout)["faults"]
        assert (fault["file"], fault["entry"], fault["field"]) == ("question_bank/1.1.toml", "1.1-s01", "difficulty")
        assert "question_bank/1.1.toml：1.1-s01 difficulty：只能是" in refused.stderr


def test_content_commands_answer_in_json_too(context: Flask, tmp_path: Path) -> None:
    (tmp_path / "syllabus").mkdir()
    for command in ("import", "check"):
        refused = runner(context).invoke(args=["courses", command, "--json", "--root", str(tmp_path)])
        assert refused.exit_code == 2, refused.output
        answer = json.loads(refused.stdout)
        assert answer["ok"] is False
        assert answer["faults"][0]["message"] in refused.stderr
    for command in ("import", "check"):
        fine = runner(context).invoke(args=["courses", command, "--json", "--no-strict"])
        assert fine.exit_code == 0, fine.output
        answer = json.loads(fine.stdout)
        assert (answer["ok"], answer["counts"]["items"], answer["faults"]) == (True, 24, [])
        assert "条目 24 个" in fine.stderr


def test_a_bank_without_a_register_says_what_to_do_first(context: Flask, tmp_path: Path) -> None:
    outcome = runner(context).invoke(args=["quizzes", "import-bank", "--root", str(bank.write_bank(tmp_path))])
    assert outcome.exit_code == 1
    assert "lms courses import" in outcome.output


def test_answers_are_verified_as_contract_d_says(context: Flask, world: World) -> None:
    attempt_id = world.start()
    world.save(attempt_id, 1, [0])
    outcome = runner(context).invoke(args=["quizzes", "verify-answers", "--json"])
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout) == {"ok": True, "checked": 1, "first_bad": None}
