"""The index follows imports and reviews, and an import that changes nothing costs next to nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from lms.core.db import db, transaction
from lms.courses import services as courses
from lms.courses.events import ChangedArticle
from lms.courses.models import ArticleChange
from lms.quizzes import services as quizzes
from lms.search import services
from tests.courses.conftest import AT, Folder, lesson_text
from tests.quizzes.bank import bank_of, prepare, write_bank

LATER = AT + timedelta(days=1)
EVERYTHING = ("courses.read", "quizzes.take")


def found(words: str, *, kinds: tuple[str, ...] = ("lesson", "law", "question")) -> set[str]:
    query = services.read_query(words)
    rows = services.find(query=query, organisation_id=0, permissions=EVERYTHING, size=1000).rows
    return {hit.ref for hit in rows if hit.kind in kinds}


@pytest.fixture
def written(context: Flask) -> Iterator[list[str]]:
    """What the index's table is told, from now on."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "search_document" in statement:
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_lessons_follow_their_files(imported: Folder) -> None:
    assert found("第 课") >= {"1.1-1", "2.4-1", "2.4-2"}
    imported.write("syllabus/2.4/2.4-1.md", lesson_text("2.4-1", title="塔吊司机"))
    (imported.root / "syllabus/2.4/2.4-2.md").unlink()
    imported.edit("laws/wage-regulation.toml", "总包开设农民工工资专用账户。", "总包开立专户。")
    with transaction():
        courses.import_content(root=imported.root, at=LATER)
    assert found("塔吊司机") == {"2.4-1"}
    assert found("塔吊司机", kinds=("item",)) == {"2.4"}
    assert found("第 2.4-2 课") == set()
    assert found("开立专户") == {"wage-regulation#26"}
    assert found("开设") == set()


def test_questions_follow_their_files(context: Flask, tmp_path: Path) -> None:
    prepare(tmp_path)
    assert found("EXPLANATION-2.4-s01") == {"2.4-s01"}
    changed = bank_of("2.4").replace("EXPLANATION-2.4-s01", "塔吊司机").replace("2.4-s02", "2.4-s22")
    write_bank(tmp_path, {"1.1": bank_of("1.1"), "2.4": changed, "3.4": bank_of("3.4")})
    with transaction():
        quizzes.import_bank(root=tmp_path, at=LATER)
    assert found("塔吊司机") == {"2.4-s01"}
    assert found("EXPLANATION-2.4-s02") == set()
    assert found("EXPLANATION-2.4-s22") == {"2.4-s22"}


def test_a_case_is_found_by_what_its_parts_ask_and_explain(context: Flask, tmp_path: Path) -> None:
    prepare(tmp_path)
    assert found("PART-2.4-c01-numeric") == found("EXPLANATION-2.4-c01-multiple") == {"2.4-c01"}
    assert found("2.4-c01乙对") == {"2.4-c01"}  # why an option is right or wrong


def test_what_waits_for_a_review_is_not_found(context: Flask, tmp_path: Path) -> None:
    prepare(tmp_path)
    assert len(found("EXPLANATION")) > 40
    with transaction():
        change = ArticleChange(
            law_slug="wage-regulation",
            no="28",
            kind="changed",
            old_sha256="",
            new_sha256="0" * 64,
            new_text="总包另设专管员。",
            file="条例.md",
            found_at=LATER,
        )
        db.session.add(change)
        db.session.flush()
        quizzes.hold_questions(changes=[ChangedArticle(change.id, "wage-regulation", "28", LATER)], at=LATER)
    assert found("EXPLANATION") == set()
    with transaction():
        quizzes.release_question(slug="2.4-s01")
    assert found("EXPLANATION") == {"2.4-s01"}


def test_importing_again_writes_nothing(imported: Folder, written: list[str]) -> None:
    with transaction():
        courses.import_content(root=imported.root, at=LATER)
    assert written != []
    assert [statement for statement in written if not statement.startswith("SELECT")] == []


def test_an_empty_index_is_filled_by_the_next_import(imported: Folder) -> None:
    """As after an upgrade: the lessons have not changed, and nobody ran the command."""
    kinds = ("item", "lesson", "form", "law")
    before = found("第", kinds=kinds)
    with transaction():
        for kind in kinds:
            services.drop(kind=kind, refs=before)
    assert found("第", kinds=kinds) == set()
    with transaction():
        courses.import_content(root=imported.root, at=LATER)
    assert found("第", kinds=kinds) == before != set()
