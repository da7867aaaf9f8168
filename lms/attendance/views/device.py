"""Which device an act comes from: a short hash of the browser's name and a random cookie of ours, no more."""

import hashlib
import secrets

from flask import Response, after_this_request, current_app, request

_COOKIE = "lms_device"
_YEAR = 365 * 24 * 3600


def device() -> str:
    """Return the fingerprint of the device behind this request, and give a new device its cookie."""
    mark = request.cookies.get(_COOKIE, "")
    if not mark:
        _give_mark()
    agent = request.headers.get("User-Agent", "")
    return hashlib.sha256(f"{mark}|{agent}".encode()).hexdigest()[:12]


def mark_device() -> None:
    """Give a device its cookie before the first act, so that the first act already carries its mark."""
    if not request.cookies.get(_COOKIE):
        _give_mark()


def _give_mark() -> None:
    mark = secrets.token_hex(8)

    @after_this_request
    def give(response: Response) -> Response:
        response.set_cookie(
            _COOKIE,
            mark,
            max_age=_YEAR,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
        )
        return response
