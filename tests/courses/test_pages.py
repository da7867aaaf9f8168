from collections.abc import Callable

import pytest

from lms.core.db import db, transaction
from lms.courses import services
from lms.courses.rules.kinds import ItemGroup
from tests.courses.conftest import AT, Folder, House
from tests.courses.test_local import DRAFT


def test_a_lesson_page_needs_three_statements_at_most(
    imported: Folder, house: House, statements: Callable[[], list[str]]
) -> None:
    """The actor, the lesson with the reader's progress, and the note of the first opening; parts of others aside."""
    registry = house.app.extensions["lms_registry"]
    client = house.client("learner")
    client.get("/lessons/1.1-1")
    client.get("/lessons/2.4-1")
    others = list(registry.parts("courses.lesson"))
    assert isinstance(others, list)
    statements().clear()
    answer = client.get("/lessons/2.4-1")
    assert answer.status_code == 200
    own = [text for text in statements() if "courses_" in text or "accounts_" in text]
    assert len(own) <= 3, own
    assert len(statements()) <= 8, statements()


def test_a_lesson_reads_as_designed(imported: Folder, house: House) -> None:
    page = house.client("learner").get("/lessons/2.4-1").text
    assert '<a class="cite" href="/laws/wage-regulation/26">《条例》26</a>' in page
    assert 'href="1.1-1"' in page
    assert 'href="2.4-2"' in page
    assert "建议 45 分钟（1.0 学时）" in page
    assert "我已学完" in page
    assert "本课目录" in page
    assert "<script>" not in page
    assert " style=" not in page


def test_finishing_shows_the_next_lesson(imported: Folder, house: House) -> None:
    client = house.client("learner")
    answer = client.post("/lessons/2.4-1/finish")
    assert answer.location == "/lessons/2.4-1#finish"
    page = client.get("/lessons/2.4-1").text
    assert "已学完" in page
    assert "学习下一课" in page
    assert "已学完" in client.get("/lessons/").text


@pytest.mark.parametrize("role", ["learner", "instructor", "registrar"])
def test_the_register_is_open_to_all_who_learn_or_teach(imported: Folder, house: House, role: str) -> None:
    client = house.client(role)
    assert "保障农民工工资支付条例" in client.get("/laws/").text
    assert "没有找到“不存在”" in client.get("/laws/?q=不存在").text
    assert "总包在每个项目配劳资专管员。" in client.get("/laws/wage-regulation").text
    page = client.get("/laws/wage-regulation/28").text
    assert "国务院令第724号" in page
    assert "<html" in page
    part = client.get("/laws/wage-regulation/28?part=1")
    assert "<html" not in part.text
    assert "第28条" in part.text
    assert client.get("/laws/wage-regulation/999").status_code == 404
    assert client.get("/laws/nothing").status_code == 404


STAFF_PAGES = ["/syllabus/", "/syllabus/2.4", "/lessons/2.4-1/revisions", "/lessons/2.4-1/revisions/1", "/courses/"]
MANAGER_PAGES = ["/syllabus/new", "/courses/new"]


@pytest.mark.parametrize(
    "role, staff, manager",
    [("learner", 403, 403), ("instructor", 200, 403), ("registrar", 200, 200)],
)
def test_pages_open_by_role(imported: Folder, house: House, role: str, staff: int, manager: int) -> None:
    client = house.client(role)
    assert {path: client.get(path).status_code for path in STAFF_PAGES} == dict.fromkeys(STAFF_PAGES, staff)
    assert {path: client.get(path).status_code for path in MANAGER_PAGES} == dict.fromkeys(MANAGER_PAGES, manager)
    assert client.get("/lessons/2.4-1").status_code == 200
    assert client.get("/lessons/").status_code == 200


def test_nobody_is_sent_to_the_sign_in_page(imported: Folder, house: House) -> None:
    client = house.app.test_client()
    for path in (*STAFF_PAGES, *MANAGER_PAGES, "/lessons/", "/lessons/2.4-1", "/laws/", "/laws/wage-regulation/28"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "/sign-in" in answer.location


def test_a_course_is_made_and_changed_by_form(imported: Folder, house: House) -> None:
    client = house.client("registrar")
    form = client.get("/courses/new").text
    assert 'value="90"' in form  # two lessons of 45 minutes
    values = {"name": "开学班", "code": ["1.1", "2.4"], "order": ["2", "1"], "minutes": ["45", "90"]}
    answer = client.post("/courses/new", data=values)
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert page.index("专用账户") < page.index("职业道德")
    assert "3.0 学时 / 2 小时 15 分" in page
    again = client.post("/courses/new", data=values)
    assert "已有名为“开学班”的课程" in again.text
    wrong = client.post(f"{answer.location}/edit", data=values | {"minutes": ["许多", "90"]})
    assert "应为整数" in wrong.text
    assert "许多" in wrong.text
    assert client.post(f"{answer.location}/edit", data=values | {"minutes": ["", "60"]}).status_code == 302
    assert "1.3 学时" in client.get("/courses/").text


def test_own_item_and_lesson_by_form(imported: Folder, house: House) -> None:
    client = house.client("registrar")
    item = client.post("/syllabus/new", data={"title": "本市平台", "group": "skills"})
    assert item.status_code == 302
    code = item.location.rpartition("/")[2]
    lesson = {
        "title": "登录平台",
        "minutes": "30",
        "position": "1",
        "as_of": "2026-11-20",
        "source": "## 登录\r\n\r\n见 [《条例》28](law:wage-regulation#28)。",
    }
    preview = client.post(f"/syllabus/{code}/lessons/new", data=lesson | {"preview": "1"})
    assert "尚未保存" in preview.text
    assert 'href="/laws/wage-regulation/28"' in preview.text
    assert "还没有课文" in client.get(f"/syllabus/{code}").text
    refused = client.post(f"/syllabus/{code}/lessons/new", data=lesson | {"source": "没有小标题"})
    assert "至少要有一节" in refused.text
    saved = client.post(f"/syllabus/{code}/lessons/new", data=lesson)
    assert saved.status_code == 302, saved.text
    assert client.get(f"/lessons/{code}-1").status_code == 200
    assert "登录平台" in client.get(f"/lessons/{code}-1/edit").text
    client.post(f"/lessons/{code}-1/edit", data=lesson | {"title": "登录平台（新）"})
    revisions = client.get(f"/lessons/{code}-1/revisions").text
    assert "第 2 版" in revisions
    assert "王建国" in revisions
    assert client.post(f"/lessons/{code}-1/retire").status_code == 302
    assert client.get(f"/lessons/{code}-1").status_code == 404
    assert client.post(f"/syllabus/{code}/edit", data={"title": "改名", "group": "theory"}).status_code == 302
    assert "改名" in client.get("/syllabus/").text


def test_another_institutions_item_and_lesson_are_not_there(imported: Folder, house: House) -> None:
    actor_id = house.person("registrar", house.theirs)
    with transaction():
        code = services.create_local_item(
            organisation_id=house.theirs, group=ItemGroup.SKILLS, title="宜昌平台", at=AT, actor_id=actor_id
        )
        lesson = services.save_local_lesson(
            organisation_id=house.theirs, item_code=code, draft=DRAFT, at=AT, actor_id=actor_id
        )
        course = services.create_course(
            organisation_id=house.theirs, name="宜昌班", items=[(code, 45)], at=AT, actor_id=actor_id
        )
    db.session.remove()
    client = house.client("registrar")
    for path in (
        f"/lessons/{lesson}",
        f"/lessons/{lesson}/edit",
        f"/lessons/{lesson}/revisions",
        f"/lessons/{lesson}/revisions/1",
        f"/syllabus/{code}",
        f"/syllabus/{code}/edit",
        f"/syllabus/{code}/lessons/new",
        f"/courses/{course}",
        f"/courses/{course}/edit",
    ):
        assert client.get(path).status_code == 404, path
    for path in (f"/lessons/{lesson}/finish", f"/lessons/{lesson}/retire"):
        assert client.post(path).status_code == 404, path
    for path in ("/syllabus/", "/lessons/", "/courses/"):
        assert "宜昌" not in client.get(path).text
