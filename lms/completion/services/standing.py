"""Where learners stand against their cohort's rule (为什么还没结业)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lms.attendance import services as attendance
from lms.attendance.services import Hours
from lms.cohorts import services as cohorts
from lms.cohorts.services import CohortView
from lms.completion.rules import CompletionRule, Facts, RuleState, decide
from lms.courses import services as courses
from lms.quizzes import services as quizzes
from lms.quizzes.services import QuizResult


@dataclass(frozen=True, slots=True)
class Standing:
    """A learner against every rule of the cohort, with the hours and the test result that were looked at."""

    person_id: int
    rules: tuple[RuleState, ...]
    hours: Hours
    final_score: int | None
    final_pass_mark: int

    @property
    def met(self) -> bool:
        """Whether every rule is met."""
        return all(state.met for state in self.rules)

    @property
    def met_count(self) -> int:
        """How many rules are met."""
        return sum(state.met for state in self.rules)


def standing(*, organisation_id: int, cohort_id: int, person_id: int, at: datetime) -> Standing:
    """Return one learner's standing, computed now."""
    return standings(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=[person_id], at=at)[person_id]


def standings(*, organisation_id: int, cohort_id: int, person_ids: Sequence[int], at: datetime) -> dict[int, Standing]:
    """Return the standing of several learners of a cohort; the number of statements does not grow with them."""
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    rule = CompletionRule.from_data(cohort.completion_rule)
    hours = attendance.hours_of_cohort(
        organisation_id=organisation_id, cohort_id=cohort_id, at=at, person_ids=person_ids
    )
    results = quizzes.quiz_results(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=person_ids)
    lesson_codes = _lesson_codes(cohort)
    finished = courses.finished_lessons(person_ids=person_ids)
    found = {}
    for person_id in person_ids:
        own_hours = hours.get(person_id) or attendance.no_hours(planned_seconds=cohort.planned_seconds)
        facts = _facts(
            cohort,
            own_hours,
            results.get(person_id, []),
            lessons_finished=len(finished.get(person_id, set()) & lesson_codes),
            lessons_total=len(lesson_codes),
        )
        found[person_id] = Standing(person_id, decide(rule, facts), own_hours, facts.final_score, facts.final_pass_mark)
    return found


def _lesson_codes(cohort: CohortView) -> set[str]:
    course = courses.get_course(organisation_id=cohort.organisation_id, course_id=cohort.course_id)
    lessons = courses.lessons_of_items(
        codes=[item.code for item in course.items], organisation_id=cohort.organisation_id
    )
    return {lesson.code for group in lessons.values() for lesson in group}


def _facts(
    cohort: CohortView, hours: Hours, results: Sequence[QuizResult], *, lessons_finished: int, lessons_total: int
) -> Facts:
    items = [result for result in results if result.kind == "item_quiz"]
    finals = [result for result in results if result.kind == "final_test"]
    best = max((result for result in finals if result.best_score is not None), key=_rank, default=None)
    return Facts(
        planned_seconds=cohort.planned_seconds,
        credited_seconds=hours.total_seconds,
        reachable_seconds=hours.reachable_seconds,
        lessons_finished=lessons_finished,
        lessons_total=lessons_total,
        quizzes_passed=sum(result.passed for result in items),
        quizzes_total=len(items),
        final_tests=len(finals),
        final_score=best.best_score if best else None,
        final_pass_mark=best.pass_mark if best else min((result.pass_mark for result in finals), default=60),
        final_passed=any(result.passed for result in finals),
    )


def _rank(result: QuizResult) -> tuple[bool, int]:
    """A test that was passed says more than a higher score in one that was not."""
    return result.passed, result.best_score or 0
