"""The real application with a few views more, one for each thing that can go right or wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Blueprint, Flask, abort, jsonify, request
from flask.testing import FlaskClient
from sqlalchemy.exc import DataError, OperationalError

from lms.app import create_app
from lms.core.db import db
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from lms.core.jobs import JobRun
from lms.core.settings import Settings
from lms.web.access import current_actor, public, requires, signed_in
from tests import factories

LMS_ERRORS = {"invalid": Invalid, "missing": NotFound, "forbidden": Forbidden, "conflict": Conflict, "many": TooMany}


def trial_views() -> Blueprint:
    views = Blueprint("trial", __name__)
    add_doors(views)
    add_faults(views)
    return views


def add_doors(views: Blueprint) -> None:
    """Views that differ in who may use them."""

    @views.get("/trial/untagged")
    def untagged() -> str:
        return "nobody may read this"

    @views.get("/trial/public")
    @public
    def open_to_all() -> str:
        return "open"

    @views.route("/trial/mine", methods=["GET", "POST"])
    @signed_in
    def mine() -> str:
        return f"hello {current_actor().name}"

    @views.route("/trial/clerks", methods=["GET", "POST"])
    @requires("accounts.manage_people")
    def clerks() -> str:
        return "clerks only"

    @views.post("/trial/submit")
    @public
    def submit() -> str:
        return request.form.get("text", "nothing")

    @views.post("/trial/json")
    @public
    def read_json() -> object:
        return jsonify(got=request.get_json())


def add_faults(views: Blueprint) -> None:
    """Views that go wrong, each in its own way."""

    @views.get("/trial/status/<int:code>")
    @public
    def status(code: int) -> str:
        abort(code)

    @views.get("/trial/refused/<name>")
    @public
    def refused(name: str) -> str:
        message = "请先这样做，再那样做。"
        raise LMS_ERRORS[name](message)

    @views.get("/trial/boom")
    @public
    def boom() -> str:
        message = "SECRET-DETAIL"
        raise RuntimeError(message)

    @views.get("/trial/database/<name>")
    @public
    def database(name: str) -> str:
        raise {"down": OperationalError, "data": DataError}[name]("SELECT 1", {}, Exception("SECRET-DETAIL"))

    @views.get("/trial/leftover")
    @public
    def leftover() -> str:
        from lms.core import clock

        db.session.add(JobRun(name="never committed", started_at=clock.now()))
        return "not saved"


@dataclass
class Trial:
    """The application and its people."""

    app: Flask
    people: dict[str, int] = field(default_factory=dict)

    def client(self, role: str = "") -> FlaskClient:
        """A browser, signed in when a role is named."""
        client = self.app.test_client()
        if role:
            with self.app.app_context():
                factories.signed_in(client, self.people[role])
        return client


def make_trial(folder: Path, **extra: object) -> Trial:
    known: dict[str, object] = {"LMS_FAST_HASH": True, "PROPAGATE_EXCEPTIONS": False, "WTF_CSRF_ENABLED": False}
    app = create_app(Settings(data_dir=folder, testing=True, plugins=False, extra=known | extra))
    app.register_blueprint(trial_views())
    found = Trial(app)
    with app.app_context():
        db.create_all()
        owner = factories.institution()
        for role in ("learner", "registrar"):
            found.people[role] = factories.member(organisation_id=owner, role=role, name="周文娟")
        db.session.remove()
    return found


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """Without CSRF, as most tests."""
    found = make_trial(tmp_path_factory.mktemp("trial"))
    yield found
    close(found)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """With CSRF, as in a real installation."""
    found = make_trial(tmp_path_factory.mktemp("guarded"), WTF_CSRF_ENABLED=True)
    yield found
    close(found)


def close(trial: Trial) -> None:
    with trial.app.app_context():
        db.session.remove()
        db.engine.dispose()
