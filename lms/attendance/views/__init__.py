"""The attendance pages: projector, phone, roll call, study, hours, staff."""

from lms.attendance.views import board, check_in, formats, hours, roll_call, staff, study
from lms.attendance.views.blueprint import blueprint

__all__ = ["blueprint", "board", "check_in", "formats", "hours", "roll_call", "staff", "study"]
