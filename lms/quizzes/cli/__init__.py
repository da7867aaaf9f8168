"""`lms quizzes …` and `lms content …`."""

from lms.quizzes.cli.bank import quizzes_group
from lms.quizzes.cli.content import content_group
from lms.quizzes.cli.imports import import_all
from lms.quizzes.cli.reports import list_accepted

content_group.add_command(import_all)
quizzes_group.add_command(list_accepted)

__all__ = ["content_group", "quizzes_group"]
