"""One call each into our own services."""

from lms.cohorts.events import CohortOpened
from lms.courses.events import ArticlesChanged, ReviewCleared
from lms.quizzes import services
from lms.search.events import IndexCleared


def on_cohort_opened(event: CohortOpened) -> None:
    """An opened cohort gets its quizzes, in the same transaction."""
    services.create_default_quizzes(
        organisation_id=event.organisation_id,
        cohort_id=event.cohort_id,
        item_codes=event.item_codes,
        at=event.at,
        actor_id=event.actor_id,
    )


def on_index_cleared(_event: IndexCleared) -> None:
    """An emptied search index gets our questions again."""
    services.index_questions()


def on_articles_changed(event: ArticlesChanged) -> None:
    """What cites a changed article waits for a review, in the transaction of the finding."""
    services.hold_questions(changes=event.changes, at=event.at)


def on_review_cleared(event: ReviewCleared) -> None:
    """A question of which nothing waits any more can be drawn again."""
    if event.subject_kind == "question" and event.is_released:
        services.release_question(slug=event.subject)
