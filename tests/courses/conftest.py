"""A small content folder, and an institution with people in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import event

from lms.accounts import services as accounts
from lms.core.db import db, transaction
from lms.courses import services

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
PASSWORD = "sunny day 42"

SYLLABUS = """
[[item]]
code = "1.1"
group = "ethics"
title = "职业道德基本知识"

[[item]]
code = "2.4"
group = "theory"
title = "专用账户管理相关知识"
"""

LAW = """
slug = "wage-regulation"
title = "保障农民工工资支付条例"
short_title = "条例"
number = "国务院令第724号"
issuer = "国务院"
effective_on = 2020-05-01
amended_on = ""
status = "in_force"
text_status = "full"
region = "全国"

[[article]]
no = "26"
gist = "总包开设农民工工资专用账户。"
sha256 = ""

[[article]]
no = "28"
gist = "总包在每个项目配劳资专管员。"
sha256 = ""
"""

LESSON = """+++
code = "{code}"
item = "{item}"
order = {order}
title = "{title}"
minutes = 45
as_of = 2026-11-20
reviewed = {{ on = 2026-11-20, outcome = "passed", note = "已对照原文" }}
self_check = ["{item}-s01"]
sources = [
  {{ law = "wage-regulation", article = "26" }},
]
+++
## 学完你能做什么

会开户。[《条例》26](law:wage-regulation#26)

## 五行小结

1. 一
"""


def lesson_text(code: str, *, title: str = "专户里是谁的钱", order: int | None = None) -> str:
    item, _, number = code.rpartition("-")
    return LESSON.format(code=code, item=item, order=order or int(number), title=title)


@dataclass(frozen=True)
class Folder:
    """A content folder that tests write into."""

    root: Path

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new, 1))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Two items, three lessons, one law."""
    made = Folder(tmp_path)
    made.write("syllabus/syllabus.toml", SYLLABUS)
    made.write("laws/wage-regulation.toml", LAW)
    for code in ("1.1-1", "2.4-1", "2.4-2"):
        made.write(f"syllabus/{code.rpartition('-')[0]}/{code}.md", lesson_text(code, title=f"第 {code} 课"))
    return made


@pytest.fixture
def imported(context: Flask, folder: Folder) -> Folder:
    """The folder, already in the database."""
    with transaction():
        services.import_content(root=folder.root, at=AT)
    return folder


@dataclass(frozen=True)
class House:
    """Two institutions and people of the first, with signed-in browsers."""

    app: Flask
    ours: int
    theirs: int

    def person(self, role: str, organisation_id: int | None = None) -> int:
        with transaction():
            made = accounts.enrol_person(
                organisation_id=organisation_id or self.ours,
                role=role,
                name="王建国",
                login_name=f"{role}-{organisation_id or self.ours}",
                at=AT,
                actor_id=None,
            )
            accounts.set_password(person_id=made.person_id, password_hash=accounts.hash_password(PASSWORD), at=AT)
            accounts.accept_notice(person_id=made.person_id, organisation_id=organisation_id or self.ours, at=AT)
        return made.person_id

    def client(self, role: str, organisation_id: int | None = None) -> FlaskClient:
        self.person(role, organisation_id)
        db.session.remove()
        client = self.app.test_client()
        login = f"{role}-{organisation_id or self.ours}"
        answer = client.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return client

    def enter(self, page: Page) -> Page:
        """Sign the learner in who was made before, as a person does."""
        page.goto("/sign-in")
        page.fill("[name=login]", f"learner-{self.ours}")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        return page


@pytest.fixture
def house(context: Flask) -> House:
    with transaction():
        ours = accounts.create_organisation(kind="institution", name="武汉安薪培训学校", at=AT)
        theirs = accounts.create_organisation(kind="institution", name="宜昌培训中心", at=AT)
    return House(context, ours, theirs)


@pytest.fixture
def statements(app: Flask) -> Iterator[Callable[[], list[str]]]:
    """Collect what the database is asked from now on."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield lambda: seen
    event.remove(engine, "before_cursor_execute", note)
