"""Marking: what an answer earns, and what a paper is worth."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lms.quizzes.rules.answers import Answer, Parts, parts_of
from lms.quizzes.rules.kinds import Kind, MultipleRule

# How `share` does it, as learners and staff are told.
CASE_RULE = "分值平分到各小题，除不尽时靠前的小题多 1 分"
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+")
_ENDING = "。.，,；;、"
_TYPED_SIGNS = str.maketrans({"。": ".", "−": "-", "—": "-", "–": "-"})  # what phones make of a point and a minus


@dataclass(frozen=True, slots=True)
class Result:
    """A marked paper: marks earned of marks possible, their share in percent rounded down, pass or fail."""

    score: int
    max_score: int
    percent: int
    passed: bool


def share(marks: int, parts: int) -> list[int]:
    """Return the marks of a case's questions: as even as whole marks allow, the first ones get what is left over."""
    even, left = divmod(marks, parts)
    return [even + (part < left) for part in range(parts)]


def mark(
    *,
    kind: str,
    answer: Answer,
    key: Mapping[str, Any],
    option_order: Sequence[int],
    marks: int,
    rule: str,
    parts: Parts = (),
) -> int:
    """Return the marks an answer earns; `answer` holds places shown, `key` the options of the version."""
    if kind == Kind.CASE:
        return sum(mark_parts(answer=answer, key=key, marks=marks, rule=rule, parts=parts))
    if answer is None:
        return 0
    if kind == Kind.NUMERIC:
        right = isinstance(answer, str) and is_right_number(answer, key)
        return marks if right else 0
    if kind == Kind.FILL:
        right = isinstance(answer, str) and is_right_text(answer, key["answers"], after=key.get("after", ""))
        return marks if right else 0
    chosen = {option_order[place] for place in answer if isinstance(place, int)}
    return mark_choice(chosen=chosen, correct=set(key["correct"]), marks=marks, rule=rule)


def mark_parts(*, answer: Answer, key: Mapping[str, Any], marks: int, rule: str, parts: Parts) -> list[int]:
    """Return what each question of a case earns; each is marked like a question of its kind."""
    asked = zip(parts, key["parts"], parts_of(answer, len(parts)), share(marks, len(parts)), strict=True)
    return [
        mark(kind=part["kind"], answer=one, key=own, option_order=part["option_order"], marks=worth, rule=rule)
        for part, own, one, worth in asked
    ]


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


def is_number(text: str, key: Mapping[str, Any]) -> bool:
    """Whether a typed text is a number at all, with or without the unit asked for."""
    return read_number(text, unit=str(key.get("unit", ""))) is not None


def read_number(text: str, *, unit: str = "") -> Decimal | None:
    """Return the number a person typed, None when it is none."""
    plain = re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text).translate(_TYPED_SIGNS)).removeprefix("¥")
    plain = plain.removesuffix(re.sub(r"\s", "", unicodedata.normalize("NFKC", unit)))
    if not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:  # pragma: no cover  (the pattern admits numbers only)
        return None


def is_right_text(text: str, accepted: Iterable[str], *, after: str = "") -> bool:
    """Whether a typed text is one of the accepted spellings; width, case, spaces and a full stop do not matter.

    after: the words that follow the blank; who types some of them along (15日 for 15) means the same.
    """
    typed, following = plain_text(text), plain_text(after)
    spellings = {plain_text(spelling) for spelling in accepted}
    return typed in spellings or any(
        typed.startswith(spelling) and following.startswith(typed.removeprefix(spelling)) for spelling in spellings
    )


def plain_text(text: str) -> str:
    """Return a text as spellings are compared."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold().strip(_ENDING)


def total(earned: Iterable[int], *, max_score: int, pass_mark: int) -> Result:
    """Return the result of a paper; percent is rounded down, so 59.9 does not pass at 60."""
    score = sum(earned)
    percent = 100 * score // max_score if max_score else 0
    return Result(score, max_score, percent, percent >= pass_mark)
