"""The projector's code and QR token, and counting those who guess."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from lms.attendance.models import CodeGuess
from lms.attendance.rules import sign_in
from lms.attendance.rules.sign_in import FAILURES_WITHIN, LARGEST_FAILURES, Token
from lms.core.crypto import current_keys
from lms.core.db import db, insert_into
from lms.core.errors import TooMany


def _key() -> bytes:
    return current_keys().derive("attendance.sign_in")


def code_now(*, session_id: int, at: datetime) -> str:
    """Return the six digits that the projector shows now."""
    return sign_in.code_of(_key(), session_id, sign_in.window_of(at))


def token_now(*, session_id: int, at: datetime) -> str:
    """Return the token in the projector's QR code now."""
    return sign_in.make_token(_key(), session_id, sign_in.window_of(at))


def read_token(*, token: str) -> Token | None:
    """Return what a scanned token says, None when it is not one of ours; old ones are read too."""
    return sign_in.read_token(_key(), token)


def is_fresh(*, token: Token, at: datetime) -> bool:
    """Whether a token is still, or was just now, on the projector."""
    return sign_in.is_fresh(token.window, at)


def is_code(*, session_id: int, code: str, at: datetime) -> bool:
    """Whether a typed code is the class's."""
    return sign_in.is_code(_key(), session_id, sign_in.normalise_code(code), at)


def refuse_guessers(*, person_id: int, session_id: int, at: datetime) -> None:
    """Raise TooMany for somebody who typed too many wrong codes at this class."""
    row = db.session.get(CodeGuess, (person_id, session_id), populate_existing=True)
    if row is None or row.failures < LARGEST_FAILURES or at >= row.began_at + FAILURES_WITHIN:
        return
    minutes = -(-int((row.began_at + FAILURES_WITHIN - at).total_seconds()) // 60)
    raise TooMany(f"签到码输错次数太多，请 {minutes} 分钟后再试，或扫投屏上的二维码，也可以请老师点名。")


def count_wrong_code(*, organisation_id: int, person_id: int, session_id: int, at: datetime) -> int:
    """Count a wrong code and return how many tries are left."""
    mark = {
        "person_id": person_id,
        "class_session_id": session_id,
        "organisation_id": organisation_id,
        "failures": 0,
        "began_at": at,
    }
    db.session.execute(insert_into(CodeGuess).values(mark).on_conflict_do_nothing())
    row = db.session.get_one(CodeGuess, (person_id, session_id), populate_existing=True, with_for_update=True)
    if at >= row.began_at + FAILURES_WITHIN:
        row.failures, row.began_at = 0, at
    row.failures += 1
    db.session.flush()
    return max(0, LARGEST_FAILURES - row.failures)


def forget_guesses(*, before: datetime) -> None:
    """Remove counts that no longer lock anybody out."""
    old = delete(CodeGuess).where(CodeGuess.began_at < before - timedelta(hours=1))
    db.session.execute(old.execution_options(synchronize_session=False))
