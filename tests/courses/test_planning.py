from collections.abc import Sequence

import pytest
from werkzeug.datastructures import MultiDict

from lms.core.db import db, transaction
from lms.core.errors import Invalid, NotFound
from lms.courses import services
from lms.courses.forms import read_plan
from tests.courses.conftest import AT, Folder, House


def make(house: House, name: str = "全国大纲班", items: Sequence[tuple[str, int]] = (("2.4", 90), ("1.1", 45))) -> int:
    actor_id = house.person("registrar")
    with transaction():
        return services.create_course(organisation_id=house.ours, name=name, items=items, at=AT, actor_id=actor_id)


def test_a_course_keeps_the_order_it_was_given(imported: Folder, house: House) -> None:
    course_id = make(house)
    course = services.get_course(organisation_id=house.ours, course_id=course_id)
    assert [(item.code, item.planned_minutes) for item in course.items] == [("2.4", 90), ("1.1", 45)]
    assert course.planned_seconds == 8100
    assert services.list_courses(organisation_id=house.ours) == [course]


def test_a_course_can_be_changed(imported: Folder, house: House) -> None:
    course_id = make(house)
    with transaction():
        services.update_course(
            organisation_id=house.ours,
            course_id=course_id,
            name="简版",
            items=[("1.1", 30)],
            at=AT,
            actor_id=house_actor(),
        )
    course = services.get_course(organisation_id=house.ours, course_id=course_id)
    assert (course.name, [item.code for item in course.items]) == ("简版", ["1.1"])


def house_actor() -> int:
    from lms.accounts.models import Person

    person = db.session.query(Person).first()
    assert person is not None
    return person.id


def test_another_institutions_course_does_not_exist(imported: Folder, house: House) -> None:
    course_id = make(house)
    assert services.list_courses(organisation_id=house.theirs) == []
    with pytest.raises(NotFound):
        services.get_course(organisation_id=house.theirs, course_id=course_id)


@pytest.mark.parametrize(
    "name, items, complaint",
    [
        ("", [("1.1", 45)], "name: 请填写课程名称"),
        ("甲", [], "items: 请至少选择一个"),
        ("甲", [("9.9", 45)], "items: 没有条目 9.9"),
        ("甲", [("1.1", 45), ("1.1", 45)], "items: 条目 1.1 选了两次"),
        ("甲", [("1.1", 0)], "items: 条目 1.1 的计划分钟数应在 1 到 6000"),
        ("甲", [("1.1", 6001)], "items: 条目 1.1 的计划分钟数应在 1 到 6000"),
    ],
)
def test_a_wrong_course_is_refused(
    imported: Folder, house: House, name: str, items: list[tuple[str, int]], complaint: str
) -> None:
    with pytest.raises(Invalid) as caught:
        make(house, name, items)
    assert f"{caught.value.field}: {caught.value.message}".startswith(complaint)


def test_two_courses_need_two_names(imported: Folder, house: House) -> None:
    make(house)
    with pytest.raises(Invalid, match="已有名为"), transaction():
        services.create_course(
            organisation_id=house.ours, name=" 全国大纲班 ", items=[("1.1", 45)], at=AT, actor_id=house_actor()
        )


def test_lessons_of_a_course_can_be_joined(imported: Folder, house: House) -> None:
    course_id = make(house)
    rows = db.session.execute(services.course_lessons_query())
    assert {tuple(row) for row in rows} == {(course_id, code) for code in ("1.1-1", "2.4-1", "2.4-2")}


def test_the_plan_is_read_by_order_and_without_empty_rows() -> None:
    values = MultiDict(
        [
            *(("code", code) for code in ("1.1", "1.2", "2.1", "2.2")),
            *(("order", order) for order in ("3", "1", "", "3")),
            *(("minutes", minutes) for minutes in ("45", "90", "30", "0")),
        ]
    )
    assert read_plan(values) == [("1.2", 90), ("1.1", 45), ("2.1", 30)]


@pytest.mark.parametrize("minutes", ["四十", "-5", "4.5", "999999", "４５"])
def test_minutes_are_whole_numbers(minutes: str) -> None:
    values = MultiDict([("code", "1.1"), ("order", "1"), ("minutes", minutes)])
    with pytest.raises(Invalid, match="应为整数"):
        read_plan(values)
