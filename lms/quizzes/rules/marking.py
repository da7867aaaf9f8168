"""Marking: what an answer earns, and what a paper is worth."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lms.quizzes.rules.answers import Answer
from lms.quizzes.rules.kinds import Kind, MultipleRule

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+")
_ENDING = "。.，,；;、"


@dataclass(frozen=True, slots=True)
class Result:
    """A marked paper: marks earned of marks possible, their share in percent rounded down, pass or fail."""

    score: int
    max_score: int
    percent: int
    passed: bool


def mark(
    *, kind: str, answer: Answer, key: Mapping[str, Any], option_order: Sequence[int], marks: int, rule: str
) -> int:
    """Return the marks an answer earns; `answer` holds places shown, `key` the options of the version."""
    if answer is None:
        return 0
    if kind == Kind.NUMERIC:
        right = isinstance(answer, str) and is_right_number(answer, key)
        return marks if right else 0
    if kind == Kind.FILL:
        right = isinstance(answer, str) and is_right_text(answer, key["answers"])
        return marks if right else 0
    chosen = {option_order[place] for place in answer if isinstance(place, int)}
    return mark_choice(chosen=chosen, correct=set(key["correct"]), marks=marks, rule=rule)


def mark_choice(*, chosen: set[int], correct: set[int], marks: int, rule: str) -> int:
    """Return the marks of chosen options: all for exactly the right ones; see `MultipleRule` for too few."""
    if chosen == correct:
        return marks
    if rule == MultipleRule.HALF_IF_MISSING and chosen and chosen < correct:
        return marks // 2
    return 0


def is_right_number(text: str, key: Mapping[str, Any]) -> bool:
    """Whether a typed number is within the tolerance; the unit, thousands commas and spaces do not matter."""
    given = read_number(text, unit=str(key.get("unit", "")))
    return given is not None and abs(given - Decimal(key["value"])) <= Decimal(key["tolerance"])


def read_number(text: str, *, unit: str = "") -> Decimal | None:
    """Return the number a person typed, None when it is none."""
    plain = re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text)).removeprefix("¥")
    plain = plain.removesuffix(re.sub(r"\s", "", unicodedata.normalize("NFKC", unit)))
    if not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:  # pragma: no cover  (the pattern admits numbers only)
        return None


def is_right_text(text: str, accepted: Iterable[str]) -> bool:
    """Whether a typed text is one of the accepted spellings; width, case, spaces and a full stop do not matter."""
    return plain_text(text) in {plain_text(spelling) for spelling in accepted}


def plain_text(text: str) -> str:
    """Return a text as spellings are compared."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold().strip(_ENDING)


def total(earned: Iterable[int], *, max_score: int, pass_mark: int) -> Result:
    """Return the result of a paper; percent is rounded down, so 59.9 does not pass at 60."""
    score = sum(earned)
    percent = 100 * score // max_score if max_score else 0
    return Result(score, max_score, percent, percent >= pass_mark)
