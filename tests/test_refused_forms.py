"""A form that comes back to its own page with complaints says so in its status: 200 would read as done."""

import pytest
from flask import Flask

from lms.demo import world
from tests.test_tenant_wall import Scene, address, rules, scene  # noqa: F401  (a fixture)

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

# for whoever has just given a password, and for platform administrators
FOR_OTHERS = {"accounts.enter_code", "accounts.add_organisation", "accounts.organisation"}


def test_an_empty_form_is_refused(app: Flask, scene: Scene) -> None:  # noqa: F811
    pages = [rule for rule in rules(app) if {"GET", "POST"} <= (rule.methods or set())]
    accepted, met = [], set()
    for login in ("", "jiaowu", "guanli", "xueyuan01", "xueyuan02"):
        client = app.test_client()
        if login:
            client.post("/sign-in", data={"login": login, "password": world.PASSWORD})
        for rule in pages:
            own = scene.arguments["local_item"]
            where = address(app, rule, scene.arguments | {"code": own if "syllabus" in rule.rule else f"{own}-1"})
            if client.get(where).status_code != 200:
                continue
            met.add(rule.endpoint)
            if client.post(where).status_code == 200:
                accepted.append((login, rule.rule))
    assert accepted == []
    assert met == {rule.endpoint for rule in pages} - FOR_OTHERS
