"""What items, lessons and citations are called, and in which order they stand."""

import re
from collections.abc import Iterable
from enum import StrEnum

MIN_MINUTES = 5
MAX_MINUTES = 120
LOCAL_POSITION = 1000

SIGNS_A_MINUTE = 140  # legal text, with tables to work through
MINUTES_A_QUESTION = 1.5
MINUTES_MARGIN = 15  # percent that a lesson's nominal minutes may lie off the estimate

ITEM_CODE = re.compile(r"(?:[1-9]\d?|L[1-9]\d{0,8})\.[1-9]\d{0,2}")
LESSON_CODE = re.compile(rf"(?P<item>{ITEM_CODE.pattern})-(?P<number>[1-9]\d{{0,2}})")
_ARTICLE = re.compile(r"([1-9]\d*)(?:-([1-9]\d?))?")
_FOLD = re.compile(r"^\?\?\?.*\n(?:(?: {4}.*|[ \t]*)(?:\n|$))*", re.MULTILINE)
_ADDRESS = re.compile(r"\]\((?:[^()\s]|\([^()\s]*\))*\)")
_SIGN = re.compile(r"[\u3400-\u9fff0-9０-９]")
_EXERCISE = re.compile(r"^#{2,4}[^\n]*[（(](?:约\s*)?(\d{1,3})\s*分钟[）)]\s*$", re.MULTILINE)
_NUMERALS = "零一二三四五六七八九十"


class ItemGroup(StrEnum):
    """The three parts of the reference syllabus, in official order."""

    ETHICS = "ethics"
    THEORY = "theory"
    SKILLS = "skills"

    @property
    def heading(self) -> str:
        """The part's heading in the annex of 鄂人社发〔2024〕8号."""
        return {"ethics": "职业规范", "theory": "理论知识", "skills": "操作技能"}[self.value]


class ChangeKind(StrEnum):
    """What happened to an article: its text is another one, or it is gone."""

    CHANGED = "changed"
    REMOVED = "removed"

    @property
    def heading(self) -> str:
        """What people call it."""
        return {"changed": "已修改", "removed": "已删除"}[self.value]


class SubjectKind(StrEnum):
    """What cites an article and may have to be read again."""

    LESSON = "lesson"
    QUESTION = "question"

    @property
    def heading(self) -> str:
        """What people call it."""
        return {"lesson": "课文", "question": "试题"}[self.value]


def local_item_code(organisation_id: int, number: int) -> str:
    """Return the code of an institution's own item; no two institutions share one."""
    return f"L{organisation_id}.{number}"


def lesson_code(item_code: str, number: int) -> str:
    """Return the code of the n-th lesson ever made of an item; codes are never used twice."""
    return f"{item_code}-{number}"


def last_number(codes: Iterable[str]) -> int:
    """Return the highest number at the end of the codes (`2.4-3` gives 3), 0 when there are none."""
    return max((int(re.split(r"[.-]", code)[-1]) for code in codes), default=0)


def article_name(no: str) -> str:
    """Return what an article is called: `28` is 第28条, `276-1` 第276条之一, a section word stays."""
    match = _ARTICLE.fullmatch(no)
    if match is None:
        return no
    suffix = f"之{_numeral(int(match[2]))}" if match[2] else ""
    return f"第{match[1]}条{suffix}"


def _numeral(number: int) -> str:
    """Return 1–99 in Chinese numerals, as inserted articles are named."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + (_NUMERALS[ones] if ones else "")


def chip_label(short_title: str, no: str) -> str:
    """Return what a citation chip says: 《条例》28; a document known by its number has no book marks."""
    by_number = any(sign.isdigit() for sign in short_title)
    match = _ARTICLE.fullmatch(no)
    article = f"{match[1]}之{_numeral(int(match[2]))}" if match and match[2] else no
    return f"{short_title} {article}" if by_number else f"《{short_title}》{article}"


def neighbours(codes: list[str]) -> dict[str, tuple[str | None, str | None]]:
    """Return for each code the one before and the one after, in reading order."""
    around: list[str | None] = [None, *codes, None]
    return {code: (around[at], around[at + 2]) for at, code in enumerate(codes)}


def exercise_minutes(body: str) -> list[int]:
    """Return the minutes that headings of exercises state: `## 动手做（12分钟）`."""
    return [int(minutes) for minutes in _EXERCISE.findall(_FOLD.sub("", body))]


def estimated_minutes(body: str, *, questions: int) -> float:
    """Return how long a lesson takes: reading its Markdown, its exercises, and its self-check questions.

    Read are Chinese characters and digits outside folds and addresses; docs/content-guide.md says why.
    """
    open_text = _FOLD.sub("", body)
    signs = len(_SIGN.findall(_ADDRESS.sub("]", open_text)))
    return signs / SIGNS_A_MINUTE + sum(exercise_minutes(body)) + questions * MINUTES_A_QUESTION


def is_fair_length(minutes: int, estimate: float) -> bool:
    """Whether nominal minutes lie within the margin of the estimate."""
    return abs(minutes - estimate) * 100 <= MINUTES_MARGIN * estimate
