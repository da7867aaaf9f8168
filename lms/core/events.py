"""Typed events: what happened is a small frozen class, who cares is a table.

Listeners run in ladder order inside the publisher's transaction; an error of a listener is the publisher's error,
because a record that others rely on may not be half announced.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from flask import Flask, current_app

Listener: TypeAlias = Callable[[Any], None]


class Event:
    """Base of all events; subclasses are frozen dataclasses with past-tense names."""

    __slots__ = ()


def init_app(app: Flask, table: dict[type[Event], tuple[Listener, ...]]) -> None:
    """Give the application its table of listeners."""
    app.extensions["lms_listeners"] = table


def publish(event: Event) -> None:
    """Tell every listener of exactly this type, in ladder order."""
    for listener in current_app.extensions["lms_listeners"].get(type(event), ()):
        listener(event)
