"""The shape of a bank file's entries."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lms.core.reviews import Reviewed
from lms.quizzes.rules.kinds import Difficulty, Kind

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Number = Annotated[Decimal, Field(strict=False, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SourceEntry(_Strict):
    """One legal source of a question."""

    law: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]
    article: Annotated[str, StringConstraints(pattern=r"^[\w()（）.-]{1,40}$")]


class OptionEntry(_Strict):
    """One option; why: why a person picks it and why it is wrong (or right)."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    correct: bool = False
    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class _Asking(_Strict):
    """What a question and a part of a case have in common; which fields are wanted depends on the kind."""

    stem: Text
    options: list[OptionEntry] = []
    answer: bool | Number | None = None
    answers: list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]] = []
    unit: Annotated[str, StringConstraints(strip_whitespace=True, max_length=12)] = ""
    tolerance: Annotated[Number | None, Field(ge=0)] = None
    formula: str = ""


class PartEntry(_Asking):
    """One question of a case."""

    kind: Annotated[Kind, Field(strict=False)]
    explanation: Text


class Entry(_Asking):
    """One [[question]]."""

    slug: Annotated[str, StringConstraints(max_length=24)]
    item: str
    kind: Annotated[Kind, Field(strict=False)]
    knowledge_point: Short
    difficulty: Annotated[Difficulty, Field(strict=False)]
    explanation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    parts: list[PartEntry] = []
    sources: Annotated[list[SourceEntry], Field(min_length=1)]
    as_of: date
    reviewed: Reviewed
