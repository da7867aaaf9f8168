"""Practice: an item's questions one after the other, each explained as soon as it is answered.

A run is resumed where it stopped, on any phone. It counts nowhere: neither for hours nor for completion.
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, func, select

from lms.cohorts import services as cohorts
from lms.core.db import db, owned
from lms.core.errors import Conflict, Invalid, NotFound
from lms.courses import services as courses
from lms.quizzes.models import Attempt, PracticeAnswer, PracticeRun, Question, QuestionVersion, Quiz
from lms.quizzes.rules.answers import Answer, BadAnswer, Simple, parts_of, read_answer
from lms.quizzes.rules.kinds import Kind, MultipleRule, QuizKind
from lms.quizzes.rules.marking import is_number, mark
from lms.quizzes.rules.practice import open_positions, plan_run
from lms.quizzes.services.attempts import SEED_BITS, layout
from lms.quizzes.services.bank import IN_USE, candidates, usable_versions
from lms.quizzes.services.practice_records import (
    Practice,
    PracticeItem,
    PracticeQuestion,
    RunningFinal,
    WrongAnswer,
)
from lms.quizzes.services.rows import insert_once
from lms.quizzes.services.versions import asked, face_view, marked

NO_RUN = "没有找到这次练习。请从题库的“练习”重新进入。"
CLOSED = "结业考核正在作答，练习和解析暂时关闭。请先交卷再练习。"
RULE = MultipleRule.ALL_OR_NOTHING


def find_running_final(*, organisation_id: int, person_id: int, at: datetime) -> RunningFinal | None:
    """Return the final test that a person is writing now, at any institution: the bank is the same everywhere."""
    statement = (
        select(Attempt.id, Attempt.organisation_id, Quiz.title)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(
            Attempt.person_id == person_id,
            Attempt.handed_in_at.is_(None),
            Attempt.deadline_at > at,
            Quiz.kind == QuizKind.FINAL_TEST,
        )
        .limit(1)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    return RunningFinal(row.id if row.organisation_id == organisation_id else None, row.title)


def _refuse_during_final(organisation_id: int, person_id: int, *, at: datetime) -> None:
    if find_running_final(organisation_id=organisation_id, person_id=person_id, at=at) is not None:
        raise Conflict(CLOSED)


def practice_items(*, organisation_id: int, person_id: int, at: datetime) -> list[PracticeItem]:
    """Return what a person can practise: the items of the course they study, all official ones without a course.

    Items without questions are left out.
    """
    titles = _items_of(organisation_id, person_id, at=at)
    numbers = _count_by_item(titles)
    practised = _practised(organisation_id, person_id)
    runs = _runs_by_item(organisation_id, person_id)
    items = []
    for code, title in titles.items():
        if not numbers.get(code):
            continue
        answered, right, running = runs.get(code, (0, 0, None))
        state = "new" if running is None else "running" if running else "finished"
        items.append(PracticeItem(code, title, numbers[code], practised.get(code, 0), answered, right, state))
    return items


def _items_of(organisation_id: int, person_id: int, *, at: datetime) -> dict[str, str]:
    """Return titles by code, in the order of the course or the syllabus."""
    place = cohorts.current_enrolment(person_id=person_id, organisation_id=organisation_id, at=at)
    if place is None:
        return {item.code: item.title for item in courses.list_items(organisation_id=None)}
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=place.cohort_id)
    course = courses.get_course(organisation_id=organisation_id, course_id=cohort.course_id)
    return {item.code: item.title for item in course.items}


def _count_by_item(codes: Collection[str]) -> dict[str, int]:
    statement = (
        select(Question.item_code, func.count())
        .where(Question.item_code.in_(codes), *IN_USE)
        .group_by(Question.item_code)
    )
    return dict(db.session.execute(statement).all())


def _practised(organisation_id: int, person_id: int) -> dict[str, int]:
    """Return how many of the questions in use a person has answered at least once, by item."""
    statement = (
        select(Question.item_code, func.count(Question.id.distinct()))
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(PracticeAnswer, PracticeAnswer.version_id == QuestionVersion.id)
        .join(PracticeRun, PracticeRun.id == PracticeAnswer.run_id)
        .where(PracticeRun.organisation_id == organisation_id, PracticeRun.person_id == person_id, *IN_USE)
        .group_by(Question.item_code)
    )
    return dict(db.session.execute(statement).all())


def _runs_by_item(organisation_id: int, person_id: int) -> dict[str, tuple[int, int, bool | None]]:
    """Return answers and right answers of all runs by item, and whether one of the runs goes on."""
    statement = (
        select(
            PracticeRun.item_code,
            func.sum(PracticeRun.answered),
            func.sum(PracticeRun.right_count),
            func.count().filter(PracticeRun.finished_at.is_(None)),
        )
        .where(PracticeRun.organisation_id == organisation_id, PracticeRun.person_id == person_id)
        .group_by(PracticeRun.item_code)
    )
    return {code: (answered, right, bool(going)) for code, answered, right, going in db.session.execute(statement)}


def count_practice(*, item_code: str) -> int:
    """Return how many questions of an item can be practised now."""
    return len(usable_versions(item_codes=[item_code]))


def begin_practice(
    *,
    organisation_id: int,
    person_id: int,
    item_code: str,
    only_wrong: bool = False,
    at: datetime,
    seed: int | None = None,
) -> int:
    """Begin a run through an item, or go on with the one that runs; return its id.

    only_wrong: the questions that went wrong in the latest run. Raises Conflict during a final test, and when there is
    nothing to practise.
    """
    courses.get_item(organisation_id=organisation_id, code=item_code)
    _refuse_during_final(organisation_id, person_id, at=at)
    latest = db.session.scalars(_latest(organisation_id, person_id, item_code)).one_or_none()
    if latest is not None and latest.finished_at is None:
        if not _as_practice(latest).is_over:
            return latest.id
        latest.finished_at = at  # all that was left in it has been held back or retired
        db.session.flush()
    pool = candidates(item_codes=[item_code])
    if only_wrong:
        slugs = _wrong_slugs(latest)
        pool = [candidate for candidate in pool if candidate.slug in slugs]
    if not pool:
        nothing = "没有可练的错题：上一次没有答错的题，或它们正在复核。" if only_wrong else "这个条目还没有可练的试题。"
        raise Conflict(f"{nothing}请换一个条目，或先去学课文。")
    seed = secrets.randbits(SEED_BITS) if seed is None else seed
    values = {
        "organisation_id": organisation_id,
        "person_id": person_id,
        "item_code": item_code,
        "seed": seed,
        "plan": [{"version_id": one.version_id, **layout(one, laid)} for one, laid in plan_run(pool, seed)],
        "question_count": len(pool),
        "answered": 0,
        "right_count": 0,
        "started_at": at,
    }
    made = insert_once(PracticeRun.__table__, values)  # type: ignore[arg-type]
    return db.session.scalars(_latest(organisation_id, person_id, item_code)).one().id if made is None else made


def _latest(organisation_id: int, person_id: int, item_code: str) -> Select[PracticeRun]:
    """Select the run that goes on, else the newest one."""
    return (
        owned(PracticeRun, organisation_id)
        .where(PracticeRun.person_id == person_id, PracticeRun.item_code == item_code)
        .order_by(PracticeRun.finished_at.is_not(None), PracticeRun.id.desc())
        .limit(1)
    )


def _wrong_slugs(run: PracticeRun | None) -> set[str]:
    if run is None:
        return set()
    wrong = (
        select(Question.slug)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(PracticeAnswer, PracticeAnswer.version_id == QuestionVersion.id)
        .where(PracticeAnswer.run_id == run.id, PracticeAnswer.right_parts < PracticeAnswer.parts)
    )
    return set(db.session.scalars(wrong))


def find_practice(*, organisation_id: int, person_id: int, item_code: str) -> Practice | None:
    """Return a person's run through an item: the one that goes on, else the latest; None before the first."""
    run = db.session.scalars(_latest(organisation_id, person_id, item_code)).one_or_none()
    return None if run is None else _as_practice(run)


def _as_practice(run: PracticeRun) -> Practice:
    answers = select(PracticeAnswer.position, PracticeAnswer.right_parts == PracticeAnswer.parts).where(
        PracticeAnswer.run_id == run.id
    )
    outcomes = dict(db.session.execute(answers).all())
    left = () if run.finished_at is not None else _open(run, outcomes)
    return Practice(run.id, run.item_code, run.question_count, outcomes, tuple(left))


def _open(run: PracticeRun, answered: Collection[int]) -> list[int]:
    """Return the positions still to come; a wording that was replaced meanwhile is not asked any more either."""
    usable = set(usable_versions(item_codes=[run.item_code]))
    return open_positions([one["version_id"] for one in run.plan], answered=answered, usable=usable)


def get_practice_question(
    *, organisation_id: int, person_id: int, run_id: int, position: int, draft: object = None
) -> PracticeQuestion:
    """Return a question of a person's run: without its key as long as it is not answered, explained afterwards.

    draft: what was filled in and refused, shown again as far as it fits.
    """
    run = _own_run(organisation_id, person_id, run_id)
    planned = _planned(run, position)
    version = db.session.get_one(QuestionVersion, planned["version_id"])
    kept = db.session.get(PracticeAnswer, (run_id, position))
    laid = {"option_order": planned["option_order"], "parts": planned["parts"]}
    if kept is None:
        answer = _draft(version.kind, planned, draft)
        question = asked(version.kind, version.shown, **laid, answer=answer, marks=_worth(planned))
        return PracticeQuestion(position, version.id, question)
    given = marked(version.kind, version.answer_key, **laid, answer=kept.answer, marks=kept.parts, rule=RULE)
    face = face_view(version.kind, version.shown, version.answer_key, given)
    chips = tuple(courses.citations(version.answer_key["sources"]))
    held_at = db.session.scalar(select(Question.held_at).where(Question.id == version.question_id))
    return PracticeQuestion(position, version.id, None, face, chips, is_held=held_at is not None)


def _draft(kind: str, planned: dict[str, Any], draft: object) -> Answer:
    try:
        return read_answer(kind, planned["option_count"], draft, planned["parts"] or ())
    except BadAnswer:
        return None


def _own_run(organisation_id: int, person_id: int, run_id: int, *, lock: bool = False) -> PracticeRun:
    statement = owned(PracticeRun, organisation_id).where(PracticeRun.id == run_id, PracticeRun.person_id == person_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    run = db.session.scalars(statement).one_or_none()
    if run is None:
        raise NotFound(NO_RUN)
    return run


def _planned(run: PracticeRun, position: int) -> dict[str, Any]:
    if not 1 <= position <= len(run.plan):
        raise NotFound(NO_RUN)
    return run.plan[position - 1]


def _worth(planned: dict[str, Any]) -> int:
    """Return how many things there are to get right: the questions of a case, one for everything else."""
    return len(planned["parts"] or ()) or 1


def answer_practice(
    *,
    organisation_id: int,
    person_id: int,
    run_id: int,
    position: int,
    given: object,
    give_up: bool = False,
    at: datetime,
) -> bool:
    """Keep the answer to a question of a run; False when there was one before, which stays.

    give_up: what is missing is missing; otherwise an answer with something left out is refused. The last answer ends
    the run.
    """
    _refuse_during_final(organisation_id, person_id, at=at)
    run = _own_run(organisation_id, person_id, run_id, lock=True)
    planned = _planned(run, position)
    if db.session.get(PracticeAnswer, (run_id, position)) is not None:
        return False
    if run.finished_at is not None:
        raise Conflict("这次练习已经结束。请从练习目录重新进入。")
    if planned["version_id"] not in usable_versions(item_codes=[run.item_code]):
        raise Conflict("这道题刚刚停用或转入复核，已为您跳过，请继续做下一题。")
    version = db.session.get_one(QuestionVersion, planned["version_id"])
    answer = _read(version.kind, planned, given)
    if not give_up:
        _check_filled(version, answer)
    _keep(run, position, planned, version, answer, at=at)
    return True


def _read(kind: str, planned: dict[str, Any], given: object) -> Answer:
    try:
        return read_answer(kind, planned["option_count"], given, planned["parts"] or ())
    except BadAnswer as problem:
        raise Invalid(str(problem), field="answer") from problem


def _check_filled(version: QuestionVersion, answer: Answer) -> None:
    """Refuse an answer with something left out, and words where a number is asked for: the first answer counts."""
    if version.kind != Kind.CASE:
        asked_for = [(version.kind, version.answer_key, cast("Simple", answer))]
    else:
        kinds = [part["kind"] for part in version.shown["parts"]]
        answers = parts_of(answer, len(kinds))
        asked_for = list(zip(kinds, version.answer_key["parts"], answers, strict=True))
    missing = [number for number, (_kind, _key, one) in enumerate(asked_for, start=1) if one is None]
    if missing and version.kind == Kind.CASE:
        listed = "、".join(str(number) for number in missing)
        raise Invalid(f"第 {listed} 小题还没有作答。做完再提交，或点“不会，看解析”。", field="answer")
    if missing:
        raise Invalid("请先作答再提交；不会做可以点“不会，看解析”。", field="answer")
    for number, (kind, key, one) in enumerate(asked_for, start=1):
        if kind == Kind.NUMERIC and isinstance(one, str) and not is_number(one, key):
            place = f"第 {number} 小题" if version.kind == Kind.CASE else "这道题"
            raise Invalid(f"{place}要填数字，请把“{one}”改成数字，例如 1234.5。", field="answer")


def _keep(
    run: PracticeRun,
    position: int,
    planned: dict[str, Any],
    version: QuestionVersion,
    answer: Answer,
    *,
    at: datetime,
) -> None:
    parts = _worth(planned)
    right = mark(
        kind=version.kind,
        answer=answer,
        key=version.answer_key,
        option_order=planned["option_order"],
        marks=parts,
        rule=RULE,
        parts=planned["parts"] or (),
    )
    values = {"run_id": run.id, "position": position, "version_id": version.id, "answer": answer}
    db.session.add(PracticeAnswer(**values, right_parts=right, parts=parts, answered_at=at))
    run.answered += 1
    run.right_count += right == parts
    db.session.flush()
    if _as_practice(run).is_over:
        run.finished_at = at
        db.session.flush()


def end_practice(*, organisation_id: int, person_id: int, run_id: int, at: datetime) -> None:
    """End a run before its last question; what was answered counts, a run that is over stays as it is."""
    run = _own_run(organisation_id, person_id, run_id, lock=True)
    if run.finished_at is None:
        run.finished_at = at
        db.session.flush()


def wrong_answers(*, organisation_id: int, person_id: int, run_id: int) -> list[WrongAnswer]:
    """Return the questions of a run that were not wholly right, in the order of the run."""
    _own_run(organisation_id, person_id, run_id)
    statement = (
        select(PracticeAnswer.position, QuestionVersion.kind, QuestionVersion.stem)
        .join(QuestionVersion, QuestionVersion.id == PracticeAnswer.version_id)
        .where(PracticeAnswer.run_id == run_id, PracticeAnswer.right_parts < PracticeAnswer.parts)
        .order_by(PracticeAnswer.position)
    )
    return [WrongAnswer(*row) for row in db.session.execute(statement)]
