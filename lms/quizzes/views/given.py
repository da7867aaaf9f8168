"""Reads an answer out of a form: what browsers without scripts send."""

from flask import request

from lms.quizzes.rules.kinds import MOST_PARTS


def given_in_form() -> object:
    """Return what the form holds: places, a text, or of a case a list of these; `read_answer` decides what is kept."""
    parts = request.form.get("parts", 0, type=int)
    if parts:
        return [_one(f"-{part}") for part in range(min(parts, MOST_PARTS))]
    return _one("")


def _one(ending: str) -> object:
    text = request.form.get(f"text{ending}")
    return [_place(place) for place in request.form.getlist(f"answer{ending}")] if text is None else text


def _place(text: str) -> int | str:
    """Return the place of an option that a form sent; what is no such number stays as it is and is refused later."""
    return int(text) if text.isdecimal() and len(text) < 4 else text
