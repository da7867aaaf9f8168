"""待复核 and the syllabus in Chromium, on a phone and on a desk: they fit, axe finds nothing, a review is done."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from lms.core.db import db
from tests import factories
from tests.browser.fixtures import fits
from tests.quizzes import freshness
from tests.quizzes.freshness import changed, check
from tests.threads import served

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)]


@pytest.fixture
def address(context: Flask, tmp_path: Path) -> Iterator[str]:
    """A served application in which article 28 has changed; the registrar is `jiaowu28`."""
    freshness.write(tmp_path)
    freshness.load(tmp_path)
    factories.member(organisation_id=factories.institution(), role="registrar", name="李教务", login_name="jiaowu28")
    check(changed("28"))
    db.session.remove()
    with served(context) as address:
        yield address


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_a_review_is_done(address: str, open_page: Callable[..., Page], phone: bool) -> None:
    page = open_page(phone=phone, base_url=address)
    width = "phone" if phone else "desk"

    page.goto("/sign-in")
    page.fill("[name=login]", "jiaowu28")
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button[type=submit]")
    page.goto("/syllabus/")
    fits(page, f"syllabus-{width}")
    page.goto("/syllabus/2.4")
    fits(page, f"item-{width}")
    page.goto("/laws/wage-regulation")
    fits(page, f"law-{width}")
    page.goto("/lessons/1.1-1")
    assert page.locator(".lesson-waiting").is_visible()
    fits(page, f"lesson-{width}")
    page.goto("/reviews/")
    fits(page, f"reviews-{width}")
    page.click("main td a >> nth=0")
    fits(page, f"change-{width}")
    page.click("text=开始复核")
    fits(page, f"review-{width}")
    page.check("text=通过 >> nth=0")
    page.fill("[name=note]", "对照新条文，不变")
    page.click("text=登记并看下一项")
    page.wait_for_selector("text=这一条还有 4 项")
    page.goto("/reviews/?all=1")
    page.click("main td a >> nth=0")
    with page.context.expect_page() as opened:  # beside the ticks, which stay
        page.click("td:has-text('STEM-1.1-s01') a")
    page = opened.value
    page.wait_for_selector("text=EXPLANATION-1.1-s01")
    fits(page, f"review-question-{width}")
