"""When is a cohort completed? Pure decisions over facts; thresholds are data of the cohort."""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lms.core.hours import CREDIT_HOUR_SECONDS, credit_hours, duration

# 31 symbols without 0 O 1 I L: a prime number, so that the weighted sum below catches every single wrong character and
# every swap of two characters
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PREFIX = "AX"
RANDOM_SYMBOLS = 15
NUMBER_LENGTH = len(PREFIX) + RANDOM_SYMBOLS + 1
LONGEST_TYPED = 60
TENTH = CREDIT_HOUR_SECONDS // 10


@dataclass(frozen=True, slots=True)
class CompletionRule:
    """The thresholds of a cohort, fixed when it opens.

    attended_percent: share of the planned time that must be credited, 0–100. The switches demand every lesson finished,
    every item quiz passed, the final test passed.
    """

    attended_percent: int = 90
    items_finished: bool = True
    quizzes_passed: bool = True
    final_test_passed: bool = True

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "CompletionRule":
        """Read the cohort's rule; what it does not name has the default."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one learner has done, as far as the rules ask.

    planned_seconds and credited_seconds in clock seconds; lessons and quizzes as (done, of); final_score is the best
    percentage so far, None before the first try.
    """

    planned_seconds: int
    credited_seconds: int
    reachable_seconds: int
    lessons_finished: int
    lessons_total: int
    quizzes_passed: int
    quizzes_total: int
    final_tests: int
    final_score: int | None
    final_pass_mark: int
    final_passed: bool


@dataclass(frozen=True, slots=True)
class RuleState:
    """One rule for one learner: where they stand, what is needed, what to do next.

    have and need are in the rule's own unit (seconds, lessons, quizzes, percent); next_step is empty once met.
    own_step: whether the learner can take it alone, on a page of ours.
    """

    name: str
    title: str
    met: bool
    have: int
    need: int
    now_text: str
    needed_text: str
    next_step: str
    own_step: bool


def decide(rule: CompletionRule, facts: Facts) -> tuple[RuleState, ...]:
    """Return the state of every rule that the cohort has."""
    states = [_attendance(rule, facts)]
    if rule.items_finished and facts.lessons_total:
        states.append(_lessons(facts))
    if rule.quizzes_passed and facts.quizzes_total:
        states.append(_quizzes(facts))
    if rule.final_test_passed:
        states.append(_final_test(facts))
    return tuple(states)


def _attendance(rule: CompletionRule, facts: Facts) -> RuleState:
    # whole seconds, rounded up: 90 % of an odd plan must not be met half a second early
    need = -(-facts.planned_seconds * rule.attended_percent // 100)
    return RuleState(
        name="attendance",
        title="学时",
        met=facts.credited_seconds >= need,
        have=facts.credited_seconds,
        need=need,
        now_text=f"{credit_hours(facts.credited_seconds)} 学时 / {duration(facts.credited_seconds)}",
        needed_text=f"计划 {credit_hours(facts.planned_seconds)} 学时的 {rule.attended_percent}%，即 {_at_least(need)}",
        next_step=_attendance_step(need, facts),
        own_step=facts.credited_seconds < need <= facts.reachable_seconds,
    )


def _attendance_step(need: int, facts: Facts) -> str:
    short = need - facts.credited_seconds
    if short <= 0:
        return ""
    if facts.reachable_seconds < need:
        return f"还差 {_at_least(short)}，按现有课表已达不到要求，请尽快联系班主任安排补课。"
    return f"还差 {_at_least(short)}：按课表到课签到签退，或继续线上学习。"


def _at_least(seconds: int) -> str:
    """Return a demand in both readings, each rounded up: nobody is told less than is asked of them."""
    return f"{credit_hours(-(-seconds // TENTH) * TENTH)} 学时 / {duration(-(-seconds // 60) * 60)}"


def _lessons(facts: Facts) -> RuleState:
    left = facts.lessons_total - facts.lessons_finished
    return RuleState(
        name="lessons",
        title="课文",
        met=left <= 0,
        have=facts.lessons_finished,
        need=facts.lessons_total,
        now_text=f"已学完 {facts.lessons_finished} 课",
        needed_text=f"全部 {facts.lessons_total} 课",
        next_step="" if left <= 0 else f"还有 {left} 课没有学完：打开“学习”，从“继续学习”往下学。",
        own_step=left > 0,
    )


def _quizzes(facts: Facts) -> RuleState:
    left = facts.quizzes_total - facts.quizzes_passed
    return RuleState(
        name="quizzes",
        title="条目测验",
        met=left <= 0,
        have=facts.quizzes_passed,
        need=facts.quizzes_total,
        now_text=f"已通过 {facts.quizzes_passed} 个",
        needed_text=f"全部 {facts.quizzes_total} 个",
        next_step="" if left <= 0 else f"还有 {left} 个测验没有通过：打开“题库”，每个测验都可以再考。",
        own_step=left > 0,
    )


def _final_test(facts: Facts) -> RuleState:
    return RuleState(
        name="final_test",
        title="结业考核",
        met=facts.final_passed,
        have=facts.final_score or 0,
        need=facts.final_pass_mark,
        now_text="未参加" if facts.final_score is None else f"{facts.final_score} 分",
        needed_text=f"{facts.final_pass_mark} 分" if facts.final_tests else "通过结业考核",
        next_step="" if facts.final_passed else _final_test_step(facts),
        own_step=bool(facts.final_tests) and not facts.final_passed,
    )


def _final_test_step(facts: Facts) -> str:
    if not facts.final_tests:
        return "本班期还没有安排结业考核，请等班主任通知。"
    if facts.final_score is None:
        return "还没有参加结业考核：打开“题库”开始。"
    short = facts.final_pass_mark - facts.final_score
    if short <= 0:  # the pass mark was lowered after that try
        return f"最好成绩 {facts.final_score} 分，当时没有达到合格线：看完解析后再考一次。"
    return f"最好成绩 {facts.final_score} 分，还差 {short} 分：看完解析后再考。"


def new_number() -> str:
    """Return a fresh record number: random (74 bits), with a check character, unlike any skill certificate's."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
    return present_number(body + check_character(body))


def check_character(body: str) -> str:
    """Return the character that makes the weighted sum of the whole number zero modulo 31."""
    total = sum((place + 2) * ALPHABET.index(symbol) for place, symbol in enumerate(reversed(body)))
    return ALPHABET[-total % len(ALPHABET)]


def normalise_number(text: str) -> str | None:
    """Return a typed number in its one written form, or None when it cannot be a number of ours.

    Spaces, dashes, a full stop that stuck to the link, full-width forms and lower case are forgiven, and so is a
    missing AX.
    """
    if len(text) > LONGEST_TYPED:
        return None
    folded = unicodedata.normalize("NFKC", text).upper()
    symbols = "".join(symbol for symbol in folded if symbol.isalnum())
    if len(symbols) == NUMBER_LENGTH:  # not by its first letters: a body may begin with AX too
        symbols = symbols.removeprefix(PREFIX)
    if len(symbols) != RANDOM_SYMBOLS + 1 or any(symbol not in ALPHABET for symbol in symbols):
        return None
    if check_character(symbols[:-1]) != symbols[-1]:
        return None
    return present_number(symbols)


def present_number(symbols: str) -> str:
    """Return AX-XXXX-XXXX-XXXX-XXXX."""
    groups = [symbols[start : start + 4] for start in range(0, len(symbols), 4)]
    return "-".join((PREFIX, *groups))
