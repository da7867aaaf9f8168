"""Registering people, finding them again, and the wall between organisations."""

from typing import Any

import pytest

from lms.accounts import services
from lms.accounts.models import Membership, PasswordSlip, Person
from lms.core import audit
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound
from lms.core.listing import ListQuery
from tests.accounts.conftest import AT, House
from tests.accounts.test_identity import id_number

ID = id_number("420106", "19900501", "128")  # ends in X
OTHER_ID = id_number("420106", "19850612")
PHONE = "13800001234"


def enrol(house: House, organisation_id: int = 0, **given: Any) -> services.PersonCreated:
    values: dict[str, Any] = {"role": "learner", "name": "张三", "actor_id": None, **given}
    with transaction():
        return services.enrol_person(organisation_id=organisation_id or house.ours, at=AT, **values)


@pytest.fixture(autouse=True)
def _context(house: House) -> Any:
    with house.app.app_context():
        yield
        db.session.remove()


def test_a_new_person_gets_an_initial_password_and_a_slip(house: House) -> None:
    made = enrol(house, phone=PHONE, id_number=ID)
    assert made.is_new
    assert made.initial_password is not None
    assert len(made.initial_password) == 8
    with transaction():
        slips = services.take_password_slips(
            organisation_id=house.ours, person_ids=[made.person_id], at=AT, actor_id=None
        )
    assert [(slip.login, slip.masked_login, slip.password) for slip in slips] == [
        (PHONE, "138****1234", made.initial_password)
    ]


def test_a_slip_can_be_taken_once_and_by_its_organisation_only(house: House) -> None:
    made = enrol(house, phone=PHONE)
    ids = [made.person_id]
    assert services.people_with_slips(organisation_id=house.ours, person_ids=ids) == {made.person_id}
    with transaction():
        assert services.take_password_slips(organisation_id=house.theirs, person_ids=ids, at=AT, actor_id=None) == []
    with transaction():
        services.take_password_slips(organisation_id=house.ours, person_ids=ids, at=AT, actor_id=made.person_id)
    with transaction():
        assert services.take_password_slips(organisation_id=house.ours, person_ids=ids, at=AT, actor_id=None) == []
    slip = db.session.query(PasswordSlip).one()
    assert (slip.password, slip.taken_at, slip.taken_by) == (None, AT, made.person_id)


def test_numbers_are_encrypted_in_the_database(house: House) -> None:
    enrol(house, phone=PHONE, id_number=ID)
    raw = db.session.connection().exec_driver_sql("SELECT phone, id_number FROM accounts_person").one()
    assert PHONE.encode() not in bytes(raw[0])
    assert ID.encode() not in bytes(raw[1])
    assert db.session.query(Person).one().id_number == ID


def test_the_same_id_number_is_the_same_person(house: House) -> None:
    first = enrol(house, phone=PHONE, id_number=ID)
    again = enrol(house, organisation_id=house.theirs, id_number=ID.lower(), name="张 三")
    assert again == services.PersonCreated(person_id=first.person_id, is_new=False, initial_password=None)
    assert [each.organisation_name for each in services.memberships_of(person_id=first.person_id)] == [
        "宜昌培训中心",
        "武汉安薪培训学校",
    ]


def test_enrolling_twice_changes_nothing(house: House) -> None:
    enrol(house, phone=PHONE)
    entries = db.session.query(AuditEntry).count()
    enrol(house, phone="+86 138 0000 1234")
    assert db.session.query(Membership).count() == 1
    assert db.session.query(AuditEntry).count() == entries


def test_what_was_unknown_is_filled_in_and_nothing_overwritten(house: House) -> None:
    made = enrol(house, phone=PHONE)
    enrol(house, phone=PHONE, id_number=ID)
    person = db.session.get_one(Person, made.person_id)
    assert person.id_number == ID
    enrol(house, phone="13900005678", id_number=ID)
    assert person.phone == PHONE
    found = services.find_person_by_id_number(id_number=ID)
    assert found is not None
    assert found.masked_phone == "138****1234"


@pytest.mark.parametrize(
    "given, field",
    [
        ({"name": "李四", "id_number": ID}, "id_number"),
        ({"name": "李四", "phone": PHONE}, "phone"),
        ({"id_number": OTHER_ID, "phone": PHONE}, "phone"),
        ({"name": "张"}, "name"),
        ({"phone": "1380000"}, "phone"),
        ({"id_number": "42010619900501123"}, "id_number"),
        ({"login_name": "taken", "name": "李四"}, "login_name"),
        ({}, "phone"),
        ({"role": "king", "phone": "13900005678"}, "role"),
        ({"role": "employer_clerk", "phone": "13900005678"}, "role"),
    ],
)
def test_contradictions_are_refused_naming_the_field(house: House, given: dict[str, str], field: str) -> None:
    enrol(house, phone=PHONE, id_number=ID, login_name="taken")
    with pytest.raises(Invalid) as caught:
        enrol(house, **given)
    assert caught.value.field == field
    assert db.session.query(Person).count() == 1


def test_a_phone_of_one_and_an_id_number_of_another_are_refused(house: House) -> None:
    enrol(house, phone=PHONE)
    enrol(house, id_number=ID)
    with pytest.raises(Invalid, match="另一个人"):
        enrol(house, phone=PHONE, id_number=ID)


def test_people_under_sixteen_are_refused(house: House) -> None:
    with pytest.raises(Invalid, match="不满 16"):
        enrol(house, id_number=id_number("420106", "20150101"))


def test_others_people_do_not_exist(house: House) -> None:
    theirs = enrol(house, organisation_id=house.theirs, phone=PHONE)
    ours = enrol(house, phone="13900005678", name="李四")
    both = {theirs.person_id, ours.person_id}
    assert set(services.get_people(organisation_id=house.ours, person_ids=both)) == {ours.person_id}
    common: dict[str, Any] = {"organisation_id": house.ours, "person_id": theirs.person_id, "at": AT, "actor_id": None}
    for refused in (
        lambda: services.get_person(organisation_id=house.ours, person_id=theirs.person_id),
        lambda: services.get_person_card(organisation_id=house.ours, person_id=theirs.person_id),
        lambda: services.unmask(field="phone", reason="核对", **common),
        lambda: services.reset_password(**common),
        lambda: services.end_membership(reason="离职", **common),
    ):
        with pytest.raises(NotFound), transaction():
            refused()


def test_those_who_left_are_still_known(house: House) -> None:
    made = enrol(house, phone=PHONE)
    with transaction():
        services.end_membership(
            organisation_id=house.ours, person_id=made.person_id, reason="结业", at=AT, actor_id=None
        )
    assert services.get_people(organisation_id=house.ours, person_ids=[made.person_id])
    assert services.list_people(organisation_id=house.ours, query=ListQuery()).total == 0
    left = services.list_people(organisation_id=house.ours, query=ListQuery(), ended=True)
    assert [row.left_at for row in left.rows] == [AT]
    with pytest.raises(Conflict), transaction():
        services.end_membership(
            organisation_id=house.ours, person_id=made.person_id, reason="结业", at=AT, actor_id=None
        )
    again = enrol(house, phone=PHONE)
    assert again.person_id == made.person_id
    assert len(services.get_person_card(organisation_id=house.ours, person_id=made.person_id).periods) == 2


def test_the_people_list_searches_sorts_filters_and_pages(house: House) -> None:
    for count in range(7):
        enrol(house, name="赵" + "一二三四五六七"[count], phone=f"1380000000{count}")
    enrol(house, name="钱一", phone="13900000001", id_number=ID, role="instructor")
    enrol(house, organisation_id=house.theirs, name="赵八", phone="13700000000")

    def names(**asked: Any) -> list[str]:
        role = asked.pop("role", "")
        page = services.list_people(organisation_id=house.ours, query=ListQuery(**asked), role=role)
        return [row.person.name for row in page.rows]

    assert len(names()) == 8
    assert names(search="钱") == ["钱一"]
    assert names(search="13900000001") == ["钱一"]
    assert names(search=ID.lower()) == ["钱一"]
    assert names(search="13700000000") == []
    assert names(search="1390000") == []
    assert names(role="instructor") == ["钱一"]
    assert len(names(size=3, page=3)) == 2
    assert names(sort="name", descending=True) == list(reversed(names(sort="name")))
    row = services.list_people(organisation_id=house.ours, query=ListQuery(search=ID)).rows[0]
    assert (row.person.masked_id_number, row.roles, row.joined_at) == (ID[:3] + "*" * 11 + ID[-4:], ("instructor",), AT)


def test_several_roles_are_one_line(house: House) -> None:
    enrol(house, phone=PHONE)
    enrol(house, phone=PHONE, role="instructor")
    page = services.list_people(organisation_id=house.ours, query=ListQuery(), role="learner")
    assert [row.roles for row in page.rows] == [("instructor", "learner")]
    assert page.total == 1


def test_unmasking_needs_a_reason_and_is_logged_without_the_value(house: House) -> None:
    made = enrol(house, phone=PHONE, id_number=ID)
    clerk = house.person("registrar", login="clerk", name="李教务")
    asked: dict[str, Any] = {"organisation_id": house.ours, "person_id": made.person_id, "at": AT}
    with pytest.raises(Invalid), transaction():
        services.unmask(field="id_number", reason=" ", actor_id=clerk.person_id, **asked)
    with pytest.raises(Invalid), transaction():
        services.unmask(field="password_hash", reason="核对", actor_id=clerk.person_id, **asked)
    with transaction():
        shown = services.unmask(field="id_number", reason="核对报名材料", actor_id=clerk.person_id, **asked)
    assert shown == ID
    entry = db.session.query(AuditEntry).filter_by(action="accounts.unmasked").one()
    assert (entry.actor_id, entry.reason, entry.detail) == (clerk.person_id, "核对报名材料", {"field": "id_number"})
    assert audit.verify().ok


def test_no_audit_entry_holds_a_number_or_a_password(house: House) -> None:
    made = enrol(house, phone=PHONE, id_number=ID)
    with transaction():
        password = services.reset_password(organisation_id=house.ours, person_id=made.person_id, at=AT, actor_id=None)
    for entry in db.session.query(AuditEntry):
        text = f"{entry.subject}{entry.detail}{entry.reason}"
        assert PHONE not in text
        assert ID not in text
        assert password not in text


def test_a_registrar_cannot_reach_an_administrator(house: House) -> None:
    clerk = house.person("registrar", login="clerk", name="李教务")
    boss = house.person("administrator", login="boss", name="陈校长")
    asked: dict[str, Any] = {"organisation_id": house.ours, "at": AT, "actor_id": clerk.person_id}
    with pytest.raises(Forbidden), transaction():
        services.reset_password(person_id=boss.person_id, **asked)
    with pytest.raises(Forbidden), transaction():
        services.end_membership(person_id=boss.person_id, reason="离职", **asked)
    with pytest.raises(Forbidden), transaction():
        services.add_membership(person_id=clerk.person_id, role="administrator", **asked)
    with pytest.raises(Forbidden), transaction():
        services.enrol_person(role="administrator", name="孙悟空", phone=PHONE, **asked)
    with transaction():
        services.enrol_person(role="instructor", name="孙讲师", phone=PHONE, **asked)


def test_an_administrator_elsewhere_has_no_reach_here(house: House) -> None:
    stranger = house.person("administrator", login="stranger", organisation_id=house.theirs)
    made = enrol(house, phone=PHONE)
    with pytest.raises(Forbidden), transaction():
        services.reset_password(
            organisation_id=house.ours, person_id=made.person_id, at=AT, actor_id=stranger.person_id
        )


def test_nobody_ends_themselves(house: House) -> None:
    boss = house.person("administrator", login="boss")
    with pytest.raises(Invalid, match="自己"), transaction():
        services.end_membership(
            organisation_id=house.ours, person_id=boss.person_id, reason="离职", at=AT, actor_id=boss.person_id
        )


def test_staff_of_certain_roles(house: House) -> None:
    house.person("instructor", login="zhou", name="周讲师")
    house.person("head_teacher", login="wubzr", name="吴班主任")
    house.person("instructor", login="zheng", name="郑讲师", organisation_id=house.theirs)
    names = [each.name for each in services.list_staff(organisation_id=house.ours, roles=["instructor", "registrar"])]
    assert names == ["周讲师"]


def test_organisations_are_checked(house: House) -> None:
    with pytest.raises(Invalid, match="同名"), transaction():
        services.create_organisation(kind="employer", name="宜昌培训中心", at=AT)
    with pytest.raises(Invalid) as caught, transaction():
        services.create_organisation(kind="employer", name="中建某局", uscc="91420100300197J0X1", at=AT)
    assert caught.value.field == "uscc"
    with pytest.raises(Invalid), transaction():
        services.create_organisation(kind="club", name="俱乐部", at=AT)
    with pytest.raises(NotFound):
        services.get_organisation(organisation_id=999)
