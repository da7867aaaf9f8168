"""What a browser may send as an answer, and what is kept of it.

Kept is a sorted list of the places chosen (0 is A), a text, or None when nothing is chosen; of a case a list with one
of these for each of its questions, or None when none of them has an answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard, cast

from lms.quizzes.rules.kinds import TYPED, Kind

Simple: TypeAlias = list[int] | str | None
Answer: TypeAlias = list[int] | list[Simple] | str | None
Parts: TypeAlias = Sequence[Mapping[str, Any]]  # of a case as it was drawn: {kind, option_order, option_count} each
LONGEST_TEXT = 100


class BadAnswer(ValueError):
    """The answer does not fit the question; the message is Chinese."""


def read_answer(kind: str, option_count: int, given: object, parts: Parts = ()) -> Answer:
    """Return what is kept of what was sent; raise BadAnswer when it does not fit the question."""
    return _read_case(given, parts) if kind == Kind.CASE else _read_simple(kind, option_count, given)


def parts_of(answer: Answer, count: int) -> list[Simple]:
    """Return the answers to a case's questions, one each, also when none of them has one."""
    return cast("list[Simple]", answer) if isinstance(answer, list) else [None] * count


def merge_parts(answer: Answer, kept: Answer, *, touched: object, count: int) -> Answer:
    """Return the answer to a case with the questions that were not touched as they are kept.

    Two phones may each answer some of a case's questions; what one of them has not seen it does not take back.
    """
    if touched is None:
        return answer
    if not isinstance(touched, list) or not all(_is_number(part) and 0 <= part < count for part in touched):
        raise BadAnswer("没有这个小题，请刷新页面后重新作答。")
    pairs = zip(parts_of(answer, count), parts_of(kept, count), strict=True)
    return _some([new if part in touched else old for part, (new, old) in enumerate(pairs)])


def progress(kind: str, answer: Answer) -> str:
    """Return how far a question is answered: `blank`, `answered`, or `partly` for a case with questions left."""
    if answer is None:
        return "blank"
    return "partly" if kind == Kind.CASE and None in answer else "answered"


def _read_case(given: object, parts: Parts) -> list[Simple] | None:
    if _is_nothing(given):
        return None
    if not isinstance(given, list) or len(given) != len(parts):
        raise BadAnswer("小题的数目对不上，请刷新页面后重新作答。")
    read: list[Simple] = []
    for number, (part, one) in enumerate(zip(parts, given, strict=True), start=1):
        try:
            read.append(_read_simple(part["kind"], part["option_count"], one))
        except BadAnswer as problem:
            raise BadAnswer(f"第 {number} 小题：{problem}") from None
    return _some(read)


def _some(answers: list[Simple]) -> list[Simple] | None:
    return answers if any(one is not None for one in answers) else None


def _read_simple(kind: str, option_count: int, given: object) -> Simple:
    if _is_nothing(given):
        return None
    if kind in TYPED:
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
    places = [place for place in listed if _is_number(place)]
    if len(places) != len(listed):
        raise BadAnswer("请选择选项后再保存。")
    if len(set(places)) != len(places):
        raise BadAnswer("同一个选项选了两次，请刷新页面后重新选择。")
    return places


def _is_nothing(given: object) -> bool:
    return given is None or given == []


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
