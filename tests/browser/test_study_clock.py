"""The clock of a lesson before a real server: it counts while the page is looked at, and says why when it stops."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from scripts.live import LiveServer
from tests.browser.fixtures import shoot

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TWO_BEATS = 23_000  # milliseconds: the first beat goes out at once, the next after 20 seconds
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""  # a headless browser shows every tab, so none is ever hidden by opening another


def sign_in(page: Page, demo: dict[str, object]) -> None:
    """Sign in as the last learner of the demo, who has studied nothing online yet."""
    accounts: list[dict[str, str]] = demo["accounts"]  # type: ignore[assignment]
    learner = [account for account in accounts if account["role"] == "learner"][-1]
    page.goto("/sign-in")
    page.get_by_label("手机号 / 身份证号 / 登录名").fill(learner["login"])
    page.locator("[name=password]").fill(learner["password"])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r"/$"))


def online_seconds(page: Page) -> int:
    """What 我的学时 shows as studied online, in seconds; nothing shown is none."""
    page.goto("/hours")
    found = re.search(r"线上[^·\d]*(?:(\d+) 分)? ?(?:(\d+) 秒)?", page.locator("main").inner_text())
    return 60 * int(found[1] or 0) + int(found[2] or 0) if found else 0


def test_the_clock_counts_what_is_looked_at(
    demo_server: tuple[LiveServer, dict[str, object]], open_page: Callable[..., Page]
) -> None:
    server, demo = demo_server
    page = open_page(phone=True, base_url=server.base_url)
    sign_in(page, demo)
    assert online_seconds(page) == 0
    page.goto(str(demo["lesson_url"]))
    clock = page.locator("[data-study-text]")
    expect(clock).to_contain_text("本次已计 0 分钟")
    page.wait_for_timeout(TWO_BEATS)
    page.evaluate(HIDE, True)
    expect(clock).to_contain_text("页面不在前台，已暂停")
    shoot(page, "study-clock-paused")
    page.evaluate(HIDE, False)
    expect(clock).not_to_contain_text("已暂停")
    assert 20 <= online_seconds(page) <= 30
