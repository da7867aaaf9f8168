"""Decisions and numbers, without a database."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.completion.rules import (
    ALPHABET,
    RANDOM_SYMBOLS,
    CompletionRule,
    Facts,
    RuleState,
    check_character,
    decide,
    new_number,
    normalise_number,
    present_number,
)

SKILL_CERTIFICATE = re.compile(r"^[YS]\d{21}$")
MET = Facts(
    planned_seconds=60 * 2700,
    credited_seconds=54 * 2700,
    reachable_seconds=60 * 2700,
    lessons_finished=20,
    lessons_total=20,
    quizzes_passed=3,
    quizzes_total=3,
    final_tests=1,
    final_score=80,
    final_pass_mark=60,
    final_passed=True,
)

bodies = st.text(alphabet=ALPHABET, min_size=RANDOM_SYMBOLS, max_size=RANDOM_SYMBOLS)


def symbols_of(number: str) -> str:
    return number.replace("-", "").removeprefix("AX")


def numbered(body: str) -> str:
    return present_number(body + check_character(body))


# --- numbers


@given(bodies)
def test_a_number_is_read_as_it_is_written(body: str) -> None:
    number = numbered(body)
    assert re.fullmatch(rf"AX(-[{ALPHABET}]{{4}}){{4}}", number)
    assert normalise_number(number) == number
    assert not SKILL_CERTIFICATE.fullmatch(number)
    assert not SKILL_CERTIFICATE.fullmatch(number.replace("-", ""))


@given(bodies)
def test_every_single_wrong_character_is_refused(body: str) -> None:
    symbols = symbols_of(numbered(body))
    for place, right in enumerate(symbols):
        for wrong in ALPHABET.replace(right, ""):
            assert normalise_number(f"AX{symbols[:place]}{wrong}{symbols[place + 1 :]}") is None


@given(bodies)
def test_every_swap_of_two_characters_is_refused(body: str) -> None:
    """Neighbours and all others."""
    symbols = symbols_of(numbered(body))
    for first in range(len(symbols)):
        for second in range(first + 1, len(symbols)):
            if symbols[first] != symbols[second]:
                swapped = list(symbols)
                swapped[first], swapped[second] = swapped[second], swapped[first]
                assert normalise_number("AX" + "".join(swapped)) is None


@given(bodies)
def test_what_people_type_is_forgiven(body: str) -> None:
    number = numbered(body)
    wide = "".join(chr(ord(symbol) + 0xFEE0) for symbol in number)
    spaced = " ".join(number)
    for typed in (
        number.lower(),
        number.replace("-", ""),
        number.replace("-", " "),
        number.replace("-", "—"),
        number.removeprefix("AX-"),
        f"  {number}\n",
        spaced,
        wide,
        wide.lower(),
    ):
        assert normalise_number(typed) == number


def test_a_body_that_begins_like_the_prefix_is_not_cut() -> None:
    number = numbered("AX" + "2" * (RANDOM_SYMBOLS - 2))
    without_prefix = number.removeprefix("AX-").replace("-", "")
    assert without_prefix.startswith("AX")
    assert normalise_number(without_prefix) == number


@given(st.text(max_size=80))
def test_nothing_typed_breaks_the_reader(text: str) -> None:
    found = normalise_number(text)
    assert found is None or normalise_number(found) == found


@pytest.mark.parametrize("text", ["", "AX", "AX-", "420106199001011234", "Y" + "1" * 21, "AX" + "2" * 5000, "ß" * 16])
def test_what_cannot_be_a_number(text: str) -> None:
    assert normalise_number(text) is None


def test_new_numbers_are_new_sound_and_unlike_skill_certificates() -> None:
    made = {new_number() for _ in range(2000)}
    assert len(made) == 2000
    assert all(normalise_number(number) == number for number in made)
    assert not any(SKILL_CERTIFICATE.search(number.replace("-", "")) for number in made)
    assert {symbol for number in made for symbol in symbols_of(number)} == set(ALPHABET)


def test_the_alphabet_has_no_look_alikes_and_a_prime_length() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert not set("01OIL") & set(ALPHABET)


# --- the rule as data


def test_a_cohort_without_a_rule_has_the_default() -> None:
    assert CompletionRule.from_data({}) == CompletionRule(90, True, True, True)
    assert CompletionRule.from_data({"attended_percent": 80, "unknown": 1}).attended_percent == 80


def test_the_rules_of_a_cohort_are_those_it_asks_for() -> None:
    names = [state.name for state in decide(CompletionRule(), MET)]
    assert names == ["attendance", "lessons", "quizzes", "final_test"]
    bare = CompletionRule(items_finished=False, quizzes_passed=False, final_test_passed=False)
    assert [state.name for state in decide(bare, MET)] == ["attendance"]
    nothing = replace(MET, lessons_total=0, lessons_finished=0, quizzes_total=0, quizzes_passed=0)
    assert [state.name for state in decide(CompletionRule(), nothing)] == ["attendance", "final_test"]


# --- each rule and its words


def state(name: str, **facts: object) -> RuleState:
    found = decide(CompletionRule(), replace(MET, **facts))  # type: ignore[arg-type]
    return next(one for one in found if one.name == name)


def test_everything_met() -> None:
    for one in decide(CompletionRule(), MET):
        assert (one.met, one.next_step, one.own_step) == (True, "", False)


def test_hours_met_and_missed_by_one_second() -> None:
    enough = state("attendance")
    assert enough.met
    assert enough.now_text == "54.0 学时 / 40 小时 30 分"
    assert enough.needed_text == "计划 60.0 学时的 90%，即 54.0 学时 / 40 小时 30 分"
    short = state("attendance", credited_seconds=54 * 2700 - 1)
    assert not short.met
    assert short.own_step
    assert short.now_text == "53.9 学时 / 40 小时 29 分"
    assert short.next_step == "还差 0.1 学时 / 1 分：按课表到课签到签退，或继续线上学习。"
    assert (short.have, short.need) == (54 * 2700 - 1, 54 * 2700)


def test_hours_that_can_no_longer_be_reached() -> None:
    late = state("attendance", credited_seconds=0, reachable_seconds=53 * 2700)
    assert late.next_step == "还差 54.0 学时 / 40 小时 30 分，按现有课表已达不到要求，请尽快联系班主任安排补课。"
    assert not late.own_step


def test_nothing_yet() -> None:
    nothing = state("attendance", credited_seconds=0)
    assert nothing.now_text == "0.0 学时 / 0 分钟"


def test_lessons() -> None:
    assert state("lessons").now_text == "已学完 20 课"
    left = state("lessons", lessons_finished=17)
    assert (left.met, left.now_text, left.needed_text) == (False, "已学完 17 课", "全部 20 课")
    assert left.next_step == "还有 3 课没有学完：打开“学习”，从“继续学习”往下学。"


def test_quizzes() -> None:
    left = state("quizzes", quizzes_passed=1)
    assert (left.met, left.now_text, left.needed_text) == (False, "已通过 1 个", "全部 3 个")
    assert left.next_step == "还有 2 个测验没有通过：打开“题库”，每个测验都可以再考。"


@pytest.mark.parametrize(
    "facts,now,needed,step,own",
    [
        ({"final_score": 80}, "80 分", "60 分", "", False),
        (
            {"final_score": None, "final_passed": False},
            "未参加",
            "60 分",
            "还没有参加结业考核：打开“题库”开始。",
            True,
        ),
        (
            {"final_score": 52, "final_passed": False},
            "52 分",
            "60 分",
            "最好成绩 52 分，还差 8 分：看完解析后再考。",
            True,
        ),
        (
            {"final_score": 62, "final_passed": False},
            "62 分",
            "60 分",
            "最好成绩 62 分，当时没有达到合格线：看完解析后再考一次。",
            True,
        ),
        (
            {"final_tests": 0, "final_score": None, "final_passed": False},
            "未参加",
            "通过结业考核",
            "本班期还没有安排结业考核，请等班主任通知。",
            False,
        ),
    ],
)
def test_final_test(facts: dict[str, object], now: str, needed: str, step: str, own: bool) -> None:
    found = state("final_test", **facts)
    assert (found.now_text, found.needed_text, found.next_step, found.own_step) == (now, needed, step, own)
    assert found.met == (step == "")


def test_a_score_of_nought_is_a_score() -> None:
    assert state("final_test", final_score=0, final_passed=False).now_text == "0 分"


@given(
    planned=st.integers(0, 10**7),
    credited=st.integers(0, 10**7),
    percent=st.integers(0, 100),
    reachable=st.integers(0, 10**7),
)
def test_hours_are_met_when_the_share_is_reached_and_not_a_second_before(
    planned: int, credited: int, percent: int, reachable: int
) -> None:
    facts = replace(MET, planned_seconds=planned, credited_seconds=credited, reachable_seconds=reachable)
    found = decide(CompletionRule(attended_percent=percent), facts)[0]
    assert found.met == (credited * 100 >= planned * percent)
    assert found.met == (found.next_step == "")
    assert "0.0 学时 / 0 分钟" not in found.next_step
