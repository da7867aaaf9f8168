"""Imports and checks of laws at the same moment take turns: none fails, and the outcome is that of some order."""

from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from lms.core.db import db, transaction
from lms.courses import services as courses
from lms.courses.models import LessonRevision
from lms.quizzes import services as quizzes
from tests.quizzes import freshness
from tests.quizzes.freshness import LATER, changed, lessons, questions
from tests.threads import together

ROUNDS = 3


def test_imports_and_checks_take_turns(context: Flask, tmp_path: Path) -> None:
    freshness.write(tmp_path)
    freshness.load(tmp_path)
    for turn in range(ROUNDS):
        texts = {code: f"{text}\n第{turn}稿。\n" for code, text in lessons().items()}
        files = {item: text.replace("STEM", f"STEM{turn}") for item, text in questions().items()}
        freshness.write(tmp_path, texts=texts, files=files)

        def act(at: int, turn: int = turn) -> str:
            with transaction():
                if at % 2:
                    courses.check_laws(files=[("条例.md", changed("26", "28", word=f"第{turn}次修改："))], at=LATER)
                else:
                    courses.import_content(root=tmp_path, at=LATER)
                    quizzes.import_bank(root=tmp_path, at=LATER)
            return "done"

        assert together(context, 6, act) == ["done"] * 6
        db.session.expire_all()
    revisions = db.session.scalar(select(func.count()).select_from(LessonRevision))
    assert revisions == len(lessons()) * (1 + ROUNDS)
    lessons_held, questions_held = freshness.held()
    assert set(freshness.LESSONS_28) <= set(lessons_held)
    assert set(freshness.QUESTIONS_28) <= set(questions_held)
