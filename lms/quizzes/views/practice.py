"""练习: items to choose from, one question a screen, its explanation at once, a summary at the end."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.wrappers import Response

from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Conflict, Invalid
from lms.courses import services as courses
from lms.courses.services import ItemView
from lms.quizzes import services
from lms.quizzes.services import Practice, RunningFinal
from lms.quizzes.views.blueprint import MINE, blueprint
from lms.quizzes.views.given import given_in_form
from lms.web.access import current_actor, requires


def _who() -> dict[str, Any]:
    actor = current_actor()
    return {"organisation_id": actor.organisation_id, "person_id": actor.person_id}


@blueprint.get("/practice/")
@requires("quizzes.take")
def practise() -> ResponseReturnValue:
    """Show the items that can be practised and how far the learner has come in each."""
    at = clock.now()
    final = services.find_running_final(**_who(), at=at)
    if final is not None:
        return _closed(final)
    return render_template("quizzes/practice.html", items=services.practice_items(**_who(), at=at), section=MINE)


def _closed(final: RunningFinal) -> ResponseReturnValue:
    """Say that practice is closed while a final test is being written."""
    return render_template("quizzes/practice_closed.html", final=final, section=MINE), 409


@blueprint.get("/practice/<code>")
@requires("quizzes.take")
def practise_item(code: str) -> ResponseReturnValue:
    """Show where the learner stands in an item: the way in, the next question, one explained, or the summary."""
    final = services.find_running_final(**_who(), at=clock.now())
    if final is not None:
        return _closed(final)
    item = courses.get_item(organisation_id=current_actor().organisation_id, code=code)
    practice = services.find_practice(**_who(), item_code=code)
    if practice is None:
        number = services.count_practice(item_code=code)
        return render_template("quizzes/practice_start.html", item=item, questions=number, section=MINE)
    position = request.args.get("q", 0, type=int)
    if position in practice.outcomes:
        return _question_page(item, practice, position)
    return _summary_page(item, practice) if practice.is_over else _question_page(item, practice, practice.open[0])


def _question_page(
    item: ItemView, practice: Practice, position: int, *, draft: object = None, trouble: str = ""
) -> str:
    screen = _screen(item, practice, position, draft=draft, trouble=trouble)
    return render_template("quizzes/practice_question.html", item=item, screen=screen, section=MINE)


def _screen(item: ItemView, practice: Practice, position: int, *, draft: object = None, trouble: str = "") -> Markup:
    """Return one question as it fills the screen; draft: an answer that was refused, trouble: why."""
    question = services.get_practice_question(**_who(), run_id=practice.run_id, position=position, draft=draft)
    html = render_template(
        "quizzes/_practice_screen.html", item=item, practice=practice, question=question, trouble=trouble
    )
    return Markup(html)  # noqa: S704  (a template of ours)


def _summary_page(item: ItemView, practice: Practice) -> str:
    wrong = services.wrong_answers(**_who(), run_id=practice.run_id)
    return render_template("quizzes/practice_summary.html", item=item, practice=practice, wrong=wrong, section=MINE)


@blueprint.post("/practice/<code>/runs")
@requires("quizzes.take")
def begin_practice(code: str) -> Response:
    """Begin a run or go on with the one that runs; `wrong`: only what went wrong the last time."""
    with transaction():
        services.begin_practice(**_who(), item_code=code, only_wrong="wrong" in request.form, at=clock.now())
    return redirect(url_for("quizzes.practise_item", code=code))


@blueprint.post("/practice/<code>/end")
@requires("quizzes.take")
def end_practice(code: str) -> Response:
    """End a run before its last question and show the summary."""
    with transaction():
        services.end_practice(**_who(), run_id=request.form.get("run", 0, type=int), at=clock.now())
    return redirect(url_for("quizzes.practise_item", code=code))


@blueprint.post("/practice/<code>/answers")
@requires("quizzes.take")
def answer_practice(code: str) -> ResponseReturnValue:
    """Keep an answer and explain it; posted again it shows the explanation of the one that was kept."""
    sent = _sent()
    try:
        with transaction():
            services.answer_practice(**_who(), **sent, at=clock.now())
    except Invalid as refusal:
        if request.is_json:
            raise
        return _ask_again(code, sent, refusal), refusal.status
    except Conflict as refusal:
        if request.is_json:
            raise
        flash(refusal.message, "warning")
        return redirect(url_for("quizzes.practise_item", code=code))
    if not request.is_json:
        return redirect(url_for("quizzes.practise_item", code=code, q=sent["position"]))
    return _explained(code, sent["position"])


def _sent() -> dict[str, Any]:
    """Return what was sent as arguments of the service: JSON from our script, a form from a browser without scripts."""
    if not request.is_json:
        return {
            "run_id": request.form.get("run", 0, type=int),
            "position": request.form.get("position", 0, type=int),
            "given": given_in_form(),
            "give_up": "give_up" in request.form,
        }
    sent = request.get_json(silent=True)
    numbers = [sent.get(name) for name in ("run", "position")] if isinstance(sent, dict) else [None]
    if not isinstance(sent, dict) or any(type(number) is not int for number in numbers):
        raise Invalid("请求内容不对，请刷新页面后重试。")
    run_id, position = numbers
    return {
        "run_id": run_id,
        "position": position,
        "given": sent.get("answer"),
        "give_up": sent.get("give_up") is True,
    }


def _ask_again(code: str, sent: dict[str, Any], refusal: Invalid) -> str:
    """Return the question as it was filled in, with what is missing."""
    item = courses.get_item(organisation_id=current_actor().organisation_id, code=code)
    practice = services.find_practice(**_who(), item_code=code)
    if practice is None or sent["position"] not in practice.open:
        raise refusal
    return _question_page(item, practice, sent["position"], draft=sent["given"], trouble=refusal.message)


def _explained(code: str, position: int) -> Response:
    """Return the question explained, and the next one ready to be shown."""
    item = courses.get_item(organisation_id=current_actor().organisation_id, code=code)
    practice = services.find_practice(**_who(), item_code=code)
    if practice is None or position not in practice.outcomes:
        raise Conflict("练习有了变化，请从练习目录重新进入。")
    following = None if practice.is_over else _screen(item, practice, practice.open[0])
    return jsonify(screen=_screen(item, practice, position), next=following)
