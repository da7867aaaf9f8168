"""Reads the question bank's files and checks everything about them before anything is saved."""

from lms.core.faults import Fault
from lms.quizzes.content.files import Bank, Known, QuestionSource, read_bank
from lms.quizzes.content.schema import Entry

__all__ = ["Bank", "Entry", "Fault", "Known", "QuestionSource", "read_bank"]
