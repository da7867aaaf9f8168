"""What is wrong with a content file (lesson, law, question), said so that its author can mend it."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

CITATION = "citation"
FORMAT = "format"

# pydantic's error type → what its author reads; braces are filled from the error's context
_WORDS = {
    "missing": "缺少这一项",
    "extra_forbidden": "不认识这一项，请核对拼写",
    "string_type": "应为文字",
    "string_too_short": "不能为空",
    "string_too_long": "太长，最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不对",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "date_type": "应为日期，写作 2026-11-20",
    "date_parsing": "不是有效日期，写作 2026-11-20",
    "date_from_datetime_parsing": "不是有效日期，写作 2026-11-20",
    "date_from_datetime_inexact": "应为日期，不要带时间",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "bool_type": "只能是 true 或 false",
    "bool_parsing": "只能是 true 或 false",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "finite_number": "应为数字",
    "too_long": "最多 {max_length} 项",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "too_short": "至少要有 {min_length} 项",
    "model_type": "应为一组“名称 = 值”",
    "dict_type": "应为一组“名称 = 值”",
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault: in which file, at which entry and field, what is wrong; kind is `citation` or `format`."""

    file: str
    entry: str
    field: str
    message: str
    kind: str = FORMAT

    def __str__(self) -> str:
        place = " ".join(part for part in (self.entry, self.field) if part)
        return f"{self.file}：{place + '：' if place else ''}{self.message}"


def from_validation(error: ValidationError, *, file: str, entry: str = "") -> list[Fault]:
    """Return pydantic's errors in Chinese, each with its field."""
    return [Fault(file, entry, place(problem["loc"]), _say(problem)) for problem in error.errors(include_url=False)]


def place(steps: tuple[int | str, ...]) -> str:
    """Return the way to a field as its author counts: `options.第2项.text`."""
    return ".".join(f"第{step + 1}项" if isinstance(step, int) else step for step in steps)


def _say(problem: Any) -> str:
    context: dict[str, Any] = problem.get("ctx", {})
    if problem["type"] == "value_error":
        return str(context["error"])
    return _WORDS.get(problem["type"], "填写不正确").format_map(context)
