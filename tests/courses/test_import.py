import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import func, select

from lms.core import clock
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.courses import services
from lms.courses.cli import courses_group
from lms.courses.models import Lesson, LessonRevision
from tests.courses.conftest import AT, Folder, lesson_text

LATER = AT + timedelta(days=1)


def run(folder: Folder, *, strict: bool = True) -> services.ImportReport:
    with transaction():
        return services.import_content(root=folder.root, at=LATER, strict=strict)


def revisions(code: str) -> list[LessonRevision]:
    statement = select(LessonRevision).join(Lesson, Lesson.id == LessonRevision.lesson_id)
    return list(db.session.scalars(statement.where(Lesson.code == code).order_by(LessonRevision.number)))


def test_everything_arrives(imported: Folder) -> None:
    assert [item.code for item in services.list_items(organisation_id=None)] == ["1.1", "2.4"]
    lessons = services.lessons_of_items(codes=["2.4", "9.9"])
    assert [(lesson.code, lesson.minutes) for lesson in lessons["2.4"]] == [("2.4-1", 45), ("2.4-2", 45)]
    assert lessons["9.9"] == []
    assert services.lesson_plans(codes=["2.4-1"]) == {"2.4-1": 2700}
    article = services.get_article(slug="wage-regulation", no="28")
    assert (article.name, article.label, article.number) == ("第28条", "《条例》28", "国务院令第724号")
    first = revisions("2.4-1")[0]
    assert first.citations == [{"law": "wage-regulation", "article": "26"}]
    assert first.author_id is None
    assert 'class="cite"' in first.html


def test_a_second_import_changes_nothing(imported: Folder, statements: Callable[[], list[str]]) -> None:
    report = run(imported)
    assert not report.changed
    assert (report.laws, report.articles, report.items, report.lessons) == (1, 2, 2, 3)
    assert not any(statement.startswith(("INSERT", "UPDATE", "DELETE")) for statement in statements())


def test_a_changed_lesson_gets_a_revision_and_keeps_the_old_one(imported: Folder) -> None:
    before = services.lessons_of_items(codes=["2.4"])["2.4"][0]
    imported.edit("syllabus/2.4/2.4-1.md", "会开户。", "会开户，也会销户。")
    report = run(imported)
    assert (report.lessons_new, report.lessons_changed) == (0, 1)
    old, new = revisions("2.4-1")
    assert "也会销户" not in old.html
    assert "也会销户" in new.html
    assert (old.number, new.number) == (1, 2)
    assert services.get_lesson(code="2.4-1").id == before.id
    assert len(revisions("2.4-2")) == 1


def test_a_revision_cannot_be_changed(imported: Folder) -> None:
    def tamper() -> None:
        with transaction():
            revisions("2.4-1")[0].title = "别的"

    with pytest.raises(RuntimeError, match="immutable"):
        tamper()


def test_a_lesson_without_its_file_is_retired_and_can_return(imported: Folder) -> None:
    path = imported.root / "syllabus/2.4/2.4-1.md"
    text = path.read_text("utf-8")
    path.unlink()
    assert run(imported).lessons_retired == 1
    assert [lesson.code for lesson in services.lessons_of_items(codes=["2.4"])["2.4"]] == ["2.4-2"]
    assert services.lesson_plans(codes=["2.4-1"]) == {"2.4-1": 2700}
    imported.write("syllabus/2.4/2.4-1.md", text)
    report = run(imported)
    assert (report.lessons_new, report.lessons_changed) == (0, 1)
    assert len(revisions("2.4-1")) == 1


def test_reading_order_follows_items_and_order(imported: Folder) -> None:
    imported.write("syllabus/1.1/1.1-2.md", lesson_text("1.1-2"))
    run(imported)
    order = {row.code: (row.previous_code, row.next_code) for row in db.session.scalars(select(Lesson))}
    assert order == {
        "1.1-1": (None, "1.1-2"),
        "1.1-2": ("1.1-1", "2.4-1"),
        "2.4-1": ("1.1-2", "2.4-2"),
        "2.4-2": ("2.4-1", None),
    }


def test_the_register_follows_its_files(imported: Folder) -> None:
    imported.edit("laws/wage-regulation.toml", "总包在每个项目配劳资专管员。", "新的要点。")
    assert run(imported).laws_changed == 1
    assert services.get_article(slug="wage-regulation", no="28").gist == "新的要点。"


def test_with_a_fault_nothing_is_saved(imported: Folder) -> None:
    imported.edit("syllabus/2.4/2.4-1.md", "会开户。", "改过了。")
    imported.edit("syllabus/2.4/2.4-2.md", "minutes = 45", "minutes = 1")
    with pytest.raises(services.ContentFaults) as caught:
        run(imported)
    assert [str(fault) for fault in caught.value.faults] == ["syllabus/2.4/2.4-2.md：minutes：不能小于 5"]
    assert len(revisions("2.4-1")) == 1


def test_unknown_citations_pass_only_when_asked(imported: Folder) -> None:
    imported.edit("syllabus/2.4/2.4-1.md", "(law:wage-regulation#26)", "(law:wage-regulation#99)")
    with pytest.raises(services.ContentFaults):
        run(imported)
    report = run(imported, strict=False)
    assert len(report.warnings) == 1
    assert "cite-unknown" in revisions("2.4-1")[-1].html


def test_an_empty_folder_is_refused(context: Flask, folder: Folder) -> None:
    with pytest.raises(services.ContentFaults), transaction():
        services.import_content(root=folder.root / "laws", at=AT)


def test_an_import_that_changed_something_is_in_the_log(imported: Folder) -> None:
    run(imported)
    actions = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "courses.content_imported")
    assert db.session.scalar(actions) == 1


def test_the_shipped_content_arrives_in_seconds_and_once(context: Flask) -> None:
    root, at = services.default_root(), clock.now()
    began = time.perf_counter()
    with transaction():
        first = services.import_content(root=root, at=at)
    halfway = time.perf_counter()
    with transaction():
        second = services.import_content(root=root, at=at)
    assert first.items == 24
    assert first.lessons_new == first.lessons > 0
    assert not second.changed
    assert halfway - began < 10
    assert time.perf_counter() - halfway < 2


def test_the_command_reports_and_refuses(context: Flask, imported: Folder) -> None:
    script = ScriptInfo(create_app=lambda: context)
    root = ["--root", str(imported.root)]
    db.session.remove()
    fine = CliRunner().invoke(courses_group, ["import", *root], obj=script)
    assert fine.exit_code == 0, fine.output
    assert "课文 3 课（新增 0，修订 0，停用 0）" in fine.output
    check = CliRunner().invoke(courses_group, ["check", *root])
    assert check.exit_code == 0
    assert "没有错误" in check.output
    imported.edit("syllabus/2.4/2.4-2.md", "minutes = 45", "minutes = 1")
    for command in ("import", "check"):
        refused = CliRunner().invoke(courses_group, [command, *root], obj=script)
        assert refused.exit_code == 1
        assert "syllabus/2.4/2.4-2.md：minutes：不能小于 5" in refused.output
