"""Pages of completion: the learner's panel, the clerk's list, the public check."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from lms.cohorts import services as cohorts
from lms.completion import services
from lms.completion.forms import NumberForm, RevokeForm
from lms.completion.rules import normalise_number
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.core.settings import Settings
from lms.web.access import current_actor, public, requires
from lms.web.tables import Column, read_query

blueprint = Blueprint(
    "completion", __name__, template_folder="templates", static_folder="static", static_url_path="/static/completion"
)

LONGEST_ECHO = 40
_ID = re.compile(r"[0-9]{1,9}")
LIST_COLUMNS = (
    Column("编号", "number"),
    Column("姓名"),
    Column("班期"),
    Column("学时"),
    Column("签发时间", "issued_at"),
    Column("状态"),
)


def settings() -> Settings:
    """Return the running application's settings."""
    found: Settings = current_app.extensions["lms_settings"]
    return found


def base_url() -> str:
    """Return the address that outsiders reach us at: the configured one, else the one this request came to."""
    return settings().base_url or request.host_url.rstrip("/")


@blueprint.get("/completion/")
@requires("completion.own")
def mine() -> str:
    """为什么还没结业: the learner's own panel for each cohort, and their records."""
    actor, at = current_actor(), clock.now()
    places = cohorts.enrolments_of(person_id=actor.person_id, organisation_id=actor.organisation_id, at=at)
    panels = [
        (
            place,
            services.standing(
                organisation_id=actor.organisation_id, cohort_id=place.cohort_id, person_id=actor.person_id, at=at
            ),
        )
        for place in places
    ]
    records = services.records_of(person_id=actor.person_id, organisation_id=actor.organisation_id)
    issued = {record.cohort_id for record in records if record.revoked_at is None}
    return render_template("completion/mine.html", panels=panels, records=records, issued=issued, links=rule_links())


def rule_links() -> dict[str, tuple[str, str]]:
    """Return where the next step of each rule is taken, and the words of the link."""
    return {
        "attendance": (url_for("attendance.hours"), "看我的学时"),
        "lessons": (url_for("cohorts.study"), "去学习"),
        "quizzes": (url_for("quizzes.mine"), "去测验"),
        "final_test": (url_for("quizzes.mine"), "去考核"),
    }


@blueprint.get("/completion/records/<number>.pdf")
@requires("completion.own")
def own_pdf(number: str) -> Response:
    """The holder's PDF."""
    actor = current_actor()
    return _pdf(
        services.read_pdf(number=number, organisation_id=actor.organisation_id, person_id=actor.person_id), number
    )


@blueprint.get("/completion/all/<number>.pdf")
@requires("completion.read")
def staff_pdf(number: str) -> Response:
    """The institution's copy of the PDF."""
    return _pdf(services.read_pdf(number=number, organisation_id=current_actor().organisation_id), number)


def _pdf(content: bytes, number: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    return response


@blueprint.get("/cohorts/<int:cohort_id>/completion")
@requires("completion.read")
def cohort(cohort_id: int) -> str:
    """The clerk's page: every learner with each rule, the list, the records."""
    actor, at = current_actor(), clock.now()
    return render_template(
        "completion/cohort.html",
        cohort=cohorts.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id),
        overview=services.overview(organisation_id=actor.organisation_id, cohort_id=cohort_id, at=at),
        address=base_url(),
        address_is_set=bool(settings().base_url),
    )


@blueprint.post("/cohorts/<int:cohort_id>/completion/propose")
@requires("completion.propose")
def propose(cohort_id: int) -> BaseResponse:
    """Put everybody who meets the rule on the list."""
    actor = current_actor()
    with transaction():
        count = services.propose(
            organisation_id=actor.organisation_id, cohort_id=cohort_id, at=clock.now(), actor_id=actor.person_id
        )
    if count:
        flash(f"已提名 {count} 人，请逐一审核。", "success")
    else:
        flash("没有新的学员满足结业条件。可在下表查看每个人还差什么。", "warning")
    return redirect(url_for("completion.cohort", cohort_id=cohort_id))


@blueprint.post("/cohorts/<int:cohort_id>/completion/review")
@requires("completion.review")
def review(cohort_id: int) -> BaseResponse:
    """Approve the ticked candidates, or return one with a note."""
    actor, at = current_actor(), clock.now()
    cohorts.get_cohort(organisation_id=actor.organisation_id, cohort_id=cohort_id)
    decision = request.form.get("decision")
    chosen = sorted({int(value) for value in request.form.getlist("candidate") if _ID.fullmatch(value)})
    if decision not in ("approve", "return") or not chosen:
        raise Invalid("请先勾选学员，再点“审核通过”或“退回”。")
    with transaction():
        changed = [
            services.review(
                organisation_id=actor.organisation_id,
                cohort_id=cohort_id,
                candidate_id=candidate_id,
                approve=decision == "approve",
                note=request.form.get("note", "").strip()[:200],
                at=at,
                actor_id=actor.person_id,
            )
            for candidate_id in chosen
        ]
    flash(f"{sum(changed)} 人{'审核通过，可以签发' if decision == 'approve' else '已退回'}。", "success")
    return redirect(url_for("completion.cohort", cohort_id=cohort_id))


@blueprint.post("/cohorts/<int:cohort_id>/completion/issue")
@requires("completion.issue")
def issue(cohort_id: int) -> BaseResponse:
    """Issue every approved record: PDFs are set first, then all records are written in one transaction."""
    actor, at = current_actor(), clock.now()
    prepared = services.prepare(organisation_id=actor.organisation_id, cohort_id=cohort_id, base_url=base_url(), at=at)
    pdfs = services.typeset([record.payload for record in prepared], font_path=settings().font_path)
    with transaction():
        numbers = services.issue(
            organisation_id=actor.organisation_id,
            cohort_id=cohort_id,
            prepared=prepared,
            pdfs=pdfs,
            at=clock.now(),
            actor_id=actor.person_id,
        )
    flash(f"已签发 {len(numbers)} 份结业记录。学员可在手机上查看，用人单位扫码即可核验。", "success")
    return redirect(url_for("completion.cohort", cohort_id=cohort_id))


@blueprint.get("/completion/all/")
@requires("completion.read")
def records() -> str:
    """All records of the institution."""
    page = services.list_records(organisation_id=current_actor().organisation_id, query=read_query())
    return render_template("completion/records.html", page=page, columns=LIST_COLUMNS)


@blueprint.get("/completion/all/<number>")
@requires("completion.read")
def record(number: str) -> str:
    """One record: its facts, its PDF, and (for those who may) its withdrawal."""
    found = services.find_record(organisation_id=current_actor().organisation_id, number=number)
    return render_template("completion/record.html", record=found, form=RevokeForm())


@blueprint.post("/completion/all/<number>/revoke")
@requires("completion.revoke")
def revoke(number: str) -> Any:
    """Withdraw a record for good; its number, typed once more, guards against slips."""
    actor = current_actor()
    found = services.find_record(organisation_id=actor.organisation_id, number=number)
    form = RevokeForm()
    valid = form.validate_on_submit()
    if valid and normalise_number(form.number.data or "") != found.number:
        form.number.errors = ["编号不一致，没有撤销。请核对后再输入。"]
        valid = False
    if not valid:
        return render_template("completion/record.html", record=found, form=form), 422
    with transaction():
        services.revoke(
            organisation_id=actor.organisation_id,
            number=found.number,
            reason=form.reason.data or "",
            at=clock.now(),
            actor_id=actor.person_id,
        )
    flash(f"记录 {number} 已撤销；核验页会立即显示“已撤销”和原因。", "success")
    return redirect(url_for("completion.record", number=number))


@blueprint.get("/verify/")
@public
def ask() -> Any:
    """Type a number to check."""
    form = NumberForm(request.args)
    if "number" not in request.args or not form.validate():
        return render_template("completion/ask.html", form=form)
    typed = form.number.data or ""
    number = normalise_number(typed)
    return _answer(None, typed) if number is None else redirect(url_for("completion.verify", number=number))


@blueprint.get("/verify/<path:number>")
@public
def verify(number: str) -> tuple[str, int]:
    """核验页: one answer for anybody, no account needed."""
    return _answer(services.find_public_record(number=number), number)


def _answer(found: services.PublicRecord | None, typed: str) -> tuple[str, int]:
    page = render_template(
        "completion/verify.html",
        record=found,
        number=typed[:LONGEST_ECHO],
        mistyped=normalise_number(typed) is None,
        checked_at=clock.now(),
    )
    return page, 200 if found else 404


@blueprint.get("/api/v1/records/<path:number>")
@public
def api_record(number: str) -> tuple[Response, int]:
    """The same answer as JSON."""
    found = services.find_public_record(number=number)
    if found is not None:
        return jsonify(found.to_json(at=clock.now())), 200
    message = "查无此号。请核对编号，或扫描记录上的二维码。"
    return jsonify(error="not_found", message=message, number=number[:LONGEST_ECHO]), 404
