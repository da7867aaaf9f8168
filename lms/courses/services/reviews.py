"""What has to be read again (待复核) because an article it cites has changed, until a named person clears it.

Courses keeps the reviews of lessons and questions alike. Lessons are held and released here; who keeps the questions
opens their reviews with `open_reviews` and listens to `ReviewCleared`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select, true, update

from lms.accounts import services as accounts
from lms.core import audit
from lms.core.clock import local_date
from lms.core.db import db, insert_into, take_turns
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound
from lms.core.events import publish
from lms.core.listing import ListQuery
from lms.core.reviews import Outcome
from lms.courses.events import ReviewCleared
from lms.courses.models import ArticleChange, Law, LawArticle, Lesson, Review
from lms.courses.rules.kinds import ChangeKind, SubjectKind
from lms.courses.services.records import ChangedCitation

NO_REVIEW = "没有找到这一项复核。它可能已经完成，请从“待复核”重新进入。"
NOT_YOURS = "官方课文和试题供全部机构使用，由平台管理员复核。本机构可以查看，不能提交。"
LONGEST_NOTE, LONGEST_NAME = 500, 40
BY_IMPORT = "随内容更新"  # stands for the reviewer where the file's own `reviewed` cleared it
CONTENT = "content"  # under this name everything takes turns that writes official content, holds or releases it
_ROWS_AT_ONCE = 500
_review: Table = Review.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the last reading of an entry ended, and since when the entry says what it says now."""

    on: date
    outcome: Outcome
    note: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Cleared:
    """What became of the subjects somebody ticked: cleared now, or passed over because somebody had cleared them."""

    now: tuple[str, ...]
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewVerdict:
    """What a reviewer says; the name vouches for it."""

    reviewer: str
    outcome: Outcome
    note: str


def open_reviews(
    *, kind: SubjectKind, citing: Mapping[int, Iterable[tuple[str, int | None]]], at: datetime
) -> list[str]:
    """Open a review of each (subject, owner) for each change and return the subjects that got one.

    citing: by the change's id. What has been opened before, cleared or not, is left as it is.
    """
    rows: list[dict[str, Any]] = [
        {
            "change_id": change_id,
            "organisation_id": owner_id,
            "subject_kind": kind.value,
            "subject": subject,
            "opened_at": at,
            "reviewer": "",
            "note": "",
        }
        for change_id, subjects in citing.items()
        for subject, owner_id in subjects
    ]
    opened: dict[str, None] = {}
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[first : first + _ROWS_AT_ONCE]
        insertion = insert_into(_review).values(some).on_conflict_do_nothing().returning(_review.c.subject)
        opened |= dict.fromkeys(db.session.scalars(insertion))
    return list(opened)


def may_clear_official(*, organisation_id: int, roles: Collection[str]) -> bool:
    """Whether a person may clear what belongs to everybody.

    A platform administrator may; in an installation of a single institution its administrator and registrar may too.
    """
    if "platform_administrator" in roles:
        return True
    if not {"administrator", "registrar"} & set(roles):
        return False
    institutions = accounts.list_organisations(query=ListQuery(size=2), kind="institution")
    return institutions.total == 1 and institutions.rows[0].id == organisation_id


def clear_review(
    *,
    review_id: int,
    organisation_id: int,
    roles: Collection[str],
    verdict: ReviewVerdict,
    at: datetime,
    actor_id: int,
) -> None:
    """Clear one subject for one change; the subject is released when nothing else of it waits.

    Another institution's lesson is NotFound, official content Forbidden where `may_clear_official` says no, and what a
    colleague has cleared meanwhile is a Conflict.
    """
    take_turns(CONTENT)
    chosen = _chosen([review_id], true(), organisation_id=organisation_id, roles=roles)
    _check(verdict)
    if not _clear_waiting(chosen, verdict, at=at, actor_id=actor_id).now:
        raise Conflict("这一项刚刚已经复核过，没有重复记录。请从“待复核”继续下一项。")


def clear_reviews(
    *,
    change_id: int,
    review_ids: Collection[int],
    organisation_id: int,
    roles: Collection[str],
    verdict: ReviewVerdict,
    at: datetime,
    actor_id: int,
) -> Cleared:
    """Clear the ticked subjects of one change with one word of the reviewer's, each as `clear_review` does.

    All or nothing: Invalid when nothing is ticked, NotFound and Forbidden as for one. Only what a colleague has cleared
    meanwhile is passed over.
    """
    take_turns(CONTENT)
    if not review_ids:
        raise Invalid("请先勾选要复核的课文或试题，再登记。", field="review")
    of_change = Review.change_id == change_id
    chosen = _chosen(review_ids, of_change, organisation_id=organisation_id, roles=roles)
    _check(verdict)
    return _clear_waiting(chosen, verdict, at=at, actor_id=actor_id)


def clear_subjects(
    *, subjects: Sequence[tuple[SubjectKind, str]], verdict: ReviewVerdict, at: datetime, change_id: int | None = None
) -> int:
    """Clear everything that waits of these subjects, of all institutions, and return how many reviews that were.

    For the operator at the command line. Raises Invalid when a subject has never had a review.
    """
    take_turns(CONTENT)
    _check(verdict)
    cleared = 0
    for kind, subject in subjects:
        known = select(func.count()).where(Review.subject_kind == kind.value, Review.subject == subject)
        if not db.session.scalar(known):
            raise Invalid(f"{kind.value}:{subject} 没有复核记录。用 lms laws review 查看待复核的课文和试题。")
        waiting = _waiting(kind, [subject], change_id=change_id)
        cleared += sum(map(len, waiting.values()))
        _clear(waiting, kind, {subject: verdict}, at=at, actor_id=None)
    return cleared


def clear_by_reading(*, kind: SubjectKind, readings: Mapping[str, Reading], at: datetime) -> int:
    """Clear what the content files themselves answer for, and return how many reviews that were.

    A review falls when the register has come to hold the changed article's new text (or, for one that is gone, no text)
    and the entry was read on or after the day the change was found and saved since. The note is the file's.
    """
    statement = (
        select(Review.id, Review.subject, ArticleChange.found_at)
        .join(ArticleChange, ArticleChange.id == Review.change_id)
        .outerjoin(LawArticle, (LawArticle.law_slug == ArticleChange.law_slug) & (LawArticle.no == ArticleChange.no))
        .where(
            Review.cleared_at.is_(None),
            Review.subject_kind == kind.value,
            func.coalesce(LawArticle.sha256, "") == ArticleChange.new_sha256,
        )
    )
    settled: dict[str, list[int]] = {}
    for review_id, subject, found_at in db.session.execute(statement):
        reading = readings.get(subject)
        if reading is not None and reading.on >= local_date(found_at) and reading.saved_at >= found_at:
            settled.setdefault(subject, []).append(review_id)
    if not settled:
        return 0
    verdicts = {
        subject: ReviewVerdict(reviewer=BY_IMPORT, outcome=readings[subject].outcome, note=readings[subject].note)
        for subject in settled
    }
    _clear(settled, kind, verdicts, at=at, actor_id=None)
    return sum(map(len, settled.values()))


def _chosen(
    review_ids: Collection[int], among: ColumnElement[bool], *, organisation_id: int, roles: Collection[str]
) -> list[Review]:
    """Return the reviews with these ids, which the person may clear."""
    statement = select(Review).where(Review.id.in_(review_ids), among).order_by(Review.id)
    chosen = list(db.session.scalars(statement))
    if len(chosen) < len(set(review_ids)) or any(one.organisation_id not in (None, organisation_id) for one in chosen):
        raise NotFound(NO_REVIEW)
    is_official = any(one.organisation_id is None for one in chosen)
    if is_official and not may_clear_official(organisation_id=organisation_id, roles=roles):
        raise Forbidden(NOT_YOURS)
    return chosen


def _clear_waiting(chosen: Sequence[Review], verdict: ReviewVerdict, *, at: datetime, actor_id: int) -> Cleared:
    """Clear what of it still waits."""
    now: list[str] = []
    for kind in SubjectKind:
        named = {one.subject: one.id for one in chosen if one.subject_kind == kind.value}
        waiting = _waiting(kind, named) if named else {}
        settled = {subject: [one] for subject, one in named.items() if one in waiting.get(subject, ())}
        if settled:
            _clear(settled, kind, dict.fromkeys(settled, verdict), at=at, actor_id=actor_id)
        now += settled
    return Cleared(tuple(now), tuple(one.subject for one in chosen if one.subject not in now))


def _check(verdict: ReviewVerdict) -> None:
    if not 1 <= len(verdict.reviewer.strip()) <= LONGEST_NAME:
        raise Invalid(f"请填写复核人姓名，{LONGEST_NAME} 个字以内。", field="reviewer")
    if not 1 <= len(verdict.note.strip()) <= LONGEST_NOTE:
        raise Invalid(f"请写明对照了什么、结论是什么，{LONGEST_NOTE} 个字以内。", field="note")


def _waiting(kind: SubjectKind, subjects: Iterable[str], *, change_id: int | None = None) -> dict[str, list[int]]:
    """Return the open reviews of subjects, of one change or of all; who clears them has the turn (`CONTENT`)."""
    statement = select(Review.id, Review.subject).where(
        Review.subject_kind == kind.value, Review.subject.in_(list(subjects)), Review.cleared_at.is_(None)
    )
    if change_id is not None:
        statement = statement.where(Review.change_id == change_id)
    found: dict[str, list[int]] = {}
    for review_id, subject in db.session.execute(statement.order_by(Review.id)):
        found.setdefault(subject, []).append(review_id)
    return found


def _clear(
    reviews: Mapping[str, Collection[int]],
    kind: SubjectKind,
    verdicts: Mapping[str, ReviewVerdict],
    *,
    at: datetime,
    actor_id: int | None,
) -> None:
    """Write what the reviewers said, release what waits no longer, tell who listens, and log it."""
    for subject, review_ids in reviews.items():
        verdict = verdicts[subject]
        values = {
            "cleared_at": at,
            "cleared_by": actor_id,
            "reviewer": verdict.reviewer.strip(),
            "outcome": verdict.outcome.value,
            "note": verdict.note.strip(),
        }
        db.session.execute(
            update(Review).where(Review.id.in_(review_ids)).values(values).execution_options(synchronize_session=False)
        )
        _log(review_ids, kind, subject, verdict, at=at, actor_id=actor_id)
    still = set(
        db.session.scalars(
            select(Review.subject).where(
                Review.subject_kind == kind.value, Review.subject.in_(list(reviews)), Review.cleared_at.is_(None)
            )
        )
    )
    released = [subject for subject in reviews if subject not in still]
    if kind == SubjectKind.LESSON and released:
        db.session.execute(update(Lesson).where(Lesson.code.in_(released)).values(held_at=None))
    for subject in reviews:
        publish(ReviewCleared(subject_kind=kind.value, subject=subject, is_released=subject not in still, at=at))


def _log(
    review_ids: Collection[int],
    kind: SubjectKind,
    subject: str,
    verdict: ReviewVerdict,
    *,
    at: datetime,
    actor_id: int | None,
) -> None:
    statement = select(Review.id, Review.organisation_id, ArticleChange.law_slug, ArticleChange.no)
    joined = statement.join(ArticleChange, ArticleChange.id == Review.change_id).where(Review.id.in_(review_ids))
    for review_id, owner_id, law, no in db.session.execute(joined.order_by(Review.id)):
        audit.record(
            at=at,
            action="courses.review_cleared",
            subject=f"courses_review:{review_id}",
            actor_id=actor_id,
            organisation_id=owner_id,
            reason=verdict.note.strip(),
            cleared=f"{kind.value}:{subject}",
            article=f"{law}#{no}",
            outcome=verdict.outcome.value,
        )


def waiting_for(*, lesson_code: str) -> tuple[ChangedCitation, ...]:
    """Return the changed articles because of which a lesson waits."""
    statement = (
        select(Law.title, ArticleChange.no, ArticleChange.kind)
        .join(Review, Review.change_id == ArticleChange.id)
        .join(Law, Law.slug == ArticleChange.law_slug)
        .where(
            Review.subject_kind == SubjectKind.LESSON.value,
            Review.subject == lesson_code,
            Review.cleared_at.is_(None),
        )
        .order_by(ArticleChange.id)
    )
    rows = db.session.execute(statement)
    return tuple(dict.fromkeys(ChangedCitation(title, no, ChangeKind(kind).heading) for title, no, kind in rows))
