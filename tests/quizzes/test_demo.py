"""The demo's final test, practice and report."""

from lms.core.db import transaction
from lms.demo.practice import ANSWERED, practise_and_report
from lms.demo.world import twenty_questions
from lms.quizzes import services
from tests.factories import AT, member_of_staff
from tests.quizzes.bank import World


def test_staff_see_one_final_test_and_none_that_is_stopped(world: World) -> None:
    actor_id = member_of_staff(world.organisation_id)
    with transaction():
        made = twenty_questions(world.organisation_id, world.cohort_id, at=AT, actor_id=actor_id)
    listed = services.quizzes_of_cohort(
        organisation_id=world.organisation_id, cohort_id=world.cohort_id, withdrawn=True
    )
    (final,) = [quiz for quiz in listed if quiz.is_final]
    assert made == final.id == world.final.id
    assert (final.question_count, final.minutes, final.max_attempts) == (20, 30, world.final.max_attempts)


def test_the_demo_has_a_report_to_answer(world: World) -> None:
    """The queue of 纠错 is not empty when somebody tries the product."""
    with transaction():
        practise_and_report(world.organisation_id, world.person_id, item_code="1.1", at=AT)
    assert services.count_open_reports(organisation_id=world.organisation_id) == 1
    practice = services.find_practice(organisation_id=world.organisation_id, person_id=world.person_id, item_code="1.1")
    assert practice is not None
    assert len(practice.outcomes) == ANSWERED
