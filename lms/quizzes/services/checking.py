"""Checks the whole content as files: laws, syllabus, lessons, working forms and the bank; no database is opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lms.core.faults import Fault
from lms.courses import services as courses
from lms.quizzes.content import Bank, Entry, Known, read_bank
from lms.quizzes.content.checks import check_closely, cited
from lms.quizzes.content.figures import ItemFigures, Taught, add_up, bias_of, count_items, likeness_text
from lms.quizzes.content.files import late
from lms.quizzes.rules.bias import Bias
from lms.quizzes.rules.likeness import alike
from lms.quizzes.rules.official import OFFICIAL, Totals, shortcomings


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentReport:
    """What the content holds and everything that is wrong with it; is_empty when nothing at all was found."""

    items: tuple[ItemFigures, ...]
    totals: Totals
    bias: Bias
    faults: tuple[Fault, ...]
    is_empty: bool

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def inspect_content(*, root: Path, today: date, official: bool) -> ContentReport:
    """Read and check everything under a content folder.

    official: also what the shipped content owes in number and balance (`rules.official`).
    """
    content = courses.read_content(root=root, today=today)
    bank = read_bank(root, known=Known({item.code for item in content.items}, content.articles))
    rows = count_items(_taught(content), bank.questions)
    totals, bias = add_up(rows), bias_of(bank.questions)
    faults = [
        *courses.content_faults(content=content, official=official),
        *bank.faults,
        *late(bank, today=today),
        *_question_faults(bank, content),
        *_lesson_faults(bank, content),
        *_likeness_faults(bank),
        *(_official_faults(rows, totals, bias) if official else ()),
    ]
    return ContentReport(
        items=tuple(rows),
        totals=totals,
        bias=bias,
        faults=tuple(sorted(set(faults))),
        is_empty=not content.items and not content.lessons and not bank.questions,
    )


def _taught(content: courses.Content) -> Iterator[Taught]:
    for item in content.items:
        lessons = [lesson.front for lesson in content.lessons if lesson.front.item == item.code]
        forms = [form.form for form in content.forms.values() if form.form.item == item.code]
        yield Taught(
            code=item.code,
            title=item.title,
            lessons=len(lessons),
            minutes=sum(front.minutes for front in lessons),
            forms=len(forms),
            reviewed=[*(front.reviewed.on for front in lessons), *(form.reviewed.on for form in forms)],
        )


def _question_faults(bank: Bank, content: courses.Content) -> Iterator[Fault]:
    for question in bank.questions:
        entry = question.entry
        for place, message in check_closely(entry):
            yield Fault(question.file, entry.slug, place, message)
        seen = set[str]()
        for place, law, _article in cited(entry):
            problem = courses.citation_problem(content=content, law=law, as_of=entry.as_of)
            if problem and law not in seen:
                yield Fault(question.file, entry.slug, place, problem)
            seen.add(law)


def _lesson_faults(bank: Bank, content: courses.Content) -> Iterator[Fault]:
    slugs = {question.entry.slug for question in bank.questions}
    for lesson in content.lessons:
        for slug in lesson.front.self_check:
            if slug not in slugs:
                yield Fault(lesson.file, "", "self_check", f"题库里没有试题 {slug}")


def _likeness_faults(bank: Bank) -> Iterator[Fault]:
    files = {question.entry.slug: question.file for question in bank.questions}
    entries: dict[str, Entry] = {question.entry.slug: question.entry for question in bank.questions}
    for first, second, share in alike({slug: likeness_text(entry) for slug, entry in entries.items()}):
        message = f"与 {second} 问的几乎是同一件事（相同 {100 * share:.0f}%），请改写或换掉其中一道"
        yield Fault(files[first], first, "stem", message)


def _official_faults(rows: list[ItemFigures], totals: Totals, bias: Bias) -> Iterator[Fault]:
    low, high = OFFICIAL.lessons_of_item
    for row in rows:
        if not low <= row.lessons <= high:
            yield Fault("syllabus", f"条目 {row.code}", "", f"有 {row.lessons} 课，应有 {low} 到 {high} 课")
        if row.questions < OFFICIAL.questions_of_item:
            message = f"有 {row.questions} 道题，至少要 {OFFICIAL.questions_of_item} 道"
            yield Fault(f"question_bank/{row.code}.toml", "", "", message)
    for what, message in shortcomings(totals, bias):
        yield Fault("全部内容", what, "", message)
