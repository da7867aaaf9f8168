"""The six digits and the QR token on the projector: bound to one class, renewed every fifteen seconds.

Both come from a key and the server's clock alone, so every process shows and accepts the same ones.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW_SECONDS = 15
CODE_DIGITS = 6
LARGEST_FAILURES = 10
FAILURES_WITHIN = timedelta(minutes=5)

_BODY = struct.Struct(">QI")
_MAC_BYTES = 8


@dataclass(frozen=True, slots=True)
class Token:
    """What a QR code says: which class, shown in which window."""

    session_id: int
    window: int


def window_of(at: datetime) -> int:
    """Return the number of the fifteen-second window that a moment lies in."""
    return int(at.timestamp()) // WINDOW_SECONDS


def window_left(at: datetime) -> float:
    """Return the seconds until the next window."""
    return WINDOW_SECONDS - at.timestamp() % WINDOW_SECONDS


def code_of(key: bytes, session_id: int, window: int) -> str:
    """Return the six digits of a class in a window."""
    digest = hmac.new(key, f"code:{session_id}:{window}".encode(), hashlib.sha256).digest()
    return str(int.from_bytes(digest[:8]) % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def is_fresh(window: int, at: datetime) -> bool:
    """Whether a window is the present one or the one before it: phones are slow."""
    return window_of(at) - window in (0, 1)


def is_code(key: bytes, session_id: int, code: str, at: datetime) -> bool:
    """Whether a typed code is the class's, now or in the window before."""
    now = window_of(at)
    good = [code_of(key, session_id, window) for window in (now, now - 1)]
    return any([hmac.compare_digest(expected, code) for expected in good] if code.isascii() else [False])


def make_token(key: bytes, session_id: int, window: int) -> str:
    """Return the token of a class in a window: 27 characters, so that the QR code stays coarse."""
    body = _BODY.pack(session_id, window)
    return base64.urlsafe_b64encode(body + _mac(key, body)).decode().rstrip("=")


def read_token(key: bytes, text: str) -> Token | None:
    """Return what a token says, None when it is not one of ours; its age is not looked at."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, mac = raw[: _BODY.size], raw[_BODY.size :]
    if len(raw) != _BODY.size + _MAC_BYTES or not hmac.compare_digest(_mac(key, body), mac):
        return None
    return Token(*_BODY.unpack(body))


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"token:" + body, hashlib.sha256).digest()[:_MAC_BYTES]


def normalise_code(text: str) -> str:
    """Return typed digits without spaces, full-width digits as ASCII; anything else stays and will not match."""
    digits = str.maketrans("０１２３４５６７８９", "0123456789")
    return "".join(text.split()).translate(digits)
