"""The decisions of quizzes, by example and by property."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.core.arithmetic import BadFormula, evaluate
from lms.quizzes.rules.answers import BadAnswer, merge_parts, progress, read_answer
from lms.quizzes.rules.arithmetic import agrees
from lms.quizzes.rules.drawing import (
    Candidate,
    CannotDraw,
    PartShape,
    Section,
    chapter_sections,
    draw,
    full_marks,
    question_count,
    shortages,
    spread,
    thin_pools,
)
from lms.quizzes.rules.kinds import Kind, MultipleRule
from lms.quizzes.rules.marking import is_right_text, mark, mark_choice, mark_parts, read_number, share, total
from lms.quizzes.rules.practice import open_positions, plan_run
from lms.quizzes.rules.timing import is_over, seconds_left, window

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ALL, HALF = MultipleRule.ALL_OR_NOTHING, MultipleRule.HALF_IF_MISSING
places = st.sets(st.integers(0, 5))


# ---- arithmetic


@pytest.mark.parametrize(
    "formula,value",
    [("18*500", 9000), ("(1+2)*3", 9), ("-2+5", 3), ("0.1+0.2", Decimal("0.3")), ("7/2", Decimal("3.5")), (" +4 ", 4)],
)
def test_formulas_are_computed_exactly(formula: str, value: Decimal) -> None:
    assert evaluate(formula) == value


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')", "2**99", "a+1", "1e9", "0x10", "1_000", "True", "1 if 2 else 3", "", "1+", "[1]", "1//2",
        "'1'", "1j", "(1\n+2)", "1/0", "1" * 300, "~1", "max(1,2)", "(" * 150 + "1" + ")" * 150,
    ],
)  # fmt: skip
def test_nothing_but_arithmetic_is_computed(formula: str) -> None:
    with pytest.raises(BadFormula, match="算式"):
        evaluate(formula)


def test_a_formula_agrees_within_the_tolerance() -> None:
    assert agrees("10/3", Decimal("3.33"), Decimal("0.01"))
    assert not agrees("10/3", Decimal("3.33"), Decimal(0))


# ---- answers


@pytest.mark.parametrize(
    "kind,sent,kept",
    [
        ("single", 2, [2]), ("single", [2], [2]), ("single", [], None), ("single", None, None),
        ("multiple", [3, 0], [0, 3]),
        ("true_false", True, [0]), ("true_false", False, [1]), ("true_false", [1], [1]), ("numeric", " 3.5 ", "3.5"),
        ("fill", "", None), ("fill", "  ", None), ("fill", "三\ud800\0", "三"),
    ],
)  # fmt: skip
def test_answers_are_kept_in_one_shape(kind: str, sent: object, kept: object) -> None:
    assert read_answer(kind, 4, sent) == kept


@pytest.mark.parametrize("kind,sent", [("single", [0, 1]), ("numeric", 3), ("fill", "x" * 101), ("multiple", [4])])
def test_answers_that_do_not_fit_are_refused(kind: str, sent: object) -> None:
    with pytest.raises(BadAnswer):
        read_answer(kind, 4, sent)


CASE = [
    {"kind": "single", "option_order": [2, 0, 1, 3], "option_count": 4},
    {"kind": "multiple", "option_order": [3, 2, 1, 0], "option_count": 4},
    {"kind": "numeric", "option_order": [], "option_count": 0},
    {"kind": "fill", "option_order": [], "option_count": 0},
]
CASE_KEY = {
    "parts": [
        {"correct": [2]},
        {"correct": [0, 1]},
        {"value": "9000", "tolerance": "0", "unit": "元"},
        {"answers": ["3", "三"], "after": "日内办理"},
    ]
}
CASE_RIGHT = [[0], [2, 3], "9,000元", "三日"]


@pytest.mark.parametrize(
    "sent,kept,reached",
    [
        ([[0], [3, 2], " 9,000 ", "三"], [[0], [2, 3], "9,000", "三"], "answered"),
        ([0, None, "", None], [[0], None, None, None], "partly"),
        ([None, [], "", " "], None, "blank"),
        ([], None, "blank"),
        (None, None, "blank"),
    ],
)
def test_a_case_is_kept_part_by_part(sent: object, kept: object, reached: str) -> None:
    answer = read_answer("case", 0, sent, CASE)
    assert answer == kept
    assert progress("case", answer) == reached


@pytest.mark.parametrize(
    "sent,words",
    [
        ([[0], [1]], "小题的数目对不上"),
        ("A", "小题的数目对不上"),
        ([[4], None, None, None], "第 1 小题：没有这个选项"),
        ([[0, 1], None, None, None], "第 1 小题：这道题只能选一项"),
        ([None, None, 9000, None], "第 3 小题：请填写文字或数字"),
        ([None, None, None, "x" * 101], "第 4 小题：答案太长"),
        ([[[0]], None, None, None], "第 1 小题：请选择选项"),
    ],
)
def test_a_case_that_does_not_fit_is_refused_with_its_part(sent: object, words: str) -> None:
    with pytest.raises(BadAnswer, match=words):
        read_answer("case", 0, sent, CASE)


answers = st.lists(st.none() | st.text("ab", min_size=1, max_size=1), min_size=4, max_size=4)


@given(new=answers, kept=st.none() | answers, touched=st.sets(st.integers(0, 3)))
def test_what_was_not_touched_stays(new: list[str | None], kept: list[str | None] | None, touched: set[int]) -> None:
    before = kept or [None] * 4
    merged = merge_parts(new, kept, touched=sorted(touched), count=4)  # type: ignore[arg-type]
    expected = [new[part] if part in touched else before[part] for part in range(4)]
    assert merged == (expected if any(expected) else None)
    assert merge_parts(new, kept, touched=None, count=4) == new  # type: ignore[arg-type]


@pytest.mark.parametrize("touched", ["0", [4], [-1], ["0"], [True], {}])
def test_parts_that_do_not_exist_cannot_be_touched(touched: object) -> None:
    with pytest.raises(BadAnswer, match="没有这个小题"):
        merge_parts(None, None, touched=touched, count=4)


# ---- marking


@given(marks=st.integers(0, 100), parts=st.integers(1, 5))
def test_marks_of_a_case_are_shared_evenly_and_none_is_lost(marks: int, parts: int) -> None:
    shares = share(marks, parts)
    assert sum(shares) == marks
    assert max(shares) - min(shares) <= 1
    assert shares == sorted(shares, reverse=True)


@given(right=st.sets(st.integers(0, 3)), marks=st.integers(5, 40), rule=st.sampled_from([ALL, HALF]))
def test_each_part_of_a_case_earns_its_share(right: set[int], marks: int, rule: str) -> None:
    wrong = [[1], [0], "8999", "四"]
    given_ = [CASE_RIGHT[part] if part in right else wrong[part] for part in range(4)]
    known = {"answer": given_, "key": CASE_KEY, "marks": marks, "rule": rule, "parts": CASE}
    earned = mark_parts(**known)  # type: ignore[arg-type]
    assert earned == [worth if part in right else 0 for part, worth in enumerate(share(marks, 4))]
    assert mark(kind="case", option_order=[], **known) == sum(earned)  # type: ignore[arg-type]


def test_several_right_options_in_a_case_follow_the_quizs_rule() -> None:
    known = {"answer": [None, [2], None, None], "key": CASE_KEY, "marks": 21, "parts": CASE}
    assert mark_parts(rule=ALL, **known) == [0, 0, 0, 0]  # type: ignore[arg-type]
    assert mark_parts(rule=HALF, **known) == [0, 2, 0, 0]  # type: ignore[arg-type]  (half of 5, rounded down)
    assert mark_parts(rule=HALF, **{**known, "answer": None}) == [0, 0, 0, 0]  # type: ignore[arg-type]


@given(chosen=places, correct=places.filter(bool), marks=st.integers(1, 20), rule=st.sampled_from([ALL, HALF]))
def test_marks_lie_between_none_and_all_and_all_only_for_exactly_the_right_ones(
    chosen: set[int], correct: set[int], marks: int, rule: str
) -> None:
    earned = mark_choice(chosen=chosen, correct=correct, marks=marks, rule=rule)
    assert 0 <= earned <= marks
    assert (earned == marks) == (chosen == correct)
    if chosen - correct or not chosen:
        assert earned == 0


@given(correct=places.filter(lambda found: len(found) > 1), marks=st.integers(1, 10).map(lambda half: 2 * half))
def test_half_the_marks_for_a_part_of_the_right_ones(correct: set[int], marks: int) -> None:
    part = set(sorted(correct)[1:])
    assert mark_choice(chosen=part, correct=correct, marks=marks, rule=HALF) == marks // 2
    assert mark_choice(chosen=part, correct=correct, marks=marks, rule=ALL) == 0


@given(order=st.permutations(range(5)), correct=st.sets(st.integers(0, 4), min_size=1))
def test_the_order_shown_does_not_change_what_is_right(order: list[int], correct: set[int]) -> None:
    shown = sorted(place for place, option in enumerate(order) if option in correct)
    known = {"kind": "multiple", "key": {"correct": sorted(correct)}, "option_order": order, "marks": 4, "rule": ALL}
    assert mark(answer=shown, **known) == 4  # type: ignore[arg-type]
    assert mark(answer=None, **known) == 0  # type: ignore[arg-type]


@given(earned=st.lists(st.integers(0, 10), min_size=1), spare=st.integers(0, 50), pass_mark=st.integers(1, 100))
def test_percent_is_rounded_down_and_decides(earned: list[int], spare: int, pass_mark: int) -> None:
    possible = max(1, sum(earned) + spare)
    result = total(earned, max_score=possible, pass_mark=pass_mark)
    assert result.percent * possible <= 100 * sum(earned) < (result.percent + 1) * possible
    assert result.passed == (100 * sum(earned) >= pass_mark * possible)


@pytest.mark.parametrize(
    "text,number",
    [
        ("9000", 9000), ("9,000元", 9000), ("９０００ 元", 9000), ("¥9000.00", 9000), ("-3", -3),
        ("3.50", Decimal("3.5")), ("￥９，０００．５元", Decimal("9000.5")), ("3。5", Decimal("3.5")), ("−3", -3),
        ("九千", None), ("1.2.3", None), ("", None), ("1e3", None), ("nan", None),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(text: str, number: Decimal | None) -> None:
    assert read_number(text, unit="元") == number


def test_numbers_within_the_tolerance_are_right() -> None:
    key = {"value": "3.33", "tolerance": "0.01", "unit": "天"}
    known = {"kind": "numeric", "key": key, "option_order": [], "marks": 2, "rule": ALL}
    assert [mark(answer=text, **known) for text in ("3.34天", "3.35", "三")] == [2, 0, 0]  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["三", " 三 ", "三。", "Ｔ＋３", "t+3"])
def test_spellings_differ_only_in_what_matters(text: str) -> None:
    assert is_right_text(text, ["三", "T+3"])


@pytest.mark.parametrize(
    "text,right", [("15日", True), ("十五日内", True), ("15天", False), ("日", False), ("1", False)]
)
def test_words_that_follow_the_blank_may_be_typed_along(text: str, right: bool) -> None:
    assert is_right_text(text, ["15", "十五"], after="日内为工人办理") is right


# ---- time


def test_the_deadline_is_the_earlier_of_minutes_and_closing() -> None:
    assert window(at=AT, minutes=60, closes_at=None).deadline_at == AT + timedelta(hours=1)
    short = window(at=AT, minutes=60, closes_at=AT + timedelta(minutes=10, seconds=5))
    assert (short.minutes, short.seconds, short.shortened) == (10, 605, True)
    assert not window(at=AT, minutes=60, closes_at=AT + timedelta(hours=1)).shortened


def test_the_deadline_itself_is_too_late() -> None:
    assert is_over(at=AT, deadline_at=AT)
    assert not is_over(at=AT - timedelta(microseconds=1), deadline_at=AT)
    assert seconds_left(at=AT, deadline_at=AT - timedelta(minutes=1)) == 0


# ---- drawing


def pool_of(**numbers: int) -> list[Candidate]:
    """`a_single=3` is three single-choice questions of item a."""
    pool = []
    for name, number in numbers.items():
        item, _, kind = name.partition("_")
        count = {"single": 4, "multiple": 5, "true_false": 2}.get(kind, 0)
        pool += [Candidate(len(pool) + at, f"{item}-{kind}{at:02}", item, kind, count) for at in range(number)]
    return pool


SECTIONS = (
    Section("职业规范", ("a",), "single", 3, 2),
    Section("理论知识", ("a", "b"), "single", 4, 2),
    Section("", ("b",), "true_false", 2, 1),
)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**53), shuffled=st.randoms())
def test_a_paper_can_be_drawn_again_from_its_seed(seed: int, shuffled: object) -> None:
    pool = pool_of(a_single=6, b_single=5, b_true_false=4)
    other = list(pool)
    shuffled.shuffle(other)  # type: ignore[attr-defined]
    paper = draw(SECTIONS, pool, seed)
    assert paper == draw(SECTIONS, other, seed)
    assert len({one.candidate.slug for one in paper}) == len(paper) == question_count(SECTIONS) == 9
    assert full_marks(SECTIONS) == 16
    assert all(one.section.admits(one.candidate) for one in paper)
    assert all(sorted(one.laid.option_order) == list(range(one.candidate.option_count)) for one in paper)
    assert all(one.laid.option_order == (0, 1) for one in paper if one.candidate.kind == Kind.TRUE_FALSE)


def test_other_seeds_draw_other_papers() -> None:
    pool = pool_of(a_single=12, b_single=12, b_true_false=8)
    papers = {tuple(one.candidate.slug for one in draw(SECTIONS, pool, seed)) for seed in range(20)}
    assert len(papers) > 15


def test_every_question_comes_up_sooner_or_later() -> None:
    pool = pool_of(a_single=10)
    section = Section("", ("a",), "single", 3, 1)
    seen = {one.candidate.slug for seed in range(60) for one in draw((section,), pool, seed)}
    assert seen == {candidate.slug for candidate in pool}


def feasible(sections: list[Section], pool: list[Candidate]) -> bool:
    """Hall's condition by brute force: every set of parts finds enough questions together."""
    for size in range(1, len(sections) + 1):
        for some in itertools.combinations(sections, size):
            admitted = sum(any(section.admits(one) for section in some) for one in pool)
            if admitted < question_count(some):
                return False
    return True


@settings(max_examples=200)
@given(
    numbers=st.tuples(*[st.integers(0, 4)] * 3),
    parts=st.lists(st.tuples(st.sets(st.sampled_from("abc"), min_size=1), st.integers(1, 5)), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
)
def test_a_paper_is_drawn_exactly_when_there_is_one(
    numbers: tuple[int, int, int], parts: list[tuple[set[str], int]], seed: int
) -> None:
    pool = pool_of(a_single=numbers[0], b_single=numbers[1], c_single=numbers[2])
    sections = [Section("", tuple(sorted(items)), "single", count, 1) for items, count in parts]
    if feasible(sections, pool):
        assert shortages(sections, pool) == []
        assert len({one.candidate.slug for one in draw(sections, pool, seed)}) == question_count(sections)
    else:
        assert shortages(sections, pool)
        with pytest.raises(CannotDraw):
            draw(sections, pool, seed)


CASES = [
    Candidate(
        at, f"a-case{at}", "a", "case", 0, (PartShape("single", 4), PartShape("true_false", 2), PartShape("fill", 0))
    )
    for at in range(6)
]


@given(seed=st.integers(0, 2**53))
def test_a_case_is_drawn_as_one_question_with_each_part_laid_out(seed: int) -> None:
    section = Section("", ("a",), "case", 2, 10)
    paper = draw([section], CASES, seed)
    assert len(paper) == 2
    assert paper == draw([section], CASES[::-1], seed)
    for one in paper:
        first, second, third = one.laid.parts
        assert sorted(first) == [0, 1, 2, 3]
        assert (second, third, one.laid.option_order) == ((0, 1), (), ())


def test_the_parts_of_a_case_are_laid_out_by_chance() -> None:
    section = Section("", ("a",), "case", 1, 10)
    assert len({draw([section], CASES[:1], seed)[0].laid.parts[0] for seed in range(60)}) > 15


def test_reasons_say_what_waits_for_a_review() -> None:
    held = {("a", "single"): 2, ("b", "single"): 4, ("a", "true_false"): 9}
    assert shortages(SECTIONS, pool_of(a_single=2, b_single=9, b_true_false=2), held) == [
        "“职业规范·单选题”要 3 题，题库只有 2 题（另有 2 题待复核，复核完成前不抽）"
    ]


# ---- practice


@given(seed=st.integers(0, 2**53), shuffled=st.randoms())
def test_a_run_holds_every_question_once_and_can_be_drawn_again(seed: int, shuffled: object) -> None:
    pool = [*pool_of(a_single=6, a_multiple=3), *CASES]
    other = list(pool)
    shuffled.shuffle(other)  # type: ignore[attr-defined]
    run = plan_run(pool, seed)
    assert run == plan_run(other, seed)
    assert sorted(one.slug for one, _laid in run) == sorted(one.slug for one in pool)


@given(plan=st.lists(st.integers(1, 30), unique=True), data=st.data())
def test_what_is_still_to_come_is_neither_answered_nor_held_back(plan: list[int], data: st.DataObject) -> None:
    answered = data.draw(st.sets(st.integers(1, max(1, len(plan)))))
    usable = data.draw(st.sets(st.sampled_from(plan))) if plan else set()
    still = open_positions(plan, answered=answered, usable=usable)
    assert still == sorted(still)
    assert set(still) == {at for at, version in enumerate(plan, start=1) if version in usable and at not in answered}


def test_reasons_name_part_and_numbers() -> None:
    assert shortages(SECTIONS, pool_of(a_single=2, b_single=9)) == [
        "“职业规范·单选题”要 3 题，题库只有 2 题",
        "“判断题”要 2 题，题库只有 0 题",
    ]
    assert "同一批试题" in shortages(SECTIONS, pool_of(a_single=4, b_single=2, b_true_false=2))[0]


def test_thin_pools_are_warned_of() -> None:
    section = Section("", ("a",), "single", 3, 1)
    assert thin_pools([section], pool_of(a_single=9)) == []
    assert "不到三倍" in thin_pools([section], pool_of(a_single=8))[0]


@given(
    count=st.integers(0, 60),
    chapters=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 30)), min_size=1, max_size=5),
)
def test_questions_are_spread_over_chapters_as_far_as_they_have_them(
    count: int, chapters: list[tuple[int, int]]
) -> None:
    limits = [limit for _weight, limit in chapters]
    shares = spread(count, [weight for weight, _limit in chapters], limits)
    assert sum(shares) == min(count, sum(limits))
    assert all(share <= limit for share, limit in zip(shares, limits, strict=True))


def test_chapters_get_their_share_of_each_kind() -> None:
    chapters = [("职业规范", ("a",), 100), ("理论知识", ("b",), 300)]
    pool = pool_of(a_single=20, b_single=20, a_multiple=1, b_multiple=9)
    sections = chapter_sections(chapters, pool, {"single": (8, 2), "multiple": (8, 4), "true_false": (4, 2)})
    assert [(one.label, one.kind, one.count, one.marks) for one in sections] == [
        ("职业规范", "single", 2, 2),
        ("理论知识", "single", 6, 2),
        ("职业规范", "multiple", 1, 4),
        ("理论知识", "multiple", 7, 4),
    ]
