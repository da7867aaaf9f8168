"""The pages of quizzes."""

from lms.quizzes.views import attempts, bank, cohorts, learner, practice, reports
from lms.quizzes.views.blueprint import blueprint

__all__ = ["attempts", "bank", "blueprint", "cohorts", "learner", "practice", "reports"]
