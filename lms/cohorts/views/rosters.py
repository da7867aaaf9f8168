"""Roster import in three steps: choose a file, look at every line, confirm."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import services as accounts
from lms.cohorts import services
from lms.cohorts.forms import RosterForm, show_refusal
from lms.cohorts.services import CohortView, RosterImportView, RosterRow
from lms.cohorts.views.blueprint import SECTION, blueprint
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Forbidden, LmsError
from lms.core.listing import ListPage
from lms.web.access import Actor, current_actor, requires
from lms.web.downloads import workbook
from lms.web.tables import read_query

_FILTERS = {"": (), "bad": ("bad",), "good": ("new", "known"), "present": ("present",)}


@blueprint.route("/cohorts/<int:cohort_id>/roster", methods=["GET", "POST"])
@requires("cohorts.manage")
def upload_roster(cohort_id: int) -> ResponseReturnValue:
    """Step one: choose a file. It is read and judged; nobody is enrolled."""
    actor, form = current_actor(), RosterForm()
    view = services.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    if form.validate_on_submit():
        if form.file.data is None or not form.file.data.filename:
            form.file.errors = ["请先选择名册文件。"]
        else:
            try:
                import_id = _keep(actor, view, form.file.data.filename, form.file.data.read())
            except LmsError as error:
                show_refusal(form, error)
            else:
                return redirect(url_for("cohorts.roster", cohort_id=cohort_id, import_id=import_id))
    page = render_template("cohorts/roster_upload.html", cohort=view, form=form, section=SECTION)
    return page, form.page_status


def _keep(actor: Actor, view: CohortView, filename: str, data: bytes) -> int:
    checked = services.check_roster(
        organisation_id=actor.organisation_id, cohort_id=view.id, filename=filename, data=data, at=clock.now()
    )
    with transaction():
        return services.keep_roster(
            organisation_id=actor.organisation_id,
            cohort_id=view.id,
            checked=checked,
            at=clock.now(),
            actor_id=actor.person_id,
        )


@blueprint.get("/cohorts/<int:cohort_id>/roster/<int:import_id>")
@requires("cohorts.manage")
def roster(cohort_id: int, import_id: int) -> str:
    """Step two while it waits: every line with its verdict; step three once confirmed: what happened."""
    owner = current_actor().organisation_id
    view = services.get_cohort(organisation_id=owner, cohort_id=cohort_id)
    found = services.get_roster_import(organisation_id=owner, cohort_id=cohort_id, import_id=import_id)
    if not found.is_waiting:
        return render_template("cohorts/roster_done.html", cohort=view, roster=found, section=SECTION)
    chosen = request.args.get("show", "bad" if found.bad_count else "")
    chosen = chosen if chosen in _FILTERS else ""
    return render_template(
        "cohorts/roster_check.html",
        cohort=view,
        roster=found,
        page=_page(found, chosen),
        chosen=chosen,
        mask_id_number=accounts.mask_id_number,
        mask_phone=accounts.mask_phone,
        section=SECTION,
    )


def _page(found: RosterImportView, chosen: str) -> ListPage[RosterRow]:
    query = read_query()
    states = _FILTERS[chosen]
    rows = [row for row in found.rows if not states or row.state in states]
    start = (min(query.page, max(1, -(-len(rows) // query.size))) - 1) * query.size
    return ListPage(rows[start : start + query.size], len(rows), query)


@blueprint.post("/cohorts/<int:cohort_id>/roster/<int:import_id>/confirm")
@requires("cohorts.manage")
def confirm_roster(cohort_id: int, import_id: int) -> ResponseReturnValue:
    """Enrol the good lines; a second press leads to the same result."""
    actor = current_actor()
    with transaction():
        services.confirm_roster(
            organisation_id=actor.organisation_id,
            cohort_id=cohort_id,
            import_id=import_id,
            at=clock.now(),
            actor_id=actor.person_id,
        )
    return redirect(url_for("cohorts.roster", cohort_id=cohort_id, import_id=import_id))


@blueprint.post("/cohorts/<int:cohort_id>/roster/<int:import_id>/discard")
@requires("cohorts.manage")
def discard_roster(cohort_id: int, import_id: int) -> ResponseReturnValue:
    """Wipe the upload."""
    with transaction():
        services.discard_roster(
            organisation_id=current_actor().organisation_id, cohort_id=cohort_id, import_id=import_id, at=clock.now()
        )
    flash("上传的名册已从系统中清除。")
    return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))


@blueprint.get("/cohorts/<int:cohort_id>/roster/<int:import_id>/result.xlsx")
@requires("cohorts.manage")
def roster_result(cohort_id: int, import_id: int) -> Response:
    """The judged lines as a workbook with a result column; `?show=bad` gives the bad ones only."""
    owner = current_actor().organisation_id
    found = services.get_roster_import(organisation_id=owner, cohort_id=cohort_id, import_id=import_id)
    only_bad = request.args.get("show") == "bad"
    rows = [row for row in found.rows if row.state == "bad" or not only_bad]
    return workbook(services.roster_result(rows=rows), "名册核对结果.xlsx", plain="roster-result.xlsx")


@blueprint.get("/cohorts/roster-template.xlsx")
@requires("cohorts.manage")
def roster_template() -> Response:
    """An empty roster."""
    return workbook(services.roster_template(), "学员名册模板.xlsx", plain="roster-template.xlsx")


@blueprint.post("/cohorts/<int:cohort_id>/roster.xlsx")
@requires("cohorts.manage")
def export_roster(cohort_id: int) -> Response:
    """The cohort's roster with numbers in full; who took it is logged."""
    actor = current_actor()
    if not actor.can("accounts.unmask"):
        raise Forbidden
    view = services.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    with transaction():
        content = services.export_roster(
            organisation_id=actor.organisation_id, cohort_id=cohort_id, at=clock.now(), actor_id=actor.person_id
        )
    return workbook(content, f"{view.name} 名册.xlsx", plain="roster.xlsx")
