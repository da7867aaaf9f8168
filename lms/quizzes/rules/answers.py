"""What a browser may send as an answer, and what is kept of it.

Kept is a sorted list of the places chosen (0 is A), a text, or None when nothing is chosen.
"""

from typing import TypeAlias

from lms.quizzes.rules.kinds import Kind

Answer: TypeAlias = list[int] | str | None
LONGEST_TEXT = 100


class BadAnswer(ValueError):
    """The answer does not fit the question; the message is Chinese."""


def read_answer(kind: str, option_count: int, given: object) -> Answer:
    """Return what is kept of what was sent; raise BadAnswer when it does not fit the question."""
    if given is None:
        return None
    if kind in (Kind.NUMERIC, Kind.FILL):
        return _read_text(given)
    places = _read_places(kind, given)
    if any(not 0 <= place < option_count for place in places):
        raise BadAnswer("没有这个选项，请刷新页面后重新选择。")
    if kind != Kind.MULTIPLE and len(places) > 1:
        raise BadAnswer("这道题只能选一项，请重新选择。")
    return sorted(places) or None


def _read_text(given: object) -> str | None:
    if not isinstance(given, str):
        raise BadAnswer("请填写文字或数字。")
    text = given.replace("\0", "").encode("utf-8", "ignore").decode().strip()  # halves of characters cannot be kept
    if len(text) > LONGEST_TEXT:
        raise BadAnswer(f"答案太长，最多 {LONGEST_TEXT} 个字。")
    return text or None


def _read_places(kind: str, given: object) -> list[int]:
    if isinstance(given, bool):
        if kind != Kind.TRUE_FALSE:
            raise BadAnswer("请选择选项后再保存。")
        return [0 if given else 1]
    listed = given if isinstance(given, list) else [given]
    places = [place for place in listed if isinstance(place, int) and not isinstance(place, bool)]
    if len(places) != len(listed):
        raise BadAnswer("请选择选项后再保存。")
    if len(set(places)) != len(places):
        raise BadAnswer("同一个选项选了两次，请刷新页面后重新选择。")
    return places
