"""What a review of content came to: a word, a date, a note; the same for lessons and questions."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Outcome(StrEnum):
    """How a reading against the text of the law ended."""

    PASSED = "passed"
    CORRECTED = "corrected"
    EXCERPT = "excerpt"

    @property
    def heading(self) -> str:
        """What people call it; `excerpt` goes only as far as the verified excerpts of a document go."""
        return {"passed": "通过", "corrected": "修改后通过", "excerpt": "仅据摘录核实"}[self.value]


class Reviewed(BaseModel):
    """`reviewed = { on = 2026-11-21, outcome = "passed", note = "…" }` of a content file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    on: date
    outcome: Annotated[Outcome, Field(strict=False)]
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
