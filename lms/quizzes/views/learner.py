"""What a learner sees around an attempt: 题库, the page before it, the result after it."""

from datetime import datetime

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.cohorts import services as cohorts
from lms.core import clock
from lms.core.db import transaction
from lms.quizzes import services
from lms.quizzes.rules.timing import window
from lms.quizzes.services import OwnQuiz
from lms.quizzes.views.blueprint import MINE, blueprint
from lms.web.access import current_actor, requires


@blueprint.get("/quizzes/")
@requires("quizzes.take")
def mine() -> str:
    """题库: the final test and the item quizzes of the learner's cohorts, with their best scores."""
    actor, at = current_actor(), clock.now()
    places = cohorts.enrolments_of(person_id=actor.person_id, organisation_id=actor.organisation_id, at=at)
    shelves = [(place, _own_quizzes(place.cohort_id, at=at)) for place in places]
    return render_template("quizzes/mine.html", shelves=[shelf for shelf in shelves if shelf[1]], at=at, section=MINE)


def _own_quizzes(cohort_id: int, *, at: datetime) -> list[OwnQuiz]:
    """Return the learner's quizzes in a cohort, papers whose time has run out handed in."""
    actor = current_actor()
    known = {"organisation_id": actor.organisation_id, "cohort_id": cohort_id, "person_id": actor.person_id}
    found = services.own_quizzes(**known)
    overdue = [attempt.id for own in found for attempt in own.attempts if attempt.is_overdue(at)]
    for attempt_id in overdue:
        close_overdue(attempt_id, at=at)
    return services.own_quizzes(**known) if overdue else found


def close_overdue(attempt_id: int, *, at: datetime) -> None:
    """Hand in a paper whose time has run out."""
    with transaction():
        services.hand_in_overdue(attempt_id=attempt_id, at=at)


@blueprint.get("/quizzes/<int:quiz_id>")
@requires("quizzes.take")
def intro(quiz_id: int) -> str:
    """Show what awaits the learner: questions, minutes, pass mark, attempts left, how the time is counted."""
    actor, at = current_actor(), clock.now()
    known = {"organisation_id": actor.organisation_id, "quiz_id": quiz_id, "person_id": actor.person_id}
    own = services.get_own_quiz(**known, at=at)
    if own.running is not None and own.running.is_overdue(at):
        close_overdue(own.running.id, at=at)
        own = services.get_own_quiz(**known, at=at)
    quiz = own.quiz
    return render_template(
        "quizzes/intro.html",
        own=own,
        quiz=quiz,
        is_open=quiz.is_open(at),
        not_yet=quiz.opens_at is not None and at < quiz.opens_at,
        window=window(at=at, minutes=quiz.minutes, closes_at=quiz.closes_at),
        at=at,
        section=MINE,
    )


@blueprint.post("/quizzes/<int:quiz_id>/attempts")
@requires("quizzes.take")
def start(quiz_id: int) -> Response:
    """Begin an attempt or go on with the one that runs."""
    actor, at = current_actor(), clock.now()
    with transaction():
        started = services.start_attempt(
            organisation_id=actor.organisation_id, quiz_id=quiz_id, person_id=actor.person_id, at=at
        )
    return redirect(url_for("quizzes.take", attempt_id=started.attempt_id))


@blueprint.get("/attempts/<int:attempt_id>/result")
@requires("quizzes.take")
def result(attempt_id: int) -> str:
    """Show a handed-in paper: score, pass or fail, and each question with what was right and why."""
    actor = current_actor()
    found = services.get_result(organisation_id=actor.organisation_id, attempt_id=attempt_id, person_id=actor.person_id)
    final = services.find_running_final(
        organisation_id=actor.organisation_id, person_id=actor.person_id, at=clock.now()
    )
    return render_template("quizzes/result.html", result=found, final=final, section=MINE)


def announce_deadline() -> None:
    """Say on the next page that the deadline handed the paper in."""
    flash("作答时间已到，系统已自动交卷。到时前保存的答案都已计入。", "warning")
