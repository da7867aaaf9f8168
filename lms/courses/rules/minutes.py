"""How long a lesson takes, from its text; docs/content-guide.md says why."""

import re

MIN_MINUTES = 5
MAX_MINUTES = 120

SIGNS_A_MINUTE = 140  # legal text, with tables to work through
MINUTES_A_QUESTION = 1.5
MINUTES_MARGIN = 15  # percent that a lesson's nominal minutes may lie off the estimate

_FOLD = re.compile(r"^\?\?\?.*\n(?:(?: {4}.*|[ \t]*)(?:\n|$))*", re.MULTILINE)
_ADDRESS = re.compile(r"\]\((?:[^()\s]|\([^()\s]*\))*\)")
_SIGN = re.compile(r"[\u3400-\u9fff0-9０-９]")
_EXERCISE = re.compile(r"^#{2,4}[^\n]*[（(](?:约\s*)?(\d{1,3})\s*分钟[）)]\s*$", re.MULTILINE)


def exercise_minutes(body: str) -> list[int]:
    """Return the minutes that headings of exercises state: `## 动手做（12分钟）`."""
    return [int(minutes) for minutes in _EXERCISE.findall(_FOLD.sub("", body))]


def estimated_minutes(body: str, *, questions: int) -> float:
    """Return how long a lesson takes: reading its Markdown, its exercises, and its self-check questions.

    Read are Chinese characters and digits outside folds and addresses.
    """
    open_text = _FOLD.sub("", body)
    signs = len(_SIGN.findall(_ADDRESS.sub("]", open_text)))
    return signs / SIGNS_A_MINUTE + sum(exercise_minutes(body)) + questions * MINUTES_A_QUESTION


def is_fair_length(minutes: int, estimate: float) -> bool:
    """Whether nominal minutes lie within the margin of the estimate."""
    return abs(minutes - estimate) * 100 <= MINUTES_MARGIN * estimate
