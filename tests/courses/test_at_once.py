"""Staff who save own items and lessons at the same moment, and a rebuild of the index, wait for each other."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from lms.core.db import db, transaction
from lms.courses import services
from lms.courses.rules.kinds import ItemGroup
from lms.search import services as search
from tests.courses.conftest import AT, House
from tests.courses.test_local import DRAFT
from tests.threads import together

ROUNDS = 12
LESSON = replace(DRAFT, source="## 第一步\n\n登录。")


@pytest.fixture
def verbs(house: House) -> dict[str, Callable[[int], object]]:
    """What may happen at once, each on things that are there."""
    owner, actor_id = house.ours, house.person("registrar")
    known = {"organisation_id": owner, "at": AT, "actor_id": actor_id}

    def add(turn: int) -> str:
        return services.create_local_item(group=ItemGroup.THEORY, title=f"条目{turn}", **known)

    with transaction():
        items = [add(0), add(1)]
        lessons = [services.save_local_lesson(item_code=item, draft=LESSON, **known) for item in items]
    db.session.remove()
    return {
        "rename": lambda turn: services.update_local_item(
            code=items[0], group=ItemGroup.THEORY, title=f"改名{turn}", **known
        ),
        "save": lambda turn: services.save_local_lesson(
            item_code=items[0], code=lessons[0], draft=replace(LESSON, title=f"课文{turn}"), **known
        ),
        "retire": lambda _turn: services.retire_local_lesson(code=lessons[1], **known),
        "rebuild": lambda _turn: search.rebuild(at=AT),
    }


@pytest.mark.parametrize("pair", [("rename", "save"), ("save", "retire"), ("save", "rebuild"), ("rename", "rebuild")])
def test_they_take_turns(context: Flask, verbs: dict[str, Callable[[int], object]], pair: tuple[str, str]) -> None:
    def act(at: int) -> str:
        for turn in range(ROUNDS):
            with transaction():
                verbs[pair[at % 2]](turn)
        return "done"

    assert together(context, 4, act) == ["done"] * 4
