"""The second factor: enrol, sign in, each code once, recovery codes, required by the organisation."""

import re
from datetime import timedelta

import pyotp
import time_machine
from flask.testing import FlaskClient

from lms.accounts import services
from lms.accounts.models import Person, RecoveryCode
from lms.core.db import db, transaction
from tests.accounts.conftest import AT, House, Someone, sign_in


def secret_of(house: House, someone: Someone) -> str:
    with house.app.app_context():
        secret = db.session.get_one(Person, someone.person_id).totp_secret
    assert secret
    return secret


def code_now(house: House, someone: Someone) -> str:
    return pyotp.TOTP(secret_of(house, someone)).now()


def enrol(house: House, client: FlaskClient, someone: Someone) -> list[str]:
    client.post("/me/totp/begin")
    answer = client.post("/me/totp/confirm", data={"code": code_now(house, someone)})
    assert answer.status_code == 200, answer.text
    return re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", answer.text)


def test_enrolment_shows_a_code_to_scan_and_recovery_codes_once(house: House) -> None:
    someone = house.person("registrar", login="clerk")
    client = house.client(someone)
    assert client.get("/me/totp/code.svg").status_code == 404
    assert client.post("/me/totp/begin").location == "/me/totp"
    image = client.get("/me/totp/code.svg")
    assert image.mimetype == "image/svg+xml"
    assert image.headers["Cache-Control"] == "no-store"
    assert b"<svg" in image.data
    secret = secret_of(house, someone)
    assert secret[:4] in client.get("/me/totp").text
    assert client.post("/me/totp/confirm", data={"code": "000000"}).status_code == 422
    answer = client.post("/me/totp/confirm", data={"code": pyotp.TOTP(secret).now()})
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", answer.text)
    assert len(set(codes)) == 10
    assert client.get("/me/totp/code.svg").status_code == 404
    assert client.post("/me/totp/begin").status_code == 409
    assert secret not in client.get("/me/totp").text
    with house.app.app_context():
        kept = db.session.query(RecoveryCode).all()
        assert all(code.replace("-", "").encode() not in row.digest for code in codes for row in kept)


def test_sign_in_asks_for_the_code_and_takes_each_once(house: House) -> None:
    someone = house.person("registrar", login="clerk")
    with time_machine.travel(AT, tick=False) as clock:
        enrol(house, house.client(someone), someone)
        client = house.app.test_client()
        assert sign_in(client, "clerk").location == "/sign-in/code"
        assert client.get("/me").location == "/sign-in"
        assert client.get("/sign-in/organisation").location == "/sign-in"
        sign_in(client, "clerk")
        used = code_now(house, someone)
        assert client.post("/sign-in/code", data={"code": used}).status_code == 422
        clock.shift(timedelta(seconds=30))
        fresh = code_now(house, someone)
        assert client.post("/sign-in/code", data={"code": f" {fresh[:3]} {fresh[3:]} "}).location == "/me"
        assert client.get("/me").status_code == 200
        other = house.app.test_client()
        sign_in(other, "clerk")
        assert other.post("/sign-in/code", data={"code": fresh}).status_code == 422


def test_guessing_codes_is_locked_out(house: House) -> None:
    someone = house.person("registrar", login="clerk")
    with time_machine.travel(AT, tick=False) as clock:
        enrol(house, house.client(someone), someone)
        clock.shift(timedelta(seconds=60))
        client = house.app.test_client()
        sign_in(client, "clerk")
        for _ in range(4):
            assert client.post("/sign-in/code", data={"code": "000000"}).status_code == 422
        assert client.post("/sign-in/code", data={"code": "000000"}).status_code == 429
        good = code_now(house, someone)
        assert client.post("/sign-in/code", data={"code": good}).status_code == 429
        assert sign_in(house.app.test_client(), "clerk").location == "/sign-in/code"


def test_a_recovery_code_opens_once(house: House) -> None:
    someone = house.person("registrar", login="clerk")
    codes = enrol(house, house.client(someone), someone)
    client = house.app.test_client()
    sign_in(client, "clerk")
    assert client.post("/sign-in/code", data={"code": codes[0].upper()}).status_code == 302
    other = house.app.test_client()
    sign_in(other, "clerk")
    assert other.post("/sign-in/code", data={"code": codes[0]}).status_code == 422
    assert other.post("/sign-in/code", data={"code": codes[1].replace("-", "")}).status_code == 302
    with house.app.app_context():
        assert services.count_recovery_codes(person_id=someone.person_id) == 8
    renewed = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", other.post("/me/totp/recovery-codes").text)
    assert len(renewed) == 10
    assert not set(renewed) & set(codes)


def test_a_locked_code_entry_does_not_burn_a_recovery_code(house: House) -> None:
    someone = house.person("registrar", login="clerk")
    with time_machine.travel(AT, tick=False) as clock:
        codes = enrol(house, house.client(someone), someone)
        client = house.app.test_client()
        sign_in(client, "clerk")
        for _ in range(5):
            client.post("/sign-in/code", data={"code": "000000"})
        assert client.post("/sign-in/code", data={"code": codes[0]}).status_code == 429
        clock.shift(timedelta(seconds=31))
        assert client.post("/sign-in/code", data={"code": codes[0]}).status_code == 302


def require_totp(house: House) -> None:
    boss = house.person("administrator", login="boss", name="陈校长")
    with house.app.app_context(), transaction():
        services.change_organisation(
            organisation_id=house.ours,
            short_name="",
            contact="",
            require_totp=True,
            at=AT,
            actor_id=boss.person_id,
        )


def test_an_organisation_can_require_it_of_staff_only(house: House) -> None:
    require_totp(house)
    learner = house.client(house.person("learner", login="wang", name="张三"))
    assert learner.get("/me").status_code == 200
    someone = house.person("instructor", login="teach", name="周讲师")
    client = house.client(someone)
    assert client.get("/me").location == "/me/totp"
    page = client.get("/me/totp").text
    assert "请先设置两步验证" in page
    enrol(house, client, someone)
    assert client.get("/me").status_code == 200
    assert client.post("/me/totp/remove", data={"code": "000000"}).status_code == 403


def test_its_owner_turns_it_off_with_a_code(house: House) -> None:
    someone = house.person("registrar", login="clerk")
    client = house.client(someone)
    codes = enrol(house, client, someone)
    assert client.post("/me/totp/remove", data={"code": "000000"}).status_code == 422
    assert client.post("/me/totp/remove", data={"code": codes[3]}).location == "/me"
    assert client.get("/me").status_code == 200
    assert sign_in(house.app.test_client(), "clerk").location == "/"


def test_an_administrator_clears_it_for_who_lost_the_phone(house: House) -> None:
    someone = house.person("registrar", login="clerk", name="李教务")
    client = house.client(someone)
    enrol(house, client, someone)
    boss = house.client(house.person("administrator", login="boss", name="陈校长"))
    path = f"/people/{someone.person_id}/totp/reset"
    assert boss.post(path, data={"reason": " "}).status_code == 422
    assert boss.post(path, data={"reason": "手机丢失，已当面核实"}).status_code == 302
    assert client.get("/me").location == "/sign-in"
    assert sign_in(house.app.test_client(), "clerk").location == "/"
