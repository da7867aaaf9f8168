"""Saves lesson revisions: the one moment at which a text is rendered."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from lms.core.db import db
from lms.core.reviews import Outcome
from lms.courses.content import FormSource, diagrams_in, forms_in
from lms.courses.models import Lesson, LessonRevision
from lms.courses.services.diagrams import find_diagram
from lms.courses.services.forms import find_form, form_card
from lms.courses.services.laws import law_titles
from lms.web.markup import Figure, Rendered, render_lesson


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevision:
    """What a revision is made of before it is rendered."""

    title: str
    minutes: int
    source: str
    as_of: date
    content_hash: str
    sources: Iterable[Mapping[str, str]] = ()
    self_check: Iterable[str] = ()
    reviewed_on: date | None = None
    review_outcome: Outcome = Outcome.PASSED
    review_note: str = ""
    author_id: int | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a text may point at: registered articles, short titles of laws, working forms by slug."""

    articles: set[tuple[str, str]]
    short_titles: Mapping[str, str]
    form: Callable[[str], FormSource | None] = find_form

    @classmethod
    def here(cls, articles: set[tuple[str, str]]) -> "Surroundings":
        """Those of the database and the installed content."""
        return cls(articles, law_titles())


def render(source: str, around: Surroundings) -> Rendered:
    """Render a lesson; only registered articles become chips."""

    def card(slug: str) -> str | None:
        form = around.form(slug)
        return None if form is None else form_card(form, around.short_titles)

    return render_lesson(source, lambda law, no: (law, no) in around.articles, figure=_figure, card=card)


def pieces_version(source: str) -> str:
    """Return what a text shows besides itself that may change under it: its diagrams, by their pictures."""
    return " ".join(drawing.address for name in diagrams_in(source) if (drawing := find_diagram(name)))


def _figure(name: str) -> Figure | None:
    drawing = find_diagram(name)
    if drawing is None:
        return None
    return Figure(drawing.address, drawing.page, drawing.width, drawing.height, drawing.caption)


def _pieces_sources(source: str, around: Surroundings) -> Iterable[tuple[str, str]]:
    """Yield the articles that the diagrams and forms of a text stand on: when one changes, the text is read again."""
    for name in diagrams_in(source):
        drawing = find_diagram(name)
        yield from drawing.sources if drawing else ()
    for slug in forms_in(source):
        form = around.form(slug)
        yield from ((entry.law, entry.article) for entry in form.form.sources) if form else ()


def save_revision(lesson: Lesson, new: NewRevision, around: Surroundings, *, at: datetime) -> None:
    """Add a revision after the ones the lesson has and make it the current one."""
    rendered = render(new.source, around)
    cited = [(citation.law, citation.article) for citation in rendered.citations]
    last = select(func.max(LessonRevision.number)).where(LessonRevision.lesson_id == lesson.id)
    revision = LessonRevision(
        lesson_id=lesson.id,
        number=(db.session.scalar(last) or 0) + 1,
        title=new.title,
        minutes=new.minutes,
        source=new.source,
        html=rendered.html,
        toc=[{"id": entry.id, "title": entry.title, "level": entry.level} for entry in rendered.toc],
        sources=[dict(source) for source in new.sources],
        citations=_unique([*cited, *_pieces_sources(new.source, around)]),
        self_check=list(new.self_check),
        as_of=new.as_of,
        reviewed_on=new.reviewed_on,
        review_outcome=new.review_outcome,
        review_note=new.review_note,
        content_hash=new.content_hash,
        author_id=new.author_id,
        created_at=at,
    )
    db.session.add(revision)
    db.session.flush()
    lesson.current_revision_id = revision.id
    lesson.content_hash = new.content_hash


def _unique(citations: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"law": law, "article": article} for law, article in dict.fromkeys(citations)]
