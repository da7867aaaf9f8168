"""What quizzes add to the staff pages of courses: questions in the syllabus, in the register, among the reviews."""

from collections.abc import Sequence
from typing import Any

from flask import g, render_template, url_for
from markupsafe import Markup, escape

from lms.courses.services import ItemCoverage, ItemView
from lms.quizzes import services
from lms.quizzes.services import QuestionCoverage
from lms.web.access import Actor
from lms.web.assets import asset


def _coverage() -> dict[str, QuestionCoverage]:
    """Return the questions by item, read once a request however many rows ask."""
    if "quizzes_coverage" not in g:
        g.quizzes_coverage = services.question_coverage()
    found: dict[str, QuestionCoverage] = g.quizzes_coverage
    return found


def syllabus_figures(*, entries: Sequence[ItemCoverage], **_: Any) -> str:
    """On top of the syllabus: 全要素, 全周期, 全链条."""
    numbers = services.syllabus_numbers(entries=entries, questions=_coverage())
    return render_template("quizzes/_syllabus_figures.html", numbers=numbers)


def item_questions(*, item: ItemView, **_: Any) -> str:
    """In a row of the syllabus: how many questions an item has."""
    own = _coverage().get(item.code)
    return f"{own.questions} 道" if own else ""


def item_waiting(*, item: ItemView, **_: Any) -> str:
    """In a row of the syllabus: how many questions of an item wait for a review."""
    own = _coverage().get(item.code)
    return f"{own.held} 道" if own and own.held else ""


def item_card(*, item: ItemView, actor: Actor, **_: Any) -> str:
    """On the staff page of an item: its questions by kind."""
    own = _coverage().get(item.code)
    if own is None:
        return ""
    return render_template("quizzes/_item_card.html", item=item, own=own, may_read=actor.can("quizzes.read"))


def article_use(*, law_slug: str, no: str, actor: Actor, **_: Any) -> str:
    """Beside an article of the register, for those who may read the bank: how many questions cite it."""
    if not actor.can("quizzes.read"):
        return ""
    counts: dict[str, dict[str, int]] = g.setdefault("quizzes_citing", {})
    if law_slug not in counts:
        counts[law_slug] = services.count_citing(law_slug=law_slug)
    number = counts[law_slug].get(no)
    return f"试题 {number} 道" if number else ""


def review_stem(*, subject: str, among: Sequence[str], **_: Any) -> str:
    """In the list of what waits: what a question asks, read once for all of the list."""
    if "quizzes_stems" not in g:
        g.quizzes_stems = services.question_stems(slugs=among)
    stem = g.quizzes_stems.get(subject, "")
    return escape(stem if len(stem) <= 80 else f"{stem[:80]}…")


def review_styles(**_: Any) -> str:
    """What the pages of a question look like."""
    return Markup('<link rel="stylesheet" href="{}">').format(asset("quizzes", "quizzes.css"))


def review_subject(*, subject: str, **_: Any) -> str:
    """On the page of a review: the question with its key."""
    card = services.find_question_card(slug=subject)
    if card is None:
        return ""
    href = url_for("quizzes.show_question", question_id=card.id)
    return render_template("quizzes/_review_subject.html", card=card, href=href)
