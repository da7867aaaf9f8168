"""`make screenshots`: takes the README's pictures from the demo, on a real server with a real browser."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.live import LiveServer

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images"
PHONE = {"width": 375, "height": 720}
DESK = {"width": 1280, "height": 800}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def open_page(browser: Browser, live: LiveServer, *, phone: bool) -> Page:
    """Open a page as a phone or a desk shows it."""
    context = browser.new_context(
        viewport=PHONE if phone else DESK,
        is_mobile=phone,
        has_touch=phone,
        device_scale_factor=2 if phone else 1,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        base_url=live.base_url,
    )
    return context.new_page()


def sign_in(page: Page, demo: dict[str, Any], role: str) -> None:
    """Sign in as the demo's first person with a role."""
    account = next(one for one in demo["accounts"] if one["role"] == role)
    page.goto("/sign-in")
    page.fill("[name=login]", account["login"])
    page.fill("[name=password]", account["password"])
    page.click("button[type=submit]")
    page.wait_for_url("**/")


def take(page: Page, path: str, name: str) -> None:
    """Open an address and keep its picture."""
    page.goto(path)
    page.wait_for_timeout(600)
    page.screenshot(path=TARGET / f"{name}.png")
    sys.stdout.write(f"{name}.png  {path}\n")


def explained(page: Page) -> None:
    """Practise one question of an item and keep the picture of its explanation."""
    page.goto("/practice/2.4")
    page.get_by_role("button", name="开始练习").click()
    page.get_by_role("button", name="不会，看解析").click()
    page.get_by_text("解析", exact=False).first.wait_for()
    page.wait_for_timeout(600)
    page.screenshot(path=TARGET / "practice-phone.png")
    sys.stdout.write("practice-phone.png  /practice/2.4\n")


def main() -> None:
    """Make the demo, take the pictures."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lms-shots-") as folder, sync_playwright() as playwright:
        live = LiveServer(Path(folder))
        live.prepare()
        demo = live.demo()
        live.start("--no-duties")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        try:
            pictures(browser, live, demo)
        finally:
            browser.close()
            live.stop()


def pictures(browser: Browser, live: LiveServer, demo: dict[str, Any]) -> None:
    """The pictures, person by person."""
    base = demo["base_url"]
    learner = open_page(browser, live, phone=True)
    sign_in(learner, demo, "learner")
    for path, name in (("/", "home-phone"), ("/lessons/2.4-1", "lesson-phone"), ("/hours", "hours-phone")):
        take(learner, path, name)
    take(learner, "/forms/payslip", "form-phone")
    take(learner, "/search?q=专户", "search-phone")
    explained(learner)
    stranger = open_page(browser, live, phone=True)
    take(stranger, demo["verify_urls"][0].removeprefix(base), "verify-phone")
    staff = open_page(browser, live, phone=False)
    sign_in(staff, demo, "registrar")
    take(staff, "/", "today")
    take(staff, demo["cohort_url"].removeprefix(base), "cohort")
    staff.goto("/")
    board = staff.locator("a[href$='/board']").first.get_attribute("href")
    take(staff, str(board), "board")
    take(staff, "/syllabus/", "syllabus")


if __name__ == "__main__":
    main()
