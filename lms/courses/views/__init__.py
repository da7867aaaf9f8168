"""The pages of courses."""

from lms.courses.views import learning, library, local, planning, syllabus
from lms.courses.views.blueprint import blueprint

__all__ = ["blueprint", "learning", "library", "local", "planning", "syllabus"]
