"""Puts the web side of the house together; plugins add their blueprints afterwards."""

import os
from typing import Any

from flask import Blueprint, Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from lms.core.plugin import NavItem
from lms.core.settings import Settings
from lms.web import access, assets, errors, formats, headers, observe, tables
from lms.web.access import Actor, find_actor
from lms.web.parts import registry, render_parts


class BoundedInt(IntegerConverter):
    """An id in an address: what no database column can hold is simply not found."""

    def __init__(self, map: Map, **options: Any) -> None:  # noqa: A002
        """Bound every `<int:…>` that names no bound of its own."""
        super().__init__(map, **{"max": 2**31 - 1, **options})


csrf = CSRFProtect()
MAX_UPLOAD = 8 * 1024 * 1024


def init_app(app: Flask, settings: Settings) -> None:
    """Set up sessions, CSRF, layout, errors, headers, logs and health pages."""
    app.config |= {
        "SESSION_COOKIE_NAME": "lms_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": 7 * 24 * 3600,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "MAX_CONTENT_LENGTH": MAX_UPLOAD,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "WTF_I18N_ENABLED": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # some in-app browsers send no Referer; the token is still checked
        "BOOTSTRAP_SERVE_LOCAL": True,
    }
    app.url_map.converters["int"] = BoundedInt
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    blueprint = Blueprint(
        "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static/web"
    )
    observe.init_app(app, blueprint, metrics_token=os.environ.get("LMS_METRICS_TOKEN", ""))
    Bootstrap5(app)
    access.init_app(app)
    csrf.init_app(app)  # after the gate: whoever is signed out is told so, not that their page is too old
    errors.init_app(app)
    headers.init_app(app, secure=settings.secure_cookies)
    formats.init_app(app)
    assets.init_app(app)
    app.jinja_env.globals |= {
        "actor": find_actor,
        "nav_items": nav_items,
        "parts": render_parts,
        "list_url": tables.list_url,
        "sort_url": tables.sort_url,
        "sort_state": tables.sort_state,
        "product": "安薪学堂",
    }
    app.register_blueprint(blueprint)


def _refuse_nul() -> None:
    """Refuse the one character that PostgreSQL cannot keep in a text."""
    found = "\0" in request.path or b"%00" in request.query_string
    if request.method == "POST" and request.is_json:
        found = found or b"\\u0000" in request.get_data()
    elif request.method == "POST":
        found = found or any("\0" in value for values in request.form.listvalues() for value in values)
    if found:
        raise BadRequest


def nav_items(frame: str, actor: Actor) -> list[NavItem]:
    """Return the entries of a frame that a person may use."""
    return [item for item in registry().nav(frame) if actor.can(item.permission)]
