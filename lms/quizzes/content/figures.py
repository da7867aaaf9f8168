"""Counts what the content holds: a row for each syllabus item, sums, and what gives answers away."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lms.quizzes.content.files import QuestionSource
from lms.quizzes.content.schema import Entry
from lms.quizzes.rules.bias import Bias, measure
from lms.quizzes.rules.kinds import Difficulty, Kind
from lms.quizzes.rules.official import Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What an item has beside questions; reviewed are the days of its lessons' and forms' last readings."""

    code: str
    title: str
    lessons: int
    minutes: int
    forms: int
    reviewed: Sequence[date]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFigures:
    """One row of the table; oldest_review over lessons, forms and questions."""

    code: str
    title: str
    lessons: int
    minutes: int
    forms: int
    questions: int
    kinds: Mapping[Kind, int]
    difficulties: Mapping[Difficulty, int]
    oldest_review: date | None


def count_items(taught: Iterable[Taught], questions: Sequence[QuestionSource]) -> list[ItemFigures]:
    """Return a row for each item, in the syllabus's order."""
    by_item: dict[str, list[Entry]] = {}
    for question in questions:
        by_item.setdefault(question.entry.item, []).append(question.entry)
    rows = []
    for item in taught:
        own = by_item.get(item.code, [])
        readings = [*item.reviewed, *(entry.reviewed.on for entry in own)]
        rows.append(
            ItemFigures(
                code=item.code,
                title=item.title,
                lessons=item.lessons,
                minutes=item.minutes,
                forms=item.forms,
                questions=len(own),
                kinds=dict(Counter(entry.kind for entry in own)),
                difficulties=dict(Counter(entry.difficulty for entry in own)),
                oldest_review=min(readings, default=None),
            )
        )
    return rows


def add_up(rows: Iterable[ItemFigures]) -> Totals:
    """Return the sums of all rows."""
    listed = list(rows)
    kinds: Counter[Kind] = Counter()
    difficulties: Counter[Difficulty] = Counter()
    for row in listed:
        kinds.update(row.kinds)
        difficulties.update(row.difficulties)
    return Totals(
        lessons=sum(row.lessons for row in listed),
        minutes=sum(row.minutes for row in listed),
        forms=sum(row.forms for row in listed),
        questions=sum(row.questions for row in listed),
        kinds=dict(kinds),
        difficulties=dict(difficulties),
    )


def bias_of(questions: Sequence[QuestionSource]) -> Bias:
    """Return what gives the answers of a bank away; only questions with a sound key are counted."""
    singles: list[tuple[int, Sequence[str]]] = []
    multiples: list[tuple[int, int]] = []
    statements: list[bool] = []
    for entry in (question.entry for question in questions):
        right = [at for at, option in enumerate(entry.options) if option.correct]
        if entry.kind == Kind.SINGLE and len(right) == 1:
            singles.append((right[0], [option.text for option in entry.options]))
        elif entry.kind == Kind.MULTIPLE:
            multiples.append((len(right), len(entry.options)))
        elif entry.kind == Kind.TRUE_FALSE and isinstance(entry.answer, bool):
            statements.append(entry.answer)
    return measure(singles=singles, multiples=multiples, statements=statements)


def likeness_text(entry: Entry) -> str:
    """Return what a question asks and what is right, for comparing it with others; of a case also its questions."""
    return "".join([entry.stem, _right(entry), *(f"{part.stem}{_right(part)}" for part in entry.parts)])


def _right(asking: object) -> str:
    options = getattr(asking, "options", [])
    if options:
        return "".join(option.text for option in options if option.correct)
    answers = getattr(asking, "answers", [])
    answer = getattr(asking, "answer", None)
    if isinstance(answer, bool):
        return "对" if answer else "错"
    return answers[0] if answers else str(answer or "")
