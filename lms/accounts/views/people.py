"""The people of one's own organisation: list, add, look at, manage."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import services
from lms.accounts.forms import EndRoleForm, PersonForm, ReasonForm, RevealForm, RoleForm, show_refusal
from lms.accounts.services import ROLE_TITLES, Role
from lms.accounts.views.blueprint import blueprint
from lms.core.clock import now
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.web.access import Actor, current_actor, requires
from lms.web.tables import Column, read_query

COLUMNS = (
    Column("姓名", "name"),
    Column("身份"),
    Column("手机号"),
    Column("身份证号"),
    Column("加入时间", "joined"),
    Column("最近登录", "seen"),
)


@blueprint.get("/people")
@requires("accounts.people")
def people() -> ResponseReturnValue:
    """List the people of the reader's organisation."""
    actor = current_actor()
    role, ended = request.args.get("role", ""), request.args.get("state") == "ended"
    page = services.list_people(organisation_id=actor.organisation_id, query=read_query(), role=role, ended=ended)
    kind = services.OrganisationKind(actor.organisation_kind)
    return render_template(
        "accounts/people.html",
        page=page,
        columns=tuple(Column("离开时间") if ended and each.sort == "joined" else each for each in COLUMNS),
        role=role,
        ended=ended,
        roles=[(each.value, ROLE_TITLES[each]) for each in services.roles_of_kind(kind)],
        role_titles=services.role_titles,
    )


@blueprint.route("/people/new", methods=["GET", "POST"])
@requires("accounts.manage_people")
def add_person() -> ResponseReturnValue:
    """Add somebody to the reader's organisation and show the initial password once."""
    actor = current_actor()
    form = PersonForm()
    form.offer(services.assignable_roles(organisation_id=actor.organisation_id, actor_id=actor.person_id))
    if form.validate_on_submit():
        try:
            with transaction():
                created = services.enrol_person(
                    organisation_id=actor.organisation_id,
                    role=form.role.data or "",
                    name=form.name.data or "",
                    phone=form.phone.data,
                    id_number=form.id_number.data,
                    login_name=form.login_name.data,
                    at=now(),
                    actor_id=actor.person_id,
                )
                slips = services.take_password_slips(
                    organisation_id=actor.organisation_id,
                    person_ids=[created.person_id],
                    at=now(),
                    actor_id=actor.person_id,
                )
        except Invalid as error:
            show_refusal(form, error)
        else:
            back = url_for("accounts.person", person_id=created.person_id)
            if slips and created.is_new:
                return render_template(
                    "accounts/password_once.html", slip=slips[0], back=back, section="accounts.people"
                )
            flash("此人已有账号，身份已加上；仍用原来的密码登录。")
            return redirect(back)
    status = form.page_status
    return render_template("accounts/add_person.html", form=form, section="accounts.people"), status


@blueprint.get("/people/<int:person_id>")
@requires("accounts.people")
def person(person_id: int) -> ResponseReturnValue:
    """Show one person of the reader's organisation, numbers masked."""
    return _person_page(current_actor(), person_id)


def _person_page(
    actor: Actor, person_id: int, *, revealed: dict[str, str] | None = None, reveal_form: RevealForm | None = None
) -> str:
    """Render the page of a person; `reveal_form` is the form that was refused, shown with its reasons."""
    card = services.get_person_card(organisation_id=actor.organisation_id, person_id=person_id)
    offered = services.assignable_roles(organisation_id=actor.organisation_id, actor_id=actor.person_id)
    ending, adding = EndRoleForm(formdata=None), RoleForm(formdata=None)
    ending.offer([Role(role) for role in card.roles if Role(role) in offered])
    adding.offer([role for role in offered if role not in card.roles])
    return render_template(
        "accounts/person.html",
        card=card,
        reveal=reveal_form or RevealForm(formdata=None),
        ending=ending,
        adding=adding,
        reason=ReasonForm(formdata=None),
        revealed=revealed or {},
        titles=ROLE_TITLES,
        is_self=card.person.id == actor.person_id,
        section="accounts.people",
    )


@blueprint.post("/people/<int:person_id>/reveal")
@requires("accounts.unmask")
def reveal(person_id: int) -> ResponseReturnValue:
    """Show a number in full, on this answer only; who looked and why is logged."""
    actor = current_actor()
    form = RevealForm()
    if form.validate_on_submit():
        field = form.field.data or ""
        try:
            with transaction():
                value = services.unmask(
                    organisation_id=actor.organisation_id,
                    person_id=person_id,
                    field=field,
                    reason=form.reason.data or "",
                    at=now(),
                    actor_id=actor.person_id,
                )
        except Invalid as error:
            show_refusal(form, error)
        else:
            return _person_page(actor, person_id, revealed={field: value})
    return _person_page(actor, person_id, reveal_form=form), 422


@blueprint.post("/people/<int:person_id>/roles")
@requires("accounts.manage_people")
def add_role(person_id: int) -> ResponseReturnValue:
    """Give somebody a further role."""
    actor = current_actor()
    with transaction():
        services.add_membership(
            organisation_id=actor.organisation_id,
            person_id=person_id,
            role=request.form.get("role", ""),
            at=now(),
            actor_id=actor.person_id,
        )
    flash("身份已加上，立即生效。")
    return redirect(url_for("accounts.person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/roles/end")
@requires("accounts.manage_people")
def end_role(person_id: int) -> ResponseReturnValue:
    """End a role of somebody."""
    actor = current_actor()
    with transaction():
        services.end_membership(
            organisation_id=actor.organisation_id,
            person_id=person_id,
            role=request.form.get("role", ""),
            reason=request.form.get("reason", ""),
            at=now(),
            actor_id=actor.person_id,
        )
    flash("身份已结束，立即生效。")
    return redirect(url_for("accounts.person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/password")
@requires("accounts.manage_people")
def reset_password(person_id: int) -> ResponseReturnValue:
    """Give somebody a new initial password and show it once."""
    actor = current_actor()
    with transaction():
        password = services.reset_password(
            organisation_id=actor.organisation_id, person_id=person_id, at=now(), actor_id=actor.person_id
        )
    found = services.get_person(organisation_id=actor.organisation_id, person_id=person_id)
    slip = services.Slip(
        person_id=person_id,
        name=found.name,
        login="",
        masked_login=found.masked_phone or found.login_name or found.masked_id_number,
        password=password,
    )
    back = url_for("accounts.person", person_id=person_id)
    return render_template("accounts/password_once.html", slip=slip, back=back, section="accounts.people")


@blueprint.post("/people/<int:person_id>/totp/reset")
@requires("accounts.manage_people")
def reset_totp(person_id: int) -> ResponseReturnValue:
    """Take the second factor from somebody who lost the phone."""
    actor = current_actor()
    with transaction():
        services.reset_totp(
            organisation_id=actor.organisation_id,
            person_id=person_id,
            reason=request.form.get("reason", ""),
            at=now(),
            actor_id=actor.person_id,
        )
    flash("两步验证已清除，此人下次登录只用密码，请提醒其重新设置。")
    return redirect(url_for("accounts.person", person_id=person_id))
