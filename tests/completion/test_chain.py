"""What somebody with their hands in the database cannot hide."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import text

from lms.completion import services
from lms.core.db import db, transaction
from tests.completion.conftest import AT, World


@pytest.fixture
def three(world: World) -> list[str]:
    """Three records of one stream, the second withdrawn."""
    world.approved("王建国", "李小妹", "张立新")
    numbers = world.issue()
    world.revoke(numbers[1])
    return numbers


def harm(statement: str, **values: object) -> None:
    with transaction() as session:
        session.execute(text(statement), values)


def run(world: World, *arguments: str) -> tuple[int, str, str]:
    db.session.remove()
    done = world.app.test_cli_runner().invoke(args=["completion", "verify-records", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_sound_records(world: World, three: list[str]) -> None:
    verdict = services.verify_records()
    assert verdict.ok
    assert verdict.checked == 4
    code, out, _ = run(world, "--json")
    assert (code, json.loads(out)) == (0, {"ok": True, "checked": 4, "first_bad": None})
    assert run(world)[1] == "完好：共核对 4 条记录。\n"


def test_nothing_issued_is_sound(world: World) -> None:
    assert run(world, "--json")[0] == 0


def drop_pdf(number: str) -> None:
    harm("DELETE FROM completion_rendering WHERE number = :number", number=number)


def change_payload(number: str) -> None:
    raw = "UPDATE completion_record SET payload = REPLACE(CAST(payload AS TEXT), '5400', '9000')"
    cast = raw.replace("REPLACE(", "CAST(REPLACE(") + " AS JSON)" if db.engine.dialect.name == "postgresql" else raw
    harm(f"{cast} WHERE number = :number", number=number)


@pytest.mark.parametrize(
    "act,named",
    [
        (change_payload, ("completion_record", 2, "内容与指纹不符")),
        (
            lambda number: harm("UPDATE completion_record SET person_id = issued_by WHERE number = :n", n=number),
            ("completion_record", 2, "内容与指纹不符"),
        ),
        (
            lambda _: harm("UPDATE completion_revocation SET reason = 'x'"),
            ("completion_revocation", 1, "内容与指纹不符"),
        ),
        (lambda _: harm("DELETE FROM completion_revocation"), ("completion_revocation", 1, "末尾的记录被删除")),
        (
            lambda number: harm("UPDATE completion_rendering SET pdf = :pdf WHERE number = :n", pdf=b"%PDF-", n=number),
            ("completion_rendering", 2, "PDF 与签发时的指纹不符"),
        ),
        (drop_pdf, ("completion_rendering", 2, "PDF 不见了")),
    ],
)
def test_what_was_done_to_the_second_record_is_named(
    world: World, three: list[str], act: Callable[[str], None], named: tuple[str, int, str]
) -> None:
    stream, sequence, reason = named
    act(three[1])
    code, out, _ = run(world, "--json")
    found = json.loads(out)
    assert code == 1
    assert not found["ok"]
    bad = found["first_bad"]
    assert (bad["stream"], bad["sequence"]) == (f"{stream}/org-{world.organisation_id}", sequence)
    assert reason in bad["reason"]
    assert f"第 {sequence} 条" in run(world)[2]


@pytest.mark.parametrize("place,reason", [(0, "缺少这一条记录"), (2, "末尾的记录被删除")])
def test_a_record_taken_out_with_all_that_hangs_on_it(world: World, three: list[str], place: int, reason: str) -> None:
    drop_pdf(three[place])
    harm("DELETE FROM completion_record WHERE number = :number", number=three[place])
    verdict = services.verify_records()
    assert verdict.fault is not None
    assert verdict.fault.stream == f"completion_record/org-{world.organisation_id}"
    assert verdict.fault.sequence == place + 1
    assert reason in verdict.fault.reason


def test_a_withdrawal_that_was_taken_back_is_named(world: World, three: list[str]) -> None:
    """Deleting a withdrawal would make its record valid again."""
    world.revoke(three[0], at=AT)
    harm("DELETE FROM completion_revocation WHERE number = :number", number=three[1])
    verdict = services.verify_records()
    assert verdict.fault is not None
    assert (verdict.fault.sequence, verdict.fault.reason) == (1, "缺少这一条记录")
