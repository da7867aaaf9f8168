"""Every fault is found, and found with file, entry and field, before anything is saved."""

from datetime import date

import pytest

from lms.courses.content import default_root, read_content
from tests.courses.conftest import Folder

TODAY = date(2026, 11, 21)
LESSON = "syllabus/2.4/2.4-1.md"


def faults(folder: Folder) -> list[str]:
    return [str(fault) for fault in read_content(folder.root, today=TODAY).faults]


def test_sound_content_has_no_faults(folder: Folder) -> None:
    content = read_content(folder.root, today=TODAY)
    assert content.faults == []
    assert [lesson.front.code for lesson in content.lessons] == ["1.1-1", "2.4-1", "2.4-2"]
    assert content.articles == {("wage-regulation", "26"), ("wage-regulation", "28")}


@pytest.mark.parametrize(
    "path, old, new, fault",
    [
        (LESSON, "minutes = 45", "minutes = 4", "minutes：不能小于 5"),
        (LESSON, "minutes = 45", "minutes = 121", "minutes：不能大于 120"),
        (LESSON, "minutes = 45", 'minutes = "许多"', "minutes：应为整数"),
        (LESSON, "minutes = 45\n", "", "minutes：缺少这一项"),
        (LESSON, "minutes = 45", "minutes = 45\nminuets = 4", "minuets：不认识这一项"),
        (LESSON, "as_of = 2026-11-20", 'as_of = "昨天"', "as_of：不是有效日期"),
        (LESSON, "as_of = 2026-11-20", "as_of = 2026-13-40", "第7行：TOML 格式错误"),
        (LESSON, "as_of = 2026-11-20", "as_of = 2026-11-22", "as_of：2026-11-22 晚于今天"),
        (LESSON, "on = 2026-11-20", "on = 2026-11-19", "reviewed.on：复核日期早于"),
        (LESSON, 'title = "第 2.4-1 课"', 'title = " "', "title：不能为空"),
        (LESSON, 'article = "26" }', 'article = "99" }', "sources.第1项：法规库里没有 wage-regulation#99"),
        (LESSON, 'law = "wage-regulation"', 'law = "nothing"', "sources.第1项：法规库里没有 nothing#26"),
        (LESSON, "(law:wage-regulation#26)", "(law:wage-regulation#99)", "正文：法规库里没有 wage-regulation#99"),
        (LESSON, "(law:wage-regulation#26)", "(law:wage-regulation)", "正文：引用写作"),
        (LESSON, "(law:wage-regulation#26)", "(http://e.org)", "正文：链接只能是 law: 或 https:"),
        (LESSON, "(law:wage-regulation#26)", "()", "链接只能是 law: 或 https:，这里是 空"),
        (LESSON, "会开户。", "![图](https://e.org/a.png)", "正文：不能插入图片"),
        (LESSON, "会开户。", "<b>会开户</b>", "正文：不能写 HTML：<b>"),
        (LESSON, "\n1. 一\n", "", "“五行小结” 正文：这一节没有内容"),
        (LESSON, "## 五行小结", "# 五行小结", "正文：小标题用“##”"),
        (LESSON, "1. 一", '!!! note "x"\n    y', "正文：提示框写作"),
        (LESSON, "1. 一", "!!! local\n    y", "要写明地方"),
        (LESSON, "1. 一", '!!! tip "x"\ny', "正文每行要缩进四个空格"),
        (LESSON, "1. 一", "|1|2|3|4|5|6|7|\n|---|---|---|---|---|---|---|", "表格有 7 列"),
        (LESSON, 'self_check = ["2.4-s01"]', 'self_check = ["2.4"]', "不是试题代码"),
        (LESSON, 'self_check = ["2.4-s01"]', 'self_check = ["2.5-s01"]', "2.5-s01 不是条目 2.4 的试题"),
        (LESSON, 'code = "2.4-1"', 'code = "2.4-2"', "code：应与文件名一致，为 2.4-1"),
        (LESSON, 'code = "2.4-1"', 'code = "第一课"', "code：课文代码应写作 2.4-1 这样的形式"),
        (LESSON, 'item = "2.4"', 'item = "2.5"', "item：大纲里没有条目 2.5"),
        (LESSON, "order = 1", "order = 2", "的顺序号相同"),
        (LESSON, "+++\n## 学", "## 学", "开头应是两行 +++"),
        ("laws/wage-regulation.toml", 'no = "28"', 'no = "26"', "条 26 no：这一条登记了两次"),
        ("laws/wage-regulation.toml", 'no = "28"', "", "第2个 [[article]] no：缺少这一项"),
        ("laws/wage-regulation.toml", 'status = "in_force"', 'status = "old"', "status：只能是"),
        ("laws/wage-regulation.toml", 'slug = "wage-regulation"', 'slug = "wages"', "slug：应与文件名一致"),
        ("laws/wage-regulation.toml", "2020-05-01", "2020-05-32", "TOML 格式错误"),
        ("laws/wage-regulation.toml", 'sha256 = ""', 'sha256 = "abc"', "条 26 sha256：格式不对"),
        ("laws/wage-regulation.toml", 'gist = "总包开', f'gist = "{"长" * 90}', "gist：太长，最多 90 个字"),
        ("syllabus/syllabus.toml", 'code = "2.4"', 'code = "1.1"', "条目 1.1 code：代码重复"),
        ("syllabus/syllabus.toml", 'group = "ethics"', 'group = "magic"', "第1个 [[item]] group：只能是"),
        ("syllabus/syllabus.toml", 'group = "ethics"', 'group = "skills"', "group：条目应按"),
    ],
)
def test_a_fault_is_named_with_its_place(folder: Folder, path: str, old: str, new: str, fault: str) -> None:
    folder.edit(path, old, new)
    found = faults(folder)
    assert any(fault in line for line in found), found
    assert any(path.rpartition("/")[0] in line for line in found), found


def test_all_faults_are_found_at_once(folder: Folder) -> None:
    folder.edit(LESSON, "minutes = 45", "minutes = 1")
    folder.edit("syllabus/2.4/2.4-2.md", "会开户。", "<i>x</i> ![y](z)")
    folder.edit("laws/wage-regulation.toml", 'sha256 = ""', 'sha256 = "1"')
    places = {line.split("：")[0] for line in faults(folder)}
    assert places >= {LESSON, "syllabus/2.4/2.4-2.md", "laws/wage-regulation.toml"}


def test_the_same_code_in_two_files_is_a_fault(folder: Folder) -> None:
    folder.write("syllabus/1.1/2.4-1.md", (folder.root / LESSON).read_text("utf-8"))
    assert any("代码重复" in line for line in faults(folder))


def test_a_file_that_is_no_utf8_is_a_fault(folder: Folder) -> None:
    (folder.root / LESSON).write_bytes("专户".encode("gb18030"))
    assert any("不是 UTF-8" in line for line in faults(folder))


def test_windows_line_ends_change_nothing(folder: Folder) -> None:
    before = read_content(folder.root, today=TODAY).lessons[1].content_hash
    path = folder.root / LESSON
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_content(folder.root, today=TODAY).lessons[1].content_hash == before


def test_a_subsection_may_follow_its_heading_at_once(folder: Folder) -> None:
    folder.edit(LESSON, "1. 一", "### 小节\n\n正文")
    assert faults(folder) == []


def test_an_address_with_brackets_is_one_address(folder: Folder) -> None:
    folder.edit("laws/wage-regulation.toml", 'no = "28"', 'no = "三(一)"')
    folder.edit(LESSON, "(law:wage-regulation#26)", "(law:wage-regulation#三(一))")
    assert faults(folder) == []


def test_the_official_syllabus_has_its_24_items() -> None:
    items = read_content(default_root(), today=TODAY).items
    assert [item.code for item in items] == [
        *(f"1.{n}" for n in range(1, 3)),
        *(f"2.{n}" for n in range(1, 12)),
        *(f"3.{n}" for n in range(1, 12)),
    ]
    assert items[8].title.startswith("《湖北省根治拖欠农民工工资工作领导小组")
    assert items[-1].title == "劳资专管员履行主要职责其他应会技能"


def test_the_shipped_content_is_sound() -> None:
    from lms.core import clock

    content = read_content(default_root(), today=clock.local_date(clock.now()))
    assert [str(fault) for fault in content.faults] == []
