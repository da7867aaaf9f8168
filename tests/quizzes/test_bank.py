"""The question bank: every fault named, nothing imported twice, nothing lost."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.core.db import db, transaction
from lms.core.errors import Invalid
from lms.core.listing import ListQuery
from lms.courses import services as courses
from lms.courses.content import default_root
from lms.quizzes import services
from lms.quizzes.content import Known, read_bank
from lms.quizzes.models import Question, QuestionVersion
from lms.quizzes.services import BankFaults, ImportReport
from tests import factories
from tests.factories import AT
from tests.quizzes import bank

KNOWN = Known({"1.1", "2.4", "3.4"}, {("wage-regulation", "28")})
SINGLE = bank.single("1.1-s01")


def faults(tmp_path: Path, text: str, *, item: str = "1.1") -> list[str]:
    root = bank.write_bank(tmp_path, {item: text})
    return [str(fault) for fault in read_bank(root, known=KNOWN).faults]


def test_a_sound_bank_has_no_faults(tmp_path: Path) -> None:
    assert faults(tmp_path, bank.bank_of("1.1")) == []


MULTIPLE = bank.multiple("1.1-m01")
NUMERIC = bank.numeric("1.1-n01")


@pytest.mark.parametrize(
    "text,place,words",
    [
        (SINGLE.replace("wage-regulation", "no-such-law"), "1.1-s01 sources.第1项", "法规库里没有 no-such-law#28"),
        (SINGLE.replace('"28"', '"999"'), "1.1-s01 sources.第1项", "法规库里没有 wage-regulation#999"),
        (SINGLE.replace("EXPLANATION", "见[《条例》9](law:wage-regulation#9)"), "explanation", "wage-regulation#9"),
        (SINGLE.replace('item = "1.1"', 'item = "9.9"'), "1.1-s01 item", "应与文件名一致，为 1.1"),
        (SINGLE + SINGLE, "1.1-s01 slug", "代码重复"),
        (SINGLE + SINGLE.replace('slug = "1.1-s01"', 'slug = "1.1-s02"'), "1.1-s02 stem", "与 1.1-s01 完全相同"),
        (SINGLE.replace(", correct = true", ""), "options", "只能有 1 个正确选项，现在 0 个"),
        (SINGLE.replace('错0", why', '错0", correct = true, why'), "options", "只能有 1 个正确选项，现在 2 个"),
        (SINGLE.replace('1.1-s01错1"', '1.1-s01错０"', 1), "options.第3项.text", "与第2项相同"),
        (SINGLE.replace('why = "WHY-1.1-s01错1"', 'why = ""'), "options.第3项.why", "为什么会选错"),
        (SINGLE.replace("EXPLANATION-1.1-s01", ""), "explanation", "缺少解析"),
        (SINGLE.replace('difficulty = "easy"\n', ""), "difficulty", "缺少这一项"),
        (SINGLE.replace('"easy"', '"simple"'), "difficulty", "只能是"),
        (SINGLE.replace("sources = [ { law", "other = [ { law"), "sources", "缺少这一项"),
        (SINGLE.replace('kind = "single"', 'kind = "essay"'), "kind", "只能是"),
        (SINGLE.replace('slug = "1.1-s01"', 'slug = "1.1-m01"'), "slug", "单选题的代码字母应为 s"),
        (SINGLE.replace('slug = "1.1-s01"', 'slug = "2.4-s01"'), "slug", "应写作 1.1-s01"),
        (SINGLE.replace("EXPLANATION", "选项B错在"), "explanation", "不能用字母称呼选项"),
        (SINGLE.replace("WHY-1.1-s01错0", "A项才对"), "options.第2项.why", "不能用字母称呼选项"),
        (SINGLE.replace('"1.1-s01错2"', '"以上都不对"'), "options.第4项.text", "以上都"),
        (SINGLE.replace("on = 2026-01-20", "on = 2026-01-19"), "reviewed.on", "复核日期早于"),
        (SINGLE.replace("on = 2026-01-20", 'on = "soon"'), "reviewed.on", "日期"),
        (SINGLE + "surprise = 1\n", "surprise", "不认识这一项"),
        (SINGLE + "answer = true\n", "answer", "单选题不用写这一项"),
        (SINGLE + SINGLE[:-30] + '"', "第", "TOML 格式错误"),
        (MULTIPLE.replace(", correct = true", "", 2), "options", "至少要有 2 个正确选项，现在 1 个"),
        (MULTIPLE.replace('", why', '", correct = true, why').replace("true, correct = ", ""), "options", "不能所有"),
        (NUMERIC.replace("18*500", "18*501"), "1.1-n01 formula", "按算式 18*501 得不到答案 9000"),
        (NUMERIC.replace("18*500", "__import__('os')"), "formula", "算式里只能有"),
        (NUMERIC.replace('formula = "18*500"', ""), "formula", "计算题缺少这一项"),
        (bank.true_false("1.1-t01").replace("answer = true", "answer = 3"), "answer", "只能是 true 或 false"),
        (bank.fill("1.1-f01").replace("____", "几"), "stem", "填空题要有一个空"),
        (bank.case("1.1-c01").replace("[[question.parts]]", "[[question.more]]"), "more", "不认识这一项"),
        (bank.case("1.1-c01", ("single", "fill")), "parts", "要有 3 到 5 个小题，现在 2 个"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(tmp_path: Path, text: str, place: str, words: str) -> None:
    found = [fault for fault in faults(tmp_path, text) if fault.startswith("question_bank/1.1.toml：")]
    assert any(place in fault and words in fault for fault in found), found


def test_ordinary_letters_are_no_names_of_options(tmp_path: Path) -> None:
    text = SINGLE.replace("STEM-1.1-s01", "A公司把B区3栋的A项目交给C班组，正确的是哪一种？")
    assert faults(tmp_path, text) == []


def test_an_unknown_item_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    assert any("大纲里没有条目 9.9" in fault for fault in faults(tmp_path, SINGLE, item="9.9"))
    assert "没有题库文件" in str(read_bank(tmp_path / "nowhere", known=KNOWN).faults[0])


def test_right_options_that_are_always_longest_are_warned_of(tmp_path: Path) -> None:
    longer = [bank.single(f"1.1-s{at:02}").replace('对"', '对，而且写得特别长"', 1) for at in range(1, 5)]
    root = bank.write_bank(tmp_path, {"1.1": "".join(longer)})
    assert "4 道的正确选项最长" in read_bank(root, known=KNOWN).warnings[0].message


def imported(root: Path) -> ImportReport:
    with transaction():
        return services.import_bank(root=root, at=AT)


def test_an_import_is_repeated_without_effect(context: Flask, tmp_path: Path) -> None:
    bank.prepare(tmp_path)
    before = db.session.scalar(select(func.count()).select_from(QuestionVersion))
    report = imported(tmp_path)
    assert not report.is_changed
    assert report.questions == before


def test_a_changed_question_gets_a_new_version_and_keeps_the_old_one(context: Flask, tmp_path: Path) -> None:
    bank.prepare(tmp_path)
    files = {item: bank.bank_of(item) for item in bank.ITEMS}
    files["1.1"] = files["1.1"].replace("STEM-1.1-s01", "换了说法")
    report = imported(bank.write_bank(tmp_path, files))
    assert (report.new, report.changed, report.retired) == (0, 1, 0)
    question_id = db.session.scalars(select(Question.id).where(Question.slug == "1.1-s01")).one()
    page = services.get_question(organisation_id=1, question_id=question_id)
    assert [(one.number, one.is_current, str(one.face.stem)) for one in page.versions] == [
        (2, True, "<p>换了说法</p>"),
        (1, False, "<p>STEM-1.1-s01</p>"),
    ]


def test_a_question_without_a_file_is_retired_and_can_come_back(context: Flask, tmp_path: Path) -> None:
    bank.prepare(tmp_path)
    number = db.session.scalar(select(func.count()).select_from(Question))
    less = imported(bank.write_bank(tmp_path, {item: bank.bank_of(item) for item in ("1.1", "2.4")}))
    assert less.retired > 0
    assert db.session.scalar(select(func.count()).select_from(Question)) == number
    assert not services.candidates(item_codes=["3.4"])
    assert imported(bank.write_bank(tmp_path)).restored == less.retired


def test_nothing_is_saved_while_a_fault_is_left(context: Flask, tmp_path: Path) -> None:
    factories.syllabus()
    files = {"1.1": bank.bank_of("1.1"), "2.4": bank.single("2.4-s01").replace("easy", "simple")}
    with pytest.raises(BankFaults) as caught:
        imported(bank.write_bank(tmp_path, files))
    assert [fault.entry for fault in caught.value.faults] == ["2.4-s01"]
    assert db.session.scalar(select(func.count()).select_from(Question)) == 0


def test_a_bank_needs_the_register_first(context: Flask, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="lms courses import"):
        imported(bank.write_bank(tmp_path))


def test_a_version_is_never_changed(context: Flask, tmp_path: Path) -> None:
    bank.prepare(tmp_path)
    with transaction():
        version = db.session.scalars(select(QuestionVersion)).first()
        assert version is not None
        version.stem = "anders"
        with pytest.raises(RuntimeError, match="never changed"):
            db.session.flush()
        db.session.rollback()


def test_what_is_shown_holds_nothing_of_the_key(context: Flask, tmp_path: Path) -> None:
    bank.prepare(tmp_path)
    for version in db.session.scalars(select(QuestionVersion)):
        text = str(version.shown)
        assert "WHY" not in text
        assert "EXPLANATION" not in text
        assert "correct" not in text
        assert "9000" not in text


def test_the_bank_is_searched_and_filtered(context: Flask, tmp_path: Path) -> None:
    bank.prepare(tmp_path)
    assert services.list_questions(query=ListQuery(search="STEM-2.4-s03")).total == 1
    assert services.list_questions(query=ListQuery(), item_code="1.1", kind="multiple").total == 4
    assert services.list_questions(query=ListQuery(), difficulty="hard").total == 0


def test_the_bank_that_we_ship_is_sound(context: Flask) -> None:
    with transaction():
        courses.import_content(root=default_root(), at=AT.replace(year=2030))
    found = services.check_bank(root=default_root(), at=AT.replace(year=2030))
    assert len(found.questions) > 300
