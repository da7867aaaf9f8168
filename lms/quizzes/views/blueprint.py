"""The blueprint that the pages of quizzes are hung on."""

from flask import Blueprint

blueprint = Blueprint(
    "quizzes",
    "lms.quizzes",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/quizzes",
)
MINE = "quizzes.mine"  # the entry of the bottom bar that all learner pages belong to
BANK_SECTION = "courses.show_syllabus"  # the entry of the side bar that the question bank stands in
COHORT_SECTION = "cohorts.index"  # the entry that a cohort's quizzes stand in
