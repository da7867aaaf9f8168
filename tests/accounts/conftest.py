"""An institution and people with known passwords; at a fixed moment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.accounts import services
from lms.core.db import db, transaction

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PASSWORD = "sunny day 42"


@dataclass(frozen=True)
class Someone:
    person_id: int
    organisation_id: int
    login: str


@dataclass(frozen=True)
class House:
    """Two institutions and helpers to fill them."""

    app: Flask
    ours: int
    theirs: int

    def person(
        self,
        role: str,
        *,
        login: str,
        name: str = "王建国",
        organisation_id: int = 0,
        ready: bool = True,
        phone: str | None = None,
        id_number: str | None = None,
    ) -> Someone:
        """Make a person whose password is PASSWORD; `ready` means no first steps are left."""
        home = organisation_id or self.ours
        with self.app.app_context():
            hashed = services.hash_password(PASSWORD)
            with transaction():
                kept = {"at": AT, "actor_id": None}
                if role == "platform_administrator":
                    made = services.enrol_person(
                        organisation_id=home, role="administrator", name=name, login_name=login, **kept
                    )
                    services.add_membership(organisation_id=home, person_id=made.person_id, role=role, **kept)
                else:
                    made = services.enrol_person(
                        organisation_id=home,
                        role=role,
                        name=name,
                        login_name=login,
                        phone=phone,
                        id_number=id_number,
                        **kept,
                    )
                if ready:
                    services.set_password(person_id=made.person_id, password_hash=hashed, at=AT)
                    services.accept_notice(person_id=made.person_id, organisation_id=home, at=AT)
            db.session.remove()
        return Someone(made.person_id, home, login)

    def client(self, someone: Someone) -> FlaskClient:
        """Return a browser that is signed in."""
        client = self.app.test_client()
        response = sign_in(client, someone.login)
        assert response.status_code == 302, response.text
        return client


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> TestResponse:
    return client.post("/sign-in", data={"login": login, "password": password, "keep": "y"})


@pytest.fixture
def house(app: Flask) -> Iterator[House]:
    with app.app_context():
        with transaction():
            ours = services.create_organisation(
                kind="institution", name="武汉安薪培训学校", short_name="安薪", at=AT, actor_id=None
            )
            theirs = services.create_organisation(kind="institution", name="宜昌培训中心", at=AT, actor_id=None)
        db.session.remove()
    return House(app, ours, theirs)


@pytest.fixture
def count_statements(app: Flask) -> Iterator[Callable[[], list[str]]]:
    """Collect the statements the database is sent, transaction control aside."""
    from sqlalchemy import event

    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield lambda: seen
    event.remove(engine, "before_cursor_execute", note)
