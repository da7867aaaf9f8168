"""The lesson page in a real Chromium: sheet, checklist, text size, progress line, no sideways scrolling."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from lms.core.db import db, transaction
from lms.courses import services
from tests.browser.fixtures import harmless
from tests.courses.conftest import AT, Folder, House
from tests.threads import served

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)]

TEXT = (
    """会开户。[《条例》26](law:wage-regulation#26)

| 甲 | 乙 | 丙 | 丁 | 戊 |
|---|---|---|---|---|
| 一列很长很长很长的文字 | 一列很长很长的文字 | 一列很长很长的文字 | 一列很长很长的文字 | 一列很长的文字 |

## 带到工地的清单

- [ ] 进场当天核对身份证原件
- [ ] 签劳动合同

!!! local "湖北"
    每天考勤。

"""
    + "读一段很长的课文，读到最后一行为止。\n\n" * 60
)


@pytest.fixture
def address(imported: Folder, house: House) -> Iterator[str]:
    imported.edit("syllabus/2.4/2.4-1.md", "会开户。[《条例》26](law:wage-regulation#26)", TEXT)
    with transaction():
        services.import_content(root=imported.root, at=AT)
    house.person("learner")
    db.session.remove()
    with served(house.app) as address:
        yield address


@pytest.fixture
def read(address: str, house: House, open_page: Callable[..., Page]) -> Callable[..., Page]:
    def begin(**options: bool) -> Page:
        page = house.enter(open_page(base_url=address, **options))
        page.goto("/lessons/2.4-1")
        return page

    return begin


def test_a_chip_opens_the_sheet_and_escape_gives_the_text_back(read: Callable[..., Page]) -> None:
    page = read(phone=True)
    page.click("a.cite >> nth=0")
    sheet = page.locator("#cite-sheet")
    sheet.locator("text=总包开设农民工工资专用账户。").wait_for()
    assert "第26条" in sheet.inner_text()
    assert "国务院令第724号" in sheet.inner_text()
    page.wait_for_selector("#cite-sheet.show:not(.showing)")
    page.keyboard.press("Escape")
    sheet.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.className") == "cite"


def test_ticks_and_text_size_stay_on_the_phone(read: Callable[..., Page]) -> None:
    page = read(phone=True)
    page.click("text=签劳动合同")
    page.click("[data-text-size=large]")
    page.reload()
    ticks = [box.is_checked() for box in page.locator(".task-box").all()]
    assert ticks == [False, True]
    assert page.evaluate("getComputedStyle(document.querySelector('.lesson-text')).fontSize") == "20px"
    page.click("[data-text-size=medium]")
    assert page.evaluate("getComputedStyle(document.querySelector('.lesson-text')).fontSize") == "17px"


def test_the_line_at_the_top_follows_the_reader(read: Callable[..., Page]) -> None:
    page = read(phone=True)
    line = page.locator("[data-reading-line]")
    assert line.evaluate("line => line.value") == 0
    page.evaluate("window.scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    page.wait_for_timeout(300)
    assert line.evaluate("line => line.value") > 990


def test_nothing_scrolls_sideways_but_the_table(read: Callable[..., Page]) -> None:
    page = read(phone=True)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.locator(".lesson-text .table-box").evaluate("box => box.scrollWidth > box.clientWidth")


def test_a_line_holds_38_signs_and_the_contents_stand_beside_on_a_desk(read: Callable[..., Page]) -> None:
    page = read()
    text = page.locator(".lesson-text").bounding_box()
    contents = page.locator(".lesson-toc").bounding_box()
    assert text is not None
    assert contents is not None
    assert text["width"] <= 38 * 17
    assert contents["x"] > text["x"] + text["width"]
    assert page.locator(".lesson-toc a >> nth=0").is_visible()


def test_a_phone_shows_the_contents_when_asked(read: Callable[..., Page]) -> None:
    page = read(phone=True)
    first = page.locator(".lesson-toc a >> nth=0")
    assert not first.is_visible()
    page.click(".lesson-toc summary")
    assert first.is_visible()


def test_finishing_leads_on(read: Callable[..., Page]) -> None:
    page = read(phone=True)
    page.click("text=我已学完")
    page.click("text=学习下一课")
    page.wait_for_url("**/lessons/2.4-2")


@pytest.mark.parametrize("phone", [True, False])
def test_axe_finds_nothing_serious(read: Callable[..., Page], phone: bool) -> None:
    page = read(phone=phone)
    assert harmless(page) == []
