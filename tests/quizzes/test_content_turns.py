"""Imports, checks of laws and reviews at the same moment take turns: none fails, and the outcome is one of an order."""

from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from lms.core.db import db, transaction
from lms.core.reviews import Outcome
from lms.courses import services as courses
from lms.courses.models import LessonRevision, Review
from lms.courses.services import ReviewVerdict, SubjectKind
from lms.quizzes import services as quizzes
from tests.quizzes import freshness
from tests.quizzes.freshness import LATER, changed, lessons, questions
from tests.threads import together

ROUNDS = 3
VERDICT = ReviewVerdict(reviewer="李明", outcome=Outcome.PASSED, note="对照新条文第28条，答案不变")


def test_imports_and_checks_take_turns(context: Flask, tmp_path: Path) -> None:
    freshness.write(tmp_path)
    freshness.load(tmp_path)
    for turn in range(ROUNDS):
        freshness.check(changed("28", word=f"第{turn}次先改："))
        waiting = freshness.held()[1]
        assert waiting
        db.session.remove()
        texts = {code: f"{text}\n第{turn}稿。\n" for code, text in lessons().items()}
        files = {item: text.replace("STEM", f"STEM{turn}") for item, text in questions().items()}
        freshness.write(tmp_path, texts=texts, files=files)
        acts = [lambda: bring(tmp_path), lambda turn=turn: amend(turn), lambda waiting=waiting: clear(waiting)] * 2
        assert together(context, len(acts), lambda at, acts=acts: acts[at]()) == [None] * len(acts)
        db.session.remove()
    revisions = db.session.scalar(select(func.count()).select_from(LessonRevision))
    assert revisions == len(lessons()) * (1 + ROUNDS)
    lessons_held, questions_held = freshness.held()
    assert set(freshness.LESSONS_28) <= set(lessons_held)
    assert (set(lessons_held), set(questions_held)) == (waiting_of("lesson"), waiting_of("question"))


def bring(root: Path) -> None:
    with transaction():
        courses.import_content(root=root, at=LATER)
        quizzes.import_bank(root=root, at=LATER)


def amend(turn: int) -> None:
    with transaction():
        courses.check_laws(files=[("条例.md", changed("26", "28", word=f"第{turn}次修改："))], at=LATER)


def clear(slugs: list[str]) -> None:
    for slug in slugs:
        with transaction():
            courses.clear_subjects(subjects=[(SubjectKind.QUESTION, slug)], verdict=VERDICT, at=LATER)


def waiting_of(kind: str) -> set[str]:
    """What has an open review: exactly that is held, whoever came last."""
    open_ones = select(Review.subject).where(Review.subject_kind == kind, Review.cleared_at.is_(None))
    return set(db.session.scalars(open_ones))
