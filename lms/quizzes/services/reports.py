"""Question reports (纠错), the learner's side: saying that something is wrong, and reading the answer."""

from collections.abc import Collection
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import ColumnElement, Row, Select, func, select, update

from lms.core import audit
from lms.core.clock import local_date, local_day
from lms.core.db import db, owned
from lms.core.errors import Invalid, NotFound, TooMany
from lms.quizzes.models import Question, QuestionReport, QuestionVersion
from lms.quizzes.rules.kinds import Kind, ReportKind, ReportStatus
from lms.quizzes.services.report_records import Reported, ReportRow, ReportTarget
from lms.quizzes.services.rows import insert_once
from lms.quizzes.services.seen import find_seen

SHORTEST_WORDS, LONGEST_WORDS = 5, 500  # signs of a report and of its answer
A_DAY = 20
NOT_SHOWN = "只能对自己交卷后或练习中答过的题提出纠错。请从成绩或练习的解析下面点“纠错”。"


def get_report_target(*, organisation_id: int, person_id: int, version_id: int) -> ReportTarget:
    """Return a question the learner may report; NotFound when it was never shown to them with its explanation."""
    version = _shown_version(organisation_id, person_id, version_id)
    return ReportTarget(
        version_id=version.id,
        item_code=version.item_code,
        kind=Kind(version.kind),
        stem=Markup(version.shown["stem"]),  # noqa: S704  (rendered and cleaned when the version was saved)
        open_report=_find_open(organisation_id, person_id, version.question_id),
    )


def report_question(
    *, organisation_id: int, person_id: int, version_id: int, kind: str, text: str, at: datetime
) -> Reported:
    """Keep a learner's report; the open one they have on the question already stands for a second one.

    Raises NotFound for a question never shown to them, Invalid with the field, TooMany beyond 20 a day.
    """
    version = _shown_version(organisation_id, person_id, version_id)
    if kind not in set(ReportKind):
        raise Invalid("请选择问题类型。", field="kind")
    words = check_words(text, field="text", what="请说明哪里不对")
    standing = _find_open(organisation_id, person_id, version.question_id)
    if standing is not None:
        return Reported(standing, is_new=False)
    _refuse_flood(organisation_id, person_id, at=at)
    values = {
        "organisation_id": organisation_id,
        "person_id": person_id,
        "question_id": version.question_id,
        "version_id": version.id,
        "kind": kind,
        "text": words,
        "status": ReportStatus.OPEN,
        "created_at": at,
        "answer": "",
    }
    made = insert_once(QuestionReport.__table__, values)  # type: ignore[arg-type]
    if made is None:  # pressed twice at once: the other one was faster
        return Reported(_find_open(organisation_id, person_id, version.question_id) or 0, is_new=False)
    audit.record(
        at=at,
        action="quizzes.question_reported",
        subject=f"quizzes_question_report:{made}",
        actor_id=person_id,
        organisation_id=organisation_id,
        question=version.question_id,
        kind=kind,
    )
    return Reported(made, is_new=True)


def check_words(text: str, *, field: str, what: str) -> str:
    """Return what somebody wrote, trimmed; Invalid when it says too little or too much."""
    words = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        raise Invalid(f"{what}，{SHORTEST_WORDS} 到 {LONGEST_WORDS} 个字，现有 {len(words)} 个字。", field=field)
    return words


def _shown_version(organisation_id: int, person_id: int, version_id: int) -> QuestionVersion:
    seen = find_seen(organisation_id=organisation_id, person_id=person_id, version_id=version_id)
    version = db.session.get(QuestionVersion, version_id) if seen is not None else None
    if version is None:
        raise NotFound(NOT_SHOWN)
    return version


def _find_open(organisation_id: int, person_id: int, question_id: int) -> int | None:
    own = owned(QuestionReport, organisation_id).where(
        QuestionReport.person_id == person_id,
        QuestionReport.question_id == question_id,
        QuestionReport.status == ReportStatus.OPEN,
    )
    return db.session.scalar(own.with_only_columns(QuestionReport.id))


def _refuse_flood(organisation_id: int, person_id: int, *, at: datetime) -> None:
    since, until = local_day(local_date(at))
    today = select(func.count()).where(
        QuestionReport.organisation_id == organisation_id,
        QuestionReport.person_id == person_id,
        QuestionReport.created_at >= since,
        QuestionReport.created_at < until,
    )
    if (db.session.scalar(today) or 0) >= A_DAY:
        raise TooMany(f"今天已提交 {A_DAY} 条纠错，老师都会看到。其余的请明天再提交。", field="text")


def reported_versions(*, organisation_id: int, person_id: int) -> frozenset[int]:
    """Return the ids of all versions of the questions a person has an open report on."""
    statement = (
        select(QuestionVersion.id)
        .join(QuestionReport, QuestionReport.question_id == QuestionVersion.question_id)
        .where(
            QuestionReport.organisation_id == organisation_id,
            QuestionReport.person_id == person_id,
            QuestionReport.status == ReportStatus.OPEN,
        )
    )
    return frozenset(db.session.scalars(statement))


def list_own_reports(*, organisation_id: int, person_id: int) -> list[ReportRow]:
    """Return what a learner has reported here, newest first, with the answers."""
    own = report_rows(organisation_id).where(QuestionReport.person_id == person_id)
    return [as_report(row) for row in db.session.execute(own.order_by(QuestionReport.id.desc()))]


def count_own_reports(*, organisation_id: int, person_id: int) -> dict[ReportStatus, int]:
    """Return how many reports a learner has in each state; states without any are left out."""
    statement = (
        select(QuestionReport.status, func.count())
        .where(QuestionReport.organisation_id == organisation_id, QuestionReport.person_id == person_id)
        .group_by(QuestionReport.status)
    )
    return {ReportStatus(status): number for status, number in db.session.execute(statement)}


def count_unread_answers(*, organisation_id: int, person_id: int) -> int:
    """Return how many answers to a learner's reports they have not opened yet."""
    return db.session.scalar(select(func.count()).where(*_unread(organisation_id, person_id))) or 0


def mark_answers_read(*, organisation_id: int, person_id: int, report_ids: Collection[int], at: datetime) -> None:
    """Note that a learner has the answers to these reports of theirs before them; the first time counts."""
    db.session.execute(
        update(QuestionReport)
        .where(*_unread(organisation_id, person_id), QuestionReport.id.in_(report_ids))
        .values(answer_read_at=at)
        .execution_options(synchronize_session=False)
    )


def _unread(organisation_id: int, person_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        QuestionReport.organisation_id == organisation_id,
        QuestionReport.person_id == person_id,
        QuestionReport.answered_at.is_not(None),
        QuestionReport.answer_read_at.is_(None),
    )


ReportColumns = Row[QuestionReport, str, str, str, str]


def report_rows(organisation_id: int) -> Select[QuestionReport, str, str, str, str]:
    """Select an organisation's reports with slug and item, kind and stem of what was reported, for `as_report`."""
    return (
        select(QuestionReport, Question.slug, Question.item_code, QuestionVersion.kind, QuestionVersion.stem)
        .join(Question, Question.id == QuestionReport.question_id)
        .join(QuestionVersion, QuestionVersion.id == QuestionReport.version_id)
        .where(QuestionReport.organisation_id == organisation_id)
    )


def as_report(row: ReportColumns) -> ReportRow:
    """Return the record of a row."""
    report, slug, item_code, question_kind, stem = row
    return ReportRow(
        id=report.id,
        person_id=report.person_id,
        question_id=report.question_id,
        slug=slug,
        item_code=item_code,
        question_kind=Kind(question_kind),
        stem=stem,
        kind=ReportKind(report.kind),
        text=report.text,
        status=ReportStatus(report.status),
        created_at=report.created_at,
        answered_at=report.answered_at,
        answered_by=report.answered_by,
        answer=report.answer,
        answer_read_at=report.answer_read_at,
    )
