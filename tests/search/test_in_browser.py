"""Searching and reporting (纠错) in Chromium: by keyboard, on a phone and on a desk; they fit, axe finds nothing."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.fixtures import fits
from tests.quizzes.site import Opener, Site

pytestmark = pytest.mark.browser


def test_a_learner_searches_reports_and_reads_the_answer(site: Site, open_page: Opener) -> None:
    page = site.page(open_page, path="/lessons/")

    page.focus("main [name=q]")
    page.keyboard.type("EXPLANATION-2.4-s01")
    page.keyboard.press("Enter")
    page.wait_for_selector("mark")
    assert page.locator("mark").all_inner_texts() == ["EXPLANATION-2.4-s01"]
    fits(page, "search-hit")
    page.fill("main [name=q]", "第 找不到")
    page.keyboard.press("Enter")
    page.click(".search-filter >> text=第")
    page.wait_for_selector(".hit")
    page.click(".search-filter >> text=法规")
    expect(page.locator(".hit")).to_have_count(1)
    fits(page, "search-shelf")
    page.goto("/practice/2.4")
    page.click("main .btn-primary")
    page.click("[name=give_up]")
    page.click("main >> text=纠错")
    page.check("text=有错别字")
    page.fill("textarea", "题干少了一个字，读不通。")
    fits(page, "report-form")
    page.click("main .form-actions .btn-primary")
    page.wait_for_selector("text=已提交纠错")
    assert "/practice/2.4?q=" in page.url
    page.goto("/me/question-reports")
    fits(page, "report-own")


def test_the_registrar_answers(site: Site, open_page: Opener) -> None:
    with site.app.app_context():
        factories.member(
            organisation_id=site.world.organisation_id, role="registrar", name="李教务", login_name="jiaowu-search"
        )
    learner = site.page(open_page, path="/practice/3.4")
    learner.click("main .btn-primary")
    learner.click("[name=give_up]")
    learner.click("main >> text=纠错")
    learner.check("text=答案不对")
    learner.fill("textarea", "第二个选项也对，条例写的是这样。")
    learner.click("main .form-actions .btn-primary")
    learner.wait_for_selector("text=已提交纠错")
    page = open_page(base_url=site.url)
    page.goto("/sign-in")
    page.fill("[name=login]", "jiaowu-search")
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button[type=submit]")
    page.click("text=待答复的纠错")
    fits(page, "report-queue")
    page.click("main td a")
    fits(page, "report-answer")
    page.check("text=采纳：题目确有问题")
    page.fill("[name=answer]", "您说得对，下一版改正。")
    page.click("text=答复学员")
    page.wait_for_selector("text=转给题库维护者")
    fits(page, "report-answered")
    learner.goto("/")
    learner.wait_for_selector("text=老师答复了您的纠错")
    fits(learner, "report-news")
    learner.click("text=查看答复")
    learner.wait_for_url("**/me/question-reports")
    fits(learner, "report-read")
    assert learner.locator("text=您说得对，下一版改正。").is_visible()
