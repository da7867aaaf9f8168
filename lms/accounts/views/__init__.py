"""The accounts pages: sign-in, home, oneself, people, organisations."""

from lms.accounts.views import home, me, organisations, people, second_factor, sign_in
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.session import hold_at_the_door, load_actor

__all__ = [
    "blueprint",
    "hold_at_the_door",
    "home",
    "load_actor",
    "me",
    "organisations",
    "people",
    "second_factor",
    "sign_in",
]
