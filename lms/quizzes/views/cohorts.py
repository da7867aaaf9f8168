"""A cohort's quizzes as staff see them: settings, results, one learner's paper."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lms.accounts import services as accounts
from lms.cohorts import services as cohorts
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.courses import services as courses
from lms.quizzes import services
from lms.quizzes.forms import QuizForm
from lms.quizzes.rules.marking import CASE_RULE
from lms.quizzes.views.blueprint import COHORT_SECTION, blueprint
from lms.web.access import current_actor, requires


@blueprint.get("/cohorts/<int:cohort_id>/quizzes")
@requires("quizzes.read")
def list_quizzes(cohort_id: int) -> str:
    """List a cohort's quizzes with their figures."""
    organisation_id = current_actor().organisation_id
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    return render_template(
        "quizzes/cohort.html",
        cohort=cohort,
        quizzes=services.quizzes_of_cohort(organisation_id=organisation_id, cohort_id=cohort_id, withdrawn=True),
        figures=services.cohort_figures(organisation_id=organisation_id, cohort_id=cohort_id),
        learners=len(cohorts.learners(organisation_id=organisation_id, cohort_id=cohort_id)),
        section=COHORT_SECTION,
    )


@blueprint.post("/cohorts/<int:cohort_id>/quizzes")
@requires("quizzes.manage")
def add_missing(cohort_id: int) -> Response:
    """Give a cohort the quizzes it has not got yet."""
    actor, at = current_actor(), clock.now()
    cohort = cohorts.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    course = courses.get_course(organisation_id=actor.organisation_id, course_id=cohort.course_id)
    with transaction():
        report = services.create_default_quizzes(
            organisation_id=actor.organisation_id,
            cohort_id=cohort_id,
            item_codes=[item.code for item in course.items],
            at=at,
            actor_id=actor.person_id,
        )
    if report.created:
        flash(f"已补建 {len(report.created)} 个测验。", "success")
    if report.missing:
        flash(f"题库的试题还不够：{'、'.join(report.missing)}。导入题库后可再补建。", "warning")
    if not report.created and not report.missing:
        flash("测验已齐全，没有需要补建的。", "info")
    return redirect(url_for("quizzes.list_quizzes", cohort_id=cohort_id))


@blueprint.route("/quizzes/<int:quiz_id>/settings", methods=["GET", "POST"])
@requires("quizzes.manage")
def edit_quiz(quiz_id: int) -> ResponseReturnValue:
    """Change a quiz: time, pass mark, attempts, and what it draws."""
    actor, at = current_actor(), clock.now()
    quiz = services.get_quiz(organisation_id=actor.organisation_id, quiz_id=quiz_id)
    cohort = cohorts.get_cohort(organisation_id=actor.organisation_id, cohort_id=quiz.cohort_id)
    items = courses.get_course(organisation_id=actor.organisation_id, course_id=cohort.course_id).items
    form, trouble = QuizForm(), ""
    if not form.is_submitted():
        form.fill(quiz)
    form.prepare(items, quiz.sections)
    if form.validate_on_submit():
        try:
            with transaction():
                services.update_quiz(
                    organisation_id=actor.organisation_id,
                    quiz_id=quiz_id,
                    settings=form.read(items, quiz.sections),
                    at=at,
                    actor_id=actor.person_id,
                )
        except Invalid as error:
            trouble = error.message
        else:
            flash(f"“{quiz.title}”的设置已保存，对以后开始的作答有效。", "success")
            return redirect(url_for("quizzes.list_quizzes", cohort_id=quiz.cohort_id))
    page = render_template(
        "quizzes/settings.html",
        form=form,
        quiz=quiz,
        cohort=cohort,
        trouble=trouble,
        case_rule=CASE_RULE,
        warnings=services.plan_warnings(sections=quiz.sections),
        running=services.count_running(organisation_id=actor.organisation_id, quiz_id=quiz_id),
        section=COHORT_SECTION,
    )
    return page, form.page_status


@blueprint.post("/quizzes/<int:quiz_id>/withdraw")
@requires("quizzes.manage")
def withdraw_quiz(quiz_id: int) -> Response:
    """Offer a quiz no longer."""
    actor, at = current_actor(), clock.now()
    quiz = services.get_quiz(organisation_id=actor.organisation_id, quiz_id=quiz_id)
    with transaction():
        services.withdraw_quiz(organisation_id=actor.organisation_id, quiz_id=quiz_id, at=at, actor_id=actor.person_id)
    flash(f"“{quiz.title}”已停用，学员不再看到它，结业条件也不再要求它。已有成绩保留。", "success")
    return redirect(url_for("quizzes.list_quizzes", cohort_id=quiz.cohort_id))


@blueprint.post("/quizzes/<int:quiz_id>/restore")
@requires("quizzes.manage")
def restore_quiz(quiz_id: int) -> Response:
    """Offer a withdrawn quiz again."""
    actor, at = current_actor(), clock.now()
    quiz = services.get_quiz(organisation_id=actor.organisation_id, quiz_id=quiz_id)
    with transaction():
        services.restore_quiz(organisation_id=actor.organisation_id, quiz_id=quiz_id, at=at, actor_id=actor.person_id)
    flash(f"“{quiz.title}”已恢复。", "success")
    return redirect(url_for("quizzes.list_quizzes", cohort_id=quiz.cohort_id))


@blueprint.get("/quizzes/<int:quiz_id>/results")
@requires("quizzes.read")
def list_results(quiz_id: int) -> str:
    """Show each learner's attempts at a quiz; those who have none are listed first."""
    organisation_id = current_actor().organisation_id
    quiz = services.get_quiz(organisation_id=organisation_id, quiz_id=quiz_id)
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=quiz.cohort_id)
    attempts = services.attempts_of_quiz(organisation_id=organisation_id, quiz_id=quiz_id)
    present = [place.person_id for place in cohorts.learners(organisation_id=organisation_id, cohort_id=cohort.id)]
    person_ids = list(dict.fromkeys([*present, *attempts]))
    people = accounts.get_people(organisation_id=organisation_id, person_ids=person_ids)
    standing = {person_id: services.OwnQuiz(quiz, tuple(attempts.get(person_id, ()))) for person_id in person_ids}
    return render_template(
        "quizzes/results.html",
        quiz=quiz,
        cohort=cohort,
        people=people,
        standing=sorted(standing.items(), key=lambda pair: _by_need(pair[1])),
        present=set(present),
        section=COHORT_SECTION,
    )


def _by_need(own: services.OwnQuiz) -> tuple[int, int]:
    """Order those first who need help: no attempt, not passed, passed."""
    best = own.best
    return (2 if own.passed else int(best is not None), (best.percent or 0) if best else 0)


@blueprint.get("/attempts/<int:attempt_id>/review")
@requires("quizzes.read")
def review(attempt_id: int) -> str:
    """Show a learner's handed-in paper to staff."""
    organisation_id = current_actor().organisation_id
    found = services.get_result(organisation_id=organisation_id, attempt_id=attempt_id)
    person_id = found.attempt.person_id
    people = accounts.get_people(organisation_id=organisation_id, person_ids=[person_id])
    return render_template(
        "quizzes/review.html",
        result=found,
        person=people[person_id],
        cohort=cohorts.get_cohort(organisation_id=organisation_id, cohort_id=found.cohort_id),
        section=COHORT_SECTION,
    )
