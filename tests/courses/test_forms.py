"""Working forms: what can be wrong with one, what it computes, how lessons and pages show it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lms.core.db import db, transaction
from lms.courses import services
from lms.courses.content import read_content
from lms.courses.content.forms import round_half_up
from lms.courses.models import Lesson, LessonRevision
from lms.courses.services import forms as form_services
from tests.courses.conftest import AT, Folder, House
from tests.courses.form_texts import DOCUMENT, TABLE

TODAY = date(2026, 11, 21)
SHEET = "forms/wage-sheet.toml"
NOTICE = "forms/notice.toml"
LESSON = "syllabus/2.4/2.4-1.md"


@pytest.fixture
def forms(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The folder with two forms, shown by lesson 2.4-1; pages read their forms from it."""
    folder.write(SHEET, TABLE)
    folder.write(NOTICE, DOCUMENT)
    folder.edit(LESSON, "会开户。", "会开户。\n\n[支付表](form:wage-sheet)\n\n[公示](form:notice)\n\n")
    monkeypatch.setattr(form_services, "default_root", lambda: folder.root)
    return folder


@pytest.fixture
def shown(context: Flask, forms: Folder) -> Folder:
    with transaction():
        services.import_content(root=forms.root, at=AT)
    return forms


def faults(folder: Folder) -> list[str]:
    return [str(fault) for fault in read_content(folder.root, today=TODAY).faults]


def lesson_html() -> str:
    statement = select(LessonRevision.html).join(Lesson, Lesson.current_revision_id == LessonRevision.id)
    html = db.session.scalars(statement.where(Lesson.code == "2.4-1")).one()
    assert isinstance(html, str)
    return html


def test_sound_forms_have_no_faults(forms: Folder) -> None:
    assert faults(forms) == []
    sheet = read_content(forms.root, today=TODAY).forms["wage-sheet"]
    assert sheet.rows[0]["due"] == Decimal("7517.50")
    assert sheet.rows[0]["hour"] == Decimal("42.71")  # 42.713…
    assert sheet.rows[1]["due"] == Decimal("6471.50")  # an empty cell counts as nothing
    assert sheet.rows[1]["name"] == "=1+1"


@pytest.mark.parametrize(
    "path, old, new, fault",
    [
        (SHEET, 'slug = "wage-sheet"', 'slug = "sheet"', "slug：应与文件名一致，为 wage-sheet"),
        (SHEET, 'item = "2.4"', 'item = "9.9"', "item：大纲里没有条目 9.9"),
        (SHEET, 'shape = "table"', 'shape = "page"', "shape：只能是"),
        (SHEET, 'shape = "table"', 'shape = "document"', "shape 是 document"),
        (SHEET, "as_of = 2026-11-20", "as_of = 2026-11-30", "as_of：2026-11-30 晚于今天"),
        (SHEET, "on = 2026-11-20", "on = 2026-11-19", "reviewed.on：复核日期早于"),
        (SHEET, "reviewed = {", "viewed = {", "reviewed：缺少这一项"),
        (SHEET, 'article = "28"', 'article = "99"', "sources.第2项：法规库里没有 wage-regulation#99"),
        (SHEET, 'article = "28"', 'article = "26"', "sources.第2项：wage-regulation#26 写了两次"),
        (SHEET, 'purpose = "分包每月编制，本人签字。"\n', "", "purpose：缺少这一项"),
        (SHEET, 'kind = "date"', 'kind = "day"', "column.第8项.kind：只能是"),
        (SHEET, 'key = "paid"', 'key = "name"', "列 name key：这一列写了两次"),
        (SHEET, 'title = "到账日"', 'title = "姓名"', "列“姓名” title：两列的标题相同"),
        (SHEET, 'key = "paid"', 'key = "Paid Day"', "column.第8项.key：格式不对"),
        (SHEET, "days * rate + extra", "days * wage + extra", "列 due formula：没有 wage 这一列"),
        (SHEET, "days * rate + extra", "days * name", "列 due formula：name 不是数字列"),
        (SHEET, "days * rate + extra", "days ** rate", "第1行：算式里只能有"),
        (SHEET, "days * rate + extra", "days * hour", "列 due formula：算式绕了一圈又用到自己"),
        (SHEET, "days * rate + extra", "100 * 2", "列 due formula：算式里没有用到别的列"),
        (SHEET, "days * rate + extra", "days * (rate", "列 due formula：算式写法不对"),
        (SHEET, 'choices = ["银行代发", "现金"]\n', "", "列 method choices：kind 是 choice 的列要有选项"),
        (SHEET, '["银行代发", "现金"]', '["现金", "现金"]', "column.第7项.choices：选项有重复"),
        (SHEET, '["银行代发", "现金"]', '["银行代发,现金", "现金"]', "选项里不能有英文逗号"),
        (SHEET, "width = 11", "width = 11\ntotal = true", "列 paid kind：只有 number 和 money"),
        (SHEET, "days = 22\n", "days = 22\ndue = 1\n", "第1行 due：这一列由算式得出，不要填"),
        (SHEET, "days = 22\n", "days = 22\nwhat = 1\n", "第1行 what：没有这一列"),
        (SHEET, "days = 22\n", 'days = "22"\n', "第1行 days：应为数字"),
        (SHEET, "days = 22\n", "days = nan\n", "第1行 days：应为数字"),
        (SHEET, "days = 22\n", "days = true\n", "第1行 days：应为数字"),
        (SHEET, "days = 21.5\n", "days = 0\n", "第2行：算式里除以了零，请填上要用的数"),
        (SHEET, "rate = 336.25", "rate = 336.255", "第1行 rate：金额最多到分"),
        (SHEET, "rate = 336.25", "rate = 1e12", "第1行 rate：这个数太大"),
        (SHEET, 'method = "现金"', 'method = "微信"', "第2行 method：只能是 银行代发、现金"),
        (SHEET, "paid = 2026-08-15", 'paid = "8月15日"', "第1行 paid：应为日期"),
        (SHEET, 'name = "陶某"', "name = 5", "第1行 name：应为文字"),
        (SHEET, 'name = "陶某"', 'name = "陶某 420106199001011234"', "第1行 name：420…像是身份证号"),
        (SHEET, 'filled = "某劳务公司"', 'filled = "电话13812345678"', "fields.第3项.filled：138…像是"),
        (SHEET, TABLE[TABLE.index("[[row]]") :], "", "row：填写示例至少要有一行"),
        (SHEET, "[[row]]\nname", "[row]\nname", "TOML 格式错误"),
        (NOTICE, "____项目于____", "某项目于某日", "section：空表里没有要填的地方"),
        (NOTICE, "安置房二期项目", "____项目", "“一、公示内容” filled：填写示例里还有没填的 ____"),
        (NOTICE, 'title = "专户注销公示"', 'title = "农民工工资支付表"', "的表名相同"),
        (NOTICE, "[[section]]", "[[row]]\na = 1\n[[section]]", "shape 是 document 的表没有 [[row]]"),
        (LESSON, "(form:notice)", "(form:none)", "正文：没有这张表：forms/none.toml"),
        (LESSON, "[公示](form:notice)", "见 [公示](form:notice)", "图和表要单独成段"),
        (LESSON, "[公示](form:notice)", "", "没有课文用到这张表，请在条目 2.4 的课文里写 [专户注销公示](form:notice)"),
        (LESSON, "[公示](form:notice)", "![专户从开户到注销的每一步](diagram:none)", "没有这张图：none"),
        (LESSON, "[公示](form:notice)", "![太短](diagram:dispute-path)", "文字说明太短"),
        (LESSON, "[公示](form:notice)", "??? hint\n    甲", "折叠内容写作 ??? 类型"),
        (LESSON, "[公示](form:notice)", '??? answer "答"\n甲', "折叠内容是空的"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(forms: Folder, path: str, old: str, new: str, fault: str) -> None:
    forms.edit(path, old, new)
    found = faults(forms)
    assert any(fault in line for line in found), found


def test_a_form_belongs_to_the_item_whose_lesson_shows_it(forms: Folder) -> None:
    forms.edit("syllabus/1.1/1.1-1.md", "会开户。", "[支付表](form:wage-sheet)")
    assert any("表 wage-sheet 属于条目 2.4" in line for line in faults(forms))


@given(st.fractions(-1000, 1000), st.integers(0, 4))
def test_rounding_is_half_up_and_never_off_by_more_than_a_half(exact: Fraction, places: int) -> None:
    rounded = Fraction(round_half_up(exact, places))
    assert abs(rounded - exact) * 10**places <= Fraction(1, 2)
    if abs(rounded - exact) * 10**places == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


def test_a_lesson_shows_its_forms_as_cards(shown: Folder) -> None:
    html = lesson_html()
    assert html.count('aria-label="表样：') == 2
    assert '<td class="number" data-label="应发（元）">7,517.50</td>' in html
    assert ">13,989.00</td>" in html  # 7517.50 + 6471.50
    assert "=1+1" in html
    for address in ("?view=empty", "?view=filled", ".xlsx", "?view=empty&amp;print=1"):
        assert f'href="/forms/wage-sheet{address}"' in html
    assert '<a class="cite" href="/laws/wage-regulation/28">《条例》28</a>' in html
    assert "公示30日。" in html


def test_what_a_form_stands_on_counts_as_cited(shown: Folder) -> None:
    statement = select(LessonRevision.citations).join(Lesson, Lesson.current_revision_id == LessonRevision.id)
    cited = db.session.scalars(statement.where(Lesson.code == "2.4-1")).one()
    assert {"law": "wage-regulation", "article": "28"} in cited


def test_a_changed_form_makes_a_new_revision(shown: Folder) -> None:
    shown.edit(SHEET, "rate = 336.25", "rate = 336")
    with transaction():
        report = services.import_content(root=shown.root, at=AT)
    assert (report.lessons_new, report.lessons_changed) == (0, 1)
    assert "7,512.00" in lesson_html()
    with transaction():
        assert not services.import_content(root=shown.root, at=AT).changed


def test_an_own_lesson_may_show_an_official_form(shown: Folder, house: House) -> None:
    client = house.client("registrar")
    code = client.post("/syllabus/new", data={"title": "本市表样", "group": "skills"}).location.rpartition("/")[2]
    values = {"title": "用表", "minutes": "30", "position": "1", "as_of": "2026-11-20"}
    wrong = client.post(f"/syllabus/{code}/lessons/new", data=values | {"source": "## 表\n\n[表](form:none)"})
    assert "没有这张表：forms/none.toml" in wrong.text
    saved = client.post(f"/syllabus/{code}/lessons/new", data=values | {"source": "## 表\n\n[表](form:wage-sheet)"})
    assert saved.status_code == 302, saved.text
    assert "7,517.50" in client.get(f"/lessons/{code}-1").text


@pytest.mark.parametrize("role", ["learner", "registrar"])
def test_the_pages_of_forms(shown: Folder, house: House, role: str) -> None:
    client = house.client(role)
    listed = client.get("/forms/").text
    assert "农民工工资支付表" in listed
    assert "专户注销公示" in listed
    assert "专用账户管理相关知识" in listed
    filled = client.get("/forms/wage-sheet").text
    assert "7,517.50" in filled
    assert "填写示例，人员、项目和金额均为虚构。" in filled
    assert 'href="/lessons/2.4-1"' in filled
    empty = client.get("/forms/wage-sheet?view=empty").text
    assert "陶某" not in empty
    assert empty.count("<tr>") == 1 + 9 + 1  # wide: heading, nine lines, sums
    assert "陶某" in client.get("/forms/wage-sheet?view=nonsense").text
    assert "form-blank" in client.get("/forms/notice?view=empty").text
    assert client.get("/forms/none").status_code == 404
    assert client.get("/forms/none.xlsx").status_code == 404


def test_wechat_is_told_where_downloads_work(shown: Folder, house: House) -> None:
    client = house.client("learner")
    advice = "在浏览器中打开"
    assert advice not in client.get("/forms/wage-sheet").text
    wechat = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"}
    assert advice in client.get("/forms/wage-sheet", headers=wechat).text


def test_the_page_asks_for_the_print_dialogue_only_when_told(shown: Folder, house: House) -> None:
    client = house.client("learner")
    assert "data-print-now" not in client.get("/forms/wage-sheet?view=empty").text
    assert "data-print-now" in client.get("/forms/wage-sheet?view=empty&print=1").text


def test_a_form_that_broke_since_the_import_is_not_there(shown: Folder, house: House) -> None:
    client = house.client("learner")
    assert client.get("/forms/notice").status_code == 200
    shown.write(NOTICE, DOCUMENT.replace("shape", "form"))
    assert client.get("/forms/notice").status_code == 404
    assert client.get("/forms/wage-sheet").status_code == 200
