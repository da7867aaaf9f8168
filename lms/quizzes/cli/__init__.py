"""`lms quizzes …` and `lms content …`."""

from lms.quizzes.cli.bank import quizzes_group
from lms.quizzes.cli.content import content_group

__all__ = ["content_group", "quizzes_group"]
