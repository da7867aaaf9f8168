"""Brings the content files into the database: all of it or nothing, and nothing twice."""

from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from lms.core import audit, clock
from lms.core.db import db, take_turns
from lms.core.errors import Invalid
from lms.core.faults import CITATION
from lms.courses.content import Content, Fault, LessonSource, read_content
from lms.courses.content.files import content_hash
from lms.courses.models import Law, LawArticle, Lesson, SyllabusItem
from lms.courses.services.freshness import settle_lessons
from lms.courses.services.outline import relink
from lms.courses.services.reviews import CONTENT
from lms.courses.services.revisions import NewRevision, Surroundings, pieces_version, save_revision
from lms.courses.services.searching import index_all


class ContentFaults(Invalid):
    """The content has faults and nothing was saved; `faults` names each with its file, entry and field."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"内容有 {len(faults)} 处错误，没有导入任何内容。请逐处修改后重试。")
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. warnings: citations let pass because the import was not strict."""

    laws: int
    articles: int
    items: int
    lessons: int
    laws_changed: int = 0
    items_changed: int = 0
    lessons_new: int = 0
    lessons_changed: int = 0
    lessons_retired: int = 0
    warnings: tuple[Fault, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """All figures by name."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "warnings"}

    @property
    def changed(self) -> bool:
        """Whether anything in the database is different now."""
        lessons = self.lessons_new or self.lessons_changed or self.lessons_retired
        return bool(self.laws_changed or self.items_changed or lessons)

    @property
    def summary(self) -> str:
        """The figures in words."""
        return (
            f"法规 {self.laws} 部 {self.articles} 条（更新 {self.laws_changed} 部）；"
            f"条目 {self.items} 个（更新 {self.items_changed} 个）；课文 {self.lessons} 课"
            f"（新增 {self.lessons_new}，修订 {self.lessons_changed}，停用 {self.lessons_retired}）"
        )


def check_content(*, root: Path, at: datetime, strict: bool = True) -> tuple[Content, tuple[Fault, ...]]:
    """Read a content folder and return it with its warnings; raise ContentFaults when anything is wrong.

    Without `strict` an unknown law or article is a warning: its chip stays plain text until the register has it.
    """
    content = read_content(root, today=clock.local_date(at))
    warnings = [] if strict else [fault for fault in content.faults if fault.kind == CITATION]
    faults = [fault for fault in content.faults if fault not in warnings]
    if not faults and not content.items:
        faults = [Fault(str(root), "", "", "没有找到内容，请核对内容目录")]
    if faults:
        raise ContentFaults(faults)
    return content, tuple(warnings)


def import_content(*, root: Path, at: datetime, strict: bool = True) -> ImportReport:
    """Bring laws, syllabus and lessons up to date with a content folder.

    Unchanged lessons are left alone; a changed one gets a new revision and keeps the old ones; a lesson whose file is
    gone is retired. Raises ContentFaults before anything is written.
    """
    take_turns(CONTENT)
    content, warnings = check_content(root=root, at=at, strict=strict)
    laws_changed = _write_laws(content)
    item_ids, items_changed = _write_items(content)
    new, changed = _write_lessons(content, item_ids, at=at)
    retired = _retire_missing(content, at=at)
    settle_lessons(at=at)
    if new or changed or retired or items_changed:
        relink(owner_id=None)
    index_all()
    report = ImportReport(
        laws=len(content.laws),
        articles=len(content.articles),
        items=len(content.items),
        lessons=len(content.lessons),
        laws_changed=laws_changed,
        items_changed=items_changed,
        lessons_new=new,
        lessons_changed=changed,
        lessons_retired=retired,
        warnings=warnings,
    )
    if report.changed:
        _log(report, at=at)
    return report


def _log(report: ImportReport, *, at: datetime) -> None:
    figures: dict[str, Any] = report.counts
    audit.record(
        at=at,
        action="courses.content_imported",
        subject="courses_lesson:official",
        actor_id=None,
        organisation_id=None,
        **figures,
        warnings=len(report.warnings),
    )


def _write_laws(content: Content) -> int:
    """Bring the register up to date; a law that no file describes any more stays, because old texts cite it."""
    laws = {law.slug: law for law in db.session.scalars(select(Law))}
    articles: dict[str, list[tuple[str, str, str]]] = {}
    in_order = select(LawArticle.law_slug, LawArticle.no, LawArticle.gist, LawArticle.sha256)
    for slug, *entry in db.session.execute(in_order.order_by(LawArticle.position)):
        articles.setdefault(slug, []).append((entry[0], entry[1], entry[2]))
    changed = 0
    for slug, (file, entries) in content.laws.items():
        values = file.model_dump()
        row = laws.get(slug)
        wanted = [(entry.no, entry.gist, entry.sha256) for entry in entries]
        same_law = row is not None and all(getattr(row, name) == value for name, value in values.items())
        if same_law and articles.get(slug) == wanted:
            continue
        changed += 1
        if row is None:
            db.session.add(Law(**values))
        else:
            for name, value in values.items():
                setattr(row, name, value)
        db.session.flush()
        _write_articles(slug, wanted)
    return changed


def _write_articles(slug: str, wanted: list[tuple[str, str, str]]) -> None:
    db.session.execute(delete(LawArticle).where(LawArticle.law_slug == slug))
    db.session.execute(
        insert(LawArticle),
        [
            {"law_slug": slug, "no": no, "gist": gist, "sha256": sha256, "position": position}
            for position, (no, gist, sha256) in enumerate(wanted, start=1)
        ],
    )


def _write_items(content: Content) -> tuple[dict[str, int], int]:
    """Write the official items and return their ids by code, and how many are new or different."""
    official = select(SyllabusItem).where(SyllabusItem.organisation_id.is_(None))
    rows = {row.code: row for row in db.session.scalars(official)}
    changed = 0
    for position, entry in enumerate(content.items, start=1):
        row = rows.get(entry.code)
        if row is None:
            row = SyllabusItem(code=entry.code, group=entry.group.value, position=position, title=entry.title)
            db.session.add(row)
            rows[entry.code] = row
        elif (row.group, row.position, row.title) == (entry.group.value, position, entry.title):
            continue
        else:
            row.group, row.position, row.title = entry.group.value, position, entry.title
        changed += 1
    db.session.flush()
    return {code: row.id for code, row in rows.items()}, changed


def _write_lessons(content: Content, item_ids: dict[str, int], *, at: datetime) -> tuple[int, int]:
    """Save what changed and return how many lessons are new and how many got a new revision."""
    official = select(Lesson).where(Lesson.item_id.in_(item_ids.values()))
    rows = {row.code: row for row in db.session.scalars(official)}
    titles = {slug: law.short_title for slug, (law, _articles) in content.laws.items()}
    around = Surroundings(content.articles, titles, content.forms.get)
    new = changed = 0
    for source in content.lessons:
        fingerprint = _fingerprint(source)
        lesson = rows.get(source.front.code)
        if lesson is None:
            lesson = Lesson(code=source.front.code, item_id=item_ids[source.front.item], position=0, content_hash="")
            db.session.add(lesson)
            db.session.flush()
            new += 1
        elif lesson.content_hash == fingerprint and lesson.retired_at is None:
            continue
        else:
            changed += 1
        lesson.position = source.front.order
        lesson.retired_at = None
        if lesson.content_hash != fingerprint:
            save_revision(lesson, _as_revision(source, fingerprint), around, at=at)
    db.session.flush()
    return new, changed


def _fingerprint(source: LessonSource) -> str:
    """Return the hash of a lesson with the diagrams it shows: one that is drawn anew makes a new revision."""
    pictures = pieces_version(source.body)
    return content_hash(f"{source.content_hash}\n{pictures}") if pictures else source.content_hash


def _as_revision(source: LessonSource, fingerprint: str) -> NewRevision:
    front = source.front
    return NewRevision(
        title=front.title,
        minutes=front.minutes,
        source=source.body,
        as_of=front.as_of,
        content_hash=fingerprint,
        sources=[entry.model_dump() for entry in front.sources],
        self_check=front.self_check,
        reviewed_on=front.reviewed.on,
        review_outcome=front.reviewed.outcome,
        review_note=front.reviewed.note,
    )


def _retire_missing(content: Content, *, at: datetime) -> int:
    official = select(SyllabusItem.id).where(SyllabusItem.organisation_id.is_(None))
    in_use = select(Lesson.id, Lesson.code).where(Lesson.item_id.in_(official), Lesson.retired_at.is_(None))
    codes = {source.front.code for source in content.lessons}
    gone = [lesson_id for lesson_id, code in db.session.execute(in_use) if code not in codes]
    if gone:
        db.session.execute(update(Lesson).where(Lesson.id.in_(gone)).values(retired_at=at))
    return len(gone)
