"""What a session holds: who signed in, who is half-way in, and where they wanted to go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response

from flask_login import login_user
from lms.accounts import services
from lms.accounts.rules.sign_in import local_path
from lms.core.errors import Forbidden
from lms.web.access import PUBLIC, Actor, access_of, find_actor
from lms.web.errors import wants_json
from lms.web.parts import registry

_PENDING = "accounts.pending"
_PENDING_FOR = timedelta(minutes=10)
_PASSWORD = frozenset({"accounts.change_password", "accounts.accept_notice", "accounts.sign_out"})
_TOTP = _PASSWORD | {"accounts.totp", "accounts.begin_totp", "accounts.confirm_totp", "accounts.totp_image"}


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody whose password was right and who still owes a code or a choice of organisation."""

    person_id: int
    epoch: int
    code_given: bool
    keep: bool


def load_actor(token: str) -> Actor | None:
    """Return the person a session token means, with the permissions of their roles; one statement."""
    found = services.find_signed_in(token=token)
    if found is None:
        return None
    return Actor(
        person_id=found.person_id,
        name=found.name,
        epoch=found.epoch,
        organisation_id=found.organisation_id,
        organisation_name=found.organisation_name,
        organisation_kind=found.organisation_kind,
        roles=found.roles,
        permissions=registry().permissions_of(found.roles),
        must_change_password=found.must_change_password,
        must_accept_notice=found.must_accept_notice,
        must_enrol_totp=found.must_enrol_totp,
    )


def enter(token: str, *, keep: bool) -> Response:
    """Begin a clean session for a token and go where the person wanted to."""
    target = session.get("next")
    session.clear()
    if target:
        session["next"] = target
    session.permanent = keep
    stay(token)
    return onward()


def stay(token: str) -> None:
    """Let this session live on under a newer token, when an act of its owner ended the older ones."""
    actor = load_actor(token)
    if actor is None:
        raise Forbidden("登录已失效，请重新登录。")
    login_user(actor)


def onward() -> Response:
    """Go to the page that was asked for before the sign-in, if it is one of ours, else home."""
    return redirect(local_path(session.pop("next", None)) or url_for("accounts.home"))


def wait_for(pending: Pending, *, at: datetime) -> None:
    """Remember a half-finished sign-in for ten minutes."""
    target = session.get("next")
    session.clear()
    if target:
        session["next"] = target
    session[_PENDING] = {
        "person_id": pending.person_id,
        "epoch": pending.epoch,
        "code_given": pending.code_given,
        "keep": pending.keep,
        "until": int((at + _PENDING_FOR).timestamp()),
    }


def find_pending(*, at: datetime) -> Pending | None:
    """Return the half-finished sign-in of this session, None when there is none or it took too long."""
    kept: dict[str, Any] | None = session.get(_PENDING)
    if kept is None or kept["until"] < at.timestamp():
        return None
    return Pending(kept["person_id"], kept["epoch"], kept["code_given"], kept["keep"])


def hold_at_the_door() -> Response | None:
    """Let nobody past who must first change the initial password, accept the notice, or set up a second factor."""
    endpoint = request.endpoint
    if endpoint is None or endpoint.endswith("static"):
        return None
    if access_of(current_app.view_functions[endpoint]) == PUBLIC:
        return None
    actor = find_actor()
    if actor is None:
        return None
    step = _step(actor)
    if step is None or endpoint in step[1]:
        return None
    if wants_json():
        raise Forbidden(step[2])
    if request.method == "GET" and endpoint != "accounts.home":
        session["next"] = request.full_path.rstrip("?")
    return redirect(url_for(step[0]))


def _step(actor: Actor) -> tuple[str, frozenset[str], str] | None:
    """Return the page that comes first, what may be used meanwhile, and what a script is told."""
    if actor.must_change_password:
        return "accounts.change_password", _PASSWORD, "请先修改初始密码，再继续使用。"
    if actor.must_accept_notice:
        return "accounts.notice", _PASSWORD, "请先阅读并同意个人信息处理告知。"
    if actor.must_enrol_totp:
        return "accounts.totp", _TOTP, "请先设置两步验证。"
    return None
