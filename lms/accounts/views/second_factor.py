"""The second factor of oneself: set up, recovery codes, turn off."""

from io import BytesIO

import segno
from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import services
from lms.accounts.forms import CodeForm, show_refusal
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.session import stay
from lms.core.clock import now
from lms.core.db import transaction
from lms.core.errors import Forbidden, Invalid, NotFound
from lms.web.access import Actor, current_actor, signed_in


@blueprint.get("/me/totp")
@signed_in
def totp() -> ResponseReturnValue:
    """Show where the second factor stands and the next step."""
    return _page(current_actor(), CodeForm()), 200


def _page(actor: Actor, form: CodeForm) -> str:
    waiting = services.waiting_totp(person_id=actor.person_id)
    return render_template(
        "accounts/totp.html",
        form=form,
        forced=actor.must_enrol_totp,
        enrolled=services.has_totp(person_id=actor.person_id),
        secret=_in_fours(waiting[0]) if waiting else None,
        codes_left=services.count_recovery_codes(person_id=actor.person_id),
        required=services.get_organisation(organisation_id=actor.organisation_id).require_totp,
    )


def _in_fours(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


@blueprint.post("/me/totp/begin")
@signed_in
def begin_totp() -> ResponseReturnValue:
    """Make a secret for the authenticator."""
    with transaction():
        services.begin_totp(person_id=current_actor().person_id)
    return redirect(url_for("accounts.totp"))


@blueprint.get("/me/totp/code.svg")
@signed_in
def totp_image() -> ResponseReturnValue:
    """Draw the code that the authenticator scans; only while it waits to be confirmed, never kept by a browser."""
    waiting = services.waiting_totp(person_id=current_actor().person_id)
    if waiting is None:
        raise NotFound
    drawing = BytesIO()
    segno.make(waiting[1], error="m").save(
        drawing, kind="svg", scale=6, border=4, light="#ffffff", xmldecl=False, svgclass=None, lineclass=None
    )
    return Response(drawing.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


@blueprint.post("/me/totp/confirm")
@signed_in
def confirm_totp() -> ResponseReturnValue:
    """Put the second factor in force with a first code, and show the recovery codes once."""
    actor = current_actor()
    form = CodeForm()
    if form.validate_on_submit():
        try:
            with transaction():
                codes = services.confirm_totp(
                    person_id=actor.person_id,
                    code=form.code.data or "",
                    at=now(),
                    organisation_id=actor.organisation_id,
                )
        except Invalid as error:
            show_refusal(form, error)
        else:
            return render_template("accounts/recovery_codes.html", codes=codes)
    return _page(actor, form), 422


@blueprint.post("/me/totp/recovery-codes")
@signed_in
def renew_recovery_codes() -> ResponseReturnValue:
    """Replace the recovery codes and show the new ones once."""
    actor = current_actor()
    with transaction():
        codes = services.renew_recovery_codes(
            person_id=actor.person_id, at=now(), organisation_id=actor.organisation_id
        )
    return render_template("accounts/recovery_codes.html", codes=codes)


@blueprint.post("/me/totp/remove")
@signed_in
def remove_totp() -> ResponseReturnValue:
    """Turn the second factor off, with a code to show that its owner asks."""
    actor = current_actor()
    form = CodeForm()
    if not form.validate_on_submit():
        return _page(actor, form), 422
    at = now()
    if services.get_organisation(organisation_id=actor.organisation_id).require_totp:
        raise Forbidden("本机构要求工作人员使用两步验证，不能关闭。更换手机请联系机构管理员。")
    with transaction():
        outcome = services.check_second_factor(person_id=actor.person_id, code=form.code.data or "", at=at)
    if outcome.person_id is None:
        show_refusal(form, Invalid("验证码不对或已用过，请稍后输入新的验证码。", field="code"))
        return _page(actor, form), 422
    with transaction():
        epoch = services.remove_own_totp(person_id=actor.person_id, at=at, organisation_id=actor.organisation_id)
    stay(f"{actor.person_id}:{epoch}:{actor.organisation_id}")
    flash("两步验证已关闭，其他设备上的登录已退出。")
    return redirect(url_for("accounts.me"))
