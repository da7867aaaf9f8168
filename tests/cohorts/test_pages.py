"""The pages of staff and learners, as browsers see them."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from lms.accounts import services as accounts
from lms.cohorts import services
from lms.core.clock import local_date, local_moment, now
from lms.core.db import db, transaction
from lms.core.listing import ListQuery
from lms.courses import services as courses
from tests import factories as make
from tests.cohorts.conftest import HEADING, House, person, xlsx

FORM = {
    "name": "周末班",
    "target_level": "3",
    "mode": "part_time",
    "starts_on": "2026-03-07",
    "ends_on": "2026-05-31",
    "place": "二楼",
    "head_teacher_id": "0",
    "planned_hours": "96",
    "attended_percent": "80",
    "items_finished": "y",
    "final_test_passed": "y",
}


@pytest.fixture
def clerk(house: House) -> FlaskClient:
    return house.client("registrar")


def upload(client: FlaskClient, cohort_id: int, data: bytes, name: str = "名册.xlsx") -> TestResponse:
    return client.post(f"/cohorts/{cohort_id}/roster", data={"file": (BytesIO(data), name)})


def all_cohorts(house: House) -> list[services.CohortView]:
    page = services.list_cohorts(organisation_id=house.ours, query=ListQuery(sort="name"))
    return [view for view, _count in page.rows]


def test_the_list_teaches_while_it_is_empty(house: House) -> None:
    page = house.client("registrar", house.theirs).get("/cohorts/").text
    assert "还没有班期" in page
    assert "/cohorts/new" in page
    assert "/cohorts/new" not in house.client("instructor", house.theirs).get("/cohorts/").text


def test_the_list_is_searched_and_filtered(house: House, clerk: FlaskClient) -> None:
    assert "2026 年第 3 期" in clerk.get("/cohorts/?q=第 3&sort=-name&status=open").text
    assert "没有符合条件的班期" in clerk.get("/cohorts/?q=无此班").text
    assert "没有符合条件的班期" in clerk.get("/cohorts/?status=draft").text
    assert clerk.get("/cohorts/?status=nonsense&page=99&sort=nonsense").status_code == 200


def test_without_a_course_the_form_leads_to_one(house: House) -> None:
    page = house.client("registrar", house.theirs).get("/cohorts/new").text
    assert "还没有课程" in page
    assert "/courses/new" in page


def test_a_cohort_is_made_with_hours_kept_as_minutes(house: House, clerk: FlaskClient) -> None:
    course_id = make.course(organisation_id=house.ours)
    answer = clerk.post("/cohorts/new", data={**FORM, "course_id": course_id})
    assert answer.status_code == 302
    made = next(view for view in all_cohorts(house) if view.name == "周末班")
    assert answer.location == f"/cohorts/{made.id}"
    assert (made.planned_minutes, made.target_level, made.mode, made.status) == (4320, 3, "part_time", "draft")
    assert made.completion_rule == {
        "attended_percent": 80,
        "items_finished": True,
        "quizzes_passed": False,
        "final_test_passed": True,
    }
    page = clerk.get(answer.location).text
    assert "96.0 学时 / 72 小时" in page
    assert "出勤达到计划学时的 80%" in page


def test_blank_hours_are_the_courses_own(house: House, clerk: FlaskClient) -> None:
    course_id = make.course(organisation_id=house.ours)
    clerk.post("/cohorts/new", data={**FORM, "course_id": course_id, "planned_hours": ""})
    made = next(view for view in all_cohorts(house) if view.name == "周末班")
    assert made.planned_minutes == 270


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"name": ""}, "请填写班期名称"),
        ({"ends_on": "2026-03-01"}, "结束日期早于开始日期"),
        ({"starts_on": "soon"}, ""),
        ({"attended_percent": "101"}, "0—100"),
        ({"planned_hours": "many"}, ""),
        ({"planned_hours": "0"}, "0.1 到 2000"),
        ({"course_id": "999"}, ""),
        ({"target_level": "9"}, ""),
        ({"head_teacher_id": "999"}, ""),
    ],
)
def test_a_refused_form_keeps_what_was_entered(
    house: House, clerk: FlaskClient, changes: dict[str, str], word: str
) -> None:
    course_id = make.course(organisation_id=house.ours)
    answer = clerk.post("/cohorts/new", data={**FORM, "course_id": course_id, **changes})
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text
    assert word in answer.text
    assert 'value="二楼"' in answer.text


def test_an_open_cohort_keeps_its_promise_on_the_form(house: House, clerk: FlaskClient) -> None:
    address = f"/cohorts/{house.cohort_id}/edit"
    page = clerk.get(address).text
    assert 'name="planned_hours"' not in page
    forged = {**FORM, "name": "改名", "starts_on": "2026-03-02", "planned_hours": "1", "attended_percent": "1"}
    assert clerk.post(address, data=forged).status_code == 302
    view = services.get_cohort(organisation_id=house.ours, cohort_id=house.cohort_id)
    assert (view.name, view.planned_minutes, view.completion_rule) == ("改名", 270, make.RULE)


def test_saving_a_draft_unchanged_changes_nothing(house: House, clerk: FlaskClient) -> None:
    cohort_id = make.cohort(organisation_id=house.ours, opened=False, planned_minutes=271)
    before = services.get_cohort(organisation_id=house.ours, cohort_id=cohort_id)
    page = clerk.get(f"/cohorts/{cohort_id}/edit").text
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    data = {
        **{name: fields[name] for name in ("name", "starts_on", "ends_on", "place", "planned_hours")},
        "course_id": before.course_id,
        "target_level": before.target_level,
        "mode": before.mode,
        "head_teacher_id": 0,
        "attended_percent": 90,
        **dict.fromkeys(("items_finished", "quizzes_passed", "final_test_passed"), "y"),
    }
    assert clerk.post(f"/cohorts/{cohort_id}/edit", data=data).status_code == 302
    assert services.get_cohort(organisation_id=house.ours, cohort_id=cohort_id) == before


def test_opening_says_what_it_means_and_names_the_cohort(house: House, clerk: FlaskClient) -> None:
    cohort_id = make.cohort(organisation_id=house.ours, opened=False, name="周末班")
    page = clerk.get(f"/cohorts/{cohort_id}/open").text
    assert "确定开班：周末班" in page
    assert "不能再改" in page
    assert clerk.post(f"/cohorts/{cohort_id}/open").status_code == 302
    assert services.get_cohort(organisation_id=house.ours, cohort_id=cohort_id).status == "open"
    assert clerk.post(f"/cohorts/{cohort_id}/open").status_code == 409
    assert clerk.get(f"/cohorts/{cohort_id}/open").status_code == 302


def test_closing_asks_for_the_name(house: House, clerk: FlaskClient) -> None:
    address = f"/cohorts/{house.cohort_id}/close"
    refused = clerk.post(address, data={"name": "别的班"})
    assert refused.status_code == 422
    assert "名称不一致" in refused.text
    assert clerk.post(address, data={"name": " 2026 年第 3 期 "}).status_code == 302
    assert services.get_cohort(organisation_id=house.ours, cohort_id=house.cohort_id).status == "closed"
    assert clerk.get(address).status_code == 302
    page = clerk.get(f"/cohorts/{house.cohort_id}").text
    assert "导入名册" not in page


def session_form(**changes: Any) -> dict[str, Any]:
    filled = {"on": "2026-03-03", "starts": "08:30", "ends": "10:00", "item_code": "2.4", "instructor_id": "0"}
    return {**filled, "room": "201", **changes}


def test_classes_are_planned_one_after_the_other(house: House, clerk: FlaskClient) -> None:
    address = f"/cohorts/{house.cohort_id}/sessions/new"
    first = clerk.get(address).text
    assert 'value="2026-03-02"' in first
    assert 'value="08:30' in first
    answer = clerk.post(address, data=session_form(another="1"))
    assert answer.location.startswith(f"{address}?after=")
    following = clerk.get(answer.location).text
    assert 'value="10:10' in following
    assert 'value="201"' in following
    assert re.search(r'<option selected value="3.4"', following)
    page = clerk.get(f"/cohorts/{house.cohort_id}").text
    assert "08:30—10:00" in page


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"starts": "09:00", "ends": "10:30"}, "本班期 2026-03-03 08:30—10:00 已有课"),
        ({"on": "2026-03-01"}, "班期之内"),
        ({"ends": "08:00"}, "晚于上课时间"),
        ({"item_code": "9.9"}, ""),
        ({"starts": ""}, "上课时间"),
    ],
)
def test_a_clash_stands_beside_the_form_and_nothing_is_lost(
    house: House, clerk: FlaskClient, changes: dict[str, str], word: str
) -> None:
    address = f"/cohorts/{house.cohort_id}/sessions/new"
    clerk.post(address, data=session_form())
    answer = clerk.post(address, data=session_form(**{"room": "阶梯教室", **changes}))
    assert answer.status_code == 422
    assert word in answer.text
    assert "invalid-feedback" in answer.text
    assert 'value="阶梯教室"' in answer.text
    assert len(services.list_sessions(organisation_id=house.ours, cohort_id=house.cohort_id)) == 1


def coming_class(house: House) -> int:
    """Plan a class for tomorrow in a cohort that runs today."""
    today = local_date(now())
    cohort_id = make.cohort(organisation_id=house.ours, at=now() - timedelta(days=1), name="今天的班")
    starts_at = local_moment(today + timedelta(days=1), now().time().replace(hour=9, minute=0, second=0, microsecond=0))
    make.class_session(organisation_id=house.ours, cohort_id=cohort_id, starts_at=starts_at)
    return cohort_id


def test_a_class_is_called_off_with_a_reason(house: House, clerk: FlaskClient) -> None:
    cohort_id = coming_class(house)
    (session,) = services.list_sessions(organisation_id=house.ours, cohort_id=cohort_id)
    address = f"/cohorts/{cohort_id}/sessions/{session.id}/cancel"
    assert address in clerk.get(f"/cohorts/{cohort_id}").text
    assert clerk.post(address, data={"reason": ""}).status_code == 422
    assert clerk.post(address, data={"reason": "讲师生病"}).status_code == 302
    assert "讲师生病" in clerk.get(f"/cohorts/{cohort_id}").text
    again = clerk.post(address, data={"reason": "讲师生病"})
    assert (again.status_code, "已经取消" in again.text) == (422, True)
    assert clerk.get(f"/cohorts/{house.cohort_id}/sessions/{session.id}/cancel").status_code == 404


def test_a_learner_is_shown_moved_and_leaves(house: House, clerk: FlaskClient) -> None:
    other = make.cohort(organisation_id=house.ours, name="周末班")
    person_id, _ = make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id)
    address = f"/cohorts/{house.cohort_id}/learners/{person_id}"
    page = clerk.get(address).text
    assert "湖北楚建工程有限公司" in page
    assert "******" in page
    assert clerk.post(f"{address}/transfer", data={"to_cohort_id": other, "reason": ""}).status_code == 422
    assert clerk.post(f"{address}/transfer", data={"to_cohort_id": 999, "reason": "改期"}).status_code == 422
    moved = clerk.post(f"{address}/transfer", data={"to_cohort_id": other, "reason": "改期"})
    assert moved.location == f"/cohorts/{other}/learners/{person_id}"
    assert "已离开本班期" in clerk.get(address).text
    target = f"/cohorts/{other}/learners/{person_id}"
    assert clerk.post(f"{target}/end", data={"end-reason": ""}).status_code == 422
    assert clerk.post(f"{target}/end", data={"end-reason": "离职"}).status_code == 302
    assert "离职" in clerk.get(target).text
    assert clerk.post(f"{target}/end", data={"end-reason": "离职"}).status_code == 422


def test_a_person_who_never_was_in_the_cohort_is_not_found(house: House, clerk: FlaskClient) -> None:
    outsider = make.member(organisation_id=house.ours)
    other = make.cohort(organisation_id=house.ours)
    person_id, _ = make.enrolled_learner(organisation_id=house.ours, cohort_id=other)
    for found in (outsider, person_id, 9999):
        assert clerk.get(f"/cohorts/{house.cohort_id}/learners/{found}").status_code == 404


def test_one_learner_is_added_by_hand(house: House, clerk: FlaskClient) -> None:
    address = f"/cohorts/{house.cohort_id}/learners/new"
    data = {"name": "王建国", "id_number": person(1)[1], "phone": person(1)[2], "employer": "甲公司"}
    refused = clerk.post(address, data={**data, "id_number": "420106199001011235"})
    assert (refused.status_code, "校验位" in refused.text) == (422, True)
    assert clerk.post(address, data=data).status_code == 302
    assert clerk.post(address, data=data).status_code == 422
    assert "王建国" in clerk.get(f"/cohorts/{house.cohort_id}").text


def test_a_roster_goes_through_three_steps(house: House, clerk: FlaskClient) -> None:
    bad = ("李小红", 4.2010119900101e17, "13800138001", "甲")
    answer = upload(clerk, house.cohort_id, xlsx(HEADING, person(1), bad, person(3, "@张三")))
    assert answer.status_code == 302
    shown = clerk.get(answer.location).text
    assert "第 3 行 B 列" in shown
    assert "导入这 1 人" in shown
    assert "4.2010119900101E+17" in shown
    everything = clerk.get(answer.location + "?show=all").text
    assert person(1)[1] not in everything
    assert "可导入" in everything
    assert services.learners(organisation_id=house.ours, cohort_id=house.cohort_id) == []
    result = clerk.get(answer.location + "/result.xlsx?show=bad")
    cells = list(load_workbook(BytesIO(result.data)).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in cells] == ["李小红", "@张三"]
    done = clerk.post(answer.location + "/confirm")
    assert done.location == answer.location
    again = clerk.post(answer.location + "/confirm")
    assert again.location == answer.location
    page = clerk.get(done.location).text
    assert "已导入 1 人" in page
    assert "打印初始密码" in page
    assert "2 行有问题" in page
    left = clerk.get(answer.location + "/result.xlsx?show=bad")
    assert len(list(load_workbook(BytesIO(left.data)).worksheets[0].iter_rows())) == 3
    assert clerk.post(answer.location + "/discard").status_code == 302
    assert len(services.learners(organisation_id=house.ours, cohort_id=house.cohort_id)) == 1


@pytest.mark.parametrize(
    "data, name, word",
    [
        (b"", "名册.xlsx", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "名册.xls", "旧版 .xls"),
        ("名单\n甲\n".encode(), "名册.csv", "没有找到表头"),
        (b"", "", "请先选择"),
    ],
)
def test_an_unreadable_file_is_refused_beside_the_field(
    house: House, clerk: FlaskClient, data: bytes, name: str, word: str
) -> None:
    answer = upload(clerk, house.cohort_id, data, name)
    assert answer.status_code == 422
    assert word in answer.text


def test_a_roster_named_wrongly_is_read_by_its_content(house: House, clerk: FlaskClient) -> None:
    assert upload(clerk, house.cohort_id, xlsx(HEADING, person(1)), "名册.csv").status_code == 302


def test_template_and_export_are_workbooks(house: House, clerk: FlaskClient) -> None:
    make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id)
    template = clerk.get("/cohorts/roster-template.xlsx")
    assert template.data.startswith(b"PK")
    named = template.headers["Content-Disposition"]
    assert named.isascii(), "a header holds no Chinese signs"
    assert named.startswith("attachment; filename=roster-template.xlsx; filename*=UTF-8''%E5%AD%A6%E5%91%98")
    export = clerk.post(f"/cohorts/{house.cohort_id}/roster.xlsx")
    assert export.headers["Content-Disposition"].isascii()
    checked = upload(clerk, house.cohort_id, export.data)
    assert "1 行已在本班期" in clerk.get(checked.location).text


def test_initial_passwords_are_shown_once(house: House, clerk: FlaskClient) -> None:
    address = f"/cohorts/{house.cohort_id}/passwords"
    assert "没有等待打印的初始密码" in clerk.get(address).text
    location = upload(clerk, house.cohort_id, xlsx(HEADING, person(1), ("李四", person(2)[1], "", ""))).location
    clerk.post(f"{location}/confirm")
    assert "只显示这一次" in clerk.get(address).text
    page = clerk.post(address).text
    passwords = re.findall(r"<code>([a-z0-9]{8})</code>", page)
    assert len(passwords) == 2
    assert "http://localhost" in page
    assert person(1)[1] not in page
    assert person(1)[2] not in page
    assert "没有可显示的初始密码" in clerk.post(address).text
    db.session.remove()
    browser = house.browser()
    assert browser.post("/sign-in", data={"login": person(1)[2], "password": passwords[0]}).status_code == 302
    assert browser.post("/sign-in", data={"login": person(2)[1], "password": passwords[1]}).status_code == 302


def test_a_learner_sees_the_course_and_goes_on_where_it_stopped(house: House) -> None:
    person_id, _ = make.enrolled_learner(organisation_id=house.ours, cohort_id=house.cohort_id)
    browser = house.browser(person_id)
    page = browser.get("/study").text
    assert "开始学习" in page
    assert "/lessons/1.1-1" in page
    assert "开始学习" in browser.get("/").text
    with transaction():
        courses.finish_lesson(person_id=person_id, lesson_code="1.1-1", at=make.AT, organisation_id=house.ours)
    db.session.remove()
    page = browser.get("/study").text
    assert "继续学习" in page
    assert "已学完 1 / 4 课" in page
    assert re.search(r'btn-lg[^>]*href="/lessons/2.4-1"', page)


def test_a_learner_without_a_cohort_is_told_whom_to_ask(house: House) -> None:
    page = house.client("learner").get("/study").text
    assert "还没有编入班期" in page
    assert "武汉安薪培训学校" in page


def test_a_learner_of_a_draft_and_of_a_closed_cohort_is_told_so(house: House) -> None:
    draft = make.cohort(organisation_id=house.ours, opened=False, name="没开的班")
    person_id, _ = make.enrolled_learner(organisation_id=house.ours, cohort_id=draft)
    browser = house.browser(person_id)
    assert "还没有开班" in browser.get("/study").text
    assert "没开的班" in browser.get("/").text
    with transaction():
        services.enrol(
            organisation_id=house.ours,
            cohort_id=house.cohort_id,
            person_id=person_id,
            at=make.AT,
            actor_id=house.registrar,
        )
        services.close_cohort(
            organisation_id=house.ours, cohort_id=house.cohort_id, at=make.AT, actor_id=house.registrar
        )
    db.session.remove()
    assert "班期已结束" in browser.get(f"/study?cohort={house.cohort_id}").text
    assert browser.get("/study?cohort=999").status_code == 404


def test_a_learner_reads_why_a_class_was_called_off(house: House, clerk: FlaskClient) -> None:
    cohort_id = coming_class(house)
    person_id, _ = make.enrolled_learner(organisation_id=house.ours, cohort_id=cohort_id)
    (session,) = services.list_sessions(organisation_id=house.ours, cohort_id=cohort_id)
    clerk.post(f"/cohorts/{cohort_id}/sessions/{session.id}/cancel", data={"reason": "停电一天"})
    assert "停电一天" in house.browser(person_id).get("/study").text


def test_staff_see_what_running_cohorts_want(house: House) -> None:
    make.cohort(organisation_id=house.ours, name="今天的班", at=now() - timedelta(days=1))
    page = house.client("registrar").get("/").text
    assert "今天的班" in page
    assert "导入名册" in page
    watching = house.client("instructor").get("/").text
    assert "今天的班" in watching
    assert "导入名册" not in watching


def count(client: FlaskClient, statements: Callable[[], list[str]], address: str) -> int:
    """Return how many statements a page takes once everything is warm; the parts of other plugins are taken out."""
    client.get(address)
    statements()
    assert client.get(address).status_code == 200
    return len(statements())


@pytest.fixture
def alone(house: House) -> Any:
    """The application without the pieces that other plugins put on our pages."""
    registry = house.app.extensions["lms_registry"]
    from lms.core.plugin import Registry

    ours = tuple(plugin for plugin in registry.plugins if plugin.name in ("accounts", "courses", "cohorts"))
    house.app.extensions["lms_registry"] = Registry(ours, registry.permissions)
    yield
    house.app.extensions["lms_registry"] = registry


@pytest.mark.usefixtures("alone")
def test_statements_do_not_grow_with_the_rows(house: House, statements: Callable[[], list[str]]) -> None:
    cohort_id = coming_class(house)
    person_id, _ = make.enrolled_learner(organisation_id=house.ours, cohort_id=cohort_id)
    pages = {
        "/cohorts/": 4,
        f"/cohorts/{cohort_id}": 11,
        f"/cohorts/{cohort_id}/sessions/new": 8,
        f"/cohorts/{cohort_id}/passwords": 6,
    }
    clerk, learner = house.client("registrar"), house.browser(person_id)
    few = {address: count(clerk, statements, address) for address in pages} | {
        "/study": count(learner, statements, "/study")
    }
    for name in "甲乙丙丁":
        make.cohort(organisation_id=house.ours, name=f"{name}班")
        make.enrolled_learner(organisation_id=house.ours, cohort_id=cohort_id, name=f"王{name}")
        day = local_date(now()) + timedelta(days=2 + "甲乙丙丁".index(name))
        starts_at = local_moment(day, now().time().replace(hour=9, minute=0))
        make.class_session(organisation_id=house.ours, cohort_id=cohort_id, starts_at=starts_at)
    db.session.remove()
    many = {address: count(clerk, statements, address) for address in pages} | {
        "/study": count(learner, statements, "/study")
    }
    assert many == few
    assert all(many[address] <= most for address, most in pages.items()), many
    assert many["/study"] <= 12


WAYS = (
    ("GET", "/cohorts/{cohort}"),
    ("GET", "/cohorts/{cohort}/edit"),
    ("GET", "/cohorts/{cohort}/open"),
    ("POST", "/cohorts/{cohort}/open"),
    ("GET", "/cohorts/{cohort}/close"),
    ("POST", "/cohorts/{cohort}/close"),
    ("GET", "/cohorts/{cohort}/sessions/new"),
    ("POST", "/cohorts/{cohort}/sessions/new"),
    ("GET", "/cohorts/{cohort}/sessions/{session}/cancel"),
    ("POST", "/cohorts/{cohort}/sessions/{session}/cancel"),
    ("GET", "/cohorts/{cohort}/learners/new"),
    ("GET", "/cohorts/{cohort}/learners/{person}"),
    ("POST", "/cohorts/{cohort}/learners/{person}/end"),
    ("POST", "/cohorts/{cohort}/learners/{person}/transfer"),
    ("GET", "/cohorts/{cohort}/passwords"),
    ("POST", "/cohorts/{cohort}/passwords"),
    ("GET", "/cohorts/{cohort}/roster"),
    ("POST", "/cohorts/{cohort}/roster"),
    ("GET", "/cohorts/{cohort}/roster/{roster}"),
    ("POST", "/cohorts/{cohort}/roster/{roster}/confirm"),
    ("POST", "/cohorts/{cohort}/roster/{roster}/discard"),
    ("GET", "/cohorts/{cohort}/roster/{roster}/result.xlsx"),
    ("POST", "/cohorts/{cohort}/roster.xlsx"),
)


def test_every_page_is_closed_to_others(house: House, clerk: FlaskClient) -> None:
    cohort_id = coming_class(house)
    person_id, _ = make.enrolled_learner(organisation_id=house.ours, cohort_id=cohort_id)
    (session,) = services.list_sessions(organisation_id=house.ours, cohort_id=cohort_id)
    roster = upload(clerk, cohort_id, xlsx(HEADING, person(1))).location.rsplit("/", 1)[1]
    known = {rule.rule for rule in house.app.url_map.iter_rules() if rule.endpoint.startswith("cohorts.")}
    names = {"cohort": "cohort_id", "session": "session_id", "person": "person_id", "roster": "import_id"}
    asked = {way.format(**{short: f"<int:{name}>" for short, name in names.items()}) for _method, way in WAYS}
    assert known - asked == {
        "/static/cohorts/<path:filename>",
        "/cohorts/",
        "/cohorts/new",
        "/cohorts/roster-template.xlsx",
        "/study",
    }
    strangers = house.client("registrar", house.theirs)
    reader, learner, nobody = house.client("instructor"), house.browser(person_id), house.browser()
    readable = {"/cohorts/{cohort}", "/cohorts/{cohort}/learners/{person}"}
    for method, way in WAYS:
        address = way.format(cohort=cohort_id, session=session.id, person=person_id, roster=roster)
        assert strangers.open(address, method=method).status_code == 404, address
        assert reader.open(address, method=method).status_code == (200 if way in readable else 403), address
        assert learner.open(address, method=method).status_code == 403, address
        assert nobody.open(address, method=method).status_code == 302, address
    assert learner.get("/cohorts/").status_code == 403
    assert accounts.people_with_slips(organisation_id=house.ours, person_ids=[person_id]) == set()
    assert services.get_cohort(organisation_id=house.ours, cohort_id=cohort_id).status == "open"
