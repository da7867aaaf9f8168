"""What a lesson page says while it is read: still here, and yes, still learning."""

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from lms.attendance import services
from lms.attendance.views.blueprint import blueprint
from lms.attendance.views.device import device
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.web.access import current_actor, requires

_LONGEST_CODE = 24


@blueprint.post("/study/beats")
@requires("attendance.own")
def beat() -> ResponseReturnValue:
    """Take a sign of life; nothing in it says how long anybody studied."""
    actor = current_actor()
    body: Any = request.get_json(silent=True)
    lesson = body.get("lesson") if isinstance(body, dict) else None
    if not isinstance(lesson, str) or not 0 < len(lesson) <= _LONGEST_CODE:
        raise Invalid("没有说明是哪一课，请刷新课文页面。", field="lesson")
    with transaction():
        answer = services.beat(
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            lesson_code=lesson,
            device=device(),
            at=clock.now(),
        )
    found: dict[str, object] = {
        "counting": answer.counting,
        "credited_seconds": answer.run_seconds,
        "next_in": answer.next_in,
        "missed": answer.missed,
    }
    if answer.message:
        found["message"] = answer.message
    if answer.prompt is not None:
        found["prompt"] = {"id": answer.prompt.id, "seconds_left": answer.prompt.seconds_left}
    return jsonify(found)


@blueprint.post("/study/prompts/<int:prompt_id>")
@requires("attendance.own")
def answer_prompt(prompt_id: int) -> ResponseReturnValue:
    """Take the answer to 您还在学习吗？."""
    actor = current_actor()
    with transaction():
        answer = services.answer_prompt(
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            prompt_id=prompt_id,
            device=device(),
            at=clock.now(),
        )
    return jsonify(in_time=answer.in_time, message=answer.message)
