"""Sign-in decisions: waits after failures, passwords good enough, paths one may be sent back to."""

from datetime import timedelta

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)
FORGET_AFTER = timedelta(hours=24)  # failures older than this no longer count

LEAST_PASSWORD = 8
LONGEST_PASSWORD = 128
# No 0/o, 1/l/i: a slip is read from paper in sunlight and typed with one thumb.
INITIAL_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
INITIAL_LENGTH = 8

_COMMON = (
    "password", "passw0rd", "qwerty", "qwer1234", "asdf1234", "1q2w3e4r", "abc12345", "abcd1234", "a1234567",
    "a12345678", "aa123456", "admin123", "admin888", "woaini", "iloveyou", "anxin", "welcome1",
)  # fmt: skip
_RUNS = "01234567890abcdefghijklmnopqrstuvwxyz"


def lock_out(failures: int) -> timedelta:
    """Return the wait after this many failures in a row: 30 s from the fifth, doubling up to 30 min."""
    if failures < FREE_TRIES:
        return timedelta(0)
    doublings = min(failures - FREE_TRIES, 16)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def wait_text(wait: timedelta) -> str:
    """Return a wait as people read it, rounded up: "30 秒", "2 分钟"."""
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    if seconds < 60:
        return f"{seconds} 秒"
    return f"{-(-seconds // 60)} 分钟"


def password_fault(password: str, *, personal: tuple[str, ...] = ()) -> str | None:
    """Return in Chinese why a new password is too weak, None when it will do.

    personal: what others know of the person (login name, phone, ID number); the password may not contain it.
    """
    lowered = password.lower()
    if len(password) < LEAST_PASSWORD:
        return f"密码至少 {LEAST_PASSWORD} 位。"
    if len(password) > LONGEST_PASSWORD:
        return f"密码最多 {LONGEST_PASSWORD} 位。"
    if not any(sign.isdigit() for sign in password) or all(sign.isdigit() for sign in password):
        return "密码要同时有字母（或符号）和数字。"
    if any(word in lowered for word in _COMMON) or _is_monotonous(lowered):
        return "这个密码太常见，容易被猜到，请换一个。"
    if any(lowered.find(known) >= 0 for known in _known_pieces(personal)):
        return "密码里不要用手机号、身份证号、生日或登录名。"
    return None


def _is_monotonous(text: str) -> bool:
    """Whether a text has few different signs, or is mostly one run such as 12345678."""
    if len(set(text)) < 4:
        return True
    return any(text[start : start + 6] in line for line in (_RUNS, _RUNS[::-1]) for start in range(len(text) - 5))


def _known_pieces(personal: tuple[str, ...]) -> set[str]:
    pieces: set[str] = set()
    for value in personal:
        lowered = value.lower()
        pieces.add(lowered)
        if len(lowered) >= 11:
            pieces |= {lowered[-6:], lowered[-8:]}
        if len(lowered) == 18:
            pieces |= {lowered[6:14], lowered[8:14]}
    return {piece for piece in pieces if len(piece) >= 4}


def local_path(target: str | None) -> str | None:
    """Return the target when it is a path on this site, None when it may lead elsewhere (`//evil`)."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    return target if all(sign.isprintable() and sign != "\\" for sign in target) else None
