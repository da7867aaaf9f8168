"""A course as one learner goes through it: items, lessons, what is finished, what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass

from lms.cohorts.models import Cohort
from lms.core.db import get_owned
from lms.courses import services as courses
from lms.courses.services import CourseItemView, LessonView


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """An item of the course with its lessons and the codes of those the learner finished."""

    item: CourseItemView
    lessons: tuple[LessonView, ...]
    finished: frozenset[str]

    @property
    def minutes(self) -> int:
        """Nominal minutes of all lessons."""
        return sum(lesson.minutes for lesson in self.lessons)

    @property
    def is_finished(self) -> bool:
        """Whether there are lessons and none is left."""
        return bool(self.lessons) and len(self.finished) == len(self.lessons)


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """The whole course of a cohort for one learner, in the course's order."""

    course_name: str
    items: tuple[ItemProgress, ...]

    @property
    def total(self) -> int:
        """Number of lessons."""
        return sum(len(each.lessons) for each in self.items)

    @property
    def finished(self) -> int:
        """Number of finished lessons."""
        return sum(len(each.finished) for each in self.items)

    @property
    def next_lesson(self) -> LessonView | None:
        """The first lesson that is not finished yet."""
        return next(self._unfinished(), None)

    def groups(self) -> list[tuple[str, list[ItemProgress]]]:
        """Return the items under the headings of the syllabus."""
        found: dict[str, list[ItemProgress]] = {}
        for each in self.items:
            found.setdefault(each.item.group.heading, []).append(each)
        return list(found.items())

    def _unfinished(self) -> Iterator[LessonView]:
        return (lesson for each in self.items for lesson in each.lessons if lesson.code not in each.finished)


def study_plan(*, organisation_id: int, cohort_id: int, person_id: int) -> StudyPlan:
    """Return a cohort's course with one person's progress; five statements however many lessons there are."""
    cohort = get_owned(Cohort, organisation_id=organisation_id, id=cohort_id)
    course = courses.get_course(organisation_id=organisation_id, course_id=cohort.course_id)
    lessons = courses.lessons_of_items(codes=[item.code for item in course.items])
    finished = courses.finished_lessons(person_ids=[person_id])[person_id]
    return StudyPlan(
        course.name,
        tuple(
            ItemProgress(
                item,
                tuple(lessons[item.code]),
                frozenset(lesson.code for lesson in lessons[item.code] if lesson.code in finished),
            )
            for item in course.items
        ),
    )
