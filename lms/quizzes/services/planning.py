"""Quizzes of a cohort: made when it opens, adjusted by the registrar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from lms.cohorts import services as cohorts
from lms.core import audit
from lms.core.db import db, get_owned
from lms.core.errors import Conflict, Invalid
from lms.courses import services as courses
from lms.courses.services import CourseItemView
from lms.quizzes.models import Blueprint, Quiz
from lms.quizzes.rules.drawing import (
    MOST_QUESTIONS,
    Candidate,
    Section,
    chapter_sections,
    question_count,
    shortages,
    thin_pools,
)
from lms.quizzes.rules.kinds import DRAWABLE, FEWEST_PARTS, MOST_PARTS, Kind, MultipleRule, QuizKind
from lms.quizzes.services.bank import candidates, count_held
from lms.quizzes.services.quizzes import NO_QUIZ, quizzes_of_cohort
from lms.quizzes.services.records import as_sections, from_sections

LONGEST_MINUTES = 300
# kind → how many questions, marks of each; a paper is worth 100
ITEM_QUIZ = {Kind.SINGLE.value: (6, 10), Kind.MULTIPLE.value: (2, 10), Kind.TRUE_FALSE.value: (2, 10)}
FINAL_TEST = {Kind.SINGLE.value: (20, 2), Kind.MULTIPLE.value: (10, 4), Kind.TRUE_FALSE.value: (10, 2)}
ITEM_QUIZ_MINUTES, FINAL_TEST_MINUTES = 15, 60
FINAL_TEST_ATTEMPTS = 3
PASS_MARK = 60
FEWEST_IN_FINAL_TEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizSettings:
    """What a registrar decides about a quiz; `max_attempts` None is as often as one likes."""

    title: str
    minutes: int
    pass_mark: int
    max_attempts: int | None
    sections: tuple[Section, ...]
    multiple_rule: str = MultipleRule.ALL_OR_NOTHING.value
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DefaultsReport:
    """Which quizzes a cohort got, and of which items there are not enough questions yet."""

    created: tuple[int, ...]
    missing: tuple[str, ...]


def create_quiz(
    *,
    organisation_id: int,
    cohort_id: int,
    kind: str,
    settings: QuizSettings,
    item_code: str | None = None,
    at: datetime,
    actor_id: int | None,
) -> int:
    """Give a cohort a quiz and return its id; refused when the bank cannot fill a paper."""
    cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    _check(settings)
    _check_bank(settings.sections)
    blueprint_id = _save_blueprint(organisation_id, settings.sections, at=at, actor_id=actor_id)
    present = len(quizzes_of_cohort(organisation_id=organisation_id, cohort_id=cohort_id, withdrawn=True))
    quiz = Quiz(
        organisation_id=organisation_id,
        cohort_id=cohort_id,
        kind=kind,
        item_code=item_code,
        position=present + 1,
        blueprint_id=blueprint_id,
        created_at=at,
        **_columns(settings),
    )
    db.session.add(quiz)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict("这个条目刚刚已有测验，请刷新查看。") from None
    _log("quizzes.quiz_created", quiz, settings, at=at, actor_id=actor_id)
    return quiz.id


def create_final_test(
    *,
    organisation_id: int,
    cohort_id: int,
    at: datetime,
    actor_id: int | None,
    title: str = "结业考核",
    wanted: Mapping[str, tuple[int, int]] | None = None,
    minutes: int = FINAL_TEST_MINUTES,
    pass_mark: int = PASS_MARK,
    max_attempts: int | None = FINAL_TEST_ATTEMPTS,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> int:
    """Give a cohort a final test drawn by chapter and kind from its course's items and return its id.

    wanted: kind → (count, marks each), 40 questions when left out; `final_test_sections` says how they are spread.
    """
    settings = QuizSettings(
        title=title,
        minutes=minutes,
        pass_mark=pass_mark,
        max_attempts=max_attempts,
        sections=final_test_sections(organisation_id=organisation_id, cohort_id=cohort_id, wanted=wanted or FINAL_TEST),
        opens_at=opens_at,
        closes_at=closes_at,
    )
    return create_quiz(
        organisation_id=organisation_id,
        cohort_id=cohort_id,
        kind=QuizKind.FINAL_TEST,
        settings=settings,
        at=at,
        actor_id=actor_id,
    )


def final_test_sections(
    *, organisation_id: int, cohort_id: int, wanted: Mapping[str, tuple[int, int]]
) -> tuple[Section, ...]:
    """Return the plan of a cohort's final test; wanted: kind → (count, marks each).

    Chapters get questions by their planned minutes; where the bank holds less than wanted the test is shorter.
    """
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    items = courses.get_course(organisation_id=organisation_id, course_id=cohort.course_id).items
    sections = chapter_sections(_chapters(items), candidates(item_codes=[item.code for item in items]), wanted)
    if question_count(sections) < FEWEST_IN_FINAL_TEST:
        raise Invalid("题库里本课程各条目的试题太少，还不能组成结业考核。请先导入题库。")
    return sections


def item_quiz_sections(*, item_code: str, wanted: Mapping[str, tuple[int, int]] | None = None) -> tuple[Section, ...]:
    """Return the plan of the quiz after an item; wanted: kind → (count, marks each), choice kinds when left out."""
    return tuple(
        Section("", (item_code,), kind, count, marks) for kind, (count, marks) in (wanted or ITEM_QUIZ).items()
    )


def _chapters(items: Sequence[CourseItemView]) -> list[tuple[str, tuple[str, ...], int]]:
    """Return the course's chapters in order: heading, item codes, planned minutes."""
    chapters: dict[str, tuple[tuple[str, ...], int]] = {}
    for item in items:
        codes, minutes = chapters.get(item.group.heading, ((), 0))
        chapters[item.group.heading] = ((*codes, item.code), minutes + item.planned_minutes)
    return [(heading, codes, minutes) for heading, (codes, minutes) in chapters.items()]


def create_default_quizzes(
    *, organisation_id: int, cohort_id: int, item_codes: Sequence[str], at: datetime, actor_id: int | None
) -> DefaultsReport:
    """Give a cohort the quizzes it has not got: one after each item with enough questions, and a final test."""
    present = quizzes_of_cohort(organisation_id=organisation_id, cohort_id=cohort_id, withdrawn=True)
    titles = {item.code: item.title for item in courses.list_items(organisation_id=organisation_id)}
    pool = candidates(item_codes=item_codes)
    created: list[int] = []
    missing: list[str] = []
    for code in item_codes:
        if any(quiz.item_code == code for quiz in present):
            continue
        sections = item_quiz_sections(item_code=code)
        if shortages(sections, pool):
            missing.append(code)
            continue
        settings = QuizSettings(
            title=f"{code} {titles.get(code, '')}".strip()[:120],
            minutes=ITEM_QUIZ_MINUTES,
            pass_mark=PASS_MARK,
            max_attempts=None,
            sections=sections,
        )
        created.append(
            create_quiz(
                organisation_id=organisation_id,
                cohort_id=cohort_id,
                kind=QuizKind.ITEM_QUIZ,
                item_code=code,
                settings=settings,
                at=at,
                actor_id=actor_id,
            )
        )
    if not any(quiz.is_final for quiz in present):
        try:
            final = create_final_test(organisation_id=organisation_id, cohort_id=cohort_id, at=at, actor_id=actor_id)
        except Invalid:
            missing.append("结业考核")
        else:
            created.append(final)
    return DefaultsReport(tuple(created), tuple(missing))


def update_quiz(*, organisation_id: int, quiz_id: int, settings: QuizSettings, at: datetime, actor_id: int) -> None:
    """Change a quiz; papers that were begun keep the rules they were begun under."""
    quiz = get_owned(Quiz, organisation_id=organisation_id, id=quiz_id, message=NO_QUIZ)
    _check(settings)
    blueprint = db.session.get_one(Blueprint, quiz.blueprint_id)
    if as_sections(blueprint.sections) != settings.sections:
        _check_bank(settings.sections)  # a plan kept as it is may wait for questions under review
        quiz.blueprint_id = _save_blueprint(organisation_id, settings.sections, at=at, actor_id=actor_id)
    for name, value in _columns(settings).items():
        setattr(quiz, name, value)
    db.session.flush()
    _log("quizzes.quiz_changed", quiz, settings, at=at, actor_id=actor_id)


def withdraw_quiz(*, organisation_id: int, quiz_id: int, at: datetime, actor_id: int) -> None:
    """Offer a quiz no longer; what was achieved in it stays in the records, but it is no longer asked for."""
    _set_withdrawn(organisation_id, quiz_id, moment=at, at=at, actor_id=actor_id)


def restore_quiz(*, organisation_id: int, quiz_id: int, at: datetime, actor_id: int) -> None:
    """Offer a withdrawn quiz again."""
    _set_withdrawn(organisation_id, quiz_id, moment=None, at=at, actor_id=actor_id)


def _set_withdrawn(organisation_id: int, quiz_id: int, *, moment: datetime | None, at: datetime, actor_id: int) -> None:
    quiz = get_owned(Quiz, organisation_id=organisation_id, id=quiz_id, message=NO_QUIZ)
    quiz.withdrawn_at = moment
    audit.record(
        at=at,
        action="quizzes.quiz_withdrawn" if moment else "quizzes.quiz_restored",
        subject=f"quizzes_quiz:{quiz_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
    )


def _check(settings: QuizSettings) -> None:
    """Refuse what learners could not sit, with the field at fault."""
    if not 1 <= len(settings.title.strip()) <= 120:
        raise Invalid("请填写测验名称，120 个字以内。", field="title")
    if not 1 <= settings.minutes <= LONGEST_MINUTES:
        raise Invalid(f"时长应在 1 到 {LONGEST_MINUTES} 分钟之间。", field="minutes")
    if not 1 <= settings.pass_mark <= 100:
        raise Invalid("合格线是百分数，应在 1 到 100 之间。", field="pass_mark")
    if settings.max_attempts is not None and not 1 <= settings.max_attempts <= 99:
        raise Invalid("次数应在 1 到 99 之间；不限次数请留空。", field="max_attempts")
    if settings.multiple_rule not in set(MultipleRule):
        raise Invalid("请选择多选题的计分方法。", field="multiple_rule")
    if settings.opens_at and settings.closes_at and settings.closes_at <= settings.opens_at:
        raise Invalid("关闭时间必须晚于开放时间。", field="closes_at")
    _check_sections(settings)


def _check_sections(settings: QuizSettings) -> None:
    sections = settings.sections
    if not 1 <= question_count(sections) <= MOST_QUESTIONS:
        raise Invalid(f"一份试卷应有 1 到 {MOST_QUESTIONS} 题。", field="sections")
    for section in sections:
        if section.kind not in DRAWABLE or not section.items or section.count < 1:
            raise Invalid("请检查组卷方案：每一部分都要有范围、题型和题数。", field="sections")
        if not 1 <= section.marks <= 100:
            raise Invalid("每题分值应在 1 到 100 之间。", field="sections")
        if section.kind == Kind.CASE and section.marks < MOST_PARTS:
            fewest = f"案例题有 {FEWEST_PARTS} 到 {MOST_PARTS} 个小题，每题至少 {MOST_PARTS} 分"
            raise Invalid(f"{fewest}，这样每个小题都有分。", field="sections")
        halved = settings.multiple_rule == MultipleRule.HALF_IF_MISSING and section.kind == Kind.MULTIPLE
        if halved and section.marks % 2:
            raise Invalid("少选得一半分时，多选题的分值要填双数。", field="sections")


def _check_bank(sections: Sequence[Section]) -> None:
    reasons = _lacking(sections)
    if reasons:
        raise Invalid("题库不够抽：" + "；".join(reasons) + "。请减少题数或扩大范围。", field="sections")


def _lacking(sections: Sequence[Section]) -> list[str]:
    """Return why the bank cannot fill a plan now, in Chinese, with what waits for a review."""
    reasons = shortages(sections, _pool(sections))
    return shortages(sections, _pool(sections), count_held(item_codes=_items(sections))) if reasons else []


def _pool(sections: Sequence[Section]) -> Sequence[Candidate]:
    return candidates(item_codes=_items(sections))


def _items(sections: Sequence[Section]) -> set[str]:
    return {code for section in sections for code in section.items}


def plan_warnings(*, sections: Sequence[Section]) -> list[str]:
    """Return what a registrar should know about a plan, in Chinese: parts that cannot be filled, thin pools."""
    return _lacking(sections) or thin_pools(sections, _pool(sections))


def _columns(settings: QuizSettings) -> dict[str, Any]:
    return {
        "title": settings.title.strip(),
        "minutes": settings.minutes,
        "pass_mark": settings.pass_mark,
        "max_attempts": settings.max_attempts,
        "multiple_rule": settings.multiple_rule,
        "opens_at": settings.opens_at,
        "closes_at": settings.closes_at,
    }


def _save_blueprint(organisation_id: int, sections: Sequence[Section], *, at: datetime, actor_id: int | None) -> int:
    row = Blueprint(
        organisation_id=organisation_id, sections=from_sections(sections), created_at=at, created_by=actor_id
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _log(action: str, quiz: Quiz, settings: QuizSettings, *, at: datetime, actor_id: int | None) -> None:
    audit.record(
        at=at,
        action=action,
        subject=f"quizzes_quiz:{quiz.id}",
        actor_id=actor_id,
        organisation_id=quiz.organisation_id,
        cohort_id=quiz.cohort_id,
        blueprint_id=quiz.blueprint_id,
        minutes=settings.minutes,
        pass_mark=settings.pass_mark,
        max_attempts=settings.max_attempts,
        multiple_rule=str(settings.multiple_rule),
        opens_at=settings.opens_at.isoformat() if settings.opens_at else None,
        closes_at=settings.closes_at.isoformat() if settings.closes_at else None,
    )
