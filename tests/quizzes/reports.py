"""Reports (纠错) of a world: made, answered, listed."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from lms.core.db import db, transaction
from lms.core.listing import ListQuery
from lms.quizzes import services
from lms.quizzes.models import AttemptQuestion
from tests import factories
from tests.factories import AT
from tests.quizzes.bank import World

WORDS = "第二个选项也对，条例写的是这样。"
ANSWER = "核对无误，下一版改正，谢谢。"
LATER = AT + timedelta(hours=1)


def handed_in(world: World, *, answers: dict[int, object] | None = None) -> tuple[int, list[int]]:
    """Hand in a paper and return its id and the versions on it."""
    attempt_id = world.start()
    for position, answer in (answers or {}).items():
        world.save(attempt_id, position, answer)
    world.hand_in(attempt_id)
    statement = select(AttemptQuestion.version_id).where(AttemptQuestion.attempt_id == attempt_id)
    return attempt_id, list(db.session.scalars(statement.order_by(AttemptQuestion.position)))


def report(world: World, version_id: int, **values: Any) -> services.Reported:
    known = {
        "organisation_id": world.organisation_id,
        "person_id": world.person_id,
        "kind": "wrong_key",
        "text": WORDS,
        "at": LATER,
    } | values
    with transaction():
        return services.report_question(version_id=version_id, **known)  # type: ignore[arg-type]


def answer(world: World, report_id: int, **values: Any) -> int:
    known = {
        "organisation_id": world.organisation_id,
        "status": "accepted",
        "answer": ANSWER,
        "at": LATER,
        "actor_id": world.person_id,
    } | values
    with transaction():
        return services.answer_reports(report_id=report_id, **known)  # type: ignore[arg-type]


def queue(world: World, **values: Any) -> list[int]:
    known = {"organisation_id": world.organisation_id, "query": ListQuery()} | values
    return [row.id for row in services.list_reports(**known).rows]


def fellow(world: World) -> int:
    """Return another learner of the cohort, who has handed in a paper of the same quiz."""
    person_id, _enrolment = factories.enrolled_learner(
        organisation_id=world.organisation_id, cohort_id=world.cohort_id, name="李卫东"
    )
    return person_id


def in_their_hands(world: World, person_id: int) -> set[int]:
    attempt_id = world.start(person_id=person_id)
    world.hand_in(attempt_id, person_id=person_id)
    return set(db.session.scalars(select(AttemptQuestion.version_id).where(AttemptQuestion.attempt_id == attempt_id)))
