"""The question screen and what it sends: answers one by one, flags, hand-in."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Conflict, Invalid
from lms.quizzes import services
from lms.quizzes.services import Paper, Saved
from lms.quizzes.views.blueprint import MINE, blueprint
from lms.quizzes.views.given import given_in_form
from lms.quizzes.views.learner import announce_deadline, close_overdue
from lms.web.access import current_actor, requires

TRIES = 5


@blueprint.get("/attempts/<int:attempt_id>")
@requires("quizzes.take")
def take(attempt_id: int) -> Response | str:
    """Show the paper, every question at once, one of them in sight; a paper handed in leads to its result."""
    at = clock.now()
    paper = _running_paper(attempt_id)
    if not isinstance(paper, Paper):
        return paper
    position = request.args.get("q", 1, type=int)
    return render_template(
        "quizzes/attempt.html",
        paper=paper,
        position=min(max(position, 1), len(paper.questions)),
        sheet_open="sheet" in request.args,
        at=at,
        section=MINE,
    )


def _running_paper(attempt_id: int) -> Paper | Response:
    """Return the learner's running paper, or the way to its result."""
    actor, at = current_actor(), clock.now()
    paper = services.find_paper(organisation_id=actor.organisation_id, attempt_id=attempt_id, person_id=actor.person_id)
    if paper is not None and not paper.is_over(at):
        return paper
    if paper is not None:
        close_overdue(attempt_id, at=at)
        announce_deadline()
    return redirect(url_for("quizzes.result", attempt_id=attempt_id))


@blueprint.post("/attempts/<int:attempt_id>/answers")
@requires("quizzes.take")
def save_answer(attempt_id: int) -> Response:
    """Keep one answer: JSON from our script, a form from a browser without scripts."""
    if request.is_json:
        sent = request.get_json(silent=True)
        if not isinstance(sent, dict):
            raise Invalid("请求内容不对，请刷新页面后重试。")
        if "answer" not in sent:  # an answer is cleared on purpose only: by null or an empty list
            raise Invalid("没有收到答案，已保存的不变。请刷新页面后重新作答。", field="answer")
        sequence = None if sent.get("sequence") is None else _number(sent, "sequence")
        saved = _save(attempt_id, _number(sent, "position"), sent["answer"], sequence, touched=sent.get("touched"))
        return jsonify(
            saved=saved.saved,
            position=saved.position,
            number=saved.number,
            answered=saved.answered,
            deadline_in=saved.seconds_left,
            sequence=saved.sequence,
            superseded=saved.superseded,
        )
    position = request.form.get("position", 0, type=int)
    _save(attempt_id, position, given_in_form(), None)
    return redirect(url_for("quizzes.take", attempt_id=attempt_id, q=position + 1))


def _number(sent: dict[str, Any], name: str) -> int:
    value = sent.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid("请求内容不对，请刷新页面后重试。", field=name)
    return value


def _save(attempt_id: int, position: int, given: object, sequence: int | None, *, touched: object = None) -> Saved:
    """Keep an answer and commit it; two answers of one paper at the same moment are kept one after the other."""
    actor, at = current_actor(), clock.now()
    for _ in range(TRIES):
        try:
            with transaction():
                saved = services.save_answer(
                    organisation_id=actor.organisation_id,
                    attempt_id=attempt_id,
                    person_id=actor.person_id,
                    position=position,
                    given=given,
                    sequence=sequence,
                    touched=touched,
                    at=at,
                )
        except IntegrityError:  # another answer of the same paper took this number while we waited
            continue
        _refuse_closed(saved)
        return saved
    raise Conflict("这份答卷正在别处保存，请稍等几秒再试。")


def _refuse_closed(saved: Saved) -> None:
    if saved.closed and saved.by_deadline:
        raise Conflict("作答时间已到，系统已自动交卷，这个答案没有计入。到时前保存的答案都已计入。")
    if saved.closed:
        raise Conflict("这份答卷已经交卷，不能再改。请查看成绩。")


@blueprint.post("/attempts/<int:attempt_id>/flags")
@requires("quizzes.take")
def flag(attempt_id: int) -> Response:
    """Mark a question to come back to, or unmark it."""
    actor = current_actor()
    sent = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    if not isinstance(sent, dict):
        raise Invalid("请求内容不对，请刷新页面后重试。")
    position = _number(sent, "position") if request.is_json else request.form.get("position", 0, type=int)
    flagged = sent.get("flagged") in (True, "1")
    with transaction():
        services.flag_question(
            organisation_id=actor.organisation_id,
            attempt_id=attempt_id,
            person_id=actor.person_id,
            position=position,
            flagged=flagged,
        )
    if request.is_json:
        return jsonify(position=position, flagged=flagged)
    return redirect(url_for("quizzes.take", attempt_id=attempt_id, q=position))


@blueprint.get("/attempts/<int:attempt_id>/hand-in")
@requires("quizzes.take")
def ask_hand_in(attempt_id: int) -> Response | str:
    """Ask before handing in, with the number of blanks; for browsers without scripts."""
    paper = _running_paper(attempt_id)
    if not isinstance(paper, Paper):
        return paper
    return render_template("quizzes/hand_in.html", paper=paper, section=MINE)


@blueprint.post("/attempts/<int:attempt_id>/hand-in")
@requires("quizzes.take")
def hand_in(attempt_id: int) -> Response:
    """Hand the paper in; a second press changes nothing."""
    actor, at = current_actor(), clock.now()
    with transaction():
        services.hand_in(organisation_id=actor.organisation_id, attempt_id=attempt_id, person_id=actor.person_id, at=at)
    flash("已交卷。", "success")
    return redirect(url_for("quizzes.result", attempt_id=attempt_id))
