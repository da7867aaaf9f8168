"""A form that comes back with complaints says so in its status on every page: 200 would read as done."""

import pytest
from flask import Flask

from lms.demo import world
from tests.test_tenant_wall import Scene, address, rules, scene  # noqa: F401  (a fixture)

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_an_empty_form_is_refused(app: Flask, scene: Scene) -> None:  # noqa: F811
    pages = [rule for rule in rules(app) if {"GET", "POST"} <= (rule.methods or set())]
    accepted, met = [], set()
    for login in ("jiaowu", "guanli", "xueyuan01"):
        client = app.test_client()
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
    assert {"courses.edit_item", "courses.edit_lesson", "courses.add_course", "quizzes.edit_quiz"} <= met
