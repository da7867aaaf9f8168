"""Shipped lessons of all three parts in a real Chromium: axe, no sideways scrolling, diagrams, forms, folds, paper."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page

from lms.core import clock
from lms.core.db import db, transaction
from lms.courses import services
from tests.browser.fixtures import fits
from tests.courses.conftest import House
from tests.threads import served

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)]

# cells of cards whose words are wider than the cell
SPILLING = """[...document.querySelectorAll('.form-cards td')]
    .filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent)"""
LESSONS = ("1.2-2", "2.4-1", "3.3-3")  # a form; a diagram; the widest table


@pytest.fixture
def address(context: Flask, house: House) -> Iterator[str]:
    with transaction():
        services.import_content(root=services.default_root(), at=clock.now())
    house.person("learner")
    db.session.remove()
    with served(house.app) as address:
        yield address


@pytest.fixture
def enter(address: str, house: House, open_page: Callable[..., Page]) -> Callable[..., Page]:
    def begin(**options: bool) -> Page:
        return house.enter(open_page(base_url=address, **options))

    return begin


@pytest.mark.parametrize("phone", [True, False])
def test_axe_finds_nothing_serious(enter: Callable[..., Page], phone: bool) -> None:
    page = enter(phone=phone)
    for code in LESSONS:
        page.goto(f"/lessons/{code}")
        page.evaluate("for (const fold of document.querySelectorAll('details.fold')) fold.open = true")
        fits(page, f"lesson-{code}")
    forms = ("/forms/", "/forms/wage-sheet", "/forms/wage-sheet?view=empty", "/forms/rights-notice-board?view=empty")
    for path in (*forms, "/diagrams/dispute-path", "/lessons/3.3-3/print"):
        page.goto(path)
        fits(page, re.sub(r"\W+", "-", path))


def test_pieces_on_a_phone(enter: Callable[..., Page]) -> None:
    page = enter(phone=True)
    page.goto("/lessons/3.3-3")
    rows = page.locator(".form-cards").first.locator("tbody tr")
    assert [row.is_visible() for row in rows.all()][:4] == [True, True, True, False]
    page.locator(".form-more").first.wait_for()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert all(row.is_visible() for row in rows.all())
    assert not page.locator(".form-more").first.is_visible()

    for width in (320, 375):
        page.set_viewport_size({"width": width, "height": 812})
        page.goto("/lessons/3.3-3")
        assert page.evaluate(SPILLING) == [], width
    page.goto("/lessons/2.4-1")
    picture = page.locator(".diagram img").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 343
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] >= 340  # its letters are as large as they were drawn
    picture.click()
    page.locator("text=这张图说什么").wait_for()
    page.click("text=返回课文")
    page.locator("text=我已学完").wait_for()


def test_a_fold_opens_by_keyboard_and_for_the_printer(enter: Callable[..., Page]) -> None:
    page = enter()
    page.goto("/lessons/2.4-1")
    fold = page.locator("details.fold").first
    assert fold.get_attribute("open") is None
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None
    page.keyboard.press("Enter")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert fold.get_attribute("open") is not None
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert fold.get_attribute("open") is None


# what stands wider than so many CSS pixels, on upright pages or on those that lie on their side
WIDER = """([width, side]) => [...document.querySelectorAll("main *")]
  .filter((one) => Boolean(one.closest(".is-wide, .form-wide")) === side)
  .filter((one) => one.getBoundingClientRect().right > width + 1).map((one) => one.outerHTML.slice(0, 80))"""
UPRIGHT, SIDEWAYS = 672, 1001  # A4 less its margins


def test_lessons_and_forms_fit_on_paper(enter: Callable[..., Page]) -> None:
    """Whatever is wider makes the browser shrink every page of the print."""
    page = enter()
    page.add_init_script("window.asked = 0; window.print = () => { window.asked += 1; }")
    page.emulate_media(media="print", color_scheme="dark")
    for code in LESSONS:
        for width, side in ((UPRIGHT, False), (SIDEWAYS, True)):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"/lessons/{code}/print")
            assert page.evaluate(WIDER, [width, side]) == [], code
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("[...document.querySelectorAll('details.fold')].every((fold) => fold.open)")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")

    page.emulate_media(media="screen")
    page.goto("/forms/wage-sheet?view=empty&print=1", wait_until="load")
    assert page.evaluate("window.asked") == 1
    assert page.url.endswith("/forms/wage-sheet?view=empty")
    page.click("[data-print]")
    assert page.evaluate("window.asked") == 2
