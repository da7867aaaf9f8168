"""The check that anybody may make: one address, one answer."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from lms.accounts.models import Person
from lms.completion import services
from lms.completion.rules import new_number
from lms.core.db import db
from tests.completion.conftest import AT, BASE, World

NAME = "欧阳建国"


@pytest.fixture
def number(world: World) -> str:
    return world.issued(NAME)


def id_number(world: World) -> str:
    found = db.session.get_one(Person, world.people[0]).id_number
    assert found is not None
    db.session.remove()
    return found


def verify(client: FlaskClient, number: str) -> tuple[int, str]:
    answer = client.get(f"/verify/{number}")
    return answer.status_code, answer.text


def test_a_valid_record(world: World, client: FlaskClient, number: str) -> None:
    status, page = verify(client, number)
    assert status == 200
    assert re.search(r"<h1>.*有效\s*</h1>", page)
    for shown in (
        number,
        "欧**国",
        "2.0 学时 / 1 小时 30 分",
        "其中面授",
        "一号教学楼",
        "脱产",
        "劳动关系协调师四级（中级工）",
        "2026-03-03",
        "状态时间",
    ):
        assert shown in page
    assert "已撤销" not in page
    assert "其中线上" not in page  # there is nothing to say of it


def test_a_withdrawn_record(world: World, client: FlaskClient, number: str) -> None:
    world.revoke(number, reason="证件号码有误", at=AT + timedelta(days=2))
    status, page = verify(client, number)
    assert status == 200
    assert re.search(r"<h1>.*已撤销\s*</h1>", page)
    assert "证件号码有误" in page
    assert "2026-03-05 09:00" in page
    assert "有效" not in page
    api = client.get(f"/api/v1/records/{number}").json
    assert (api["status"], api["revoke_reason"], api["revoked_at"]) == (
        "revoked",
        "证件号码有误",
        "2026-03-05T01:00:00+00:00",
    )


@pytest.mark.parametrize(
    "typed",
    ["unknown", "AX-2222", "420106199001011234", "Y" + "1" * 21, "%00", "a/b/c", "'; DROP TABLE x", "<b>", "９" * 300],
)
def test_no_such_number(world: World, client: FlaskClient, typed: str) -> None:
    asked = new_number() if typed == "unknown" else typed
    answer = client.get(f"/verify/{asked}")
    assert answer.status_code == 404
    assert re.search(r"<h1>.*查无此号\s*</h1>", answer.text)
    assert ("有错字" in answer.text) == (typed != "unknown")
    assert "<b>" not in answer.text
    assert len(answer.text) < 8000
    api = client.get(f"/api/v1/records/{asked}")
    assert api.status_code == 404
    assert api.json["error"] == "not_found"
    assert "查无此号" in api.json["message"]


def test_a_number_as_people_type_it(client: FlaskClient, number: str) -> None:
    for typed in (number.lower(), number.replace("-", ""), number.replace("-", " "), number + "/", number + "。"):
        assert verify(client, typed)[0] == 200
        assert client.get(f"/api/v1/records/{typed}").json["number"] == number


def test_nobody_learns_a_name_or_an_id_number(world: World, client: FlaskClient, number: str) -> None:
    """Not from the page, not from the JSON, not from a header; nor does the payload's inner part go out."""
    world.revoke(number)
    secret = id_number(world)
    for path in (f"/verify/{number}", f"/api/v1/records/{number}", "/verify/"):
        answer = client.get(path)
        everything = answer.text + json.dumps(dict(answer.headers), ensure_ascii=False)
        for hidden in (NAME, NAME.encode("unicode-escape").decode(), secret, secret[6:14], "masked_name"):
            assert hidden not in everything
    api = client.get(f"/api/v1/records/{number}").json
    assert api["holder"] == {"name": "欧**国", "id": f"{secret[:3]}{'*' * 11}{secret[-4:]}"}


def test_the_json_says_what_the_page_says(client: FlaskClient, number: str) -> None:
    api = client.get(f"/api/v1/records/{number}").json
    assert api["status"] == "valid"
    assert api["number"] == number
    assert api["verify_url"] == f"{BASE}/verify/{number}"
    assert (api["revoked_at"], api["revoke_reason"]) == (None, None)
    hours = api["hours"]
    assert (hours["attended_seconds"], hours["attended_credit_hours"], hours["attended_clock"]) == (
        5400,
        "2.0",
        "1 小时 30 分",
    )
    for name in ("planned", "onsite", "online"):
        assert {f"{name}_seconds", f"{name}_credit_hours", f"{name}_clock"} <= hours.keys()
    assert len(api["pdf_sha256"]) == 64
    page = verify(client, number)[1]
    said = [hours[key] for key in hours if not key.startswith("online") and not key.endswith("seconds")]
    for value in (*said, api["issued_on"]):
        assert value in page


@pytest.mark.parametrize("path", ["/verify/{}", "/api/v1/records/{}"])
def test_one_statement_and_no_copy_kept(
    client: FlaskClient, number: str, path: str, count_statements: Callable[[], Any]
) -> None:
    with count_statements() as seen:
        found = client.get(path.format(number))
    assert found.status_code == 200
    assert len(seen) == 1
    assert found.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in found.headers
    with count_statements() as seen:
        unknown = client.get(path.format(new_number()))
    assert (unknown.status_code, len(seen)) == (404, 1)
    assert unknown.headers["Cache-Control"] == "no-store"
    with count_statements() as seen:
        assert client.get(path.format("not-a-number")).status_code == 404
    assert seen == []


@pytest.mark.parametrize("path", ["/verify/{}", "/api/v1/records/{}"])
def test_head(client: FlaskClient, number: str, path: str) -> None:
    found = client.head(path.format(number))
    assert (found.status_code, found.data) == (200, b"")
    assert client.head(path.format(new_number())).status_code == 404
    assert client.post(path.format(number)).status_code == 405


def test_the_page_to_type_a_number(client: FlaskClient, number: str) -> None:
    assert 'name="number"' in client.get("/verify/").text
    assert "请输入记录编号" in client.get("/verify/?number=").text
    answer = client.get("/verify/", query_string={"number": f" {number.lower()} "})
    assert (answer.status_code, answer.location) == (302, f"/verify/{number}")
    for wrong in ("AX-1", "../../etc/passwd", "a/b?c#d", "\x00"):
        answer = client.get("/verify/", query_string={"number": wrong})
        assert answer.status_code == 404
        assert "查无此号" in answer.text


def test_someone_signed_in_sees_the_same(world: World, client: FlaskClient, number: str) -> None:
    clerk = world.browser_of(world.clerk_id)
    assert NAME not in clerk.get(f"/verify/{number}").text
    assert clerk.get(f"/verify/{number}").status_code == 200


def test_the_door_gives_nothing_for_what_is_no_number(world: World) -> None:
    assert services.find_public_record(number="") is None
    assert services.find_public_record(number="x" * 100_000) is None
