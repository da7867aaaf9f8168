"""The small content folder of the tests of courses, the served application of those of quizzes."""

from tests.courses.conftest import folder, imported  # noqa: F401
from tests.quizzes.site import site  # noqa: F401
