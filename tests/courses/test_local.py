"""An institution's own items and lessons, and the wall around them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lms.core.db import transaction
from lms.core.errors import Invalid, NotFound
from lms.courses import services
from lms.courses.rules.kinds import ItemGroup
from tests.courses.conftest import AT, Folder, House

DRAFT = services.LessonDraft(
    title="本市平台操作",
    minutes=30,
    as_of=date(2026, 11, 20),
    source="## 第一步\n\n登录。[《条例》28](law:wage-regulation#28)",
)


@pytest.fixture
def actor_id(imported: Folder, house: House) -> int:
    return house.person("registrar")


def add_item(house: House, actor_id: int, title: str = "本市监管平台") -> str:
    with transaction():
        return services.create_local_item(
            organisation_id=house.ours, group=ItemGroup.SKILLS, title=title, at=AT, actor_id=actor_id
        )


def save(house: House, actor_id: int, item: str, draft: services.LessonDraft = DRAFT, code: str | None = None) -> str:
    with transaction():
        return services.save_local_lesson(
            organisation_id=house.ours, item_code=item, code=code, draft=draft, at=AT, actor_id=actor_id
        )


def test_own_items_stand_after_the_official_ones(house: House, actor_id: int) -> None:
    first, second = add_item(house, actor_id), add_item(house, actor_id, "本市案例")
    assert (first, second) == (f"L{house.ours}.1", f"L{house.ours}.2")
    codes = [item.code for item in services.list_items(organisation_id=house.ours)]
    assert codes == ["1.1", "2.4", first, second]
    item = services.get_item(organisation_id=house.ours, code=first)
    assert item.is_local
    assert item.group is ItemGroup.SKILLS


def test_own_items_are_nobody_elses(house: House, actor_id: int) -> None:
    item = add_item(house, actor_id)
    lesson = save(house, actor_id, item)
    assert item not in [entry.code for entry in services.list_items(organisation_id=house.theirs)]
    assert item not in services.item_codes()
    stranger = {"organisation_id": house.theirs}
    for attempt in (
        lambda: services.get_item(code=item, **stranger),
        lambda: services.get_local_item(code=item, **stranger),
        lambda: services.get_lesson(code=lesson, **stranger),
        lambda: services.get_lesson(code=lesson),
        lambda: services.get_local_lesson(code=lesson, **stranger),
        lambda: services.list_revisions(code=lesson, **stranger),
        lambda: services.get_revision(code=lesson, number=1, **stranger),
        lambda: services.open_lesson(person_id=actor_id, code=lesson, **stranger),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(NotFound), transaction():
        services.finish_lesson(person_id=actor_id, lesson_code=lesson, at=AT, **stranger)
    with pytest.raises(NotFound), transaction():
        services.finish_lesson(person_id=actor_id, lesson_code=lesson, at=AT)
    with pytest.raises(Invalid, match="没有条目"), transaction():
        services.create_course(name="甲", items=[(item, 45)], at=AT, actor_id=actor_id, **stranger)
    assert services.lessons_of_items(codes=[item], **stranger) == {item: []}
    assert services.get_lesson(code=lesson, organisation_id=house.ours).owner_id == house.ours


def test_official_items_cannot_be_edited(house: House, actor_id: int) -> None:
    with pytest.raises(NotFound):
        services.get_local_item(organisation_id=house.ours, code="1.1")
    with pytest.raises(NotFound):
        save(house, actor_id, "1.1")
    with pytest.raises(NotFound), transaction():
        services.retire_local_lesson(organisation_id=house.ours, code="1.1-1", at=AT, actor_id=actor_id)


def test_each_change_is_a_revision_and_none_without_change(house: House, actor_id: int) -> None:
    item = add_item(house, actor_id)
    code = save(house, actor_id, item)
    save(house, actor_id, item, code=code)
    assert len(services.list_revisions(organisation_id=house.ours, code=code)) == 1
    save(house, actor_id, item, replace(DRAFT, title="新题"), code=code)
    revisions = services.list_revisions(organisation_id=house.ours, code=code)
    assert [(entry.number, entry.title, entry.is_current) for entry in revisions] == [
        (2, "新题", True),
        (1, "本市平台操作", False),
    ]
    assert revisions[0].author_id == actor_id
    old = services.get_revision(organisation_id=house.ours, code=code, number=1)
    assert 'href="/laws/wage-regulation/28"' in old.html
    assert old.source == DRAFT.source
    assert services.get_local_lesson(organisation_id=house.ours, code=code)[1].title == "新题"


def test_own_lessons_follow_each_other(house: House, actor_id: int) -> None:
    item = add_item(house, actor_id)
    first = save(house, actor_id, item)
    second = save(house, actor_id, item, replace(DRAFT, position=2))
    page = services.open_lesson(organisation_id=house.ours, person_id=actor_id, code=first)
    assert (page.previous_code, page.next_code) == (None, second)
    with transaction():
        services.retire_local_lesson(
            organisation_id=house.ours, code=second, at=AT + timedelta(days=1), actor_id=actor_id
        )
    page = services.open_lesson(organisation_id=house.ours, person_id=actor_id, code=first)
    assert page.next_code is None
    assert save(house, actor_id, item, replace(DRAFT, position=3)) == f"{item}-3"
    official = services.open_lesson(organisation_id=house.ours, person_id=actor_id, code="2.4-2")
    assert official.next_code is None


@pytest.mark.parametrize(
    "change, field",
    [
        ({"title": " "}, "title"),
        ({"minutes": 4}, "minutes"),
        ({"minutes": 121}, "minutes"),
        ({"position": 0}, "position"),
        ({"source": "没有小标题"}, "source"),
        ({"source": "## 甲\n\n[x](law:wage-regulation#999)"}, "source"),
        ({"source": "## 甲\n\n<script>x</script>"}, "source"),
        ({"source": "## 甲\n\n" + "长" * 60_001}, "source"),
    ],
)
def test_a_wrong_lesson_is_refused(house: House, actor_id: int, change: dict[str, object], field: str) -> None:
    item = add_item(house, actor_id)
    with pytest.raises(Invalid) as caught:
        save(house, actor_id, item, replace(DRAFT, **change))  # type: ignore[arg-type]
    assert caught.value.field == field
    assert services.lessons_of_items(codes=[item]) == {item: []}


def test_a_preview_shows_the_text_and_what_is_wrong(house: House, actor_id: int) -> None:
    html, complaints = services.preview_lesson(source="## 甲\n\n[x](law:no#1)\n\n## 乙")
    assert "<h2" in html
    assert complaints == ["“甲”：法规库里没有 no#1", "“乙”：这一节没有内容"]


def test_an_import_leaves_own_lessons_alone(imported: Folder, house: House, actor_id: int) -> None:
    item = add_item(house, actor_id)
    code = save(house, actor_id, item)
    with transaction():
        report = services.import_content(root=imported.root, at=AT)
    assert not report.changed
    assert services.get_lesson(code=code, organisation_id=house.ours).title == "本市平台操作"
