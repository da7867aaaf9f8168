"""The one place that turns text into HTML: Markdown, then bleach, then nh3, when a text is saved and never per request."""

from lms.web.markup.rendering import Citation, KnowsArticle, Rendered, TocEntry, render_lesson, render_text

__all__ = ["Citation", "KnowsArticle", "Rendered", "TocEntry", "render_lesson", "render_text"]
