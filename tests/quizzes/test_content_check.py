"""`lms content check`: every fault of the content has its place; the shipped content has none."""

import json
import os
import re
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from lms.core import clock
from lms.courses.content import default_root
from lms.courses.rules.minutes import estimated_minutes, exercise_minutes, is_fair_length
from lms.quizzes import services
from lms.quizzes.cli import content_group
from lms.quizzes.content.checks import chips, numbers_in
from lms.quizzes.rules.bias import measure
from lms.quizzes.rules.kinds import Difficulty, Kind
from lms.quizzes.rules.likeness import alike, bigrams, jaccard
from lms.quizzes.rules.official import OFFICIAL, Totals, shortcomings
from tests import factories
from tests.quizzes import bank, freshness

TODAY = date(2026, 3, 2)
LESSON = "syllabus/2.4/2.4-1.md"
BANK = "question_bank/2.4.toml"
LAW = "laws/wage-regulation.toml"
BODY = """## 学完你能做什么

{text}[《条例》26](law:wage-regulation#26)

## 工地实例

看一个例子。

## 动手做（12分钟）

算一算。

??? answer "参考答案"
    一二三四五六七八九十。

## 常见错误

别忘了签字。

## 带到工地的清单

- [ ] 带上表

## 五行小结

1. 一句话
"""
WORDS = (
    "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往"
    "秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜"
)
REPEALED = ('status = "in_force"', 'status = "repealed"')


def own_words(at: int) -> str:
    """Return words that no other question has."""
    return "".join(WORDS[(at * 7 + step * (at % 5 + 1)) % len(WORDS)] + str(at) for step in range(6))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small content folder in which nothing is wrong."""
    texts = {}
    for code in ("1.1-1", "2.4-1", "3.4-1"):
        body = BODY.format(text="专户的钱只发工资。" * 60)
        front, _, _ = freshness.lesson(code, source="26").partition("## ")
        minutes = round(estimated_minutes(body, questions=1))
        texts[code] = front.replace("minutes = 45", f"minutes = {minutes}") + body
    files = {}
    for part, item in enumerate(bank.ITEMS):
        slugs = [f"{item}-{letter}{number:02}" for letter in "smt" for number in range(1, 3)]
        text = "".join({"s": bank.single, "m": bank.multiple, "t": bank.true_false}[slug[-3]](slug) for slug in slugs)
        for at, slug in enumerate([*slugs, f"{item}-n01"]):
            text += bank.numeric(slug).replace("EXPLANATION", "18×500＝9,000元 EXPLANATION") if "n" in slug else ""
            text = text.replace(f"STEM-{slug}", own_words(10 * part + at))
        files[item] = text.replace('"28"', '"26"')
    return freshness.write(tmp_path, texts=texts, files=files)


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text("utf-8")
    assert old in text, path
    (root / path).write_text(text.replace(old, new, 1), "utf-8")


def faults(root: Path, *, official: bool = False) -> list[str]:
    report = services.inspect_content(root=root, today=TODAY, official=official)
    assert report.ok == (not report.faults)
    return [str(fault) for fault in report.faults]


def test_sound_content_has_no_faults(root: Path) -> None:
    assert faults(root) == []


@pytest.mark.parametrize(
    "path, old, new, fault",
    [
        (LESSON, "## 常见错误", "## 别的", "2.4-1.md：正文：缺少“常见错误”一节"),
        (LESSON, "（12分钟）", "", "没有标明分钟数的练习"),
        (LESSON, "（12分钟）", "（60分钟）", "minutes：写了"),
        (LESSON, 'self_check = ["2.4-s01"]', 'self_check = ["2.4-s77"]', "self_check：题库里没有试题 2.4-s77"),
        (LESSON, "as_of = 2026-01-20", "as_of = 2019-01-20", "2020-05-01 才施行，晚于 as_of 2019-01-20"),
        (LESSON, "on = 2026-01-20", "on = 2026-03-03", "reviewed.on：2026-03-03 晚于今天"),
        (LAW, *REPEALED, "2.4-1.md：sources.第1项：《保障农民工工资支付条例》已废止"),
        (LAW, *REPEALED, "2.4.toml：2.4-s01 sources.第1项：《保障农民工工资支付条例》已废止"),
        (LAW, 'amended_on = ""', "amended_on = 2026-02-01", "2.4-s01 sources.第1项：《保障农民工工资支付条例》2026"),
        (BANK, "on = 2026-01-20", "on = 2026-03-03", "2.4-s01 reviewed.on：2026-03-03 晚于今天"),
        (BANK, "18×500＝9,000元", "乘一乘", "2.4-n01 explanation：解析里没有写出答案 9000元"),
        (BANK, "18×500＝9,000元", "18×500＝9,001元", "2.4-n01 explanation：解析里没有写出答案 9000元"),
        (BANK, 'formula = "18*500"', 'formula = "18*501"', "2.4-n01 formula：按算式 18*501 得不到答案 9000"),
        (BANK, f'stem = "{own_words(10)}', 'stem = "专管员写在第几条？', "2.4-s01 stem：不要考条号（“第几条”）"),
        (BANK, 'why = "WHY-2.4-s01错1"', 'why = ""', "2.4-s01 options.第3项.why：缺少“为什么会选错”"),
        (BANK, '"2.4-s01错2"', '"以上都是"', "2.4-s01 options.第4项.text：不要用“以上都是”"),
        (BANK, 'slug = "2.4-s02"', 'slug = "2.4-s01"', "2.4-s01 slug：代码重复"),
        (BANK, '"26"', '"99"', "2.4-s01 sources.第1项：法规库里没有 wage-regulation#99"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(root: Path, path: str, old: str, new: str, fault: str) -> None:
    edit(root, path, old, new)
    found = faults(root)
    assert any(fault in line for line in found), found


def test_two_questions_about_one_thing_are_a_fault(root: Path) -> None:
    first, second = own_words(10), own_words(20)
    edit(root, "question_bank/3.4.toml", second, first[:-2])
    edit(root, "question_bank/3.4.toml", "3.4-s01对", "2.4-s01对")
    assert any("3.4-s01 stem：与 2.4-s01" in line or "2.4-s01 stem：与 3.4-s01" in line for line in faults(root))


def test_a_full_text_needs_a_fingerprint_for_each_article(root: Path) -> None:
    text = (root / LAW).read_text("utf-8")
    (root / LAW).write_text(re.sub(r'(no = "30"\n.*\n)sha256 = "\w+"', r'\1sha256 = ""', text), "utf-8")
    assert faults(root) == [f"{LAW}：条 30 sha256：全文已知的法规，每一条都要有指纹"]
    edit(root, LAW, 'text_status = "full"', 'text_status = "excerpt"')
    assert faults(root) == []


def test_the_official_content_owes_more(root: Path) -> None:
    found = faults(root, official=True)
    for words in (
        "条目 2.4：有 1 课，应有 2 到 5 课",
        "question_bank/2.4.toml：有 7 道题，至少要 30 道",
        "条目 3.4：操作技能条目至少要有一份表样",
        "全部内容：试题：共 21 道，至少要 1000 道",
    ):
        assert any(words in line for line in found), words


def test_the_shipped_content_is_sound() -> None:
    """The gate of every change to content/: the same as `lms content check`."""
    began = time.perf_counter()
    report = services.inspect_content(root=default_root(), today=clock.local_date(clock.now()), official=True)
    assert [str(fault) for fault in report.faults] == []
    assert len(report.items) == 24
    assert time.perf_counter() - began < 5


def totals(**changes: object) -> Totals:
    values: dict[str, object] = {
        "lessons": 60,
        "minutes": 60 * 45,
        "forms": 11,
        "questions": 1000,
        "kinds": dict(OFFICIAL.kinds),
        "difficulties": {Difficulty.EASY: 400, Difficulty.MEDIUM: 400, Difficulty.HARD: 200},
    }
    return Totals(**(values | changes))  # type: ignore[arg-type]


FAIR = measure(
    singles=[(at % 4, ["短", "一样", "一样", "一样"]) for at in range(100)],
    multiples=[(3, 5)],
    statements=[True, False],
)


def test_the_promises_are_kept_to_the_letter() -> None:
    assert list(shortcomings(totals(), FAIR)) == []
    for changes, what in (
        ({"lessons": 59}, "课文"),
        ({"minutes": 60 * 45 - 1}, "学时"),
        ({"minutes": 90 * 45 + 1}, "学时"),
        ({"questions": 999}, "试题"),
        ({"kinds": {**OFFICIAL.kinds, Kind.CASE: 29}}, "案例题"),
    ):
        assert [name for name, _message in shortcomings(totals(**changes), FAIR)] == [what]
    shifted = {Difficulty.EASY: 480, Difficulty.MEDIUM: 330, Difficulty.HARD: 190}
    assert [name for name, _ in shortcomings(totals(difficulties=shifted), FAIR)] == ["难度易"]


def test_what_gives_answers_away_is_measured() -> None:
    long_first = [(0, ["这个选项特别长", "短", "短", "短"])] * 4
    found = measure(singles=long_first, multiples=[(2, 4), (4, 6)], statements=[True, True, True, False])
    assert (found.longest, found.places, found.true) == (100.0, (100.0, 0.0, 0.0, 0.0), 75.0)
    assert found.right_of_multiple == 60.0
    told = [message for _what, message in shortcomings(totals(), found)]
    assert any("最长的占 100.0%" in message for message in told)
    assert any("第 1 个的占 100.0%" in message for message in told)
    assert any("说法正确的占 75.0%" in message for message in told)
    nothing = measure(singles=[], multiples=[], statements=[])
    assert (nothing.longest, nothing.places, nothing.true, nothing.right_of_multiple) == (None, (), None, None)


A = "专户里的钱，建设单位可以先停拨人工费，等争议解决再补。"


def test_likeness() -> None:
    assert jaccard(bigrams(A), bigrams(A)) == 1
    assert bigrams("ＡＢ 1，2") == bigrams("ab12")
    other = "总包应当在项目部配备劳资专管员，对分包用工实施监督。"
    assert alike({"a": A, "b": other}) == []
    assert [pair[:2] for pair in alike({"a": A, "b": f"判断：{A}", "c": other})] == [("a", "b")]
    assert alike({"a": "", "b": ""}) == []


def test_other_numbers_make_another_question_unless_all_words_are_the_same() -> None:
    first = "试用期内提前3日通知用人单位，可以解除劳动合同。"
    second = "过了试用期想辞职，提前30日书面通知用人单位，可以解除劳动合同。"
    assert jaccard(bigrams(first), bigrams(second)) > 0.45
    assert alike({"a": first, "b": second}) == []
    assert alike({"a": first, "b": first.replace("3日", "5日")}) != []


def test_likeness_finds_what_comparing_everything_finds() -> None:
    texts = {f"q{at}": own_words(at % 40) + A[: at % 20] + own_words(at // 3) for at in range(120)}
    grams = {name: bigrams(text) for name, text in texts.items()}
    everything = {
        (first, second)
        for at, first in enumerate(texts)
        for second in list(texts)[at + 1 :]
        if jaccard(grams[first], grams[second]) >= 0.7
    }
    assert everything
    assert {tuple(sorted(pair[:2])) for pair in alike(texts)} >= {tuple(sorted(pair)) for pair in everything}


@pytest.mark.parametrize(
    "text, number",
    [
        ("合计9000元", "9000"),
        ("合计9,000元", "9000"),
        ("合计９０００元", "9000"),
        ("合计 1,234,567.50 元", "1234567.5"),
        ("约0.9万元", "9000"),
        ("1.2亿元", "120000000"),
        ("18×500＝9000。", "9000"),
    ],
)
def test_numbers_are_found_in_their_usual_writings(text: str, number: str) -> None:
    assert Decimal(number) in numbers_in(text)


def test_numbers_of_articles_do_not_count() -> None:
    assert Decimal(28) not in numbers_in("见[《条例》28](law:wage-regulation#28)")
    assert list(
        chips("见[《条例》28](law:wage-regulation#28)和[鄂人社发〔2024〕8号 三(三)](law:hubei-2024-8#三(三))。")
    ) == [
        ("wage-regulation", "28"),
        ("hubei-2024-8", "三(三)"),
    ]


def test_minutes_are_reckoned_as_the_guide_says() -> None:
    """140 signs a minute outside folds and addresses, the minutes of exercises, a minute and a half a question."""
    body = "## 规则\n\n" + "字" * 138 + "[条](law:wage-regulation#28) abc\n"
    assert estimated_minutes(body, questions=0) == pytest.approx((138 + 1 + 2) / 140)
    fold = '\n??? answer "参考答案"\n    字字字字\n\n    字字\n\n后面\n'
    assert estimated_minutes(body + fold, questions=2) == pytest.approx((141 + 2) / 140 + 3)
    exercises = "## 动手做（12分钟）\n\n### 练习二：复算（约 8 分钟）\n\n## 说明（第12分钟以后）\n"
    assert exercise_minutes(exercises) == [12, 8]
    assert is_fair_length(46, 40)
    assert not is_fair_length(47, 40)
    assert is_fair_length(34, 40)
    assert not is_fair_length(33, 40)


def test_the_command_answers_people_and_machines(root: Path) -> None:
    fine = CliRunner().invoke(content_group, ["check", "--root", str(root)])
    assert fine.exit_code == 0, fine.output
    lines = fine.stdout.splitlines()
    assert " ".join(lines[0].split()) == "条目 课 分钟 表样 试题 单选 多选 判断 计算 填空 案例 易/中/难 最早复核"
    assert len({sum(2 if ord(sign) > 0x2E7F else 1 for sign in line) for line in lines[:5]}) == 1, "columns are aligned"
    assert "没有错误" in fine.stdout
    answer = json.loads(CliRunner().invoke(content_group, ["check", "--json", "--root", str(root)]).stdout)
    assert answer["ok"] is True
    assert answer["items"][1] | {"minutes": 0} == {
        "code": "2.4",
        "title": "条目 2.4",
        "lessons": 1,
        "minutes": 0,
        "forms": 0,
        "questions": 7,
        "kinds": {"single": 2, "multiple": 2, "true_false": 2, "numeric": 1},
        "difficulties": {"easy": 7},
        "oldest_review": "2026-01-20",
    }
    edit(root, BANK, "18×500＝9,000元", "乘一乘")
    wrong = CliRunner().invoke(content_group, ["check", "--json", "--root", str(root)])
    assert wrong.exit_code == 1
    (fault,) = json.loads(wrong.stdout)["faults"]
    assert (fault["file"], fault["entry"], fault["field"]) == (BANK, "2.4-n01", "explanation")
    assert str(fault["message"]) in wrong.stderr


def test_the_command_needs_no_database_and_refuses_an_empty_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lms.cli", "content", "check", "--root", str(tmp_path)],
        env={
            **os.environ,
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "LMS_DATA_DIR": str(tmp_path / "x"),
        },
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "没有内容" in done.stderr.decode()
    assert not (tmp_path / "x").exists()


def test_the_limits_stand_in_one_place() -> None:
    assert (OFFICIAL.lessons, OFFICIAL.lessons_of_item, OFFICIAL.credit_hours) == (60, (2, 5), (60, 90))
    assert (OFFICIAL.questions, OFFICIAL.questions_of_item, OFFICIAL.longest_below) == (1000, 30, 35)
    assert dict(OFFICIAL.kinds) == dict(zip(Kind, (450, 200, 200, 60, 30, 30), strict=True))
    assert factories.ITEMS[0][0] == "1.1"
