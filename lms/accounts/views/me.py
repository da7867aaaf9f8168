"""Oneself: record, password, notice, devices."""

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from flask_login import logout_user
from lms.accounts import services
from lms.accounts.forms import ChangePasswordForm, show_refusal
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.session import onward, stay
from lms.core.clock import now
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.web.access import current_actor, find_actor, public, signed_in


@blueprint.get("/me")
@signed_in
def me() -> ResponseReturnValue:
    """Show what the system keeps of the reader and what they can do with it."""
    actor = current_actor()
    return render_template(
        "accounts/me.html",
        person=services.get_self(person_id=actor.person_id),
        roles=services.role_titles(actor.roles),
        notice=services.find_accepted_notice(person_id=actor.person_id),
        memberships=services.memberships_of(person_id=actor.person_id),
        has_totp=services.has_totp(person_id=actor.person_id),
    )


@blueprint.route("/me/password", methods=["GET", "POST"])
@signed_in
def change_password() -> ResponseReturnValue:
    """Change the password; the first page somebody with an initial password sees."""
    actor = current_actor()
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            prepared = services.prepare_password(
                person_id=actor.person_id, current=form.current.data or "", new=form.new.data or ""
            )
        except Invalid as error:
            show_refusal(form, error)
        else:
            with transaction():
                epoch = services.change_password(
                    person_id=actor.person_id,
                    password_hash=prepared,
                    at=now(),
                    organisation_id=actor.organisation_id,
                )
            stay(f"{actor.person_id}:{epoch}:{actor.organisation_id}")
            flash("新密码已生效，其他设备上的登录已退出。")
            return onward() if actor.must_change_password else redirect(url_for("accounts.me"))
    status = form.page_status
    forced = actor.must_change_password
    return render_template("accounts/change_password.html", form=form, forced=forced), status


@blueprint.get("/notice")
@public
def notice() -> ResponseReturnValue:
    """Show how personal information is handled; whoever must accept it finds the button here."""
    actor = find_actor()
    organisation = services.get_organisation(organisation_id=actor.organisation_id) if actor is not None else None
    accepted = services.find_accepted_notice(person_id=actor.person_id) if actor is not None else None
    return render_template(
        "accounts/notice.html", organisation=organisation, accepted=accepted, version=services.NOTICE_VERSION
    )


@blueprint.post("/notice")
@signed_in
def accept_notice() -> ResponseReturnValue:
    """Keep that the reader accepted the notice."""
    actor = current_actor()
    with transaction():
        services.accept_notice(person_id=actor.person_id, organisation_id=actor.organisation_id, at=now())
    return onward()


@blueprint.post("/me/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of the reader, on all devices."""
    actor = current_actor()
    with transaction():
        services.sign_out_everywhere(person_id=actor.person_id, at=now(), organisation_id=actor.organisation_id)
    logout_user()
    session.clear()
    flash("所有设备上的登录都已退出，请重新登录。")
    return redirect(url_for("accounts.sign_in"))
