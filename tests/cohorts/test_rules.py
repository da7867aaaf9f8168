"""Small decisions of cohorts."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.cohorts.rules.plans import DEFAULT_RULE, credit_hours_of, minutes_of, rule_fault, rule_lines
from lms.cohorts.rules.roster import column_letter, repeats
from lms.cohorts.rules.timetable import Span, after, following
from lms.completion.rules import CompletionRule
from lms.core.clock import SHANGHAI


def span(text: str, minutes: int = 90) -> Span:
    starts = datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=SHANGHAI)
    return Span(starts, starts + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "now, first, expected",
    [
        ("02 08:30", "02 08:30", "02 10:10"),
        ("02 10:10", "02 08:30", "02 14:00"),
        ("02 14:00", "02 08:30", "02 15:40"),
        ("02 16:20", "02 08:30", "03 08:30"),
        ("02 19:00", "02 19:00", "03 19:00"),
    ],
)
def test_the_next_class_follows_after_a_break_after_lunch_or_on_the_next_day(
    now: str, first: str, expected: str
) -> None:
    assert following(span(now), span(first).starts) == span(expected)


def test_the_next_item_follows_the_last_one_follows_itself() -> None:
    assert [after(["1.1", "1.2", "2.1"], code) for code in ("1.1", "2.1", "9.9")] == ["1.2", "2.1", "9.9"]


@given(st.integers(min_value=1, max_value=90_000))
def test_whole_credit_hours_and_their_minutes_are_one(hours: int) -> None:
    assert credit_hours_of(minutes_of(Decimal(hours))) == hours
    assert minutes_of(Decimal(hours)) == hours * 45


def test_credit_hours_are_shown_without_an_idle_point() -> None:
    assert [str(credit_hours_of(minutes)) for minutes in (4320, 23, 90)] == ["96", "0.5", "2"]


@pytest.mark.parametrize(
    "rule", [{"attended_percent": 101}, {"attended_percent": True}, {"attended_percent": "90"}, {"items_finished": 1}]
)
def test_rules_that_cannot_be(rule: dict[str, object]) -> None:
    assert rule_fault(rule)


def test_our_default_rule_is_the_one_that_completion_reads() -> None:
    assert rule_fault(DEFAULT_RULE) is None
    assert CompletionRule.from_data(DEFAULT_RULE) == CompletionRule()
    assert rule_lines({"attended_percent": 80, "quizzes_passed": False}) == [
        "出勤达到计划学时的 80%",
        "全部课文学完",
        "结业考核合格",
    ]


def test_columns_are_named_as_spreadsheets_name_them() -> None:
    assert [column_letter(number) for number in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_the_later_of_two_equal_values_is_the_repeat() -> None:
    assert repeats([(2, "a"), (3, ""), (4, "a"), (5, ""), (6, "a"), (7, "b")]) == {4: 2, 6: 2}
