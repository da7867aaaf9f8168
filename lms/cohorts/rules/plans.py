"""A cohort's particulars: their words, the teaching plan in minutes, the completion rule's thresholds."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lms.core.hours import CREDIT_HOUR_SECONDS

CREDIT_HOUR_MINUTES = CREDIT_HOUR_SECONDS // 60

# 劳动关系协调师 (国家职业标准): the levels a cohort can be aimed at, lowest first
LEVEL_TITLES = {4: "四级（中级工）", 3: "三级（高级工）", 2: "二级（技师）", 1: "一级（高级技师）"}
MODE_TITLES = {"full_time": "脱产", "part_time": "业余"}
STATUS_TITLES = {"draft": "未开班", "open": "进行中", "closed": "已结束"}

# Read by completion; every switch on is what an institution has to turn off knowingly.
DEFAULT_RULE: Mapping[str, Any] = {
    "attended_percent": 90,
    "items_finished": True,
    "quizzes_passed": True,
    "final_test_passed": True,
}


def minutes_of(credit_hours: Decimal) -> int:
    """Return a number of 学时 in whole minutes, half a minute rounded up."""
    return int((credit_hours * CREDIT_HOUR_MINUTES).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def credit_hours_of(minutes: int) -> Decimal:
    """Return minutes as 学时 with one decimal, as forms show them; 96 rather than 96.0."""
    hours = (Decimal(minutes) / CREDIT_HOUR_MINUTES).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return hours.to_integral_value() if hours == hours.to_integral_value() else hours


def rule_fault(rule: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a completion rule, None when it can be used."""
    percent = rule.get("attended_percent", DEFAULT_RULE["attended_percent"])
    if isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= 100:
        return "出勤比例应为 0—100 的整数。"
    switches = {name: value for name, value in rule.items() if name in DEFAULT_RULE and name != "attended_percent"}
    if any(not isinstance(value, bool) for value in switches.values()):
        return "结业条件只能选择“要求”或“不要求”。"
    return None


def rule_lines(rule: Mapping[str, Any]) -> list[str]:
    """Return a completion rule as people read it, one line for each demand."""
    full = {**DEFAULT_RULE, **rule}
    lines = [f"出勤达到计划学时的 {full['attended_percent']}%"]
    words = {
        "items_finished": "全部课文学完",
        "quizzes_passed": "各条目测验合格",
        "final_test_passed": "结业考核合格",
    }
    return lines + [word for name, word in words.items() if full[name]]
