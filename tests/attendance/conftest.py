"""A cohort with a class this morning and a learner in it; time goes on only where a test says so."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, current_app, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import event

from lms.attendance import services
from lms.attendance.rules import Witness
from lms.attendance.services import Hours
from lms.core.db import db, transaction
from tests import factories

# Monday 08:30 in China, when the class begins; it lasts 90 minutes
START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
ENTERED = START - timedelta(hours=1)
LESSON = "2.4-1"


def clock(text: str, *, days: int = 0) -> datetime:
    """Return a wall-clock moment of that Monday in China: clock("09:02")."""
    hour, minute, *second = (int(part) for part in text.split(":"))
    midnight = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    return midnight + timedelta(days=days, hours=hour, minutes=minute, seconds=second[0] if second else 0)


@dataclass
class Place:
    """Where the tests happen. Works with or without an application context around it."""

    app: Flask
    organisation_id: int
    cohort_id: int
    session_id: int
    person_id: int
    enrolment_id: int
    instructor_id: int

    def inside(self) -> AbstractContextManager[Any]:
        """Return the present application context, or one for a moment."""
        return nullcontext() if has_app_context() else self.app.app_context()

    def hours(self, at: datetime) -> Hours:
        """Return the learner's hours."""
        with self.inside():
            return services.hours_of(organisation_id=self.organisation_id, enrolment_id=self.enrolment_id, at=at)

    def settle(self, at: datetime) -> services.Settled:
        """Settle the learner's account."""
        with self.inside(), transaction():
            return services.settle(organisation_id=self.organisation_id, enrolment_id=self.enrolment_id, at=at)

    def sign(self, at: datetime, *, witness: str = Witness.LEARNER_CODE, **given: Any) -> services.SignResult:
        """Let the learner sign in or out."""
        asked = {"session_id": self.session_id, "person_id": self.person_id, "wanted": None} | given
        with self.inside(), transaction():
            return services.sign(organisation_id=self.organisation_id, witness=witness, at=at, **asked)

    def beat(self, at: datetime, *, lesson: str = LESSON, device: str = "phone") -> services.BeatAnswer:
        """Let the learner's page say that it is still there."""
        with self.inside(), transaction():
            return services.beat(
                organisation_id=self.organisation_id,
                person_id=self.person_id,
                lesson_code=lesson,
                device=device,
                at=at,
            )

    def study(self, start: datetime, minutes: float, **given: Any) -> datetime:
        """Let the page beat every 20 seconds, answering every prompt after 10; returns the last beat's moment."""
        at = start
        for number in range(int(minutes * 3) + 1):
            at = start + timedelta(seconds=20 * number)
            answer = self.beat(at, **given)
            if answer.prompt is not None:
                self.answer(answer.prompt.id, at + timedelta(seconds=10))
        return at

    def answer(self, prompt_id: int, at: datetime) -> services.PromptAnswer:
        """Let the learner answer a prompt."""
        with self.inside(), transaction():
            return services.answer_prompt(
                organisation_id=self.organisation_id,
                person_id=self.person_id,
                prompt_id=prompt_id,
                device="phone",
                at=at,
            )

    def roll_call(self, at: datetime, *marks: tuple[services.Mark, int], **given: Any) -> int:
        """Call the roll: the learner gets the mark (or several enrolments, by `marks_by_enrolment`)."""
        by_enrolment = given.pop("by_enrolment", None) or {self.enrolment_id: marks[0]}
        with self.inside(), transaction():
            return services.roll_call(
                organisation_id=self.organisation_id,
                session_id=self.session_id,
                marks=by_enrolment,
                at=at,
                actor_id=self.instructor_id,
                **given,
            )


def make_place() -> Place:
    """Make an institution with an open cohort, a class, an instructor and a learner."""
    organisation_id = factories.institution(at=ENTERED)
    cohort_id = factories.cohort(organisation_id=organisation_id, at=ENTERED)
    instructor_id = factories.member(organisation_id=organisation_id, role="instructor", name="陈讲师", at=ENTERED)
    session_id = factories.class_session(
        organisation_id=organisation_id, cohort_id=cohort_id, starts_at=START, at=ENTERED
    )
    person_id, enrolment_id = factories.enrolled_learner(
        organisation_id=organisation_id, cohort_id=cohort_id, at=ENTERED
    )
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return Place(app, organisation_id, cohort_id, session_id, person_id, enrolment_id, instructor_id)


def signed_in(app: Flask, person_id: int) -> FlaskClient:
    """Return somebody's browser; the session begins that Monday too, a cookie from the future would be refused."""
    with time_machine.travel(ENTERED, tick=False), app.app_context():
        return factories.signed_in(app.test_client(), person_id)


@pytest.fixture
def place(app: Flask) -> Place:
    """The place; tests that read tables themselves take `context` too."""
    with app.app_context():
        return make_place()


@pytest.fixture
def learner(app: Flask, place: Place) -> FlaskClient:
    """The learner's phone, signed in."""
    return signed_in(app, place.person_id)


@pytest.fixture
def instructor(app: Flask, place: Place) -> FlaskClient:
    """The instructor's computer, signed in."""
    return signed_in(app, place.instructor_id)


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], Any]:
    """Return a context manager that counts statements, BEGIN and COMMIT left out."""

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
