"""The blueprint that the attendance pages hang on."""

from flask import Blueprint

blueprint = Blueprint(
    "attendance",
    "lms.attendance",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/attendance",
)
SECTION = "attendance.overview"  # the entry of the side bar that all staff pages of attendance belong to
