"""Pieces of a page that higher plugins add to a lower plugin's page, without the lower one knowing them."""

from typing import Any

from flask import current_app
from markupsafe import Markup

from lms.core.plugin import Registry


def registry() -> Registry:
    """Return the running application's plugins."""
    found: Registry = current_app.extensions["lms_registry"]
    return found


def render_parts(slot: str, **context: Any) -> Markup:
    """Return the rendered parts of a slot, in order; in templates: `{{ parts("home.learner") }}`."""
    return Markup("").join(Markup(part.render(**context)) for part in registry().parts(slot))  # noqa: S704
