"""The moment of the scan: a QR code lives 30 seconds, signing in to the site may take longer.

Whoever opens the projector's address in time gets a signed cookie that says so; with it the button works for five
minutes, in this browser only. The cookie outlives the sign-in, which clears the session.
"""

from datetime import datetime

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from lms.core.crypto import current_keys

_COOKIE = "lms_scan"
GOOD_FOR_SECONDS = 300


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_keys().derive("attendance.scan"))


def remember_scan(response: Response, *, session_id: int, at: datetime) -> None:
    """Note in the browser that it scanned a class's code just now."""
    response.set_cookie(
        _COOKIE,
        str(_signer().dumps([session_id, int(at.timestamp())])),
        max_age=GOOD_FOR_SECONDS,
        path="/check-in",
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
    )


def forget_scan(response: Response) -> None:
    """A scan is good for one act."""
    response.delete_cookie(_COOKIE, path="/check-in")


def has_scanned(session_id: int, at: datetime) -> bool:
    """Whether this browser scanned the class's code within the last five minutes."""
    try:
        found = _signer().loads(request.cookies.get(_COOKIE, ""))
    except BadSignature:
        return False
    scanned, moment = found
    return bool(scanned == session_id and 0 <= at.timestamp() - moment <= GOOD_FOR_SECONDS)
