"""The pages of cohorts."""

from lms.cohorts.views import cohorts, learners, passwords, rosters, status, study, timetable
from lms.cohorts.views.blueprint import blueprint

__all__ = ["blueprint", "cohorts", "learners", "passwords", "rosters", "status", "study", "timetable"]
