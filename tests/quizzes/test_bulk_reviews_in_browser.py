"""Clearing together in Chromium: on a phone and on a desk, counted as one ticks, and without scripts all the same."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.fixtures import PHONE, fits
from tests.quizzes.test_review_in_browser import address  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)]


def open_change(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("[name=login]", "jiaowu28")
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button[type=submit]")
    page.goto("/reviews/")
    page.click("main td a >> nth=0")
    page.wait_for_selector(".pick-bar")


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_ticked_ones_are_cleared(address: str, open_page: Callable[..., Page], phone: bool) -> None:  # noqa: F811
    page = open_page(phone=phone, base_url=address)
    width = "phone" if phone else "desk"
    open_change(page)

    send = page.locator(".pick-bar button[type=submit]")
    expect(send).to_have_text("复核通过所选")
    page.click("text=全选")
    expect(send).to_have_text("复核通过所选 5 项")
    expect(page.locator("[data-pick-all]")).to_have_text("全不选")
    target = page.locator(".pick").first
    target.click()
    expect(send).to_have_text("复核通过所选 4 项")
    box = target.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 48
    fits(page, f"pick-{width}")
    send.click()
    page.wait_for_selector("text=请写明对照了什么")
    expect(send).to_have_text("复核通过所选 4 项")
    fits(page, f"pick-refused-{width}")
    page.check(".pick-bar >> text=通过 >> nth=0")
    page.fill("[name=note]", "对照新条文，引用处不变")
    send.click()
    page.wait_for_selector("text=4 项已复核，这一条还有 1 项")
    fits(page, f"pick-left-{width}")


def test_without_scripts_the_boxes_work(address: str, open_page: Callable[..., Page]) -> None:  # noqa: F811
    browser = open_page(base_url=address).context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, base_url=address, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    open_change(page)
    assert not page.locator("text=全选").is_visible()
    for place in (0, 3):
        page.locator(".pick").nth(place).click()
    page.check(".pick-bar >> text=通过 >> nth=0")
    page.fill("[name=note]", "对照新条文，引用处不变")
    page.click("text=复核通过所选")
    page.wait_for_selector("text=2 项已复核，这一条还有 3 项")
    context.close()
