"""Question reports (纠错) on pages: from the explanation to the queue and back to the learner."""

import re

import pytest
from flask import Flask

from tests import factories
from tests.quizzes.bank import World
from tests.quizzes.reports import ANSWER, WORDS, answer, fellow, handed_in, queue, report


def first_link(page: str) -> str:
    return re.findall(r'href="(/questions/\d+/report\?[^"]*)"', page)[0].replace("&amp;", "&")


def test_a_learner_reports_from_the_result_and_reads_the_answer(context: Flask, world: World) -> None:
    attempt_id, versions = handed_in(world)
    learner = factories.browser(context, world.person_id)
    result = learner.get(f"/attempts/{attempt_id}/result").text
    assert result.count(">纠错</a>") == len(versions)
    link = first_link(result)
    form = learner.get(link).text
    assert "STEM-" in form
    assert "EXPLANATION" not in form
    assert "WHY-" not in form
    version_id = int(re.findall(r"/questions/(\d+)/", link)[0])
    refused = learner.post(link, data={"kind": "typo", "text": "错"})
    assert refused.status_code == 422
    assert "至少 5 个字" in refused.text
    assert re.search(r">\s*错</textarea>", refused.text)
    empty = learner.post(link, data={})
    assert empty.status_code == 422
    assert "请选择问题类型" in empty.text
    assert "至少 5 个字" in empty.text
    long = learner.post(link, data={"kind": "typo", "text": "错" * 501})
    assert "5 到 500 个字，现有 501 个字" in long.text
    for told in ("已收到，谢谢", "不用再提交"):
        sent = learner.post(link, data={"kind": "typo", "text": WORDS})
        assert sent.status_code == 302
        assert sent.headers["Location"] == f"/attempts/{attempt_id}/result#report-{version_id}"
        assert told in learner.get(f"/attempts/{attempt_id}/result").text
    assert "已提交纠错" in learner.get(f"/attempts/{attempt_id}/result").text
    assert "这道题的纠错已收到" in learner.get(link).text
    assert "等答复 1 条" in learner.get("/me").text
    (report_id,) = queue(world)
    answer(world, report_id)
    assert "已答复 1 条" in learner.get("/me").text
    own = learner.get("/me/question-reports").text
    assert WORDS in own
    assert ANSWER in own
    assert "已采纳" in own


def test_a_learner_reports_from_practice_and_goes_back_there(context: Flask, world: World) -> None:
    learner = factories.browser(context, world.person_id)
    learner.post("/practice/2.4/runs")
    page = learner.get("/practice/2.4").text
    run, position = (re.findall(rf'name="{name}" value="(\d+)"', page)[0] for name in ("run", "position"))
    sent = {"run": int(run), "position": int(position), "answer": None, "give_up": True}
    posted = learner.post("/practice/2.4/answers", json=sent).get_json()["screen"]
    assert first_link(posted).endswith(f"back=/practice/2.4?q%3D{position}")
    explained = learner.get(f"/practice/2.4?q={position}").text
    link = first_link(explained)
    answered = learner.post(link, data={"kind": "other", "text": WORDS})
    assert answered.headers["Location"] == f"/practice/2.4?q={position}"


def test_beyond_the_limit_the_words_stay(context: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _attempt, versions = handed_in(world)
    monkeypatch.setattr("lms.quizzes.services.reports.A_DAY", 1)
    learner = factories.browser(context, world.person_id)
    learner.post(f"/questions/{versions[0]}/report", data={"kind": "typo", "text": WORDS})
    refused = learner.post(f"/questions/{versions[1]}/report", data={"kind": "typo", "text": WORDS})
    assert refused.status_code == 429
    assert "今天已提交 1 条纠错" in refused.text
    assert re.search(rf">\s*{WORDS}</textarea>", refused.text)


@pytest.mark.parametrize(
    "back", ["https://example.com/", "//example.com", "/sign-out", "/attempts/x/result", "javascript:1"]
)
def test_the_way_back_leads_nowhere_else(context: Flask, world: World, back: str) -> None:
    _attempt, versions = handed_in(world)
    learner = factories.browser(context, world.person_id)
    sent = learner.post(f"/questions/{versions[0]}/report", data={"kind": "typo", "text": WORDS, "back": back})
    assert sent.headers["Location"] == "/me/question-reports"


def test_what_learners_write_is_text(context: Flask, world: World) -> None:
    _attempt, versions = handed_in(world)
    made = report(world, versions[0], text="<script>alert(1)</script>{{ 7*7 }}")
    staff = factories.browser(context, factories.member(organisation_id=world.organisation_id, role="instructor"))
    for page in (f"/question-reports/{made.report_id}", "/question-reports/"):
        text = staff.get(page).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in text


def test_the_instructor_answers_from_the_queue(context: Flask, world: World) -> None:
    _attempt, versions = handed_in(world)
    made = report(world, versions[0])
    staff = factories.browser(context, factories.member(organisation_id=world.organisation_id, role="instructor"))
    assert "待答复的纠错" in staff.get("/").text
    assert f'href="/question-reports/{made.report_id}"' in staff.get("/question-reports/").text
    assert "没有找到" in staff.get("/question-reports/?kind=typo").text
    where = f"/question-reports/{made.report_id}"
    page = staff.get(where).text
    assert "EXPLANATION" in page
    assert "王建国" in page
    assert "转给题库维护者" not in page
    refused = staff.post(where, data={"status": "accepted", "answer": "好"})
    assert refused.status_code == 422
    assert staff.get(f"{where}/export.json").status_code == 409
    assert staff.post(where, data={"status": "accepted", "answer": ANSWER}).status_code == 302
    page = staff.get(where).text
    assert ANSWER in page
    assert "转给题库维护者" in page
    again = staff.post(where, data={"status": "declined", "answer": ANSWER})
    assert again.status_code == 409
    exported = staff.get(f"{where}/export.json")
    assert exported.headers["Content-Disposition"].startswith("attachment")
    assert exported.get_json()["reports"][0]["words"] == WORDS
    assert "待答复的纠错" not in staff.get("/").text
    assert "没有待处理的纠错" in staff.get("/question-reports/").text
    assert WORDS in staff.get("/question-reports/?state=all").text


@pytest.mark.parametrize(
    "role,status", [("head_teacher", 403), ("learner", 403), ("registrar", 200), ("administrator", 200)]
)
def test_who_answers(context: Flask, world: World, role: str, status: int) -> None:
    who = factories.browser(context, factories.member(organisation_id=world.organisation_id, role=role))
    assert who.get("/question-reports/").status_code == status


def test_staff_report_nothing(context: Flask, world: World) -> None:
    _attempt, versions = handed_in(world)
    staff = factories.browser(context, factories.member(organisation_id=world.organisation_id, role="registrar"))
    assert staff.get(f"/questions/{versions[0]}/report").status_code == 403
    assert "纠错</a>" not in staff.get(f"/attempts/{_attempt}/review").text


def test_an_answer_is_news_until_its_learner_opens_it(context: Flask, world: World) -> None:
    _attempt, versions = handed_in(world)
    made = report(world, versions[0])
    learner = factories.browser(context, world.person_id)
    neighbour = factories.browser(context, fellow(world))
    news = "老师答复了您的纠错"
    assert news not in learner.get("/").text
    answer(world, made.report_id)
    for _visit in range(2):
        assert news in learner.get("/").text
    assert news not in neighbour.get("/").text
    neighbour.get("/me/question-reports")
    assert "新答复" in learner.get("/me/question-reports").text
    assert "新答复" not in learner.get("/me/question-reports").text
    assert news not in learner.get("/").text
    report(world, versions[1])
    assert news not in learner.get("/").text, "a report that waits is no news"
