"""The import as services do it: judging lines, keeping them, enrolling the good ones."""

import threading
import time
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text

from lms.accounts import services as accounts
from lms.cohorts import jobs, services
from lms.cohorts.models import Enrolment, RosterImport
from lms.core import audit
from lms.core.db import db, transaction
from lms.core.errors import Conflict, NotFound
from tests import factories as make
from tests.cohorts.conftest import EMPLOYER, HEADING, House, person, xlsx


def keep(house: House, *rows: Any, at: Any = make.AT) -> int:
    """Upload a roster and return the import's id."""
    with transaction():
        return services.dry_run_roster(
            organisation_id=house.ours,
            cohort_id=house.cohort_id,
            filename="名册.xlsx",
            data=xlsx(HEADING, *rows),
            at=at,
            actor_id=house.registrar,
        )


def get(house: House, import_id: int) -> services.RosterImportView:
    return services.get_roster_import(organisation_id=house.ours, cohort_id=house.cohort_id, import_id=import_id)


def confirm(house: House, import_id: int, at: Any = make.AT) -> services.RosterResult:
    with transaction():
        return services.confirm_roster(
            organisation_id=house.ours,
            cohort_id=house.cohort_id,
            import_id=import_id,
            at=at,
            actor_id=house.registrar,
        )


def present(house: House) -> list[services.EnrolmentView]:
    return services.learners(organisation_id=house.ours, cohort_id=house.cohort_id)


def states(house: House, *rows: Any) -> list[str]:
    return [row.state for row in get(house, keep(house, *rows)).rows]


def only_faults(house: House, *rows: Any) -> dict[str, str]:
    """Return the faults of the last of the rows."""
    return get(house, keep(house, *rows)).rows[-1].faults


def test_a_dry_run_saves_nobody(house: House) -> None:
    view = get(house, keep(house, person(1), person(2)))
    assert (view.good_count, view.bad_count, view.present_count, view.is_waiting) == (2, 0, 0, True)
    assert [row.state for row in view.rows] == ["new", "new"]
    assert present(house) == []
    assert accounts.find_person_by_id_number(id_number=person(1)[1]) is None


def test_confirming_enrols_the_good_lines_with_passwords_to_print(house: House) -> None:
    import_id = keep(house, person(1), ("李四", "420106199001011235", "", ""), person(3, "张三"))
    result = confirm(house, import_id)
    assert result == services.RosterResult(created=2, known=0, present=0, left_out=1)
    places = present(house)
    assert [place.employer_name for place in places] == [EMPLOYER, EMPLOYER]
    ids = [place.person_id for place in places]
    assert accounts.people_with_slips(organisation_id=house.ours, person_ids=ids) == set(ids)
    assert accounts.roles_of(organisation_id=house.ours, person_id=ids[0]) == {"learner"}
    assert audit.verify().ok


@pytest.mark.parametrize(
    "row, field, word",
    [
        (("", person(1)[1], "", ""), "name", "缺少姓名"),
        (("王", person(1)[1], "", ""), "name", "姓名应为"),
        (("王建国", "", "13900000001", ""), "id_number", "缺少身份证号"),
        (("王建国", "420106199001011235", "", ""), "id_number", "校验位"),
        (("王建国", "420106900101123", "", ""), "id_number", "15 位"),
        (("王建国", 4.2010119900101e17, "", ""), "id_number", "第 2 行 B 列"),
        (("王建国", make.id_number(1)[:6] + "20200101" + "0018", "", ""), "id_number", ""),
        (("王建国", person(1)[1], "1390000000", ""), "phone", "11 位"),
        (("王建国", person(1)[1], "", "甲" * 121), "employer", "120"),
    ],
)
def test_a_bad_cell_is_named_with_its_reason(house: House, row: Any, field: str, word: str) -> None:
    faults = only_faults(house, row)
    assert set(faults) == {field}
    assert word in faults[field]


def test_lower_case_x_and_full_width_digits_are_one_number(house: House) -> None:
    number = next(each for each in map(make.id_number, range(1, 200)) if each.endswith("X"))
    wide = number.lower().translate(str.maketrans("0123456789x", "０１２３４５６７８９ｘ"))
    (row,) = get(house, keep(house, ("王 建国", wide, " 139-0000-0001 ", ""))).rows
    assert (row.name, row.id_number, row.phone, row.state) == ("王建国", number, "13900000001", "new")


def test_the_later_of_two_equal_numbers_is_bad(house: House) -> None:
    rows = get(
        house, keep(house, person(1), ("李四", person(1)[1].lower(), "", ""), ("张三", person(3)[1], person(1)[2], ""))
    ).rows
    assert [row.state for row in rows] == ["new", "bad", "bad"]
    assert "与第 2 行重复" in rows[1].faults["id_number"]
    assert "与第 2 行重复" in rows[2].faults["phone"]


def test_another_name_for_a_known_number_is_bad_and_tells_no_name(house: House) -> None:
    make.member(organisation_id=house.theirs, name="张三", id_number=person(1)[1])
    (row,) = get(house, keep(house, person(1))).rows
    assert "另一个姓名" in row.faults["id_number"]
    assert "张三" not in row.faults["id_number"]


def test_a_phone_of_somebody_else_is_bad(house: House) -> None:
    make.member(organisation_id=house.ours, name="张三", phone=person(1)[2])
    assert "另一个姓名" in only_faults(house, person(1))["phone"]


def test_somebody_known_elsewhere_keeps_the_account(house: House) -> None:
    known = make.member(organisation_id=house.theirs, id_number=person(1)[1], phone=person(1)[2])
    import_id = keep(house, person(1))
    assert get(house, import_id).rows[0].state == "known"
    assert confirm(house, import_id) == services.RosterResult(created=0, known=1, present=0, left_out=0)
    assert [place.person_id for place in present(house)] == [known]
    assert accounts.people_with_slips(organisation_id=house.ours, person_ids=[known]) == set()


def test_people_of_the_cohort_are_left_as_they_are(house: House) -> None:
    confirm(house, keep(house, person(1)))
    assert states(house, person(1), person(2)) == ["present", "new"]
    (row,) = get(house, keep(house, (*person(1)[:3], "别的公司"))).rows
    assert "没有改动" in row.note
    assert row.verdict == "已在本班期，不变；单位与在册的不同，没有改动"


def test_somebody_who_left_comes_back_as_a_new_interval(house: House) -> None:
    confirm(house, keep(house, person(1)))
    (place,) = present(house)
    later = make.AT + timedelta(days=1)
    with transaction():
        services.end_enrolment(
            organisation_id=house.ours, enrolment_id=place.id, reason="退学", at=later, actor_id=house.registrar
        )
    import_id = keep(house, person(1))
    assert "曾离开" in get(house, import_id).rows[0].note
    confirm(house, import_id, at=later + timedelta(days=1))
    assert len(services.history(organisation_id=house.ours, cohort_id=house.cohort_id)) == 2


def test_the_export_imports_as_no_change(house: House) -> None:
    confirm(house, keep(house, person(1), person(2, "李·明"), ("赵六", person(3)[1], "", "")))
    with transaction():
        data = services.export_roster(
            organisation_id=house.ours, cohort_id=house.cohort_id, at=make.AT, actor_id=house.registrar
        )
    checked = services.check_roster(
        organisation_id=house.ours, cohort_id=house.cohort_id, filename="x", data=data, at=make.AT
    )
    assert [(row.state, row.note) for row in checked.rows] == [("present", "")] * 3
    last = db.session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.id.desc()).limit(1)).one()
    assert (last.action, last.actor_id) == ("accounts.roster_revealed", house.registrar)
    assert "420106" not in str(last.detail)


def test_the_template_and_the_result_can_be_uploaded_again(house: House) -> None:
    with pytest.raises(Exception, match="没有学员"):
        services.check_roster(
            organisation_id=house.ours,
            cohort_id=house.cohort_id,
            filename="x",
            data=services.roster_template(),
            at=make.AT,
        )
    text = "\n".join(",".join(row) for row in (HEADING, person(1), ("=1+1", "@x", "", "-3")))
    checked = services.check_roster(
        organisation_id=house.ours, cohort_id=house.cohort_id, filename="x", data=text.encode(), at=make.AT
    )
    data = services.roster_result(rows=checked.rows)
    cells = list(load_workbook(BytesIO(data)).worksheets[0].iter_rows(min_row=2))
    assert [cell.value for cell in cells[1]][:4] == ["=1+1", "@x", None, "-3"]
    assert cells[1][4].value == "3"
    assert cells[1][5].value.startswith("未导入：")
    assert "可以导入" in cells[0][5].value
    again = services.check_roster(
        organisation_id=house.ours, cohort_id=house.cohort_id, filename="x", data=data, at=make.AT
    )
    assert [row.state for row in again.rows] == ["new", "bad"]


def test_rows_are_encrypted_while_they_wait_and_wiped_afterwards(house: House) -> None:
    import_id = keep(house, person(1))
    stored = db.session.execute(text("SELECT rows FROM cohorts_roster_import")).scalar_one()
    assert person(1)[1].encode() not in bytes(stored)
    assert "王建国".encode() not in bytes(stored)
    confirm(house, import_id)
    assert db.session.get_one(RosterImport, import_id).rows == "[]"


def test_bad_rows_can_still_be_taken_back_then_are_wiped_after_seven_days(house: House) -> None:
    import_id = keep(house, person(1), ("李四", "1", "", ""))
    confirm(house, import_id)
    assert [row.name for row in get(house, import_id).rows] == ["李四"]
    db.session.remove()
    jobs.forget_rosters(make.AT + timedelta(days=6, hours=23))
    assert get(house, import_id).rows
    db.session.remove()
    jobs.forget_rosters(make.AT + timedelta(days=7))
    view = get(house, import_id)
    assert view.rows == ()
    assert view.result is not None


def test_an_upload_nobody_confirmed_is_wiped_and_cannot_be_confirmed(house: House) -> None:
    import_id = keep(house, person(1))
    db.session.remove()
    jobs.forget_rosters(make.AT + timedelta(days=8))
    with pytest.raises(Conflict, match="已清除"):
        confirm(house, import_id)
    assert present(house) == []


def test_a_newer_upload_of_the_same_clerk_replaces_the_older(house: House) -> None:
    first, second = keep(house, person(1)), keep(house, person(2))
    assert not get(house, first).is_waiting
    assert get(house, second).is_waiting


def test_an_upload_can_be_thrown_away(house: House) -> None:
    import_id = keep(house, person(1))
    with transaction():
        services.discard_roster(organisation_id=house.ours, cohort_id=house.cohort_id, import_id=import_id, at=make.AT)
    assert not get(house, import_id).is_waiting


def test_what_changed_meanwhile_is_seen_at_the_confirmation(house: House) -> None:
    import_id = keep(house, person(1), person(2, "李四"), person(3, "张三"))
    taken = make.member(organisation_id=house.ours, name="别人", phone=person(2)[2])
    known = make.member(organisation_id=house.ours, name="张三", id_number=person(3)[1])
    with transaction():
        services.enrol(
            organisation_id=house.ours,
            cohort_id=house.cohort_id,
            person_id=known,
            at=make.AT,
            actor_id=house.registrar,
        )
    assert confirm(house, import_id) == services.RosterResult(created=1, known=0, present=1, left_out=1)
    assert taken not in {place.person_id for place in present(house)}
    assert [row.name for row in get(house, import_id).rows] == ["李四"]


def test_a_second_press_does_nothing_and_says_the_same(house: House) -> None:
    import_id = keep(house, person(1), person(2))
    first = confirm(house, import_id)
    assert confirm(house, import_id) == first
    assert len(present(house)) == 2


def test_two_presses_at_once_enrol_once(house: House) -> None:
    import_id = keep(house, *(person(number) for number in range(1, 21)))
    db.session.remove()
    results: list[object] = []
    gate = threading.Barrier(2)

    def press() -> None:
        with house.app.app_context():
            gate.wait()
            try:
                results.append(confirm(house, import_id))
            except Conflict as error:  # pragma: no cover
                results.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [services.RosterResult(20, 0, 0, 0)] * 2
    assert len(db.session.scalars(select(Enrolment)).all()) == 20


def test_all_lines_or_none(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = keep(house, person(1), person(2))
    calls = iter((True, False))

    def fail_second(**values: Any) -> int:
        if next(calls):
            return original(**values)
        raise Conflict("中断")

    from lms.cohorts.services import roster_imports

    original = roster_imports.enrol
    monkeypatch.setattr(roster_imports, "enrol", fail_second)
    with pytest.raises(Conflict):
        confirm(house, import_id)
    db.session.remove()
    assert present(house) == []
    assert accounts.find_person_by_id_number(id_number=person(1)[1]) is None
    assert get(house, import_id).is_waiting


def test_a_closed_cohort_takes_no_roster(house: House) -> None:
    import_id = keep(house, person(1))
    with transaction():
        services.close_cohort(
            organisation_id=house.ours, cohort_id=house.cohort_id, at=make.AT, actor_id=house.registrar
        )
    with pytest.raises(Conflict):
        confirm(house, import_id)
    with pytest.raises(Conflict):
        keep(house, person(1))


def test_another_institution_or_cohort_does_not_find_an_import(house: House) -> None:
    import_id = keep(house, person(1))
    other = make.cohort(organisation_id=house.ours)
    for owner, cohort_id in ((house.theirs, house.cohort_id), (house.ours, other)):
        with pytest.raises(NotFound):
            services.get_roster_import(organisation_id=owner, cohort_id=cohort_id, import_id=import_id)
        with pytest.raises(NotFound), transaction():
            services.confirm_roster(
                organisation_id=owner, cohort_id=cohort_id, import_id=import_id, at=make.AT, actor_id=1
            )
        with pytest.raises(NotFound), transaction():
            services.discard_roster(organisation_id=owner, cohort_id=cohort_id, import_id=import_id, at=make.AT)


def test_three_hundred_take_less_than_ten_seconds(house: House) -> None:
    began = time.perf_counter()
    import_id = keep(house, *(person(number) for number in range(1, 301)))
    assert confirm(house, import_id).created == 300
    assert time.perf_counter() - began < 10


def test_judging_asks_the_database_the_same_for_any_length(house: House, statements: Any) -> None:
    counts = []
    for size in (2, 200):
        rows = [person(number) for number in range(1, size + 1)]
        statements()
        services.check_roster(
            organisation_id=house.ours,
            cohort_id=house.cohort_id,
            filename="x",
            data=xlsx(HEADING, *rows),
            at=make.AT,
        )
        counts.append(len(statements()))
    assert counts[0] == counts[1] <= 5
