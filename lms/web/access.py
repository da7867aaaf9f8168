"""Who may see what: every view carries a tag, and a view without one answers nobody.

@blueprint.get("/cohorts/")
@requires("cohorts.read")
def list_cohorts(): ...
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, Response, abort, current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from flask_login import LoginManager, current_user
from lms.core.errors import Forbidden
from lms.web.errors import wants_json

PUBLIC = "public"
SIGNED_IN = "signed_in"
_TAG = "lms_access"

login_manager = LoginManager()

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request, as far as every page needs to know them; loaded with one statement."""

    person_id: int
    name: str
    epoch: int
    organisation_id: int
    organisation_name: str
    organisation_kind: str
    roles: frozenset[str]
    permissions: frozenset[str]
    must_change_password: bool = False
    must_accept_notice: bool = False
    must_enrol_totp: bool = False

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what the session cookie keeps: person, epoch (raised by 'sign out everywhere'), organisation."""
        return f"{self.person_id}:{self.epoch}:{self.organisation_id}"

    def can(self, permission: str) -> bool:
        """Whether the person holds a permission in the organisation they are signed in to."""
        return permission in self.permissions

    @property
    def frame(self) -> str:
        """Which frame their pages stand in: `learner` for those who only learn, `staff` for the rest."""
        return "learner" if self.roles <= {"learner"} else "staff"


def _tag(view: F, access: str) -> F:
    setattr(view, _TAG, access)
    return view


def public(view: F) -> F:
    """Open a view to everybody, signed in or not."""
    return _tag(view, PUBLIC)


def signed_in(view: F) -> F:
    """Open a view to everybody who has signed in."""
    return _tag(view, SIGNED_IN)


def requires(permission: str) -> Callable[[F], F]:
    """Open a view to those who hold a permission."""

    def decorate(view: F) -> F:
        return _tag(view, permission)

    return decorate


def access_of(view: Callable[..., Any]) -> str | None:
    """Return a view's tag, None when it has none."""
    return cast("str | None", getattr(view, _TAG, None))


def current_actor() -> Actor:
    """Return the signed-in person; views behind `signed_in` or `requires` may rely on it."""
    actor = current_user._get_current_object()  # noqa: SLF001  (the proxy has no public unwrapping)
    if not isinstance(actor, Actor):
        raise Forbidden("请先登录。")
    return actor


def find_actor() -> Actor | None:
    """Return the signed-in person, or None on a public page."""
    actor = current_user._get_current_object()  # noqa: SLF001
    return actor if isinstance(actor, Actor) else None


def init_app(app: Flask) -> None:
    """Put the gate before every view."""
    login_manager.init_app(app)
    login_manager.session_protection = None
    app.before_request(_gate)


def _gate() -> BaseResponse | None:
    if request.endpoint is None:
        return None
    access = _access_of_endpoint(request.endpoint)
    if access == PUBLIC:
        return None
    actor = find_actor()
    if actor is None:
        return _ask_to_sign_in()
    if access is None or (access != SIGNED_IN and not actor.can(access)):
        raise Forbidden
    return None


def _access_of_endpoint(endpoint: str) -> str | None:
    if endpoint == "static" or endpoint.endswith(".static"):
        return PUBLIC
    return access_of(current_app.view_functions[endpoint])


def _ask_to_sign_in() -> BaseResponse:
    """Send a page reader to the sign-in page and back afterwards; tell a script plainly."""
    if wants_json():
        abort(Response('{"error":"signed_out","message":"登录已失效，请重新登录。"}', 401, mimetype="application/json"))
    if request.method in ("GET", "HEAD"):
        session["next"] = request.full_path.rstrip("?")
    return redirect(url_for("accounts.sign_in"))
