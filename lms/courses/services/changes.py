"""What the 待复核 pages read: changed articles, and what waits because of each."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true

from lms.core.db import db
from lms.core.errors import NotFound
from lms.core.listing import ListPage, ListQuery, fetch
from lms.core.reviews import Outcome
from lms.courses.models import ArticleChange, Law, LawArticle, Lesson, LessonRevision, Review
from lms.courses.rules.kinds import ChangeKind, SubjectKind
from lms.courses.rules.naming import article_name
from lms.courses.services.reviews import NO_REVIEW

_ADDRESS = re.compile(r"\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))+\)")
_MARKS = re.compile(r"\*\*|^\s*(?:[-*+]|\d{1,2}\.)\s+(?:\[[ xX]\]\s*)?")
NO_CHANGE = "没有找到这处修改。请从“待复核”重新进入。"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A changed article and how far its review is.

    gist: what the register says of it in our words, empty when it is registered no longer. is_registered: the register
    has come to hold the new text. lessons, questions: how many wait; cleared: how many are done.
    """

    id: int
    law_slug: str
    law_title: str
    no: str
    kind: ChangeKind
    gist: str
    new_text: str
    file: str
    found_at: datetime
    is_registered: bool
    lessons: int
    questions: int
    cleared: int

    @property
    def name(self) -> str:
        """What people call it: 《保障农民工工资支付条例》第28条."""
        return f"《{self.law_title}》{article_name(self.no)}"

    @property
    def waiting(self) -> int:
        """How many lessons and questions wait."""
        return self.lessons + self.questions


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """One lesson or question that waits, or waited, because of a change; title is empty for a question."""

    id: int
    change_id: int
    kind: SubjectKind
    subject: str
    title: str
    owner_id: int | None
    opened_at: datetime
    cleared_at: datetime | None
    reviewer: str
    outcome: Outcome | None
    note: str

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return self.cleared_at is None


def _seen_by(organisation_id: int | None) -> ColumnElement[bool]:
    """The tenant wall of reviews: official content, and the organisation's own lessons; None sees all."""
    if organisation_id is None:
        return true()
    return or_(Review.organisation_id.is_(None), Review.organisation_id == organisation_id)


def _changes(organisation_id: int | None) -> Select[*tuple[Any, ...]]:
    def waits(kind: SubjectKind) -> ColumnElement[int]:
        return func.sum(case((and_(Review.cleared_at.is_(None), Review.subject_kind == kind.value), 1), else_=0))

    counts = (
        select(
            Review.change_id,
            waits(SubjectKind.LESSON).label("lessons"),
            waits(SubjectKind.QUESTION).label("questions"),
            func.sum(case((Review.cleared_at.is_not(None), 1), else_=0)).label("cleared"),
        )
        .where(_seen_by(organisation_id))
        .group_by(Review.change_id)
        .subquery()
    )
    registered = func.coalesce(LawArticle.sha256, "")
    return (
        select(
            ArticleChange.id,
            ArticleChange.law_slug,
            Law.title.label("law_title"),
            ArticleChange.no,
            ArticleChange.kind,
            func.coalesce(LawArticle.gist, "").label("gist"),
            ArticleChange.new_text,
            ArticleChange.file,
            ArticleChange.found_at,
            (registered == ArticleChange.new_sha256).label("is_registered"),
            func.coalesce(counts.c.lessons, 0).label("lessons"),
            func.coalesce(counts.c.questions, 0).label("questions"),
            func.coalesce(counts.c.cleared, 0).label("cleared"),
        )
        .join(Law, Law.slug == ArticleChange.law_slug)
        .outerjoin(LawArticle, and_(LawArticle.law_slug == ArticleChange.law_slug, LawArticle.no == ArticleChange.no))
        .outerjoin(counts, counts.c.change_id == ArticleChange.id)
    )


def _as_change(row: Any) -> ChangeView:
    values = {**row._mapping, "kind": ChangeKind(row.kind), "is_registered": bool(row.is_registered)}  # noqa: SLF001
    return ChangeView(**values)


def list_changes(*, organisation_id: int | None, query: ListQuery, waiting_only: bool = True) -> ListPage[ChangeView]:
    """Return changed articles, newest first; those nothing waits for any more only when asked for.

    Counted is what the organisation may see; None is the operator, who sees all.
    """
    statement = _changes(organisation_id)
    if waiting_only:
        open_ones = select(Review.change_id).where(Review.cleared_at.is_(None), _seen_by(organisation_id))
        statement = statement.where(ArticleChange.id.in_(open_ones))
    page = fetch(
        statement,
        query,
        searchable=(Law.title, Law.short_title, ArticleChange.no),
        default_sort=(ArticleChange.found_at.desc(), ArticleChange.law_slug, ArticleChange.id),
    )
    return ListPage([_as_change(row) for row in page.rows], page.total, page.query)


def get_change(*, organisation_id: int | None, change_id: int) -> tuple[ChangeView, list[ReviewView]]:
    """Return a changed article with its reviews, waiting ones first, lessons before questions."""
    row = db.session.execute(_changes(organisation_id).where(ArticleChange.id == change_id)).one_or_none()
    if row is None:
        raise NotFound(NO_CHANGE)
    return _as_change(row), _reviews(organisation_id, Review.change_id == change_id)


def get_review(*, organisation_id: int, review_id: int) -> tuple[ChangeView, ReviewView]:
    """Return one review with its change; another institution's lesson is NotFound."""
    found = _reviews(organisation_id, Review.id == review_id)
    if not found:
        raise NotFound(NO_REVIEW)
    row = db.session.execute(_changes(organisation_id).where(ArticleChange.id == found[0].change_id)).one()
    return _as_change(row), found[0]


def waiting_reviews(*, organisation_id: int | None) -> list[ReviewView]:
    """Return everything that waits, by change."""
    return _reviews(organisation_id, Review.cleared_at.is_(None))


def count_waiting(*, organisation_id: int, official: bool = True) -> int:
    """Return how many lessons and questions wait of those the organisation sees; each counts once.

    Without `official` its own lessons only.
    """
    seen = _seen_by(organisation_id) if official else Review.organisation_id == organisation_id
    subjects = select(Review.subject_kind, Review.subject).where(Review.cleared_at.is_(None), seen)
    return db.session.scalar(select(func.count()).select_from(subjects.distinct().subquery())) or 0


def lesson_passages(*, code: str, law_slug: str, no: str) -> list[tuple[str, str]]:
    """Return (section, words) of the places in a lesson's current text that cite an article."""
    statement = select(LessonRevision.source).join(Lesson, Lesson.current_revision_id == LessonRevision.id)
    source = db.session.scalar(statement.where(Lesson.code == code)) or ""
    section, found = "", []
    for line in source.splitlines():
        if line.startswith("#"):
            section = line.lstrip("# ").strip()
        elif f"(law:{law_slug}#{no})" in line:
            found.append((section, _as_words(line)))
    return found


def _as_words(line: str) -> str:
    """Return a line of a lesson without its marks; the cells of a table's row parted by a dot."""
    words = _MARKS.sub("", _ADDRESS.sub(r"\1", line)).strip()
    if not words.startswith("|"):
        return words
    return " · ".join(cell.strip() for cell in words.strip("|").split("|") if cell.strip())


def _reviews(organisation_id: int | None, condition: ColumnElement[bool]) -> list[ReviewView]:
    titles = (
        select(Lesson.code, LessonRevision.title)
        .join(LessonRevision, LessonRevision.id == Lesson.current_revision_id)
        .subquery()
    )
    statement = (
        select(Review, func.coalesce(titles.c.title, "").label("title"))
        .outerjoin(titles, and_(Review.subject_kind == SubjectKind.LESSON.value, titles.c.code == Review.subject))
        .where(condition, _seen_by(organisation_id))
        .order_by(Review.change_id, Review.cleared_at.is_not(None), Review.subject_kind, Review.subject)
    )
    return [_as_review(review, title) for review, title in db.session.execute(statement)]


def _as_review(review: Review, title: str) -> ReviewView:
    return ReviewView(
        id=review.id,
        change_id=review.change_id,
        kind=SubjectKind(review.subject_kind),
        subject=review.subject,
        title=title,
        owner_id=review.organisation_id,
        opened_at=review.opened_at,
        cleared_at=review.cleared_at,
        reviewer=review.reviewer,
        outcome=Outcome(review.outcome) if review.outcome else None,
        note=review.note,
    )
