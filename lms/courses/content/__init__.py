"""Reads the files of `content/` and checks everything about them before anything is saved."""

from lms.core.faults import Fault
from lms.courses.content.files import Content, LessonSource, default_root, read_content
from lms.courses.content.forms import FormFile, FormSource
from lms.courses.content.schema import ArticleEntry, ItemEntry, LawFile, LessonFront, SourceEntry
from lms.courses.content.texts import TextFault, check_text, diagrams_in, forms_in

__all__ = [
    "ArticleEntry",
    "Content",
    "Fault",
    "FormFile",
    "FormSource",
    "ItemEntry",
    "LawFile",
    "LessonFront",
    "LessonSource",
    "SourceEntry",
    "TextFault",
    "check_text",
    "default_root",
    "diagrams_in",
    "forms_in",
    "read_content",
]
