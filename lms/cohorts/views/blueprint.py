"""The blueprint that the pages of cohorts are hung on."""

from flask import Blueprint

blueprint = Blueprint(
    "cohorts",
    "lms.cohorts",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/cohorts",
)
SECTION = "cohorts.index"  # the entry of the side bar that all staff pages of cohorts belong to
