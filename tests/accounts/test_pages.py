"""The administration pages, as their readers use them; and as others try to."""

import re

import pytest

from lms.accounts import services
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from tests.accounts.conftest import AT, House, sign_in
from tests.accounts.test_identity import id_number

ID = id_number("420106", "19900501", "128")  # ends in X
USCC = "91420100MA4KLXXX0"


def test_a_registrar_adds_an_instructor_and_sees_the_password_once(house: House) -> None:
    client = house.client(house.person("registrar", login="clerk", name="李教务"))
    form = client.get("/people/new").text
    assert "讲师" in form
    assert "机构管理员" not in form
    added = {"role": "instructor", "name": "周讲师", "phone": "138 0000 1234", "id_number": ID, "login_name": ""}
    page = client.post("/people/new", data=added)
    found = re.search(r'<code class="once">([a-z0-9]{8})</code>', page.text)
    assert found
    assert sign_in(house.app.test_client(), "13800001234", found[1]).status_code == 302
    listed = client.get("/people?q=周").text
    assert "138****1234" in listed
    assert "13800001234" not in listed
    assert ID not in listed
    again = client.post("/people/new", data={**added, "role": "head_teacher"})
    assert again.status_code == 302
    assert "已有账号" in client.get(again.location).text


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(house: House) -> None:
    client = house.client(house.person("registrar", login="clerk", name="李教务"))
    page = client.post("/people/new", data={"role": "instructor", "name": "周讲师", "phone": "123"})
    assert page.status_code == 422
    assert "手机号应为 11 位" in page.text
    assert 'value="周讲师"' in page.text
    assert (
        client.post("/people/new", data={"role": "administrator", "name": "孙某", "phone": "13800001234"}).status_code
        == 422
    )


def test_a_number_is_shown_in_full_for_a_reason_and_on_one_answer_only(house: House) -> None:
    boss = house.person("administrator", login="boss", name="陈校长")
    someone = house.person("learner", login="wang", phone="13800001234", id_number=ID)
    client = house.client(boss)
    path = f"/people/{someone.person_id}"
    assert ID not in client.get(path).text
    assert client.get(f"{path}/reveal").status_code == 405
    refused = client.post(f"{path}/reveal", data={"field": "id_number", "reason": ""})
    assert refused.status_code == 422
    assert ID not in refused.text
    shown = client.post(f"{path}/reveal", data={"field": "id_number", "reason": "核对报名材料"})
    assert ID in shown.text
    assert "13800001234" not in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert ID not in client.get(path).text
    with house.app.app_context():
        assert db.session.query(AuditEntry).filter_by(action="accounts.unmasked").one().actor_id == boss.person_id


def test_a_head_teacher_sees_people_but_not_numbers(house: House) -> None:
    someone = house.person("learner", login="wang", phone="13800001234", id_number=ID)
    client = house.client(house.person("head_teacher", login="wubzr", name="吴班主任"))
    page = client.get(f"/people/{someone.person_id}")
    assert page.status_code == 200
    assert "显示完整号码" not in page.text
    answer = client.post(f"/people/{someone.person_id}/reveal", data={"field": "phone", "reason": "核对"})
    assert answer.status_code == 403
    assert client.get("/people/new").status_code == 403


def test_a_registrar_resets_a_learners_password(house: House) -> None:
    someone = house.person("learner", login="wang", phone="13800001234")
    learner = house.client(someone)
    client = house.client(house.person("registrar", login="clerk", name="李教务"))
    page = client.post(f"/people/{someone.person_id}/password").text
    found = re.search(r'<code class="once">([a-z0-9]{8})</code>', page)
    assert found
    assert learner.get("/me").location == "/sign-in"
    fresh = house.app.test_client()
    sign_in(fresh, "wang", found[1])
    assert fresh.get("/").location == "/me/password"


def test_one_institution_cannot_reset_a_shared_person_but_the_platform_can(house: House) -> None:
    someone = house.person("learner", login="wang")
    with house.app.app_context(), transaction():
        services.add_membership(
            organisation_id=house.theirs, person_id=someone.person_id, role="learner", at=AT, actor_id=None
        )
    client = house.client(house.person("registrar", login="clerk", name="李教务"))
    answer = client.post(f"/people/{someone.person_id}/password")
    assert answer.status_code == 422
    assert "同时属于其他机构" in answer.text
    assert "同时属于其他机构" in client.get(f"/people/{someone.person_id}").text
    platform = house.client(house.person("platform_administrator", login="root", name="钱平台"))
    assert platform.post(f"/people/{someone.person_id}/password").status_code == 200


def test_roles_are_added_and_ended(house: House) -> None:
    someone = house.person("instructor", login="zhou", name="周讲师")
    client = house.client(house.person("administrator", login="boss", name="陈校长"))
    path = f"/people/{someone.person_id}/roles"
    assert client.post(path, data={"role": "registrar"}).status_code == 302
    assert client.post(path, data={"role": "platform_administrator"}).status_code == 403
    assert client.post(path, data={"role": "nonsense"}).status_code == 422
    assert client.post(f"{path}/end", data={"role": "instructor", "reason": ""}).status_code == 422
    assert client.post(f"{path}/end", data={"role": "instructor", "reason": "转岗"}).status_code == 302
    assert client.post(f"{path}/end", data={"role": "instructor", "reason": "转岗"}).status_code == 409
    page = client.get(f"/people/{someone.person_id}").text
    assert page.count("至今") == 1


def test_another_institutions_people_are_not_found(house: House) -> None:
    theirs = house.person("learner", login="theirs", organisation_id=house.theirs, phone="13800001234")
    client = house.client(house.person("administrator", login="boss", name="陈校长"))
    path = f"/people/{theirs.person_id}"
    for method, suffix, data in (
        ("get", "", {}),
        ("post", "/reveal", {"field": "phone", "reason": "核对"}),
        ("post", "/roles", {"role": "learner"}),
        ("post", "/roles/end", {"role": "learner", "reason": "离职"}),
        ("post", "/password", {}),
        ("post", "/totp/reset", {"reason": "丢失"}),
    ):
        assert getattr(client, method)(path + suffix, data=data).status_code == 404, suffix
    assert "theirs" not in client.get("/people").text
    assert "没有符合条件的人" in client.get("/people?q=13800001234").text


@pytest.mark.parametrize("role", ["learner", "instructor", "registrar", "administrator"])
def test_platform_pages_are_for_platform_administrators(house: House, role: str) -> None:
    client = house.client(house.person(role, login="someone"))
    assert client.get("/organisations").status_code == 403
    assert client.get("/organisations/new").status_code == 403
    assert client.get(f"/organisations/{house.theirs}").status_code == 403


def test_a_platform_administrator_founds_an_organisation_with_its_administrator(house: House) -> None:
    client = house.client(house.person("platform_administrator", login="root", name="钱平台"))
    form = {
        "kind": "employer",
        "name": "中建某局有限公司",
        "short_name": "",
        "uscc": "9142010030019740X",
        "contact": "",
    }
    refused = client.post("/organisations/new", data=form)
    assert refused.status_code == 422
    assert "18 位" in refused.text
    made = client.post("/organisations/new", data={**form, "uscc": ""})
    assert made.status_code == 302
    page = client.get(made.location).text
    assert "还没有管理员" in page
    added = client.post(made.location, data={"role": "administrator", "name": "孙经理", "phone": "13800001234"})
    assert re.search(r'<code class="once">[a-z0-9]{8}</code>', added.text)
    assert "孙经理" in client.get(made.location).text
    assert "中建某局有限公司" in client.get("/organisations?kind=employer&sort=-name").text
    assert "没有符合条件的机构" in client.get("/organisations?q=不存在的").text
    with house.app.app_context():
        person = services.find_person_by_phone(phone="13800001234")
    assert person is not None
    reset = client.post(f"{made.location}/people/{person.id}/password")
    assert reset.status_code == 200


def test_an_administrator_keeps_the_settings(house: House) -> None:
    client = house.client(house.person("administrator", login="boss", name="陈校长"))
    form = {"short_name": "安薪", "contact": "027-12345678"}
    assert client.post("/organisation", data=form).status_code == 302
    assert "027-12345678" in client.get("/organisation").text
    assert "027-12345678" in client.get("/notice").text


def test_every_page_answers_nobody_with_the_sign_in_page(house: House) -> None:
    client = house.app.test_client()
    for path in ("/", "/me", "/me/password", "/me/totp", "/people", "/people/1", "/organisation", "/organisations"):
        assert client.get(path).location == "/sign-in", path
    assert client.get("/notice").status_code == 200
    assert client.get("/sign-in").status_code == 200


@pytest.mark.parametrize(
    "role, there, not_there",
    [
        ("administrator", ["今天", "学员与员工", "本机构设置"], ["全部机构"]),
        ("instructor", ["今天"], ["学员与员工", "本机构设置"]),
        ("platform_administrator", ["全部机构", "学员与员工"], []),
    ],
)
def test_the_menu_offers_what_may_be_used(house: House, role: str, there: list[str], not_there: list[str]) -> None:
    page = house.client(house.person(role, login="someone")).get("/").text
    menu = page[page.index('aria-label="主菜单"') :]
    assert all(title in menu for title in there)
    assert not any(title in page for title in not_there)


def test_the_menu_is_one_landmark(house: House) -> None:
    page = house.client(house.person("instructor", login="someone")).get("/").text
    assert re.findall(r'<(\w+)[^>]*aria-label="主菜单"', page) == ["nav"]


@pytest.mark.parametrize("address, title", [("/", "首页"), ("/me", "我的")])
def test_the_bars_title_is_the_heading_where_a_page_has_none(house: House, address: str, title: str) -> None:
    page = house.client(house.person("learner", login="someone")).get(address).text
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == [title]
