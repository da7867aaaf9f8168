"""The projector: QR code, six digits, who is there and who is missing."""

import io
from datetime import datetime

import segno
from flask import Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.attendance import services
from lms.attendance.services import Board
from lms.attendance.views.blueprint import blueprint
from lms.core import clock
from lms.core.settings import Settings
from lms.web.access import current_actor, requires


@blueprint.get("/sessions/<int:session_id>/board")
@requires("attendance.teach")
def board(session_id: int) -> ResponseReturnValue:
    """Show the sign-in screen for the projector."""
    at = clock.now()
    found = _board(session_id, at)
    return render_template("attendance/board.html", board=found, state=_as_json(found, at), at=at)


@blueprint.get("/sessions/<int:session_id>/board.json")
@requires("attendance.teach")
def board_state(session_id: int) -> ResponseReturnValue:
    """Tell the open screen what has changed."""
    at = clock.now()
    return jsonify(_as_json(_board(session_id, at), at))


@blueprint.get("/sessions/<int:session_id>/qr.svg")
@requires("attendance.teach")
def board_qr(session_id: int) -> ResponseReturnValue:
    """Draw the QR code of the present window; empty while sign-in is closed."""
    found = _board(session_id, clock.now())
    if not found.token:
        return Response(status=204)
    address = _base_url() + url_for("attendance.scan", token=found.token)
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture, kind="svg", border=2, xmldecl=False, dark="#000000", light="#ffffff", omitsize=True
    )
    return Response(picture.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


def _board(session_id: int, at: datetime) -> Board:
    return services.board(organisation_id=current_actor().organisation_id, session_id=session_id, at=at)


def _base_url() -> str:
    settings: Settings = current_app.extensions["lms_settings"]
    return settings.base_url or request.host_url.rstrip("/")


def _as_json(board: Board, at: datetime) -> dict[str, object]:
    return {
        "open": board.is_open,
        "notice": "" if board.is_open else _notice(board, at),
        "code": board.code,
        "window": board.window,
        "seconds_left": round(board.seconds_left, 2),
        "qr": url_for("attendance.board_qr", session_id=board.session.id, w=board.window) if board.is_open else "",
        "present": board.present,
        "total": board.total,
        "missing": list(board.missing),
        "time": f"{clock.to_local(at):%H:%M:%S}",
    }


def _notice(board: Board, at: datetime) -> str:
    if board.session.cancelled:
        return "这节课已取消"
    if at < board.opens_at:
        return f"{clock.to_local(board.opens_at):%m月%d日 %H:%M} 开放签到"
    return "签到已结束，没签上的请老师点名"
