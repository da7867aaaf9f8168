from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from lms.core.db import db, transaction
from lms.core.errors import NotFound
from lms.courses import services
from lms.courses.events import LessonStudied
from tests.courses.conftest import AT, Folder, House

LATER = AT + timedelta(hours=1)


@pytest.fixture
def studied(house: House) -> Iterator[list[LessonStudied]]:
    heard: list[LessonStudied] = []
    table = house.app.extensions["lms_listeners"]
    before = table.get(LessonStudied, ())
    table[LessonStudied] = (*before, heard.append)
    yield heard
    table[LessonStudied] = before


def finish(house: House, person_id: int, code: str) -> bool:
    with transaction():
        return services.finish_lesson(organisation_id=house.ours, person_id=person_id, lesson_code=code, at=LATER)


def test_a_page_costs_one_statement_once_the_text_is_known(
    imported: Folder, house: House, statements: Callable[[], list[str]]
) -> None:
    person_id = house.person("learner")
    first = services.open_lesson(organisation_id=house.ours, person_id=person_id, code="2.4-1")
    statements().clear()
    again = services.open_lesson(organisation_id=house.ours, person_id=person_id, code="2.4-1")
    assert len(statements()) == 1
    assert again == first
    assert (again.previous_code, again.next_code) == ("1.1-1", "2.4-2")
    assert [title for _id, title, _level in again.body.toc] == ["学完你能做什么", "五行小结"]


def test_a_new_revision_is_shown_at_once(imported: Folder, house: House) -> None:
    person_id = house.person("learner")
    services.open_lesson(organisation_id=house.ours, person_id=person_id, code="2.4-1")
    imported.edit("syllabus/2.4/2.4-1.md", "会开户。", "会开户，也会销户。")
    with transaction():
        services.import_content(root=imported.root, at=LATER)
    page = services.open_lesson(organisation_id=house.ours, person_id=person_id, code="2.4-1")
    assert "也会销户" in page.body.html
    assert page.body.number == 2


def test_finishing_is_said_once(imported: Folder, house: House, studied: list[LessonStudied]) -> None:
    person_id = house.person("learner")
    assert finish(house, person_id, "2.4-1")
    assert not finish(house, person_id, "2.4-1")
    assert studied == [LessonStudied(person_id=person_id, lesson_code="2.4-1", item_code="2.4", at=LATER)]
    assert services.finished_lessons(person_ids=[person_id, 999_999]) == {person_id: {"2.4-1"}, 999_999: set()}
    page = services.open_lesson(organisation_id=house.ours, person_id=person_id, code="2.4-1")
    assert page.finished_at == LATER


def test_opening_twice_is_one_opening(imported: Folder, house: House) -> None:
    person_id = house.person("learner")
    lesson = services.get_lesson(code="2.4-1")
    for at in (AT, LATER):
        with transaction():
            services.mark_opened(person_id=person_id, lesson_id=lesson.id, at=at)
    page = services.open_lesson(organisation_id=house.ours, person_id=person_id, code="2.4-1")
    assert page.opened_at == AT


def test_the_lesson_to_go_on_with_is_the_last_one_begun(imported: Folder, house: House) -> None:
    person_id = house.person("learner")
    asked = {"organisation_id": house.ours, "person_id": person_id}
    assert services.last_unfinished(**asked) is None
    for at, code in ((AT, "1.1-1"), (LATER, "2.4-1")):
        with transaction():
            services.mark_opened(person_id=person_id, lesson_id=services.get_lesson(code=code).id, at=at)
    found = services.last_unfinished(**asked)
    assert found is not None
    assert found.code == "2.4-1"
    other = services.last_unfinished(**asked, item_codes=["1.1"])
    assert other is not None
    assert other.code == "1.1-1"
    assert services.last_unfinished(**asked, item_codes=[]) is None
    finish(house, person_id, "2.4-1")
    found = services.last_unfinished(**asked)
    assert found is not None
    assert found.code == "1.1-1"


def test_what_does_not_exist_is_not_found(imported: Folder, house: House) -> None:
    with pytest.raises(NotFound):
        services.open_lesson(organisation_id=house.ours, person_id=1, code="9.9-1")
    with pytest.raises(NotFound):
        services.get_lesson(code="9.9-1")
    with pytest.raises(NotFound):
        services.get_item(organisation_id=house.ours, code="9.9")
    with pytest.raises(NotFound):
        services.get_article(slug="wage-regulation", no="999")
    with pytest.raises(NotFound):
        finish(house, 1, "9.9-1")
    db.session.rollback()


def test_citations_become_chips_in_one_go(imported: Folder, statements: Callable[[], list[str]]) -> None:
    statements().clear()
    chips = services.citations([{"law": "wage-regulation", "article": "28"}, {"law": "gone", "article": "总则"}])
    assert [(chip.label, chip.href) for chip in chips] == [
        ("《条例》28", "/laws/wage-regulation/28"),
        ("《gone》总则", "/laws/gone/%E6%80%BB%E5%88%99"),
    ]
    assert len(statements()) == 1
    assert services.known_articles() == {("wage-regulation", "26"), ("wage-regulation", "28")}
    assert services.law_titles() == {"wage-regulation": "条例"}
