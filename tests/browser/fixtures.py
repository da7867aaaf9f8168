"""One browser for the whole session, and pages of their own people; `tests/conftest.py` gives both to every test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.requirements import missing

PHONE = {"width": 375, "height": 812}
DESK = {"width": 1280, "height": 800}
SHOTS = os.environ.get("LMS_SHOTS", "")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless, told to leave the network alone."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Make pages of their own people: `open_page(phone=True)`; a page error or a console error fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def make(*, phone: bool = False, base_url: str = "") -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            is_mobile=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            base_url=base_url or None,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda line: (
                faults.append(f"{page.url}: {line.text}")
                if line.type == "error" and "net::ERR" not in line.text and "status of 4" not in line.text
                else None
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


def shoot(page: Page, name: str) -> None:
    """Keep a picture when LMS_SHOTS names a folder, and check that the page does not scroll sideways."""
    page.wait_for_load_state()  # a click returns when the next page has begun, which may have no element yet
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    if SHOTS:
        folder = Path(SHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def harmless(page: Page) -> list[str]:
    """Return the serious and critical faults that axe finds: none, we hope."""
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['help']}" for one in found if one["impact"] in ("serious", "critical")]


def fits(page: Page, name: str) -> None:
    """Hold that a page is fit to be shown: it does not scroll sideways, and axe finds nothing serious."""
    shoot(page, name)
    assert harmless(page) == [], name
