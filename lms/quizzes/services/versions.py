"""Questions as they are kept and shown: rendered when they are saved, the key apart from what may be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lms.quizzes.content import Entry
from lms.quizzes.content.schema import PartEntry
from lms.quizzes.rules.answers import Answer
from lms.quizzes.rules.kinds import LETTERS, TRUE_FALSE_OPTIONS, Kind
from lms.quizzes.services.records import FaceView, OptionView
from lms.web.markup import render_text


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
        key["answers"] = list(asking.answers)
    return Face(shown, key)


def face_view(
    kind: str,
    shown: Mapping[str, Any],
    key: Mapping[str, Any],
    *,
    option_order: Sequence[int] | None = None,
    answer: Answer = None,
    answered: bool = False,
) -> FaceView:
    """Return a question with its key; options in the order shown, marked as chosen where somebody answered."""
    options = shown.get("options", [])
    order = list(range(len(options))) if option_order is None else list(option_order)
    chosen = set(answer) if isinstance(answer, list) else set()
    views = tuple(
        OptionView(
            letter=LETTERS[place],
            html=_safe(options[at]),
            correct=at in key["correct"],
            why=_safe(key["why"][at]),
            chosen=(place in chosen) if answered else None,
        )
        for place, at in enumerate(order)
    )
    parts = zip(shown.get("parts", ()), key.get("parts", ()), strict=True)
    return FaceView(
        kind=Kind(kind),
        stem=_safe(shown["stem"]),
        options=views,
        right=_right(kind, views, key),
        unit=str(shown.get("unit", "")),
        formula=str(key.get("formula", "")),
        explanation=_safe(key["explanation"]),
        parts=tuple(face_view(half["kind"], half, half_key) for half, half_key in parts),
    )


def answer_text(kind: str, answer: Answer, unit: str) -> str:
    """Return an answer as people write it: 正确, A、C, 9000 元."""
    if answer is None:
        return ""
    if isinstance(answer, str):
        return f"{answer} {unit}".strip() if not unit or not answer.endswith(unit) else answer
    if kind == Kind.TRUE_FALSE:
        return "、".join(TRUE_FALSE_OPTIONS[place] for place in answer)
    return "、".join(LETTERS[place] for place in answer)


def _right(kind: str, options: Sequence[OptionView], key: Mapping[str, Any]) -> str:
    if kind == Kind.NUMERIC:
        return f"{key['value']} {key['unit']}".strip()
    if kind == Kind.FILL:
        return " 或 ".join(key["answers"])
    if kind == Kind.TRUE_FALSE:
        return TRUE_FALSE_OPTIONS[key["correct"][0]]
    return "、".join(option.letter for option in options if option.correct)


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704  (rendered and cleaned when the version was saved)
