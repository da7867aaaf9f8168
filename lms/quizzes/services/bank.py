"""The question bank: importing, looking things up, and what can be drawn."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select

from lms.core import audit, clock
from lms.core.db import db, run_core, take_turns
from lms.core.errors import Invalid, NotFound
from lms.core.listing import ListPage, ListQuery, fetch
from lms.core.reviews import Outcome
from lms.courses import services as courses
from lms.quizzes.content import Bank, Fault, Known, QuestionSource, read_bank
from lms.quizzes.content.files import late
from lms.quizzes.models import Attempt, AttemptQuestion, Question, QuestionVersion
from lms.quizzes.rules.drawing import Candidate, PartShape
from lms.quizzes.rules.kinds import Difficulty, Kind
from lms.quizzes.services.holds import settle_questions
from lms.quizzes.services.records import QuestionPage, QuestionRow, VersionView
from lms.quizzes.services.searching import index_questions
from lms.quizzes.services.versions import face_view, render

NO_QUESTION = "没有找到这道试题。请从题库重新进入。"
_questions: Table = Question.__table__  # type: ignore[assignment]
IN_USE = (Question.retired_at.is_(None), Question.held_at.is_(None))  # may be drawn and practised
STATES = {
    "in_use": IN_USE,
    "held": (Question.retired_at.is_(None), Question.held_at.is_not(None)),
    "retired": (Question.retired_at.is_not(None),),
}


class BankFaults(Invalid):
    """The bank has faults and nothing was saved; `faults` names each with its file, question and field."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"题库有 {len(faults)} 处错误，没有改动任何试题。请逐处修改后重试。")
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did; `warnings` are worth an author's look and stop nothing."""

    questions: int
    new: int = 0
    changed: int = 0
    retired: int = 0
    restored: int = 0
    warnings: tuple[Fault, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether anything in the database is different now."""
        return any((self.new, self.changed, self.retired, self.restored))

    @property
    def counts(self) -> dict[str, int]:
        """All figures by name."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "warnings"}

    @property
    def summary(self) -> str:
        """The figures in words."""
        changes = f"新增 {self.new}，修订 {self.changed}，停用 {self.retired}，恢复 {self.restored}"
        return f"试题 {self.questions} 道（{changes}）"


def check_bank(*, root: Path, at: datetime) -> Bank:
    """Read a content folder's bank against syllabus and law register; raise BankFaults when anything is wrong."""
    items = courses.item_codes()
    if not items:
        raise Invalid("还没有大纲和法规库，题库无法核对。请先运行 lms courses import。")
    bank = read_bank(root, known=Known(items, courses.known_articles()))
    bank.warnings += late(bank, today=clock.local_date(at))
    if bank.faults:
        raise BankFaults(bank.faults)
    return bank


def import_bank(*, root: Path, at: datetime) -> ImportReport:
    """Bring the bank up to date with a content folder.

    Unchanged questions are left alone; a changed one gets a new version and keeps the old ones; one that no file
    holds any more is retired. Raises BankFaults before anything is written.
    """
    take_turns(courses.CONTENT)
    bank = check_bank(root=root, at=at)
    rows = {row.slug: row for row in db.session.scalars(select(Question))}
    counts: dict[str, Any] = {"new": 0, "changed": 0, "restored": 0}
    for source in bank.questions:
        outcome = _write(source, rows.get(source.entry.slug), at=at)
        if outcome:
            counts[outcome] += 1
    retired = _retire(rows.values(), {source.entry.slug for source in bank.questions}, at=at)
    db.session.flush()
    settle_questions(at=at)
    index_questions()
    report = ImportReport(questions=len(bank.questions), retired=retired, warnings=tuple(bank.warnings), **counts)
    if report.is_changed:
        audit.record(
            at=at,
            action="quizzes.bank_imported",
            subject="quizzes_question:official",
            actor_id=None,
            organisation_id=None,
            questions=report.questions,
            retired=retired,
            **counts,
        )
    return report


def _write(source: QuestionSource, row: Question | None, *, at: datetime) -> str:
    """Write one question and return `new`, `changed`, `restored` or nothing."""
    entry = source.entry
    if row is not None and row.content_hash == source.content_hash:
        restored = row.retired_at is not None
        row.retired_at = None
        return "restored" if restored else ""
    outcome = "new" if row is None else "changed"
    common = {
        "kind": entry.kind.value,
        "item_code": entry.item,
        "difficulty": entry.difficulty.value,
        "knowledge_point": entry.knowledge_point,
        "content_hash": source.content_hash,
    }
    if row is None:
        row = Question(slug=entry.slug, current_version_id=None, retired_at=None, **common)
        db.session.add(row)
        db.session.flush()
        number = 1
    else:
        newest = select(func.max(QuestionVersion.number)).where(QuestionVersion.question_id == row.id)
        number = (db.session.scalar(newest) or 0) + 1
        for name, value in common.items():
            setattr(row, name, value)
        row.retired_at = None
    version = _version(source, common, question_id=row.id, number=number, at=at)
    db.session.add(version)
    db.session.flush()
    row.current_version_id = version.id
    return outcome


def _version(
    source: QuestionSource, common: dict[str, Any], *, question_id: int, number: int, at: datetime
) -> QuestionVersion:
    entry = source.entry
    face = render(entry)
    return QuestionVersion(
        question_id=question_id,
        number=number,
        stem=entry.stem,
        shown=face.shown,
        answer_key=face.key,
        source=entry.model_dump(mode="json", exclude_defaults=True),
        option_count=face.option_count,
        as_of=entry.as_of,
        reviewed_on=entry.reviewed.on,
        review_outcome=entry.reviewed.outcome,
        review_note=entry.reviewed.note,
        created_at=at,
        **common,
    )


def _retire(rows: Iterable[Question], slugs: set[str], *, at: datetime) -> int:
    gone = [row for row in rows if row.slug not in slugs and row.retired_at is None]
    for row in gone:
        row.retired_at = at
    return len(gone)


def candidates(*, item_codes: Collection[str]) -> Sequence[Candidate]:
    """Return what can be drawn from these items: current versions of questions in use that do not wait for a review.

    The bank changes once in a while and papers are drawn by the hundred, so a process keeps what it read of the same
    versions; which versions these are is asked every time, so that a question just held is not drawn once more.
    """
    return _candidates(str(db.engine.url), usable_versions(item_codes=item_codes))


def usable_versions(*, item_codes: Collection[str]) -> tuple[int, ...]:
    """Return the versions that can be drawn and practised now: current, neither retired nor held for a review."""
    statement = (
        select(_questions.c.current_version_id)
        .where(_questions.c.item_code.in_(item_codes), *IN_USE)
        .order_by(_questions.c.current_version_id)
    )
    return tuple(run_core(statement).scalars())


@lru_cache(maxsize=64)
def _candidates(_url: str, version_ids: tuple[int, ...]) -> tuple[Candidate, ...]:
    """Return versions as candidates; a version never changes, so neither does this."""
    statement = (
        select(
            QuestionVersion.id,
            Question.slug,
            QuestionVersion.item_code,
            QuestionVersion.kind,
            QuestionVersion.option_count,
            QuestionVersion.shown["parts"],
        )
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(QuestionVersion.id.in_(version_ids))
        .order_by(Question.slug)
    )
    return tuple(
        Candidate(id_, slug, item, kind, option_count, _part_shapes(parts))
        for id_, slug, item, kind, option_count, parts in db.session.execute(statement)
    )


def _part_shapes(parts: list[dict[str, Any]] | None) -> tuple[PartShape, ...]:
    return tuple(PartShape(part["kind"], len(part.get("options", ()))) for part in parts or ())


def count_held(*, item_codes: Collection[str]) -> dict[tuple[str, str], int]:
    """Return how many questions wait for a review, by item and kind; none of them is drawn or practised."""
    statement = (
        select(Question.item_code, Question.kind, func.count())
        .where(Question.item_code.in_(item_codes), Question.retired_at.is_(None), Question.held_at.is_not(None))
        .group_by(Question.item_code, Question.kind)
    )
    return {(item, kind): number for item, kind, number in db.session.execute(statement)}


def list_questions(
    *, query: ListQuery, item_code: str = "", kind: str = "", difficulty: str = "", state: str = ""
) -> ListPage[QuestionRow]:
    """Return a page of the bank, searched in stems, slugs and knowledge points; state: `in_use`, `held`, `retired`."""
    statement = (
        select(
            Question.id,
            Question.slug,
            Question.item_code,
            Question.kind,
            Question.difficulty,
            Question.knowledge_point,
            QuestionVersion.stem,
            QuestionVersion.number,
            Question.retired_at,
            Question.held_at,
        )
        .join(QuestionVersion, QuestionVersion.id == Question.current_version_id)
        .where(*_chosen(item_code=item_code, kind=kind, difficulty=difficulty), *STATES.get(state, ()))
    )
    page = fetch(
        statement,
        query,
        searchable=(QuestionVersion.stem, Question.slug, Question.knowledge_point),
        sortable={"slug": Question.slug, "difficulty": Question.difficulty, "number": QuestionVersion.number},
        default_sort=(Question.retired_at.is_not(None), Question.slug),
    )
    return ListPage([_row(values) for values in page.rows], page.total, page.query)


def _chosen(**filters: str) -> list[Any]:
    return [getattr(Question, name) == value for name, value in filters.items() if value]


def _row(values: Any) -> QuestionRow:
    return QuestionRow(
        id=values.id,
        slug=values.slug,
        item_code=values.item_code,
        kind=Kind(values.kind),
        difficulty=Difficulty(values.difficulty),
        knowledge_point=values.knowledge_point,
        stem=values.stem,
        number=values.number,
        retired_at=values.retired_at,
        held_at=values.held_at,
    )


def count_questions() -> dict[tuple[str, str], int]:
    """Return how many questions in use there are by item and kind."""
    statement = (
        select(Question.item_code, Question.kind, func.count())
        .where(Question.retired_at.is_(None))
        .group_by(Question.item_code, Question.kind)
    )
    return {(item, kind): number for item, kind, number in db.session.execute(statement)}


def get_question(*, organisation_id: int, question_id: int) -> QuestionPage:
    """Return a question with all its versions and how the organisation's learners answered it."""
    question = db.session.get(Question, question_id)
    if question is None:
        raise NotFound(NO_QUESTION)
    own = select(QuestionVersion).where(QuestionVersion.question_id == question_id)
    versions = db.session.scalars(own.order_by(QuestionVersion.number.desc())).all()
    current = next(version for version in versions if version.id == question.current_version_id)
    drawn, right = db.session.execute(
        select(func.count(), func.count().filter(AttemptQuestion.earned == AttemptQuestion.marks))
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .where(
            Attempt.organisation_id == organisation_id,
            AttemptQuestion.version_id.in_([version.id for version in versions]),
            AttemptQuestion.earned.is_not(None),
        )
    ).one()
    row = QuestionRow(
        question.id,
        question.slug,
        question.item_code,
        Kind(question.kind),
        Difficulty(question.difficulty),
        question.knowledge_point,
        current.stem,
        current.number,
        question.retired_at,
        question.held_at,
    )
    return QuestionPage(row, tuple(_version_view(version, current.id) for version in versions), drawn, right)


def _version_view(version: QuestionVersion, current_id: int) -> VersionView:
    return VersionView(
        id=version.id,
        number=version.number,
        created_at=version.created_at,
        is_current=version.id == current_id,
        item_code=version.item_code,
        difficulty=Difficulty(version.difficulty),
        knowledge_point=version.knowledge_point,
        face=face_view(version.kind, version.shown, version.answer_key),
        citations=tuple(courses.citations(version.answer_key["sources"])),
        as_of=version.as_of,
        reviewed_on=version.reviewed_on,
        review_outcome=Outcome(version.review_outcome),
        review_note=version.review_note,
    )
