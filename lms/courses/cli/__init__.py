"""`lms courses …` and `lms laws …`."""

from lms.courses.cli.content import courses_group
from lms.courses.cli.laws import laws_group

__all__ = ["courses_group", "laws_group"]
