"""What quizzes add to other plugins' pages."""

from datetime import datetime
from typing import Any

from flask import g, render_template

from lms.cohorts import services as cohorts
from lms.cohorts.services import CohortView
from lms.core import clock
from lms.courses.services import LessonView
from lms.quizzes import services
from lms.quizzes.services import OwnQuiz
from lms.web.access import Actor, find_actor


def bank_tab(*, here: str = "", **_: Any) -> str:
    """Among the tabs of 课程与题库: the question bank, for those who may read it."""
    actor = find_actor()
    return render_template("quizzes/_tab.html", here=here) if actor and actor.can("quizzes.read") else ""


def lesson_link(*, lesson: LessonView, actor: Actor, **_: Any) -> str:
    """At the end of a lesson: practice and the quiz of its item, in one statement."""
    if not actor.can("quizzes.take"):
        return ""
    quiz = services.find_lesson_quiz(
        organisation_id=actor.organisation_id, person_id=actor.person_id, item_code=lesson.item_code, at=clock.now()
    )
    has_practice = lesson.owner_id is None  # the bank is the official syllabus's
    if quiz is None and not has_practice:
        return ""
    return render_template("quizzes/_lesson_link.html", lesson=lesson, quiz=quiz, has_practice=has_practice)


def _own_quizzes(actor: Actor, cohort_id: int) -> list[OwnQuiz]:
    """Return a learner's quizzes of a cohort, read once a request however many items ask for them."""
    read: dict[int, list[OwnQuiz]] = g.setdefault("quizzes_own", {})
    if cohort_id not in read:
        read[cohort_id] = services.own_quizzes(
            organisation_id=actor.organisation_id, cohort_id=cohort_id, person_id=actor.person_id
        )
    return read[cohort_id]


def item_state(*, cohort_id: int, item_code: str, actor: Actor, **_: Any) -> str:
    """Beside an item on the learner's 学习 page: its quiz and how it stands, and the way to its practice."""
    if not actor.can("quizzes.take"):
        return ""
    own = next((own for own in _own_quizzes(actor, cohort_id) if own.quiz.item_code == item_code), None)
    has_practice = item_code in _practised_items()
    if own is None and not has_practice:
        return ""
    return render_template("quizzes/_item_state.html", own=own, item_code=item_code, has_practice=has_practice)


def _practised_items() -> set[str]:
    """Return the items with questions, read once a request however many items ask for them."""
    if "quizzes_items" not in g:
        g.quizzes_items = {item for item, _kind in services.count_questions()}
    items: set[str] = g.quizzes_items
    return items


def _studied(actor: Actor, at: datetime) -> list[OwnQuiz]:
    """Return a learner's quizzes of the cohort they study in now, read once a request."""
    if "quizzes_place" not in g:
        g.quizzes_place = cohorts.current_enrolment(
            person_id=actor.person_id, organisation_id=actor.organisation_id, at=at
        )
    return [] if g.quizzes_place is None else _own_quizzes(actor, g.quizzes_place.cohort_id)


def running_card(*, actor: Actor, **_: Any) -> str:
    """On top of the learner's home: a paper that is being written, because its time runs."""
    if not actor.can("quizzes.take"):
        return ""
    at = clock.now()
    running = [own for own in _studied(actor, at) if own.running and not own.running.is_overdue(at)]
    return render_template("quizzes/_running_card.html", own=running[0]) if running else ""


def final_card(*, actor: Actor, **_: Any) -> str:
    """On the learner's home: the final test while it is open, not passed, and not being written."""
    if not actor.can("quizzes.take"):
        return ""
    at = clock.now()
    waiting = [own for own in _studied(actor, at) if own.quiz.is_final and own.quiz.is_open(at) and not own.passed]
    waiting = [own for own in waiting if own.running is None and own.attempts_left != 0]
    return render_template("quizzes/_final_card.html", own=waiting[0]) if waiting else ""


def search_closed(*, actor: Actor, **_: Any) -> str:
    """Instead of search results: why there are none while a final test is being written, here or elsewhere."""
    final = services.find_running_final(
        organisation_id=actor.organisation_id, person_id=actor.person_id, at=clock.now()
    )
    return "" if final is None else render_template("quizzes/_search_closed.html", final=final)


def cohort_card(*, cohort: CohortView, actor: Actor, **_: Any) -> str:
    """On the cohort's page: its quizzes in figures, and the way to them."""
    if not actor.can("quizzes.read"):
        return ""
    organisation_id = actor.organisation_id
    quizzes = services.quizzes_of_cohort(organisation_id=organisation_id, cohort_id=cohort.id)
    figures = services.cohort_figures(organisation_id=organisation_id, cohort_id=cohort.id) if quizzes else {}
    return render_template("quizzes/_cohort_card.html", cohort=cohort, quizzes=quizzes, figures=figures)


def learner_table(*, cohort_id: int, person_id: int, actor: Actor, **_: Any) -> str:
    """On a learner's page: how they stand in each quiz."""
    if not actor.can("quizzes.read"):
        return ""
    results = services.quiz_results(organisation_id=actor.organisation_id, cohort_id=cohort_id, person_ids=[person_id])[
        person_id
    ]
    return render_template("quizzes/_learner_table.html", results=results) if results else ""
