"""The one place that turns text into HTML: Markdown, bleach, nh3; when a text is saved, never per request."""

from lms.web.markup.pieces import EXERCISE, FIGURE, FOLDS, FORM, Figure
from lms.web.markup.rendering import Rendered, TocEntry, render_lesson, render_text
from lms.web.markup.syntax import CITATION, Citation, KnowsArticle

__all__ = [
    "CITATION",
    "EXERCISE",
    "FIGURE",
    "FOLDS",
    "FORM",
    "Citation",
    "Figure",
    "KnowsArticle",
    "Rendered",
    "TocEntry",
    "render_lesson",
    "render_text",
]
