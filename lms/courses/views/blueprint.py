"""The blueprint that the pages of courses are hung on."""

from flask import Blueprint

blueprint = Blueprint(
    "courses",
    "lms.courses",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/courses",
)
SECTION = "courses.show_syllabus"  # the entry of the side bar that all staff pages of courses belong to
