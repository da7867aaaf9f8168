"""Every kind of question on a phone of 375 px: in a quiz, offline, on two phones, without scripts, in practice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from lms.core import clock
from lms.core.db import db
from lms.quizzes import services
from lms.quizzes.models import PracticeRun
from tests.browser.fixtures import harmless, shoot
from tests.quizzes.bank import PART_KINDS, right_answer
from tests.quizzes.site import Opener, Site, saved
from tests.quizzes.test_cases import EVERY_KIND

pytestmark = pytest.mark.browser
CASE = 6  # where the case stands on the paper


@pytest.fixture
def attempt_id(site: Site) -> Iterator[int]:
    """A running attempt at a quiz with a question of every kind, handed in afterwards."""
    with site.app.app_context():
        site.world.plan(EVERY_KIND)
        db.session.remove()
    begun = site.begin()
    yield begun
    with site.app.app_context():
        site.world.hand_in(begun, at=clock.now())
        db.session.remove()


def right_answers(site: Site, attempt_id: int) -> dict[int, object]:
    with site.app.app_context():
        found = site.world.right_answers(attempt_id)
        db.session.remove()
        return found


def give(box: Locator, answer: object) -> None:
    """Answer a question, or a part of a case, as a thumb would."""
    if isinstance(answer, str):
        box.get_by_role("textbox").fill(answer)
        box.get_by_role("textbox").blur()
        return
    assert isinstance(answer, list)
    for place in answer:
        box.locator(".option-row").nth(place).click()


def in_sight(page: Page) -> Locator:
    return page.locator(".question:not([hidden])")


def part(page: Page, number: int) -> Locator:
    return in_sight(page).locator(f"[data-part='{number}']")


def test_every_kind_is_answered_saved_and_explained(site: Site, open_page: Opener, attempt_id: int) -> None:
    answers = right_answers(site, attempt_id)
    page = site.page(open_page, path=f"/attempts/{attempt_id}")
    for position in range(1, CASE):
        give(in_sight(page), answers[position])
        saved(page)
        shoot(page, f"kind-{position}")
        page.locator("[data-step='1']").click()
    assert harmless(page) == []
    case = answers[CASE]
    assert isinstance(case, list)
    expect(in_sight(page).locator(".question-kind").first).to_contain_text("案例题 · 30 分 · 5 个小题")
    expect(part(page, 3)).to_contain_text("元")
    assert part(page, 3).get_by_role("textbox").get_attribute("inputmode") == "decimal"
    text = in_sight(page).get_by_role("region", name="案例材料")
    expect(text).to_be_visible()
    page.get_by_text("案例材料").click()
    expect(text).to_be_hidden()
    page.get_by_text("案例材料").click()
    for number, answer in enumerate(case[:4]):
        give(part(page, number), answer)
    saved(page)
    shoot(page, "kind-case")
    page.get_by_role("link", name="答题卡").click()
    expect(page.locator("[data-count]")).to_have_text("已答 5 题，部分作答 1 题，未答 0 题")
    expect(page.locator(f"[data-cell='{CASE}']")).to_have_class("cell is-partly")
    assert harmless(page) == []
    page.locator("[data-ask-hand-in]").click()
    expect(page.locator("[data-blanks]")).to_have_text("案例题还有小题没有作答：第 6 题。")
    page.get_by_role("button", name="继续作答").click()
    give(part(page, 4), case[4])
    saved(page)
    assert site.answers(attempt_id) == answers
    page.locator("[data-step='1']").click()
    expect(page.locator("[data-blanks]")).to_have_text("6 题都已作答。")
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result")
    expect(page.locator(".score")).to_contain_text("100 分")
    shown = page.locator(f"#q{CASE}")
    expect(shown.locator(".case-part")).to_have_count(5)
    expect(shown).to_contain_text("正确答案：9,000 元（误差不超过 0.5 元 都算对）")
    expect(shown).to_contain_text("算式：18 × 500 ≈ 9,000 元")
    expect(shown).to_contain_text("正确答案：3 或 三")
    shoot(page, "kind-result")
    assert harmless(page) == []
    shown.locator("a.cite").click()
    expect(page.locator("[data-cite-body]")).to_contain_text("总包在每个项目配劳资专管员")


def test_a_case_waits_for_the_connection_part_by_part(site: Site, open_page: Opener, attempt_id: int) -> None:
    case = right_answers(site, attempt_id)[CASE]
    assert isinstance(case, list)
    page = site.page(open_page, path=f"/attempts/{attempt_id}?q={CASE}")
    give(part(page, 0), case[0])
    saved(page)
    page.context.set_offline(True)
    give(part(page, 1), case[1])
    give(part(page, 4), case[4])
    expect(page.locator("[data-saved]")).to_have_text("! 未保存（断网）1 题")
    assert site.answers(attempt_id) == {CASE: [case[0], None, None, None, None]}
    context = page.context
    page.close()  # the phone ran out of battery
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"/attempts/{attempt_id}")
    saved(page)
    expect(page.locator("[data-place]")).to_have_text(str(CASE))
    expect(part(page, 4).get_by_role("textbox")).to_have_value("三")
    assert site.answers(attempt_id) == {CASE: [case[0], case[1], None, None, case[4]]}


def test_two_phones_share_a_case(site: Site, open_page: Opener, attempt_id: int) -> None:
    case = right_answers(site, attempt_id)[CASE]
    assert isinstance(case, list)
    first = site.page(open_page, path=f"/attempts/{attempt_id}?q={CASE}")
    second = site.page(open_page, path=f"/attempts/{attempt_id}?q={CASE}")
    give(part(first, 0), case[0])
    saved(first)
    give(part(first, 3), case[3])
    saved(first)
    give(part(second, 1), case[1])
    saved(second)
    second.wait_for_timeout(300)
    assert site.answers(attempt_id) == {CASE: [case[0], case[1], None, case[3], None]}


def test_what_waited_on_a_killed_page_joins_what_another_phone_saved(
    site: Site, open_page: Opener, attempt_id: int
) -> None:
    case = right_answers(site, attempt_id)[CASE]
    assert isinstance(case, list)
    page = site.page(open_page, path="/quizzes/")
    with site.app.app_context():
        kept = [case[0], None, None, None, "二"]
        site.world.save(attempt_id, CASE, kept, sequence=9, at=clock.now())
        db.session.remove()
    page.evaluate(
        "([id, key, answer]) => localStorage.setItem(`lms-attempt-${id}`, JSON.stringify("
        "{answers: {[key]: {answer, sequence: 4, touched: [2, 4]}}, flags: {}, position: 6, at: Date.now()}))",
        [attempt_id, CASE, [None, None, case[2], None, "三"]],
    )
    page.goto(f"/attempts/{attempt_id}")
    saved(page)
    assert site.answers(attempt_id) == {CASE: [case[0], None, case[2], None, "二"]}


def test_a_case_without_scripts(site: Site, open_page: Opener, attempt_id: int) -> None:
    case = right_answers(site, attempt_id)[CASE]
    assert isinstance(case, list)
    page = site.page(open_page, path=f"/attempts/{attempt_id}?q={CASE}", scripts=False)
    for number in (0, 1, 3):
        give(part(page, number), case[number])
    page.get_by_role("button", name="保存", exact=True).click()
    assert site.answers(attempt_id) == {CASE: [case[0], case[1], None, case[3], None]}
    page.goto(f"/attempts/{attempt_id}/hand-in")
    expect(page.locator("main")).to_contain_text("案例题还有小题没有作答：第 6 题")
    page.context.close()


# ---- practice


def asked_now(site: Site) -> services.PracticeQuestion:
    """The question that the learner is at."""
    known = {"organisation_id": site.world.organisation_id, "person_id": site.world.person_id}
    with site.app.app_context():
        practice = services.find_practice(**known, item_code="2.4")
        assert practice is not None
        found = services.get_practice_question(**known, run_id=practice.run_id, position=practice.open[0])
        db.session.remove()
        return found


def give_all(page: Page, site: Site) -> str:
    """Answer the question in sight rightly and return its kind."""
    asked = asked_now(site).asked
    assert asked is not None
    answer = right_answer(asked)
    if asked.parts:
        assert isinstance(answer, list)
        for number, one in enumerate(answer):
            give(part(page, number), one)
    else:
        give(in_sight(page), answer)
    return asked.kind.value


@pytest.fixture
def practising(site: Site) -> Iterator[Site]:
    """The site; runs that a test began are over afterwards."""
    yield site
    with site.app.app_context():
        from lms.core.db import transaction

        with transaction() as session:
            for run in session.query(PracticeRun).filter(PracticeRun.finished_at.is_(None)):
                run.finished_at = clock.now()
        db.session.remove()


def test_practice_from_the_bar_to_the_summary(practising: Site, open_page: Opener) -> None:
    site = practising
    page = site.page(open_page)
    page.get_by_role("link", name="按条目练习").click()
    shoot(page, "practice")
    assert harmless(page) == []
    page.get_by_role("button", name="开始练习 2.4").click()
    seen = set()
    total = int(page.locator(".quiz-place").inner_text().split("/")[1].split()[0])
    for number in range(1, total + 1):
        expect(page.locator(".quiz-place")).to_contain_text(f"{number}/{total}")
        kind = give_all(page, site)
        page.get_by_role("button", name="提交答案").click()
        verdict = page.locator(".practice-verdict")
        expect(verdict).to_have_text("✓ 答对了")
        expect(verdict).to_be_focused()
        if kind not in seen:
            shoot(page, f"practice-{kind}")
            assert harmless(page) == [], kind
        seen.add(kind)
        page.locator(".practice-bar a").click()
    assert seen == {"single", "multiple", "true_false", "numeric", "fill", "case"} >= set(PART_KINDS)
    expect(page.locator(".score")).to_contain_text(f"{total} / {total} 题答对 · 100%")
    shoot(page, "practice-summary")
    assert harmless(page) == []


def test_practice_explains_at_once_and_resumes_where_it_stopped(practising: Site, open_page: Opener) -> None:
    site = practising
    page = site.page(open_page, path="/practice/2.4")
    page.get_by_role("button", name="再练一遍").or_(page.get_by_role("button", name="开始练习")).click()
    page.get_by_role("button", name="提交答案").click()
    expect(page.locator("[data-trouble]")).to_contain_text("作答")
    page.get_by_role("button", name="不会，看解析").click()
    expect(page.locator(".practice-verdict")).to_contain_text("没有作答，看看解析")
    expect(page.locator(".explanation").first).to_contain_text("EXPLANATION-2.4")
    page.locator("a.cite").click()
    expect(page.locator("[data-cite-body]")).to_contain_text("总包在每个项目配劳资专管员")
    expect(page.locator("#cite-sheet.show")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    expect(page.locator("#cite-sheet")).to_be_hidden()
    address = page.url
    assert address.endswith("?q=1")
    page.reload()
    expect(page.locator(".practice-verdict")).to_contain_text("没有作答")
    page.get_by_role("link", name="下一题").click()
    give_all(page, site)
    page.context.set_offline(True)
    page.get_by_role("button", name="提交答案").click()
    expect(page.locator("[data-trouble]")).to_contain_text("网络中断，答案还没有提交")
    page.context.set_offline(False)
    page.get_by_role("button", name="提交答案").click()
    expect(page.locator(".practice-verdict")).to_have_text("✓ 答对了")
    context = page.context
    page.close()
    page = context.new_page()
    page.goto("/practice/2.4")
    expect(page.locator(".quiz-place")).to_contain_text("3/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="结束这次练习，看结果").click()
    expect(page.locator(".score")).to_contain_text("1 / 2 题答对 · 50%")
    page.get_by_role("button", name="只练错题（1 题）").click()
    expect(page.locator(".quiz-place")).to_contain_text("1/1")


def test_practice_without_scripts(practising: Site, open_page: Opener) -> None:
    site = practising
    page = site.page(open_page, path="/practice/2.4", scripts=False)
    page.get_by_role("button", name="再练一遍").or_(page.get_by_role("button", name="开始练习")).click()
    for number in (1, 2):
        expect(page.locator(".quiz-place")).to_contain_text(f"{number}/")
        give_all(page, site)
        page.get_by_role("button", name="提交答案").click()
        expect(page.locator(".practice-verdict")).to_have_text("✓ 答对了")
        page.get_by_role("link", name="下一题").click()
    page.get_by_role("button", name="提交答案").click()
    expect(page.locator("[data-trouble]")).to_contain_text("作答")
    page.context.close()
