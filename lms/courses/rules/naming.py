"""What items, lessons and citations are called, and in which order they stand."""

import re
from collections.abc import Iterable

LOCAL_POSITION = 1000

ITEM_CODE = re.compile(r"(?:[1-9]\d?|L[1-9]\d{0,8})\.[1-9]\d{0,2}")
LESSON_CODE = re.compile(rf"(?P<item>{ITEM_CODE.pattern})-(?P<number>[1-9]\d{{0,2}})")
_ARTICLE = re.compile(r"([1-9]\d*)(?:-([1-9]\d?))?")
_NUMERALS = "零一二三四五六七八九十"


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
