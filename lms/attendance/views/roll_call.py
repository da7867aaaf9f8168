"""The instructor's roll call: one page, one POST."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.attendance import services
from lms.attendance.rules.words import MARK_TITLES
from lms.attendance.services import Mark
from lms.attendance.views.blueprint import blueprint
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.web.access import current_actor, requires


@blueprint.get("/sessions/<int:session_id>/roll-call")
@requires("attendance.teach")
def roll_call(session_id: int) -> ResponseReturnValue:
    """Show the roll of a class."""
    return _page(session_id)


@blueprint.post("/sessions/<int:session_id>/roll-call")
@requires("attendance.teach")
def save_roll_call(session_id: int) -> ResponseReturnValue:
    """Save the marks; what was not marked stays as it was."""
    actor = current_actor()
    given = _read_marks()
    revision = request.form.get("revision", "")
    try:
        with transaction():
            changed = services.roll_call(
                organisation_id=actor.organisation_id,
                session_id=session_id,
                marks=given,
                revision=int(revision) if revision.isascii() and revision.isdigit() else None,
                at=clock.now(),
                actor_id=actor.person_id,
            )
    except Invalid as error:
        return _page(session_id, given=given, fault=error.message), 422
    if not given:
        flash("还没有点名：先点“全部到”，再把没到的改掉。", "warning")
        return redirect(url_for("attendance.roll_call", session_id=session_id))
    here = sum(mark in (Mark.PRESENT, Mark.LATE, Mark.EARLY) for mark, _ in given.values())
    saved = "点名已保存" if changed else "点名没有变化"
    flash(f"{saved}：到课 {here} 人，未到 {len(given) - here} 人。", "success")
    return redirect(url_for("attendance.roll_call", session_id=session_id))


def _page(session_id: int, *, given: dict[int, tuple[Mark, int]] | None = None, fault: str = "") -> str:
    sheet = services.roll_call_sheet(
        organisation_id=current_actor().organisation_id, session_id=session_id, at=clock.now()
    )
    shown = {row.enrolment_id: (row.mark, row.minutes) for row in sheet.rows} | (given or {})
    return render_template(
        "attendance/roll_call.html", sheet=sheet, shown=shown, titles=MARK_TITLES, Mark=Mark, fault=fault
    )


def _read_marks() -> dict[int, tuple[Mark, int]]:
    """Read `mark_<enrolment>` and `minutes_<enrolment>`; an empty mark is none."""
    marks: dict[int, tuple[Mark, int]] = {}
    for name, value in request.form.items():
        kind, _, number = name.partition("_")
        if kind != "mark" or not value or not (number.isascii() and number.isdigit()):
            continue
        if value not in set(Mark):
            raise Invalid("点名内容无法识别，请刷新页面后重新点名。")
        mark = Mark(value)
        timed = mark in (Mark.LATE, Mark.EARLY)
        marks[int(number)] = mark, _minutes(request.form.get(f"minutes_{number}", "")) if timed else 0
    return marks


def _minutes(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
