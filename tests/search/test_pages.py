"""The page 搜索, as learner, staff and neighbour see it; the command that rebuilds the index."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.core.db import db, transaction
from lms.courses import services as courses
from lms.courses.rules.kinds import ItemGroup
from lms.courses.services import LessonDraft
from lms.quizzes import services as quizzes
from lms.search import services
from tests import factories
from tests.factories import AT
from tests.quizzes.bank import World
from tests.quizzes.test_pages import statements

MARKED = re.compile(r"<mark>(.*?)</mark>")


@pytest.fixture
def world(context: Flask, tmp_path: Path) -> World:
    return World(tmp_path)


def local_lesson(organisation_id: int, *, source: str, code: str | None = None, item_code: str = "") -> str:
    with transaction():
        actor_id = factories.member_of_staff(organisation_id)
        if code is not None:
            item_code = code.partition("-")[0]
        elif not item_code:
            item_code = courses.create_local_item(
                organisation_id=organisation_id, group=ItemGroup.SKILLS, title="本地条目", at=AT, actor_id=actor_id
            )
        draft = LessonDraft(title="本地一课", minutes=45, as_of=AT.date(), source=source)
        return courses.save_local_lesson(
            organisation_id=organisation_id, item_code=item_code, draft=draft, at=AT, actor_id=actor_id, code=code
        )


def test_a_learner_finds_lessons_questions_and_laws(context: Flask, world: World) -> None:
    client = factories.browser(context, world.person_id)
    page = client.get("/search?q=第").text
    counts = re.findall(r">(全部|大纲条目|课文|表样|试题|法规) (\d+)</a>", page)
    assert [shelf for shelf, _count in counts] == ["全部", "大纲条目", "课文", "表样", "法规"]
    assert ("课文", "4") in counts
    assert ("法规", "1") in counts
    assert sum(int(count) for _shelf, count in counts[1:]) == int(counts[0][1])
    assert 'href="/lessons/1.1-1"' in page
    assert set(MARKED.findall(page)) == {"第"}
    page = client.get("/search?q=EXPLANATION-2.4-s01").text
    assert 'href="/practice/2.4"' in page
    assert "question-bank" not in page
    assert "<mark>EXPLANATION-2.4-s01</mark>" in page


def test_staff_are_led_to_the_question_itself(context: Flask, world: World) -> None:
    staff = factories.member(organisation_id=world.organisation_id, role="registrar")
    page = factories.browser(context, staff).get("/search?q=EXPLANATION-2.4-s01").text
    assert re.search(r'href="/question-bank/\d+"', page)
    assert "/practice/" not in page
    assert 'aria-current="page">搜索</a>' in page
    instructor = factories.member(organisation_id=world.organisation_id, role="instructor")
    page = factories.browser(context, instructor).get("/search?q=EXPLANATION-2.4-s01").text
    assert "没有找到" in page


def test_who_may_read_nothing_finds_nothing(context: Flask, world: World) -> None:
    employer = factories.institution(kind="employer")
    clerk = factories.member(organisation_id=employer, role="employer_clerk")
    assert "没有找到“第”" in factories.browser(context, clerk).get("/search?q=第").text


def test_one_shelf_page_by_page(context: Flask, world: World) -> None:
    client = factories.browser(context, world.person_id)
    overview = client.get("/search?q=EXPLANATION").text
    total = int(re.findall(r"看全部 (\d+) 条试题", overview)[0])
    assert total == sum(quizzes.count_questions().values()) > 2 * services.PAGE_SIZE
    shelf = client.get("/search?q=EXPLANATION&kind=question").text
    assert shelf.count('class="hit"') == services.PAGE_SIZE
    assert "kind=question" in re.findall(r'href="([^"]+)">下一页', shelf)[0]
    last = client.get("/search?q=EXPLANATION&kind=question&page=99").text
    assert last.count('class="hit"') == (total % services.PAGE_SIZE or services.PAGE_SIZE)
    assert client.get("/search?q=EXPLANATION&kind=nothing").text.count('class="hit"') == 4


@pytest.mark.parametrize(
    "typed,told",
    [
        ("", "搜什么都可以从两个字开始"),
        ("，。", "没有可搜的字"),
        ("找不到的词", "没有找到“找不到的词”"),
        ("第 找不到", "试试只搜其中一个"),
        ("<script>alert(1)</script>", "没有找到“&lt;script&gt;alert(1)&lt;/script&gt;”"),
        ("第 " * 200, "搜索内容太长"),
        ("第" * 70, "搜索内容太长"),
        ('"第" AND NOT (*', "没有找到"),
        ("%", "没有可搜的字"),
    ],
)
def test_what_the_page_says(context: Flask, typed: str, told: str) -> None:
    factories.syllabus()
    learner = factories.member(organisation_id=factories.institution())
    answer = factories.browser(context, learner).get("/search", query_string={"q": typed})
    assert answer.status_code == 200
    assert told in answer.text


def test_each_shelf_is_searched_once_and_counted_with_the_others(context: Flask, world: World) -> None:
    client = factories.browser(context, world.person_id)
    seen = statements(lambda: client.get("/search?q=第"))
    assert client.get("/search?q=第").text.count('class="card search-group"') == 4
    assert sum("search_index" in one for one in seen) == 1 + 4


def test_nobody_is_sent_to_sign_in(context: Flask) -> None:
    answer = factories.browser(context).get("/search?q=第")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]


def test_own_lessons_are_found_at_home_only_and_follow_their_text(context: Flask) -> None:
    factories.syllabus()
    ours, theirs = factories.institution(), factories.institution()
    us = factories.browser(context, factories.member(organisation_id=ours))
    them = factories.browser(context, factories.member(organisation_id=theirs))
    code = local_lesson(ours, source="## 塔吊\n\n塔吊司机的工资怎么算。\n")
    assert f'href="/lessons/{code}"' in us.get("/search?q=塔吊司机").text
    assert code not in them.get("/search?q=塔吊司机").text
    local_lesson(ours, source="## 升降机\n\n升降机司机的工资怎么算。\n", code=code)
    assert code not in us.get("/search?q=塔吊司机").text
    assert code in us.get("/search?q=升降机司机").text
    with transaction():
        courses.retire_local_lesson(organisation_id=ours, code=code, at=AT, actor_id=factories.member_of_staff(ours))
    assert code not in us.get("/search?q=升降机司机").text


def test_own_items_are_found_by_code_and_title_at_home_only(context: Flask) -> None:
    factories.syllabus()
    ours, theirs = factories.institution(), factories.institution()
    learner, neighbour = (factories.browser(context, factories.member(organisation_id=one)) for one in (ours, theirs))
    clerk = factories.browser(context, factories.member(organisation_id=ours, role="registrar"))
    known = {"organisation_id": ours, "at": AT, "actor_id": factories.member_of_staff(ours)}
    with transaction():
        item = courses.create_local_item(group=ItemGroup.SKILLS, title="塔吊班组的工资", **known)

    def shown(client: FlaskClient, words: str) -> list[str]:
        return re.findall(
            rf'href="(/(?:syllabus/|lessons/#item-){re.escape(item)})"', client.get(f"/search?q={words}").text
        )

    assert shown(clerk, "塔吊班组") == shown(clerk, item) == [f"/syllabus/{item}"]
    assert shown(learner, "塔吊班组") == [], "nothing to learn in it yet"
    lesson = local_lesson(ours, source="## 升降机\n\n登录。\n", item_code=item)
    assert shown(learner, "塔吊班组") == shown(learner, "本地一课") == [f"/lessons/#item-{item}"]
    assert f'id="item-{item}"' in learner.get("/lessons/").text
    assert shown(neighbour, "塔吊班组") == shown(neighbour, item) == []
    with transaction():
        courses.update_local_item(code=item, group=ItemGroup.SKILLS, title="升降机班组的工资", **known)
    assert shown(learner, "塔吊班组") == []
    assert shown(learner, "升降机班组") == [f"/lessons/#item-{item}"]
    with transaction():
        courses.retire_local_lesson(code=lesson, **known)
    assert shown(learner, "升降机班组") == []
    assert shown(clerk, "升降机班组") == [f"/syllabus/{item}"]


def test_an_import_leaves_own_lessons_findable(context: Flask, world: World) -> None:
    code = local_lesson(world.organisation_id, source="## 塔吊\n\n塔吊司机的工资怎么算。\n")
    with transaction():
        courses.index_all()
    client = factories.browser(context, world.person_id)
    assert code in client.get("/search?q=塔吊司机").text


def test_nothing_is_found_while_a_final_test_is_written(
    context: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.core.clock.now", lambda: AT + timedelta(minutes=1))
    client = factories.browser(context, world.person_id)
    attempt = world.start(world.final.id)
    page = client.get("/search?q=EXPLANATION").text
    assert "先交卷再搜索" in page
    assert f'href="/attempts/{attempt}"' in page
    assert "<mark>" not in page
    assert 'class="hit"' not in page
    world.hand_in(attempt, at=AT + timedelta(minutes=2))
    assert 'class="hit"' in client.get("/search?q=EXPLANATION").text


def test_the_box_stands_where_people_look_for_things(context: Flask, world: World) -> None:
    learner = factories.browser(context, world.person_id)
    staff = factories.browser(context, factories.member(organisation_id=world.organisation_id, role="registrar"))
    for client, page in ((learner, "/lessons/"), (learner, "/quizzes/"), (staff, "/syllabus/")):
        assert '<form method="get" action="/search"' in client.get(page).text, page
    assert '<a href="/search">搜索</a>' in staff.get("/laws/").text


def test_the_command_rebuilds(context: Flask, world: World) -> None:
    with transaction():
        services.drop(kind="lesson", refs=["1.1-1"])
    db.session.remove()
    answer = context.test_cli_runner().invoke(args=["search", "rebuild"])
    assert answer.exit_code == 0, answer.output
    assert "课文 4 篇" in answer.output
    assert "/lessons/1.1-1" in factories.browser(context, world.person_id).get("/search?q=第").text
