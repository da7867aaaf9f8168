"""The learner's phone at a class: scan or type, one button, one answer the size of a poster."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.attendance import services
from lms.attendance.forms import CodeForm
from lms.attendance.services import Act, ClassState, SignResult, Step, Witness, WrongCode
from lms.attendance.views.blueprint import blueprint
from lms.attendance.views.device import device, mark_device
from lms.attendance.views.scan import forget_scan, has_scanned, remember_scan
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Conflict, TooMany
from lms.web.access import Actor, current_actor, public, requires

_OLD = "签到码已更新，请重新扫码。"


@blueprint.get("/check-in/<token>")
@public
def scan(token: str) -> ResponseReturnValue:
    """Take the address in the QR code: note a scan in time, then go on to the class, by way of the sign-in if need be.

    Public because the code would be old after the sign-in; it reads nothing and tells nothing.
    """
    at = clock.now()
    found = services.read_token(token=token)
    if found is None:
        flash("这个二维码不是本系统的签到码，请扫投屏上的二维码。", "error")
        return redirect(url_for("attendance.check_in"))
    response = redirect(url_for("attendance.check_in_class", session_id=found.session_id))
    if services.is_fresh(token=found, at=at):
        remember_scan(response, session_id=found.session_id, at=at)
    elif not has_scanned(found.session_id, at):
        flash(_OLD, "error")
    return response


@blueprint.get("/check-in")
@requires("attendance.own")
def check_in() -> ResponseReturnValue:
    """Find the class to sign in to: the one that is open, or a choice when two are."""
    actor = current_actor()
    at = clock.now()
    classes = services.open_classes(organisation_id=actor.organisation_id, person_id=actor.person_id, at=at)
    if len(classes) == 1:
        return redirect(url_for("attendance.check_in_class", session_id=classes[0].id))
    states = [_state(actor, session.id, at) for session in classes]
    return render_template("attendance/check_in.html", states=states)


@blueprint.get("/check-in/class/<int:session_id>")
@requires("attendance.own")
def check_in_class(session_id: int) -> ResponseReturnValue:
    """Show a class with the one button that fits: 签到 or 签退."""
    mark_device()
    at = clock.now()
    return _page(_state(current_actor(), session_id, at), at, CodeForm())


@blueprint.post("/check-in/class/<int:session_id>")
@requires("attendance.own")
def sign(session_id: int) -> ResponseReturnValue:
    """Sign in or out: after a scan with the button alone, else with the six digits."""
    actor = current_actor()
    at = clock.now()
    form = CodeForm()
    if not form.validate():
        return _page(_state(actor, session_id, at), at, form), 422
    try:
        result = _sign(actor, session_id, form, at)
    except (Conflict, TooMany) as error:
        return _page(_state(actor, session_id, at), at, CodeForm(formdata=None), refusal=error.message), error.status
    if isinstance(result, WrongCode):
        return _page(_state(actor, session_id, at), at, CodeForm(formdata=None), refusal=result.message), 422
    response = redirect(url_for("attendance.signed", session_id=session_id))
    forget_scan(response)
    return response


def _sign(actor: Actor, session_id: int, form: CodeForm, at: datetime) -> SignResult | WrongCode:
    """Act on the scan that this browser made, or on the typed digits."""
    wanted = Act(form.act.data) if form.act.data else None
    shared: dict[str, Any] = {
        "organisation_id": actor.organisation_id,
        "person_id": actor.person_id,
        "session_id": session_id,
        "wanted": wanted,
        "device": device(),
        "at": at,
    }
    with transaction():
        if not form.code.data and has_scanned(session_id, at):
            return services.sign(witness=Witness.LEARNER_QR, **shared)
        return services.sign_by_code(code=form.code.data or "", **shared)


@blueprint.get("/check-in/class/<int:session_id>/done")
@requires("attendance.own")
def signed(session_id: int) -> ResponseReturnValue:
    """Say in one line what was recorded."""
    state = _state(current_actor(), session_id, clock.now())
    if state.own is None:
        return redirect(url_for("attendance.check_in_class", session_id=session_id))
    return render_template("attendance/signed.html", state=state, own=state.own, is_in=state.own.act is Act.CHECK_IN)


def _state(actor: Actor, session_id: int, at: datetime) -> ClassState:
    return services.class_state(
        organisation_id=actor.organisation_id, person_id=actor.person_id, session_id=session_id, at=at
    )


def _page(state: ClassState, at: datetime, form: CodeForm, *, refusal: str = "") -> str:
    can_sign = state.step in (Step.CHECK_IN, Step.CHECK_OUT)
    return render_template(
        "attendance/check_in_class.html",
        state=state,
        form=form,
        can_sign=can_sign,
        is_in=state.own is not None and state.own.act is Act.CHECK_IN,
        scanned=can_sign and has_scanned(state.session.id, at),
        reason="" if can_sign else services.refusal(state.step, session=state.session, at=at),
        refusal=refusal,
    )
