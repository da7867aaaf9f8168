"""The pages of courses."""

from lms.courses.views import diagrams, forms, learning, library, local, planning, reviews, syllabus
from lms.courses.views.blueprint import blueprint

__all__ = ["blueprint", "diagrams", "forms", "learning", "library", "local", "planning", "reviews", "syllabus"]
