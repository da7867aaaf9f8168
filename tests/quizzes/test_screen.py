"""The question screen in a real browser on a phone: connection lost, page killed, time up, two phones, no scripts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from lms.core import clock
from lms.core.db import db
from tests import factories
from tests.browser.fixtures import harmless
from tests.quizzes.site import Opener, Site, option, saved

pytestmark = pytest.mark.browser


@pytest.fixture
def attempt_id(site: Site) -> Iterator[int]:
    """A running attempt, handed in afterwards so that the next test begins its own."""
    begun = site.begin()
    yield begun
    with site.app.app_context():
        site.world.hand_in(begun, at=clock.now())
        db.session.remove()


def test_an_answer_is_pressed_at_once_and_saved(site: Site, open_page: Opener, attempt_id: int) -> None:
    page = site.page(open_page, path=f"/attempts/{attempt_id}")
    assert harmless(page) == []
    option(page, 2)
    assert page.locator(".question:not([hidden]) input:checked").count() == 1
    saved(page)
    assert site.answers(attempt_id) == {1: [2]}
    row = page.locator(".question:not([hidden]) .option-row").first.bounding_box()
    assert row is not None
    assert row["height"] >= 48
    page.get_by_text("下一题").click()
    expect(page.locator("[data-place]")).to_have_text("2")
    page.get_by_role("button", name="标记").click()
    page.get_by_role("link", name="答题卡").click()
    assert harmless(page) == []
    expect(page.locator("[data-count]")).to_have_text("已答 1 题，未答 9 题")
    expect(page.locator("[data-cell='2']")).to_have_class("cell is-flagged")
    page.locator("[data-cell='10']").click()
    page.locator("[data-step='1']").click()
    expect(page.locator("[data-blanks]")).to_contain_text("还有 9 题没有作答")
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result")
    assert harmless(page) == []


def test_answers_wait_for_the_connection_and_survive_a_killed_page(
    site: Site,
    open_page: Opener,
    attempt_id: int,
) -> None:
    page = site.page(open_page, path=f"/attempts/{attempt_id}")
    option(page, 0)
    saved(page)
    page.context.set_offline(True)
    page.get_by_text("下一题").click()
    option(page, 1)
    expect(page.locator("[data-saved]")).to_have_text("! 未保存（断网）1 题")
    page.get_by_text("下一题").click()
    option(page, 3)
    expect(page.locator("[data-saved]")).to_have_text("! 未保存（断网）2 题")
    expect(page.locator("[data-announce]")).to_have_text("网络中断，答案已存在手机上，恢复后自动上传。")
    assert site.answers(attempt_id) == {1: [0]}
    context = page.context
    page.close()  # the phone ran out of battery
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"/attempts/{attempt_id}")
    saved(page)
    expect(page.locator("[data-place]")).to_have_text("3")
    assert site.answers(attempt_id) == {1: [0], 2: [1], 3: [3]}
    assert page.locator("input:checked").count() == 3


def test_the_connection_comes_back_by_itself(site: Site, open_page: Opener, attempt_id: int) -> None:
    page = site.page(open_page, path=f"/attempts/{attempt_id}")
    page.context.set_offline(True)
    option(page, 1)
    expect(page.locator("[data-saved]")).to_contain_text("未保存")
    option(page, 2)
    page.get_by_role("link", name="答题卡").click()
    page.get_by_role("link", name="交卷", exact=True).click()
    page.get_by_role("button", name="确认交卷").click()
    expect(page.locator("[data-blanks]")).to_contain_text("还没有上传")
    page.get_by_role("button", name="继续作答").click()
    page.context.set_offline(False)
    saved(page)
    assert site.answers(attempt_id) == {1: [2]}


def test_the_newest_press_wins_also_from_a_second_phone(
    site: Site,
    open_page: Opener,
    attempt_id: int,
) -> None:
    first = site.page(open_page, path=f"/attempts/{attempt_id}")
    second = site.page(open_page, path=f"/attempts/{attempt_id}")
    for place in (0, 1, 2):
        option(first, place)
        saved(first)
    option(second, 3)
    saved(second)
    assert site.answers(attempt_id) == {1: [3]}


def test_what_the_server_knows_better_is_not_overwritten(
    site: Site,
    open_page: Opener,
    attempt_id: int,
) -> None:
    page = site.page(open_page, path="/quizzes/")
    with site.app.app_context():
        site.world.save(attempt_id, 1, [1], sequence=9, at=clock.now())
        db.session.remove()
    page.evaluate(
        "id => localStorage.setItem(`lms-attempt-${id}`, JSON.stringify("
        "{answers: {1: {answer: [0], sequence: 4}, 2: {answer: [2], sequence: 5}}, "
        "flags: {}, position: 2, at: Date.now()}))",
        attempt_id,
    )
    page.goto(f"/attempts/{attempt_id}")
    saved(page)
    assert site.answers(attempt_id) == {1: [1], 2: [2]}


def test_a_sign_in_that_ran_out_loses_no_answer(site: Site, open_page: Opener, attempt_id: int) -> None:
    page = site.page(open_page, path=f"/attempts/{attempt_id}")
    trouble = page.locator("[data-trouble]")
    session = [cookie for cookie in page.context.cookies() if cookie["name"] == "lms_session"]
    page.context.clear_cookies()
    option(page, 1)
    expect(trouble).to_contain_text("登录已失效，请重新登录，答案已存在手机上")
    expect(page.locator("[data-saved]")).to_have_text("! 未保存 1 题")
    page.context.add_cookies(session)  # type: ignore[arg-type]
    page.get_by_text("下一题").click()
    option(page, 2)
    saved(page)
    expect(trouble).to_be_hidden()
    page.context.clear_cookies()
    page.get_by_text("下一题").click()
    option(page, 3)
    link = trouble.get_by_role("link", name="重新登录")
    assert link.get_attribute("target") is None
    assert harmless(page) == []
    link.click()
    page.wait_for_url("**/sign-in")
    page.get_by_label("手机号 / 身份证号 / 登录名").fill(site.login)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**/attempts/{attempt_id}*")
    saved(page)
    expect(page.locator("[data-place]")).to_have_text("3")
    expect(page.locator("[data-trouble]")).to_be_hidden()
    assert site.answers(attempt_id) == {1: [1], 2: [2], 3: [3]}


def test_a_paper_is_not_handed_in_while_signed_out(site: Site, open_page: Opener, attempt_id: int) -> None:
    page = site.page(open_page, path=f"/attempts/{attempt_id}")
    page.context.clear_cookies()
    option(page, 1)
    page.get_by_role("button", name="标记").click()
    expect(page.locator("[data-trouble]")).to_be_visible()
    page.get_by_role("link", name="答题卡").click()
    page.get_by_role("link", name="交卷", exact=True).click()
    page.get_by_role("button", name="确认交卷").click()
    expect(page.locator("[data-blanks]")).to_contain_text("登录已失效")
    waiting = page.evaluate("id => JSON.parse(localStorage.getItem(`lms-attempt-${id}`))", attempt_id)
    assert (waiting["answers"]["1"]["answer"], waiting["flags"]) == ([1], {"1": True})


def test_when_time_is_up_the_paper_is_handed_in(site: Site, open_page: Opener) -> None:
    attempt_id = site.begin(left=timedelta(seconds=6))
    page = site.page(open_page, path=f"/attempts/{attempt_id}")
    expect(page.locator("[data-announce]")).to_have_text("还有 1 分钟。")
    option(page, 0)
    saved(page)
    expect(page.locator("[data-trouble]")).to_contain_text("作答时间已到，系统自动交卷。", timeout=15_000)
    assert page.locator(".option-input").first.is_disabled()
    page.wait_for_url("**/result")
    expect(page.locator("main")).to_contain_text("到时自动交卷")
    assert site.standing().running is None


def test_time_is_announced_at_ten_five_and_one_minutes_only(
    site: Site,
    open_page: Opener,
    attempt_id: int,
) -> None:
    page = open_page(phone=True, base_url=site.url)
    page.clock.install()
    with site.app.app_context():
        client = factories.signed_in(site.app.test_client(), site.world.person_id)
    cookie = client.get_cookie("lms_session")
    assert cookie is not None
    page.context.add_cookies([{"name": "lms_session", "value": cookie.value, "url": site.url}])
    page.goto(f"/attempts/{attempt_id}")
    page.evaluate(
        "() => { window.said = []; const place = document.querySelector('[data-announce]');"
        "new MutationObserver(() => window.said.push(place.textContent)).observe(place, {childList: true}); }"
    )
    for _ in range(29):
        page.clock.run_for(30_000)
    assert page.evaluate("window.said") == ["还有 10 分钟。", "还有 5 分钟。", "还有 1 分钟。"]


def test_without_scripts_one_question_after_the_other(
    site: Site,
    open_page: Opener,
    attempt_id: int,
) -> None:
    page = site.page(open_page, path=f"/attempts/{attempt_id}", scripts=False)
    assert page.locator(".question:visible").count() == 1
    option(page, 1)
    page.get_by_role("button", name="保存，到下一题").click()
    expect(page.locator("[data-place]")).to_have_text("2")
    page.get_by_role("button", name="标记").click()
    expect(page.get_by_role("button", name="取消标记")).to_be_visible()
    page.get_by_role("link", name="答题卡").click()
    expect(page.locator("[data-count]")).to_have_text("已答 1 题，未答 9 题")
    page.get_by_role("link", name="交卷").click()
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result")
    page.context.close()
