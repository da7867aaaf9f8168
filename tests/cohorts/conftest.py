"""An institution with staff and a cohort; rosters as clerks make them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import event

from lms.core.db import db, transaction
from tests import factories as make

HEADING = ("姓名", "身份证号", "手机号", "工作单位")
EMPLOYER = "湖北楚建工程有限公司"


def xlsx(*rows: Sequence[Any], sheets: dict[str, list[Sequence[Any]]] | None = None) -> bytes:
    """Return a workbook with these rows in its first sheet, further sheets after it."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for name, content in (sheets or {}).items():
        further = book.create_sheet(name)
        for row in content:
            further.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def person(number: int, name: str = "王建国") -> tuple[str, str, str, str]:
    """Return a sound line of a roster."""
    return name, make.id_number(number), make.phone(number), EMPLOYER


@dataclass(frozen=True)
class House:
    """Our institution with a running cohort, a second institution, and signed-in browsers."""

    app: Flask
    ours: int
    theirs: int
    cohort_id: int
    registrar: int

    def client(self, role: str, organisation_id: int = 0) -> FlaskClient:
        """Return a browser of somebody with a role."""
        home = organisation_id or self.ours
        person_id = make.member(organisation_id=home, role=role, name="何老师")
        return make.browser(self.app, person_id)

    def browser(self, person_id: int | None = None) -> FlaskClient:
        """Return a browser of a person, or of nobody."""
        return make.browser(self.app, person_id)


@pytest.fixture
def house(context: Flask) -> House:
    ours, theirs = make.institution("武汉安薪培训学校"), make.institution("宜昌培训中心")
    cohort_id = make.cohort(organisation_id=ours, name="2026 年第 3 期")
    with transaction():
        registrar = make.member_of_staff(ours)
    return House(context, ours, theirs, cohort_id, registrar)


@pytest.fixture
def statements(app: Flask) -> Iterator[Callable[[], list[str]]]:
    """Collect what the database is asked; each call returns what came since the last one."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            seen.append(statement)

    def take() -> list[str]:
        taken = seen[:]
        seen.clear()
        return taken

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield take
    event.remove(engine, "before_cursor_execute", note)
