"""Organisations: one's own settings; all of them for platform administrators."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import services
from lms.accounts.forms import OrganisationForm, PersonForm, SettingsForm, show_refusal
from lms.accounts.services import KIND_TITLES, Role
from lms.accounts.views.blueprint import blueprint
from lms.core.clock import now
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.web.access import current_actor, requires
from lms.web.tables import Column, read_query

COLUMNS = (
    Column("机构全称", "name"),
    Column("类型", "kind"),
    Column("统一社会信用代码"),
    Column("建立时间", "created"),
)


@blueprint.route("/organisation", methods=["GET", "POST"])
@requires("accounts.settings")
def settings() -> ResponseReturnValue:
    """Show and change what the reader's organisation decides for itself."""
    actor = current_actor()
    organisation = services.get_organisation(organisation_id=actor.organisation_id)
    form = SettingsForm(
        short_name=organisation.short_name, contact=organisation.contact, require_totp=organisation.require_totp
    )
    if form.validate_on_submit():
        with transaction():
            services.change_organisation(
                organisation_id=actor.organisation_id,
                short_name=form.short_name.data or "",
                contact=form.contact.data or "",
                require_totp=bool(form.require_totp.data),
                at=now(),
                actor_id=actor.person_id,
            )
        flash("设置已保存。")
        return redirect(url_for("accounts.settings"))
    status = form.page_status
    return render_template("accounts/settings.html", form=form, organisation=organisation, kinds=KIND_TITLES), status


@blueprint.get("/organisations")
@requires("accounts.organisations")
def organisations() -> ResponseReturnValue:
    """List all organisations of the platform."""
    kind = request.args.get("kind", "")
    page = services.list_organisations(query=read_query(), kind=kind)
    return render_template("accounts/organisations.html", page=page, columns=COLUMNS, kinds=KIND_TITLES, kind=kind)


@blueprint.route("/organisations/new", methods=["GET", "POST"])
@requires("accounts.organisations")
def add_organisation() -> ResponseReturnValue:
    """Create an organisation."""
    form = OrganisationForm()
    if form.validate_on_submit():
        try:
            with transaction():
                organisation_id = services.create_organisation(
                    kind=form.kind.data or "",
                    name=form.name.data or "",
                    short_name=form.short_name.data or "",
                    uscc=form.uscc.data,
                    contact=form.contact.data or "",
                    at=now(),
                    actor_id=current_actor().person_id,
                )
        except Invalid as error:
            show_refusal(form, error)
        else:
            flash("机构已建立。请再添加一位机构管理员，由其管理本机构人员。")
            return redirect(url_for("accounts.organisation", organisation_id=organisation_id))
    status = form.page_status
    return render_template("accounts/add_organisation.html", form=form, section="accounts.organisations"), status


@blueprint.route("/organisations/<int:organisation_id>", methods=["GET", "POST"])
@requires("accounts.organisations")
def organisation(organisation_id: int) -> ResponseReturnValue:
    """Show an organisation with its administrators, and add one."""
    actor = current_actor()
    form = PersonForm()
    form.offer([Role.ADMINISTRATOR])
    found = services.get_organisation(organisation_id=organisation_id)
    if form.validate_on_submit():
        try:
            with transaction():
                created = services.enrol_person(
                    organisation_id=organisation_id,
                    role=Role.ADMINISTRATOR,
                    name=form.name.data or "",
                    phone=form.phone.data,
                    id_number=form.id_number.data,
                    login_name=form.login_name.data,
                    at=now(),
                    actor_id=actor.person_id,
                )
                slips = services.take_password_slips(
                    organisation_id=organisation_id,
                    person_ids=[created.person_id],
                    at=now(),
                    actor_id=actor.person_id,
                )
        except Invalid as error:
            show_refusal(form, error)
        else:
            back = url_for("accounts.organisation", organisation_id=organisation_id)
            if slips and created.is_new:
                return render_template(
                    "accounts/password_once.html", slip=slips[0], back=back, section="accounts.organisations"
                )
            flash("此人已有账号，已加为管理员；仍用原来的密码登录。")
            return redirect(back)
    page = render_template(
        "accounts/organisation.html",
        organisation=found,
        administrators=services.list_staff(organisation_id=organisation_id, roles=[Role.ADMINISTRATOR]),
        form=form,
        kinds=KIND_TITLES,
        section="accounts.organisations",
    )
    return page, form.page_status


@blueprint.post("/organisations/<int:organisation_id>/people/<int:person_id>/password")
@requires("accounts.organisations")
def reset_administrator(organisation_id: int, person_id: int) -> ResponseReturnValue:
    """Give an administrator of an organisation a new initial password and show it once."""
    with transaction():
        password = services.reset_password(
            organisation_id=organisation_id, person_id=person_id, at=now(), actor_id=current_actor().person_id
        )
    found = services.get_person(organisation_id=organisation_id, person_id=person_id)
    slip = services.Slip(
        person_id=person_id,
        name=found.name,
        login="",
        masked_login=found.masked_phone or found.login_name or found.masked_id_number,
        password=password,
    )
    back = url_for("accounts.organisation", organisation_id=organisation_id)
    return render_template("accounts/password_once.html", slip=slip, back=back, section="accounts.organisations")
