"""The small content folder of the tests of courses."""

from tests.courses.conftest import folder, imported  # noqa: F401
