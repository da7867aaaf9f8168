"""纠错: a learner says that something is wrong with a question, and the institution answers."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response as FlaskResponse
from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lms.accounts import services as accounts
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid, TooMany
from lms.courses import services as courses
from lms.quizzes import services
from lms.quizzes.forms import AnswerForm, ReportForm, show_refusal
from lms.quizzes.rules.kinds import ReportKind, ReportStatus
from lms.quizzes.services import ReportPage, ReportRow
from lms.quizzes.views.blueprint import BANK_SECTION, blueprint
from lms.web.access import current_actor, requires
from lms.web.tables import Column, read_query

ME_SECTION = "accounts.me"
COLUMNS = (
    Column("试题", sort="slug"),
    Column("学员的说明"),
    Column("学员"),
    Column("提交时间", sort="created"),
    Column("状态"),
)
ALL = "all"
RECEIVED = "已收到，谢谢。老师核对后会答复，请在“我的 → 我的纠错”里查看。"
RECEIVED_BEFORE = "这道题的纠错已收到，正在等老师答复，不用再提交。"


@blueprint.route("/questions/<int:version_id>/report", methods=["GET", "POST"])
@requires("quizzes.take")
def report_question(version_id: int) -> Response | str | tuple[str, int]:
    """Ask what is wrong with a question and keep it; a second one while the first is open is the first."""
    actor, form = current_actor(), ReportForm()
    who = {"organisation_id": actor.organisation_id, "person_id": actor.person_id, "version_id": version_id}
    target = services.get_report_target(**who)
    status = form.page_status
    if form.validate_on_submit():
        try:
            with transaction():
                reported = services.report_question(
                    **who, kind=form.kind.data or "", text=form.text.data or "", at=clock.now()
                )
        except (Invalid, TooMany) as refusal:  # what was written stays in the form
            show_refusal(form, refusal)
            status = refusal.status
        else:
            flash(RECEIVED if reported.is_new else RECEIVED_BEFORE, "success")
            return redirect(_way_back(version_id))
    return render_template("quizzes/report.html", form=form, target=target, back=_way_back(version_id)), status


def _way_back(version_id: int) -> str:
    """Return the page with the explanation that the learner came from; nothing but such a page is believed."""
    sent = urlsplit(request.values.get("back", ""))
    try:
        endpoint, arguments = current_app.url_map.bind("").match(sent.path, method="GET")
    except HTTPException:
        endpoint, arguments = "", {}
    if endpoint == "quizzes.result":
        return url_for(endpoint, **arguments, _anchor=f"report-{version_id}")
    if endpoint == "quizzes.practise_item":
        position = sent.query.removeprefix("q=")
        return url_for(endpoint, **arguments, q=position if position.isdecimal() else None)
    return url_for("quizzes.my_reports")


@blueprint.get("/me/question-reports")
@requires("quizzes.take")
def my_reports() -> str:
    """Show what the learner has reported here and what was answered; an answer they see here is new once."""
    actor = current_actor()
    who = {"organisation_id": actor.organisation_id, "person_id": actor.person_id}
    reports = services.list_own_reports(**who)
    news = [report.id for report in reports if report.is_news]
    if news:
        with transaction():
            services.mark_answers_read(**who, report_ids=news, at=clock.now())
    return render_template("quizzes/report_own.html", reports=reports, section=ME_SECTION)


@blueprint.get("/question-reports/")
@requires("quizzes.reports")
def list_reports() -> str:
    """Show the queue, those waiting unless another state is chosen; filters stand in the address."""
    actor = current_actor()
    chosen = {name: request.args.get(name, "")[:16] for name in ("item", "kind")}
    state = request.args.get("state", ReportStatus.OPEN)[:16]
    page = services.list_reports(
        organisation_id=actor.organisation_id,
        query=read_query(),
        status="" if state == ALL else state,
        item_code=chosen["item"],
        kind=chosen["kind"],
    )
    return render_template(
        "quizzes/report_queue.html",
        page=page,
        columns=COLUMNS,
        chosen=chosen,
        state=state,
        states=list(ReportStatus),
        kinds=list(ReportKind),
        items=courses.list_items(organisation_id=None),
        people=_people(page.rows),
        section=BANK_SECTION,
    )


def _people(reports: Any) -> dict[int, Any]:
    """Return who reported and who answered, by id."""
    wanted = {report.person_id for report in reports} | {report.answered_by for report in reports if report.answered_by}
    return accounts.get_people(organisation_id=current_actor().organisation_id, person_ids=wanted) if wanted else {}


@blueprint.route("/question-reports/<int:report_id>", methods=["GET", "POST"])
@requires("quizzes.reports")
def answer_report(report_id: int) -> Response | str | tuple[str, int]:
    """Show a report with its question and key, and answer it."""
    actor = current_actor()
    found = services.get_report(organisation_id=actor.organisation_id, report_id=report_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            with transaction():
                number = services.answer_reports(
                    organisation_id=actor.organisation_id,
                    report_id=report_id,
                    status=form.status.data or "",
                    answer=form.answer.data or "",
                    whole_question=form.whole_question.data,
                    at=clock.now(),
                    actor_id=actor.person_id,
                )
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"已答复 {number} 条纠错，学员在“我的 → 我的纠错”里能看到。", "success")
            return redirect(url_for("quizzes.answer_report", report_id=report_id))
    return _report_page(found, form), form.page_status


def _report_page(found: ReportPage, form: AnswerForm) -> str:
    rows: list[ReportRow] = [found.report, *found.others]
    return render_template(
        "quizzes/report_answer.html", found=found, form=form, people=_people(rows), section=BANK_SECTION
    )


@blueprint.get("/question-reports/<int:report_id>/export.json")
@requires("quizzes.reports")
def export_report(report_id: int) -> FlaskResponse:
    """Hand out an accepted report as JSON for the bank's maintainers; no person is named in it."""
    answer = jsonify(services.export_report(organisation_id=current_actor().organisation_id, report_id=report_id))
    answer.headers["Content-Disposition"] = f'attachment; filename="question-report-{report_id}.json"'
    return answer
