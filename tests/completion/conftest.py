"""A cohort whose only class is over: who was there meets the rule, who was not does not."""

import contextvars
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import event

from lms.attendance import services as attendance
from lms.attendance.services import Mark
from lms.completion import services
from lms.core.db import db, transaction
from tests import factories

# Monday 08:30 in China; the class lasts 90 minutes, the list is made on Tuesday
START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
ENTERED = START - timedelta(hours=1)
AT = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
BASE = "https://xuetang.example.cn"
ONLY_HOURS = {"attended_percent": 100, "items_finished": False, "quizzes_passed": False, "final_test_passed": False}
PDF = b"%PDF-1.7 not really"


class Browser(FlaskClient):
    """A browser whose requests have contexts of their own, as in a server.

    Inside a pushed application context, requests would share its `g`, and with it whoever was signed in first.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            db.session.remove()  # what the test read before is no longer news
        return contextvars.Context().run(super().open, *args, **kwargs)


def browser(app: Flask) -> Browser:
    return Browser(app, app.response_class, use_cookies=True)


@dataclass
class World:
    """An institution, its clerk, its cohort; verbs as a test would say them."""

    app: Flask
    organisation_id: int
    cohort_id: int
    session_id: int
    clerk_id: int
    people: list[int] = field(default_factory=list)
    enrolments: dict[int, int] = field(default_factory=dict)

    @property
    def ids(self) -> dict[str, int]:
        """What most services take."""
        return {"organisation_id": self.organisation_id, "cohort_id": self.cohort_id}

    def learner(self, name: str = "王建国", *, present: bool = True) -> int:
        """Enrol a learner who was in the class, or was not; return the person's id."""
        person_id, enrolment_id = factories.enrolled_learner(
            organisation_id=self.organisation_id, cohort_id=self.cohort_id, name=name, at=ENTERED
        )
        self.people.append(person_id)
        self.enrolments[person_id] = enrolment_id
        self.mark(person_id, Mark.PRESENT if present else Mark.ABSENT)
        return person_id

    def mark(
        self, person_id: int, mark: Mark, *, minutes: int = 0, at: datetime = START + timedelta(minutes=80)
    ) -> None:
        """Let the instructor call this learner's name, now or in a correction."""
        with transaction():
            attendance.roll_call(
                organisation_id=self.organisation_id,
                session_id=self.session_id,
                marks={self.enrolments[person_id]: (mark, minutes)},
                at=at,
                actor_id=self.clerk_id,
            )

    def standing(self, person_id: int, *, at: datetime = AT) -> services.Standing:
        return services.standing(**self.ids, person_id=person_id, at=at)

    def propose(self, *, at: datetime = AT) -> int:
        with transaction():
            return services.propose(**self.ids, at=at, actor_id=self.clerk_id)

    def candidate(self, person_id: int) -> services.CandidateView:
        return services.candidates(**self.ids)[person_id]

    def review(self, person_id: int, *, approve: bool = True, note: str = "", at: datetime = AT) -> bool:
        with transaction():
            return services.review(
                organisation_id=self.organisation_id,
                candidate_id=self.candidate(person_id).id,
                approve=approve,
                note=note,
                at=at,
                actor_id=self.clerk_id,
            )

    def prepare(self, *, at: datetime = AT) -> list[services.Prepared]:
        return services.prepare(**self.ids, base_url=BASE, at=at)

    def issue(
        self, prepared: list[services.Prepared] | None = None, *, pdfs: list[bytes] | None = None, at: datetime = AT
    ) -> list[str]:
        """Issue, with a stand-in for the PDFs unless they are given."""
        made = self.prepare(at=at) if prepared is None else prepared
        with transaction():
            return services.issue(
                **self.ids, prepared=made, pdfs=pdfs or [PDF] * len(made), at=at, actor_id=self.clerk_id
            )

    def approved(self, *names: str) -> list[int]:
        """Enrol learners and bring them as far as the approved list."""
        found = [self.learner(name) for name in names or ("王建国",)]
        self.propose()
        for person_id in found:
            self.review(person_id)
        return found

    def issued(self, name: str = "王建国", *, real_pdf: bool = False) -> str:
        """Bring one learner all the way and return the record's number."""
        self.approved(name)
        prepared = self.prepare()
        pdfs = services.typeset([record.payload for record in prepared]) if real_pdf else None
        (number,) = self.issue(prepared, pdfs=pdfs)
        return number

    def revoke(self, number: str, *, reason: str = "姓名有误", at: datetime = AT) -> None:
        with transaction():
            services.revoke(
                organisation_id=self.organisation_id, number=number, reason=reason, at=at, actor_id=self.clerk_id
            )

    def client(self, role: str) -> FlaskClient:
        """A browser of somebody with this role here."""
        person_id = factories.member(organisation_id=self.organisation_id, role=role, name="周文娟")
        return self.browser_of(person_id)

    def browser_of(self, person_id: int) -> FlaskClient:
        return factories.signed_in(browser(self.app), person_id)


def make_world(app: Flask, *, rule: dict[str, object] | None = None) -> World:
    organisation_id = factories.institution(at=ENTERED)
    cohort_id = factories.cohort(
        organisation_id=organisation_id, rule=dict(rule or ONLY_HOURS), planned_minutes=90, at=ENTERED
    )
    session_id = factories.class_session(
        organisation_id=organisation_id, cohort_id=cohort_id, starts_at=START, at=ENTERED
    )
    clerk_id = factories.member(organisation_id=organisation_id, role="registrar", name="周文娟", at=ENTERED)
    return World(app, organisation_id, cohort_id, session_id, clerk_id)


@pytest.fixture
def world(context: Flask) -> World:
    return make_world(context)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return browser(app)


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], Any]:
    """Return a context manager that counts statements, transaction control left out."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "PRAGMA")):
                seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
