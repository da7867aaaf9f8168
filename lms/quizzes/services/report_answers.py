"""Question reports (纠错), the institution's side: the queue, the answer, and passing on what was right."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from lms.core import audit
from lms.core.clock import local_date
from lms.core.db import db, get_owned
from lms.core.errors import Conflict, Invalid
from lms.core.listing import ListPage, ListQuery, fetch
from lms.courses import services as courses
from lms.quizzes.models import Question, QuestionReport, QuestionVersion
from lms.quizzes.rules.kinds import Kind, ReportKind, ReportStatus
from lms.quizzes.services.report_records import ReportPage, ReportRow
from lms.quizzes.services.reports import as_report, check_words, report_rows
from lms.quizzes.services.seen import find_seen
from lms.quizzes.services.versions import answer_text, face_view

NO_REPORT = "没有找到这条纠错。请从“纠错”重新进入。"
EXPORT_FORMAT = "anxin-question-reports/1"


def list_reports(
    *, organisation_id: int, query: ListQuery, status: str = "", item_code: str = "", kind: str = ""
) -> ListPage[ReportRow]:
    """Return a page of an institution's reports, searched in words and codes; those waiting longest come first."""
    filters: dict[Any, str] = {
        QuestionReport.status: status,
        Question.item_code: item_code,
        QuestionReport.kind: kind,
    }
    statement = report_rows(organisation_id).where(*(column == value for column, value in filters.items() if value))
    waiting = QuestionReport.status != ReportStatus.OPEN
    page = fetch(
        statement,
        query,
        searchable=(QuestionReport.text, Question.slug, QuestionVersion.stem),
        sortable={"slug": Question.slug, "created": QuestionReport.created_at},
        default_sort=(waiting, func.coalesce(QuestionReport.answered_at, QuestionReport.created_at), QuestionReport.id),
    )
    return ListPage([as_report(row) for row in page.rows], page.total, page.query)


def count_open_reports(*, organisation_id: int) -> int:
    """Return how many reports wait for an answer."""
    statement = select(func.count()).where(
        QuestionReport.organisation_id == organisation_id, QuestionReport.status == ReportStatus.OPEN
    )
    return db.session.scalar(statement) or 0


def get_report(*, organisation_id: int, report_id: int) -> ReportPage:
    """Return a report with the question as its learner saw and answered it, and what others report of the question."""
    row = get_owned(QuestionReport, organisation_id=organisation_id, id=report_id, message=NO_REPORT)
    version = db.session.get_one(QuestionVersion, row.version_id)
    question = db.session.get_one(Question, row.question_id)
    same = report_rows(organisation_id).where(QuestionReport.question_id == row.question_id)
    reports = [as_report(one) for one in db.session.execute(same.order_by(QuestionReport.id.desc()))]
    report = next(one for one in reports if one.id == report_id)
    others = sorted((one for one in reports if one.id != report_id), key=lambda one: not one.is_open)
    seen = find_seen(
        organisation_id=organisation_id, person_id=row.person_id, version_id=row.version_id, before=row.created_at
    )
    face = face_view(version.kind, version.shown, version.answer_key, seen.given(version) if seen else None)
    current = select(QuestionVersion.number).where(QuestionVersion.id == question.current_version_id)
    return ReportPage(
        report=report,
        face=face,
        own_answer=answer_text(version.kind, seen.answer, face.unit) if seen else "",
        citations=tuple(courses.citations(version.answer_key["sources"])),
        number=version.number,
        current_number=db.session.scalars(current).one(),
        is_retired=question.retired_at is not None,
        as_of=version.as_of,
        others=tuple(others),
        passing_on=_passing_on(report),
    )


def _passing_on(report: ReportRow) -> str:
    if report.status != ReportStatus.ACCEPTED:
        return ""
    return "\n\n".join(export_text(exported=one) for one in _exported(QuestionReport.id == report.id))


def answer_reports(
    *,
    organisation_id: int,
    report_id: int,
    status: str,
    answer: str,
    whole_question: bool = False,
    at: datetime,
    actor_id: int,
) -> int:
    """Answer a report, or all that are open on its question, and return how many that were.

    Raises Invalid with the field; Conflict when somebody answered it meanwhile: an answer given stays.
    """
    row = get_owned(QuestionReport, organisation_id=organisation_id, id=report_id, message=NO_REPORT)
    if status not in (ReportStatus.ACCEPTED, ReportStatus.DECLINED):
        raise Invalid("请选择采纳或不采纳。", field="status")
    words = check_words(answer, field="answer", what="请写给学员的答复")
    which: ColumnElement[bool] = QuestionReport.id == report_id
    if whole_question:
        which = QuestionReport.question_id == row.question_id
    answered = db.session.scalars(
        update(QuestionReport)
        .where(QuestionReport.organisation_id == organisation_id, QuestionReport.status == ReportStatus.OPEN, which)
        .values(status=status, answer=words, answered_at=at, answered_by=actor_id)
        .returning(QuestionReport.id)
        .execution_options(synchronize_session=False)
    ).all()
    if report_id not in answered:
        raise Conflict("这条纠错已经答复过，答复不能再改。请回到“纠错”查看。")
    audit.record(
        at=at,
        action="quizzes.report_answered",
        subject=f"quizzes_question_report:{report_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        reason=words,
        question=row.question_id,
        status=status,
        reports=sorted(answered),
    )
    return len(answered)


def export_report(*, organisation_id: int, report_id: int) -> dict[str, Any]:
    """Return one accepted report for the bank's maintainers; it names no person and no institution."""
    row = get_owned(QuestionReport, organisation_id=organisation_id, id=report_id, message=NO_REPORT)
    if row.status != ReportStatus.ACCEPTED:
        raise Conflict("只有采纳的纠错才能转给题库维护者。请先答复。")
    return {"format": EXPORT_FORMAT, "reports": _exported(QuestionReport.id == report_id)}


def export_accepted() -> dict[str, Any]:
    """Return every accepted report of the installation for the bank's maintainers, oldest first (operators)."""
    return {"format": EXPORT_FORMAT, "reports": _exported(QuestionReport.status == ReportStatus.ACCEPTED)}


def _exported(which: ColumnElement[bool]) -> list[dict[str, Any]]:
    statement = (
        select(QuestionReport, Question.slug, QuestionVersion)
        .join(Question, Question.id == QuestionReport.question_id)
        .join(QuestionVersion, QuestionVersion.id == QuestionReport.version_id)
        .where(which)
        .order_by(QuestionReport.answered_at, QuestionReport.id)
    )
    rows = db.session.execute(statement).all()
    labels = _labels([source for _report, _slug, version in rows for source in version.answer_key["sources"]])
    return [_export(report, slug, version, labels) for report, slug, version in rows]


def _labels(sources: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    """Return what each source's chip says, looked up together."""
    unique = {(source["law"], source["article"]): source for source in sources}
    chips = courses.citations(unique.values())
    return {key: chip.label for key, chip in zip(unique, chips, strict=True)}


def _export(
    report: QuestionReport, slug: str, version: QuestionVersion, labels: dict[tuple[str, str], str]
) -> dict[str, Any]:
    """Return an accepted report as JSON; dates are China's."""
    sources = version.answer_key["sources"]
    return {
        "slug": slug,
        "version": version.number,
        "item": version.item_code,
        "kind": version.kind,
        "stem": version.stem,
        "sources": [{**source, "label": labels[source["law"], source["article"]]} for source in sources],
        "problem": report.kind,
        "words": report.text,
        "reported_on": local_date(report.created_at).isoformat(),
        "answer": report.answer,
        "answered_on": local_date(report.answered_at or report.created_at).isoformat(),
    }


def export_text(*, exported: Mapping[str, Any]) -> str:
    """Return one exported report as people send it in a message."""
    named = "、".join(source["label"] for source in exported["sources"])
    lines = (
        f"试题 {exported['slug']}（第 {exported['version']} 版，{Kind(exported['kind']).heading}）",
        f"题干：{exported['stem']}",
        f"依据：{named}",
        f"学员反映（{ReportKind(exported['problem']).heading}，{exported['reported_on']}）：{exported['words']}",
        f"机构核对（采纳，{exported['answered_on']}）：{exported['answer']}",
    )
    return "\n".join(lines)
