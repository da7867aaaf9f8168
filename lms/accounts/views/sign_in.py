"""Sign-in: password, code, choice of organisation; and sign-out."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from flask_login import logout_user
from lms.accounts import services
from lms.accounts.forms import CodeForm, SignInForm
from lms.accounts.rules.sign_in import wait_text
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.session import Pending, enter, find_pending, onward, wait_for
from lms.core.clock import now
from lms.core.db import transaction
from lms.web.access import current_actor, find_actor, public, signed_in

WRONG = "账号或密码不对，请核对后再试。忘记密码，请联系培训机构教务重置。"
WRONG_CODE = "验证码不对或已用过，请输入验证器现在显示的 6 位数字。"
NOWHERE = "您的账号目前不属于任何机构。请联系培训机构或单位的管理员。"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for login and password."""
    if find_actor() is not None:
        return onward()
    form = SignInForm(keep=True)
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), form.page_status
    at = now()
    login, password = form.login.data or "", form.password.data or ""
    attempt = services.try_password(login=login, password=password, at=at)
    token = ""
    arrival = None
    with transaction():
        outcome = services.settle_attempt(attempt=attempt, at=at)
        if outcome.person_id is not None:
            arrival = services.arrival(person_id=outcome.person_id)
            token = _begin_if_ready(arrival, code_given=False)
    if arrival is None:
        form.password.errors = [_refusal(WRONG, outcome.wait)]
        return render_template("accounts/sign_in.html", form=form), 429 if outcome.wait else 422
    return _go_on(arrival, token, code_given=False, keep=bool(form.keep.data))


def _refusal(message: str, wait: timedelta) -> str:
    """Say the same of a wrong password and of an unknown person; after many failures say how long to wait."""
    return f"连续输错次数较多，请等 {wait_text(wait)}后再试。" if wait else message


def _begin_if_ready(arrival: services.Arrival, *, code_given: bool) -> str:
    """Begin the session when nothing is left to ask; "" otherwise. Inside the caller's transaction."""
    if len(arrival.memberships) != 1 or (arrival.needs_code and not code_given):
        return ""
    return services.begin_session(
        person_id=arrival.person_id,
        epoch=arrival.epoch,
        organisation_id=arrival.memberships[0].organisation_id,
        at=now(),
    )


def _go_on(arrival: services.Arrival, token: str, *, code_given: bool, keep: bool) -> Response:
    """Send somebody whose password was right to the next question, or in."""
    if token:
        return enter(token, keep=keep)
    if not arrival.memberships:
        session.clear()
        flash(NOWHERE, "error")
        return redirect(url_for("accounts.sign_in"))
    wait_for(Pending(arrival.person_id, arrival.epoch, code_given, keep), at=now())
    if arrival.needs_code and not code_given:
        return redirect(url_for("accounts.enter_code"))
    return redirect(url_for("accounts.choose_organisation"))


def _start_again() -> Response:
    flash("登录超时，请重新输入密码。", "warning")
    return redirect(url_for("accounts.sign_in"))


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
def enter_code() -> ResponseReturnValue:
    """Ask for the second factor."""
    at = now()
    pending = find_pending(at=at)
    if pending is None or pending.code_given:
        return _start_again()
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("accounts/enter_code.html", form=form), form.page_status
    token = ""
    arrival = None
    with transaction():
        outcome = services.check_second_factor(person_id=pending.person_id, code=form.code.data or "", at=at)
        if outcome.person_id is not None:
            arrival = services.arrival(person_id=outcome.person_id)
            if arrival.epoch == pending.epoch:
                token = _begin_if_ready(arrival, code_given=True)
    if arrival is None:
        form.code.errors = [_refusal(WRONG_CODE, outcome.wait)]
        return render_template("accounts/enter_code.html", form=form), 429 if outcome.wait else 422
    if arrival.epoch != pending.epoch:
        return _start_again()
    return _go_on(arrival, token, code_given=True, keep=pending.keep)


@blueprint.get("/sign-in/organisation")
@public
def choose_organisation() -> ResponseReturnValue:
    """Show the organisations a person belongs to: at sign-in, and later to change over."""
    person_id = _who_chooses()
    if person_id is None:
        return _start_again()
    memberships = services.memberships_of(person_id=person_id)
    return render_template(
        "accounts/choose_organisation.html",
        memberships=memberships,
        kind_titles=services.KIND_TITLES,
        role_titles=services.role_titles,
    )


@blueprint.post("/sign-in/organisation")
@public
def enter_organisation() -> ResponseReturnValue:
    """Enter the chosen organisation."""
    at = now()
    chosen = request.form.get("organisation_id", "")
    organisation_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0
    pending, actor = find_pending(at=at), find_actor()
    person_id = _who_chooses()
    if person_id is None:
        return _start_again()
    epoch = actor.epoch if actor is not None else pending.epoch if pending is not None else 0
    keep = session.permanent if actor is not None else pending is not None and pending.keep
    with transaction():
        token = services.begin_session(person_id=person_id, epoch=epoch, organisation_id=organisation_id, at=at)
    if actor is not None:
        session.pop("next", None)
    return enter(token, keep=keep)


def _who_chooses() -> int | None:
    """Return the signed-in person, or the one whose sign-in waits only for this choice."""
    actor = find_actor()
    if actor is not None:
        return actor.person_id
    pending = find_pending(at=now())
    if pending is None:
        return None
    needs_code = not pending.code_given and services.has_totp(person_id=pending.person_id)
    return None if needs_code else pending.person_id


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End this session."""
    actor = current_actor()
    with transaction():
        services.note_sign_out(person_id=actor.person_id, organisation_id=actor.organisation_id, at=now())
    logout_user()
    session.clear()
    flash("已退出登录。")
    return redirect(url_for("accounts.sign_in"))
