"""Questions as they are kept and shown: rendered when they are saved, the key apart from what may be seen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from lms.quizzes.content import Entry
from lms.quizzes.content.schema import PartEntry
from lms.quizzes.rules.answers import Answer, Parts, parts_of
from lms.quizzes.rules.kinds import LETTERS, TRUE_FALSE_OPTIONS, Kind
from lms.quizzes.rules.marking import mark, mark_parts, share
from lms.quizzes.services.records import Asked, Earned, FaceView, OptionView
from lms.web.markup import render_text

_BLANK = re.compile(r"_{2,}")
_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_SIGN = re.compile(r"(?<=[\d)])[-+*/]")  # between two things: what stands before a number belongs to it
_DIGITS = re.compile(r"(?<![\d.])\d+")
_WORDS_AFTER = 12  # as many signs behind a blank are kept: who types some of them along is right all the same


@dataclass(frozen=True, slots=True)
class Face:
    """The two halves of a version: what may be shown before hand-in, and what may not."""

    shown: dict[str, Any]
    key: dict[str, Any]

    @property
    def option_count(self) -> int:
        """How many options there are to choose from."""
        return len(self.shown.get("options", ()))


def render(entry: Entry) -> Face:
    """Return the two halves of an entry, as clean HTML."""
    face = _render(entry)
    face.key["sources"] = [source.model_dump() for source in entry.sources]
    if entry.kind == Kind.CASE:
        parts = [(part, _render(part)) for part in entry.parts]
        face.shown["parts"] = [{"kind": part.kind.value, **half.shown} for part, half in parts]
        face.key["parts"] = [half.key for _part, half in parts]
    return face


def _render(asking: Entry | PartEntry) -> Face:
    shown: dict[str, Any] = {"stem": render_text(asking.stem)}
    key: dict[str, Any] = {"explanation": render_text(asking.explanation) if asking.explanation else ""}
    if asking.kind in (Kind.SINGLE, Kind.MULTIPLE):
        shown["options"] = [render_text(option.text, inline=True) for option in asking.options]
        key["correct"] = [at for at, option in enumerate(asking.options) if option.correct]
        key["why"] = [render_text(option.why, inline=True) if option.why else "" for option in asking.options]
    elif asking.kind == Kind.TRUE_FALSE:
        shown["options"] = list(TRUE_FALSE_OPTIONS)
        key["correct"] = [0 if asking.answer else 1]
        key["why"] = ["", ""]
    elif asking.kind == Kind.NUMERIC:
        shown["unit"] = key["unit"] = asking.unit
        key |= {"value": str(asking.answer), "tolerance": str(asking.tolerance or 0), "formula": asking.formula}
    elif asking.kind == Kind.FILL:
        key |= {"answers": list(asking.answers), "after": _BLANK.split(asking.stem)[-1][:_WORDS_AFTER]}
    return Face(shown, key)


def asked(
    kind: str,
    shown: Mapping[str, Any],
    *,
    option_order: Sequence[int],
    parts: Parts | None,
    answer: Answer,
    marks: int,
) -> Asked:
    """Return a question as it was laid out for somebody, with the answer kept so far and without the key."""
    return Asked(**asked_fields(kind, shown, option_order=option_order, parts=parts, answer=answer, marks=marks))


def asked_fields(
    kind: str,
    shown: Mapping[str, Any],
    *,
    option_order: Sequence[int],
    parts: Parts | None,
    answer: Answer,
    marks: int,
) -> dict[str, Any]:
    """Return what `Asked` and the records made of it are made from."""
    options = shown.get("options", ())
    return {
        "kind": Kind(kind),
        "marks": marks,
        "stem": _safe(shown["stem"]),
        "options": tuple(_safe(options[at]) for at in option_order),
        "unit": str(shown.get("unit", "")),
        "answer": answer,
        "parts": _asked_parts(shown["parts"], parts, answer=answer, marks=marks) if parts else (),
    }


def _asked_parts(shown: Sequence[Mapping[str, Any]], parts: Parts, *, answer: Answer, marks: int) -> tuple[Asked, ...]:
    each = zip(shown, parts, parts_of(answer, len(parts)), share(marks, len(parts)), strict=True)
    return tuple(
        asked(part["kind"], half, option_order=part["option_order"], parts=None, answer=one, marks=worth)
        for half, part, one, worth in each
    )


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to a question as it was laid out, and the marks it earned."""

    answer: Answer
    option_order: Sequence[int]
    earned: int
    marks: int
    parts: tuple["Given", ...] = ()


def marked(
    kind: str,
    key: Mapping[str, Any],
    *,
    answer: Answer,
    option_order: Sequence[int],
    parts: Parts | None,
    marks: int,
    rule: str,
) -> Given:
    """Return an answer with what it earned, a case question by question."""
    if kind != Kind.CASE:
        earned = mark(kind=kind, answer=answer, key=key, option_order=option_order, marks=marks, rule=rule)
        return Given(answer, option_order, earned, marks)
    laid = parts or ()
    earned_by = mark_parts(answer=answer, key=key, marks=marks, rule=rule, parts=laid)
    each = zip(laid, parts_of(answer, len(laid)), earned_by, share(marks, len(laid)), strict=True)
    own = tuple(Given(one, part["option_order"], earned, worth) for part, one, earned, worth in each)
    return Given(answer, (), sum(earned_by), marks, own)


def face_view(kind: str, shown: Mapping[str, Any], key: Mapping[str, Any], given: Given | None = None) -> FaceView:
    """Return a question with its key; where somebody answered, as it was laid out for them and with their answer."""
    options = shown.get("options", [])
    order = list(range(len(options))) if given is None else list(given.option_order)
    chosen = given.answer if given is not None and isinstance(given.answer, list) else []
    views = tuple(
        OptionView(
            letter=LETTERS[place],
            html=_safe(options[at]),
            correct=at in key["correct"],
            why=_safe(key["why"][at]),
            chosen=None if given is None else place in chosen,
        )
        for place, at in enumerate(order)
    )
    unit = str(shown.get("unit", ""))
    halves = list(zip(shown.get("parts", ()), key.get("parts", ()), strict=True))
    answers: Sequence[Given | None] = given.parts if given is not None else [None] * len(halves)
    return FaceView(
        kind=Kind(kind),
        stem=_safe(shown["stem"]),
        options=views,
        right=_right(kind, views, key),
        unit=unit,
        formula=readable(str(key.get("formula", ""))),
        explanation=_safe(key["explanation"]),
        tolerance=_tolerance(key),
        own=None if given is None else Earned(answer_text(kind, given.answer, unit), given.earned, given.marks),
        parts=tuple(
            face_view(half["kind"], half, half_key, one) for (half, half_key), one in zip(halves, answers, strict=True)
        ),
    )


def answer_text(kind: str, answer: Answer, unit: str) -> str:
    """Return an answer as people write it: 正确, A、C, 9000 元; of a case how many of its questions have one."""
    if answer is None:
        return ""
    if isinstance(answer, str):
        return f"{answer} {unit}".strip() if not unit or not answer.endswith(unit) else answer
    if kind == Kind.CASE:
        return f"答了 {sum(one is not None for one in answer)}/{len(answer)} 小题"
    places = [place for place in answer if isinstance(place, int)]
    if kind == Kind.TRUE_FALSE:
        return "、".join(TRUE_FALSE_OPTIONS[place] for place in places)
    return "、".join(LETTERS[place] for place in places)


def _right(kind: str, options: Sequence[OptionView], key: Mapping[str, Any]) -> str:
    if kind == Kind.NUMERIC:
        return f"{readable(str(key['value']))} {key['unit']}".strip()
    if kind == Kind.FILL:
        return " 或 ".join(key["answers"])
    if kind == Kind.TRUE_FALSE:
        return TRUE_FALSE_OPTIONS[key["correct"][0]]
    return "、".join(option.letter for option in options if option.correct)


def readable(formula: str) -> str:
    """Return a formula or a number as people write it: 18 × 500, 9,000."""
    spaced = _SIGN.sub(lambda sign: f" {_SIGNS[sign[0]]} ", formula.replace(" ", ""))
    return _DIGITS.sub(lambda digits: f"{int(digits[0]):,}", spaced)


def _tolerance(key: Mapping[str, Any]) -> str:
    """Return how far a number may be off, with its unit; empty when it may not be off at all."""
    tolerance = str(key.get("tolerance", "0"))
    return f"{tolerance} {key['unit']}".strip() if Decimal(tolerance) else ""


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704  (rendered and cleaned when the version was saved)
