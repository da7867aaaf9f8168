"""The print view of a lesson: folds open, citations as notes, forms empty and filled, words in the margins."""

import re

import pytest

from lms.core.db import transaction
from lms.courses import services
from lms.courses.rules.kinds import ItemGroup
from tests.courses.conftest import AT, Folder, House
from tests.courses.form_texts import TABLE
from tests.courses.test_forms import LESSON, SHEET, forms, shown  # noqa: F401  (fixtures)
from tests.courses.test_local import DRAFT

TEXT = """会开户。[《条例》28](law:wage-regulation#28) 再见 [《条例》26](law:wage-regulation#26)

![专户从签合同到注销的每一步](diagram:account-timeline)

## 动手做（12分钟）

??? answer "参考答案"
    见 [《条例》28](law:wage-regulation#28)。

- [x] 核对身份证
"""


@pytest.fixture
def printed(shown: Folder, house: House) -> str:  # noqa: F811
    shown.edit(LESSON, "会开户。", TEXT)
    with transaction():
        services.import_content(root=shown.root, at=AT)
    answer = house.client("learner").get("/lessons/2.4-1/print")
    assert answer.status_code == 200
    return answer.text


def test_citations_become_numbered_notes(printed: str) -> None:
    text, _, notes = printed.partition('aria-label="引用的条款"')
    assert re.findall(r"《条例》(\d+)<sup>\[(\d+)\]</sup>", text)[:3] == [("28", "1"), ("26", "2"), ("28", "1")]
    assert '<li value="1"><strong>保障农民工工资支付条例 第28条</strong> 总包在每个项目配劳资专管员。</li>' in notes
    assert '<li value="2"><strong>保障农民工工资支付条例 第26条</strong>' in notes
    assert notes.count("第28条") == 1
    assert 'class="cite" href' not in text


def test_everything_is_open_and_nothing_leads_away(printed: str) -> None:
    assert '<details open class="fold fold-answer">' in printed
    assert 'loading="lazy"' not in printed
    assert "bottom-bar" not in printed
    assert "checklist.js" not in printed


def test_its_forms_are_there_filled_and_empty(printed: str) -> None:
    assert "7,517.50" in printed
    assert 'aria-label="空表：农民工工资支付表"' in printed
    assert printed.index("7,517.50") < printed.index("引用的条款") < printed.index("空表：农民工工资支付表")


def test_the_head_and_the_margins_name_lesson_and_state(printed: str, house: House) -> None:
    assert "课文 2.4-1 · 第 2 版 · 法规状态截至 2026-11-20" in printed
    client = house.client("registrar")
    assert client.get("/lessons/2.4-1/print").status_code == 200
    style = client.get("/lessons/2.4-1/print.css")
    assert style.mimetype == "text/css"
    said = re.sub(r"\\([0-9a-f]+) ", lambda code: chr(int(code[1], 16)), style.text)
    assert '"课文 2.4-1 · 第 2 版 · 法规状态截至 2026-11-20"' in said
    assert '"武汉安薪培训学校"' in said
    assert '"2.4 专用账户管理相关知识"' in said


@pytest.fixture
def own_lesson(imported: Folder, house: House) -> str:
    """A lesson of the first institution, under a title that would end a CSS string."""
    actor = house.person("administrator")
    with transaction():
        item = services.create_local_item(
            organisation_id=house.ours,
            group=ItemGroup.SKILLS,
            title='x"; } body { display: none } /* \\',
            at=AT,
            actor_id=actor,
        )
        return services.save_local_lesson(
            organisation_id=house.ours, item_code=item, draft=DRAFT, at=AT, actor_id=actor
        )


def test_a_title_cannot_break_out_of_the_style(own_lesson: str, house: House) -> None:
    style = house.client("learner").get(f"/lessons/{own_lesson}/print.css").text
    assert style.count('"') == 6
    assert style.count("{") == 4


def test_another_institution_cannot_print_it(own_lesson: str, house: House) -> None:
    theirs = house.client("learner", house.theirs)
    for path in (f"/lessons/{own_lesson}/print", f"/lessons/{own_lesson}/print.css"):
        assert theirs.get(path).status_code == 404


def test_the_lesson_leads_to_its_print_view_and_says_how_its_minutes_come_together(
    shown: Folder,  # noqa: F811
    house: House,
) -> None:
    shown.edit(LESSON, "会开户。", TEXT)
    with transaction():
        services.import_content(root=shown.root, at=AT)
    page = house.client("learner").get("/lessons/2.4-1").text
    assert 'href="2.4-1/print"' in page
    assert "阅读 31 分 · 练习 12 分 · 自测 1 题" in page  # of 45, with two minutes for the question


def test_a_form_that_is_gone_is_left_out(shown: Folder, house: House) -> None:  # noqa: F811
    shown.write(SHEET, TABLE.replace("shape", "form"))
    page = house.client("learner").get("/lessons/2.4-1/print").text
    assert "空表：农民工工资支付表" not in page
    assert "7,517.50" in page  # the revision keeps what it showed
