"""Is the register still the law? Compares official texts with it and puts on hold what cites a changed article."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Table, func, select, update

from lms.core import audit
from lms.core.clock import local_date
from lms.core.db import db, insert_into, take_turns
from lms.core.errors import Invalid
from lms.core.events import publish
from lms.courses.content.statutes import BadOfficial, OfficialText, read_official, title_key
from lms.courses.events import ArticlesChanged, ChangedArticle
from lms.courses.models import ArticleChange, Law, LawArticle, Lesson, Review
from lms.courses.rules.kinds import ChangeKind, SubjectKind
from lms.courses.services.citing import citing_lessons, lessons_that_cite, only_shown
from lms.courses.services.reviews import CONTENT, Reading, clear_by_reading, open_reviews

_change: Table = ArticleChange.__table__  # type: ignore[assignment]


class UnusableText(Invalid):
    """A file is no official text of a registered law; the message names it and says what to do."""

    def __init__(self, file: str, message: str) -> None:
        super().__init__(f"{file}：{message}。")


@dataclass(frozen=True, slots=True)
class ArticleFinding:
    """A changed article with what was found to cite it.

    sha256: of the new text. lessons, questions: those whose own sources or words cite it; showing: lessons that show a
    working form or a diagram that does. All of them wait.
    """

    article: str
    kind: ChangeKind
    sha256: str
    lessons: tuple[str, ...]
    showing: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A file's law: what changed; articles the register does not list (added); articles it cannot compare."""

    file: str
    law: str
    title: str
    changed: tuple[ArticleFinding, ...]
    added: tuple[str, ...]
    not_comparable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LawCheck:
    """All files' findings, and how many lessons and questions this check put on hold."""

    files: tuple[FileFinding, ...]
    held_lessons: int
    held_questions: int

    @property
    def is_changed(self) -> bool:
        """Whether some article is no longer as registered."""
        return any(file.changed for file in self.files)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A file's law and the numbers of its articles by what became of them; `changed` by number with the new text."""

    file: str
    slug: str
    title: str
    changed: dict[str, tuple[ChangeKind, str, str, str]]  # kind, old fingerprint, new fingerprint, new text
    added: tuple[str, ...]
    not_comparable: tuple[str, ...]


def check_laws(*, files: Sequence[tuple[str, bytes]], law: str | None = None, at: datetime) -> LawCheck:
    """Compare official texts (file name, content) with the register, and hold what cites a changed article.

    The same text again changes nothing, also after the reviews were cleared. Raises UnusableText before anything is
    written.
    """
    take_turns(CONTENT)
    compared = [_compare(name, data, law) for name, data in files]
    slugs = [one.slug for one in compared]
    for one in compared:
        if slugs.count(one.slug) > 1:
            raise UnusableText(one.file, f"这次检查里有两个文件都是《{one.title}》，请只留一个")
    before = _open_subjects()
    changes = [change for one in compared for change in _keep(one, at=at)]
    if changes:
        hold_lessons(changes=changes, at=at)
        publish(ArticlesChanged(changes=tuple(changes), at=at))
    after = _open_subjects()
    return LawCheck(
        tuple(_finding(one, changes) for one in compared),
        held_lessons=len(after[SubjectKind.LESSON] - before[SubjectKind.LESSON]),
        held_questions=len(after[SubjectKind.QUESTION] - before[SubjectKind.QUESTION]),
    )


def _compare(name: str, data: bytes, slug: str | None) -> _Compared:
    try:
        text = read_official(data)
    except BadOfficial as problem:
        raise UnusableText(name, str(problem)) from None
    law = _find_law(name, text, slug)
    statement = select(LawArticle.no, LawArticle.sha256).where(LawArticle.law_slug == law.slug)
    registered = {row.no: row.sha256 for row in db.session.execute(statement.order_by(LawArticle.position))}
    official = {article.no: article for article in text.articles}
    missing = [no for no, sha256 in registered.items() if sha256 and no not in official]
    if text.is_excerpt:
        gone = []
    elif 2 * len(missing) > len([no for no, sha256 in registered.items() if sha256]):
        message = f"法规库登记了《{law.title}》的 {len(registered)} 条，文件里缺了 {len(missing)} 条，像是节录"
        raise UnusableText(name, f"{message}。请提供全文；如果本来就是节录，请在标题里写明“（节录）”")
    else:
        gone = missing
    changed = {
        no: (ChangeKind.CHANGED, sha256, official[no].sha256, official[no].text)
        for no, sha256 in registered.items()
        if sha256 and no in official and official[no].sha256 != sha256
    }
    changed |= {no: (ChangeKind.REMOVED, registered[no], "", "") for no in gone}
    return _Compared(
        file=name,
        slug=law.slug,
        title=law.title,
        changed={no: changed[no] for no in registered if no in changed},
        added=tuple(no for no in official if no not in registered),
        not_comparable=tuple(
            no for no, sha256 in registered.items() if not sha256 or (text.is_excerpt and no not in official)
        ),
    )


def _find_law(name: str, text: OfficialText, slug: str | None) -> Law:
    if slug is not None:
        law = db.session.get(Law, slug)
        if law is None:
            raise UnusableText(name, f"法规库里没有代码为 {slug} 的文件。代码见 content/laws 的文件名")
        return law
    known: dict[str, Law] = {}
    for row in db.session.scalars(select(Law).order_by(Law.slug)):
        for called in filter(None, (row.title, row.number)):
            known.setdefault(title_key(called), row)
    if not known:
        raise UnusableText(name, "法规库还是空的，无从对照。请先运行 lms courses import")
    found = next((known[key] for title in text.titles if (key := title_key(title)) in known), None)
    if found is None:
        said = f"标题“{text.titles[0][:40]}”" if text.titles else "文件没有标题，"
        raise UnusableText(name, f"{said}对不上法规库里的任何文件。请加上 --law 代码，指明是哪一部")
    return found


def _keep(one: _Compared, *, at: datetime) -> list[ChangedArticle]:
    """Keep each change once and return them all, the known ones with the moment they were first found."""
    kept = []
    for no, (kind, old, new, new_text) in one.changed.items():
        values = {
            "law_slug": one.slug,
            "no": no,
            "kind": kind.value,
            "old_sha256": old,
            "new_sha256": new,
            "new_text": new_text,
            "file": one.file[:200],
            "found_at": at,
        }
        insertion = insert_into(_change).values(values).on_conflict_do_nothing().returning(_change.c.id)
        is_new = db.session.execute(insertion).scalar_one_or_none() is not None
        same = select(ArticleChange.id, ArticleChange.found_at).where(
            ArticleChange.law_slug == one.slug,
            ArticleChange.no == no,
            ArticleChange.old_sha256 == old,
            ArticleChange.new_sha256 == new,
        )
        row = db.session.execute(same).one()
        kept.append(ChangedArticle(row.id, one.slug, no, row.found_at))
        if is_new:
            audit.record(
                at=at,
                action="courses.article_changed",
                subject=f"courses_article_change:{row.id}",
                actor_id=None,
                organisation_id=None,
                article=f"{one.slug}#{no}",
                kind=kind.value,
                new_sha256=new,
                file=one.file[:200],
            )
    return kept


def hold_lessons(*, changes: Sequence[ChangedArticle], at: datetime) -> None:
    """Open a review of every lesson that cites a changed article, and hold what got one."""
    citing = lessons_that_cite({(change.law, change.article) for change in changes})
    subjects = {
        change.change_id: [
            (lesson.code, lesson.owner_id)
            for lesson in citing[change.law, change.article]
            if must_wait(
                change=change,
                read_on=lesson.reviewed_on or local_date(lesson.saved_at),
                saved_at=lesson.saved_at,
                at=at,
            )
        ]
        for change in changes
    }
    opened = open_reviews(kind=SubjectKind.LESSON, citing=subjects, at=at)
    if opened:
        held = update(Lesson).where(Lesson.code.in_(opened), Lesson.held_at.is_(None)).values(held_at=at)
        db.session.execute(held.execution_options(synchronize_session=False))


def must_wait(*, change: ChangedArticle, read_on: date, saved_at: datetime, at: datetime) -> bool:
    """Whether what cites a changed article has to be read again.

    Everything that cites it when the change is found. Later only what comes in with an older reading: an entry that
    was read and saved since the change was found was read with the new text at hand.
    """
    if change.found_at == at:
        return True
    return not (read_on >= local_date(change.found_at) and saved_at >= change.found_at)


def standing_changes() -> list[ChangedArticle]:
    """Return the changes that the register has not followed yet: it still holds the old text."""
    statement = (
        select(ArticleChange.id, ArticleChange.law_slug, ArticleChange.no, ArticleChange.found_at)
        .join(LawArticle, (LawArticle.law_slug == ArticleChange.law_slug) & (LawArticle.no == ArticleChange.no))
        .where(LawArticle.sha256 == ArticleChange.old_sha256)
        .order_by(ArticleChange.id)
    )
    return [ChangedArticle(row.id, row.law_slug, row.no, row.found_at) for row in db.session.execute(statement)]


def settle_lessons(*, at: datetime) -> None:
    """After an import: clear what the lessons' own files answer for, and hold what came in with an old reading."""
    if not db.session.scalar(select(func.count()).select_from(ArticleChange)):
        return
    db.session.flush()
    readings = {
        lesson.code: Reading(lesson.reviewed_on, lesson.outcome, lesson.note, lesson.saved_at)
        for lesson in citing_lessons()
        if lesson.reviewed_on is not None
    }
    clear_by_reading(kind=SubjectKind.LESSON, readings=readings, at=at)
    hold_lessons(changes=standing_changes(), at=at)


def _open_subjects() -> dict[SubjectKind, set[str]]:
    found: dict[SubjectKind, set[str]] = {kind: set() for kind in SubjectKind}
    waiting = select(Review.subject_kind, Review.subject).where(Review.cleared_at.is_(None)).distinct()
    for kind, subject in db.session.execute(waiting):
        found[SubjectKind(kind)].add(subject)
    return found


def _finding(one: _Compared, changes: Sequence[ChangedArticle]) -> FileFinding:
    ids = {change.article: change.change_id for change in changes if change.law == one.slug}
    subjects: dict[tuple[int, str], list[str]] = {}
    statement = select(Review.change_id, Review.subject_kind, Review.subject).where(Review.change_id.in_(ids.values()))
    for change_id, kind, subject in db.session.execute(statement.order_by(Review.subject)):
        subjects.setdefault((change_id, kind), []).append(subject)
    lessons = {no: subjects.get((ids[no], SubjectKind.LESSON.value), []) for no in one.changed}
    shown = only_shown(codes={code for codes in lessons.values() for code in codes})
    changed = tuple(
        ArticleFinding(
            no,
            kind,
            sha256,
            lessons=tuple(code for code in lessons[no] if (one.slug, no) not in shown[code]),
            showing=tuple(code for code in lessons[no] if (one.slug, no) in shown[code]),
            questions=tuple(subjects.get((ids[no], SubjectKind.QUESTION.value), ())),
        )
        for no, (kind, _old, sha256, _text) in one.changed.items()
    )
    return FileFinding(one.file, one.slug, one.title, changed, one.added, one.not_comparable)
