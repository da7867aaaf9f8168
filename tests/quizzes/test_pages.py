"""The pages of quizzes: the key stays at home, the deadline holds, nobody gets in by the wrong door."""

import contextvars
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from lms.core import jobs
from lms.core.db import db, transaction
from lms.core.plugin import Registry
from lms.quizzes import services
from lms.quizzes.models import AnswerStep, Attempt, Question, Quiz
from tests import factories
from tests.factories import AT
from tests.quizzes.bank import World

MINUTE = timedelta(minutes=1)
SECRETS = ("WHY-", "EXPLANATION-", "correct", "解析", "正确答案", "explanation", "answer_key")
# A paper shows 正确/错误 as the options of a true-or-false question, and nothing else that looks like a key.


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AT, tick=False) as coordinates:
        yield coordinates


class Browser(FlaskClient):
    """A browser whose requests do not see the application context of the test: each brings its own, as when served."""

    def open(self, *args: Any, **values: Any) -> Any:
        if has_app_context():
            db.session.rollback()
        return contextvars.Context().run(super().open, *args, **values)


def browser_of(app: Flask, person_id: int) -> FlaskClient:
    return factories.signed_in(Browser(app, app.response_class, use_cookies=True), person_id)


def attempt_row(attempt_id: int) -> Attempt:
    """The attempt as it stands in the database now."""
    db.session.rollback()
    return db.session.get_one(Attempt, attempt_id, populate_existing=True)


@pytest.fixture
def learner(clock: object, app: Flask, world: World) -> FlaskClient:
    return browser_of(app, world.person_id)


@pytest.fixture
def registrar(clock: object, app: Flask, world: World) -> FlaskClient:
    person_id = factories.member(organisation_id=world.organisation_id, role="registrar", name="李教务")
    return browser_of(app, person_id)


def begin(learner: FlaskClient, quiz_id: int) -> int:
    answer = learner.post(f"/quizzes/{quiz_id}/attempts")
    assert answer.status_code == 302, answer.text
    return int(answer.location.rpartition("/")[2])


def send(learner: FlaskClient, attempt_id: int, position: int, answer: object, sequence: int | None = None) -> Any:
    return learner.post(
        f"/attempts/{attempt_id}/answers",
        json={"position": position, "answer": answer, "sequence": sequence},
        headers={"Accept": "application/json"},
    )


def statements(act: Callable[[], object]) -> list[str]:
    """The statements that something costs, BEGIN and COMMIT left out."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return found


def test_a_whole_attempt(learner: FlaskClient, world: World) -> None:
    assert "结业考核" in learner.get("/quizzes/").text
    intro = learner.get(f"/quizzes/{world.final.id}").text
    for words in ("40 题", "60 分钟", "60 分（百分制）", "还有 3 次", "截止时间以服务器为准", "断网也能继续答"):
        assert words in intro
    attempt_id = begin(learner, world.final.id)
    page = learner.get(f"/attempts/{attempt_id}").text
    assert page.count("data-question=") == 40
    answers = world.right_answers(attempt_id)
    for position, answer in answers.items():
        saved = send(learner, attempt_id, position, answer, position).get_json()
        assert saved["saved"] is True
        assert (saved["position"], saved["answered"], saved["deadline_in"]) == (position, position, 3600)
    assert learner.post(f"/attempts/{attempt_id}/hand-in").location == f"/attempts/{attempt_id}/result"
    result = learner.get(f"/attempts/{attempt_id}/result").text
    for words in ("合格", "EXPLANATION-", "WHY-", '<a class="cite" href="/laws/wage-regulation/28">《条例》28</a>'):
        assert words in result
    assert "100 分" in learner.get("/quizzes/").text
    assert learner.get(f"/attempts/{attempt_id}").location == f"/attempts/{attempt_id}/result"


def test_the_key_never_leaves_before_hand_in(learner: FlaskClient, world: World) -> None:
    attempt_id = begin(learner, world.final.id)
    pages = [
        "/quizzes/",
        f"/quizzes/{world.final.id}",
        f"/attempts/{attempt_id}",
        f"/attempts/{attempt_id}?q=7",
        f"/attempts/{attempt_id}?sheet=1",
        f"/attempts/{attempt_id}/hand-in",
        f"/attempts/{attempt_id}/result",
        f"/attempts/{attempt_id}/review",
    ]
    answers = [
        learner.get(page, headers={"Accept": kind}) for page in pages for kind in ("text/html", "application/json")
    ]
    for position in range(1, 41):
        answers.append(send(learner, attempt_id, position, [0], 1))
        answers.append(send(learner, attempt_id, position, [1], 1))
    answers.append(send(learner, attempt_id, 1, [99], 9))
    for answer in answers:
        for secret in SECRETS:
            assert secret not in answer.text, (answer.request.path, secret)
    assert [answer.status_code for answer in answers[12:16]] == [404, 404, 403, 403]


def test_right_and_wrong_options_look_alike(learner: FlaskClient, world: World) -> None:
    attempt_id = begin(learner, world.item.id)
    page = learner.get(f"/attempts/{attempt_id}").text
    rows = re.findall(r'<div class="option">.*?</div>', page)
    assert len(rows) == 6 * 4 + 2 * 5 + 2 * 2
    shapes = {re.sub(r"<span>[^<]*</span></label>|q\d+-\d|value=\"\d\"|>[A-E]<", "", row) for row in rows}
    assert len(shapes) == 2  # a radio button, a check box


def test_the_order_of_options_is_shuffled(learner: FlaskClient, world: World) -> None:
    places = set()
    for _ in range(8):
        attempt_id = begin(learner, world.item.id)
        answers = world.right_answers(attempt_id)
        places |= {answer[0] for answer in answers.values() if isinstance(answer, list) and len(answer) == 1}
        learner.post(f"/attempts/{attempt_id}/hand-in")
    assert places == {0, 1, 2, 3}


def test_a_killed_page_comes_back_with_everything(learner: FlaskClient, world: World) -> None:
    attempt_id = begin(learner, world.item.id)
    send(learner, attempt_id, 3, [2], 11)
    learner.post(f"/attempts/{attempt_id}/flags", json={"position": 4, "flagged": True})
    assert begin(learner, world.item.id) == attempt_id
    page = learner.get(f"/attempts/{attempt_id}").text
    assert page.count(" checked") == 1
    assert 'id="q3-2" name="answer" value="2" autocomplete="off" checked' in page
    assert 'data-question="3" data-kind="single" data-sequence="11"' in page
    assert re.search(r'class="cell is-flagged" data-cell="4"', page)


def test_saving_costs_three_statements_with_the_actors(learner: FlaskClient, world: World) -> None:
    attempt_id = begin(learner, world.item.id)
    send(learner, attempt_id, 1, [0], 1)
    found = statements(lambda: send(learner, attempt_id, 2, [0], 2))
    assert len(found) == 3, found


@pytest.mark.parametrize("page,most", [("/quizzes/", 4), ("/quizzes/{quiz}", 5), ("/attempts/{attempt}", 4)])
def test_pages_cost_few_statements(learner: FlaskClient, world: World, page: str, most: int) -> None:
    attempt_id = begin(learner, world.item.id)
    address = page.format(quiz=world.item.id, attempt=attempt_id)
    found = statements(lambda: learner.get(address))
    assert len(found) <= most, found


def test_saving_again_after_the_deadline(learner: FlaskClient, world: World, clock: Any) -> None:
    attempt_id = begin(learner, world.item.id)
    send(learner, attempt_id, 1, world.right_answers(attempt_id)[1], 1)
    clock.move_to(AT + 15 * MINUTE)
    late = send(learner, attempt_id, 2, [0], 1)
    assert late.status_code == 409
    assert "已自动交卷" in late.get_json()["message"]
    page = learner.get(f"/attempts/{attempt_id}", follow_redirects=True)
    assert "到时自动交卷" in page.text
    assert attempt_row(attempt_id).score == 10
    assert send(learner, attempt_id, 2, [0], 1).status_code == 409


@pytest.mark.parametrize("page", ["/quizzes/", "/quizzes/{quiz}", "/attempts/{attempt}", "/attempts/{attempt}/hand-in"])
def test_any_visit_after_the_deadline_hands_in(learner: FlaskClient, world: World, clock: Any, page: str) -> None:
    attempt_id = begin(learner, world.item.id)
    clock.move_to(AT + 16 * MINUTE)
    learner.get(page.format(quiz=world.item.id, attempt=attempt_id))
    row = attempt_row(attempt_id)
    assert (row.handed_in_at, row.hand_in_kind) == (AT + 15 * MINUTE, "deadline")


def test_the_duty_hands_in_what_is_overdue(app: Flask, world: World) -> None:
    attempt_id = world.start()
    registry: Registry = app.extensions["lms_registry"]
    duty = next(
        duty for plugin in registry.plugins for duty in plugin.periodic if duty.name == "quizzes.hand_in_overdue"
    )
    db.session.remove()
    assert jobs.run_due([duty], at=AT + 16 * MINUTE) == ["quizzes.hand_in_overdue"]
    assert attempt_row(attempt_id).hand_in_kind == "deadline"


def test_before_the_start_a_short_window_is_told(learner: FlaskClient, world: World) -> None:
    with transaction():
        db.session.get_one(Quiz, world.item.id).closes_at = AT + 9 * MINUTE
    page = learner.get(f"/quizzes/{world.item.id}").text
    assert "现在开始只有 9 分，不足 15 分钟" in page


def test_without_scripts_forms_do(learner: FlaskClient, world: World) -> None:
    attempt_id = begin(learner, world.item.id)
    answer = learner.post(f"/attempts/{attempt_id}/answers", data={"position": "1", "answer": "2"})
    assert answer.location == f"/attempts/{attempt_id}?q=2"
    assert world.paper(attempt_id).questions[0].answer == [2]
    learner.post(f"/attempts/{attempt_id}/flags", data={"position": "2", "flagged": "1"})
    page = learner.get(f"/attempts/{attempt_id}?q=2&sheet=1").text
    assert "取消标记" in page
    assert '<dialog class="sheet" id="sheet" aria-labelledby="sheet-title" open>' in page
    assert "还有 9 题没有作答" in learner.get(f"/attempts/{attempt_id}/hand-in").text


@pytest.mark.parametrize(
    "body",
    [[], {}, {"position": "1", "answer": [0]}, {"position": 1, "answer": [0], "sequence": "2"}, {"position": True}],
)
def test_nonsense_is_refused_politely(learner: FlaskClient, world: World, body: object) -> None:
    attempt_id = begin(learner, world.item.id)
    answer = learner.post(f"/attempts/{attempt_id}/answers", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["message"]


def test_an_answer_that_is_missing_or_wrong_keeps_the_one_saved(learner: FlaskClient, world: World) -> None:
    attempt_id = begin(learner, world.item.id)
    address = f"/attempts/{attempt_id}/answers"
    send(learner, attempt_id, 1, [2], 1)
    bodies: list[dict[str, object]] = [{}]
    bodies += [{"answer": bad} for bad in (4, -1, 10**30, [0, 1], [0, 0], "A", ["0"], 1.0, True, {}, [[0]], [None])]
    for sequence, body in enumerate(bodies, start=2):
        refused = learner.post(address, json={"position": 1, "sequence": sequence} | body)
        assert (refused.status_code, refused.get_json()["field"]) == (422, "answer"), body
        assert re.search(r"[\u4e00-\u9fff]", refused.get_json()["message"]), body
    for text in ("9", "-1", "A", "0x1"):
        assert learner.post(address, data={"position": "1", "answer": text}).status_code == 422, text
    assert world.paper(attempt_id).questions[0].answer == [2]


@pytest.mark.parametrize("nothing", [None, []])
def test_nothing_chosen_clears_an_answer(learner: FlaskClient, world: World, nothing: object) -> None:
    attempt_id = begin(learner, world.item.id)
    send(learner, attempt_id, 1, [2], 1)
    assert send(learner, attempt_id, 1, nothing, 2).get_json()["saved"] is True
    assert world.paper(attempt_id).questions[0].answer is None


def test_another_learner_and_another_institution_find_nothing(learner: FlaskClient, app: Flask, world: World) -> None:
    attempt_id = begin(learner, world.item.id)
    fellow, _ = factories.enrolled_learner(organisation_id=world.organisation_id, cohort_id=world.cohort_id)
    elsewhere = factories.institution()
    away_cohort = factories.cohort(organisation_id=elsewhere)
    stranger, _ = factories.enrolled_learner(organisation_id=elsewhere, cohort_id=away_cohort)
    for person_id in (fellow, stranger):
        other = browser_of(app, person_id)
        assert other.get(f"/attempts/{attempt_id}").status_code == 404
        assert other.get(f"/attempts/{attempt_id}/result").status_code == 404
        assert send(other, attempt_id, 1, [0], 1).status_code == 404
        assert other.post(f"/attempts/{attempt_id}/flags", json={"position": 1, "flagged": True}).status_code == 404
        assert other.post(f"/attempts/{attempt_id}/hand-in").status_code == 404
    assert browser_of(app, stranger).get(f"/quizzes/{world.item.id}").status_code == 404
    clerk = browser_of(app, factories.member(organisation_id=elsewhere, role="registrar"))
    for page in (
        f"/cohorts/{world.cohort_id}/quizzes",
        f"/quizzes/{world.item.id}/settings",
        f"/quizzes/{world.item.id}/results",
        f"/attempts/{attempt_id}/review",
    ):
        assert clerk.get(page).status_code == 404, page
    for page in (f"/cohorts/{world.cohort_id}/quizzes", f"/quizzes/{world.item.id}/withdraw"):
        assert clerk.post(page).status_code == 404, page
    db.session.rollback()
    assert db.session.get_one(Quiz, world.item.id, populate_existing=True).withdrawn_at is None


def test_learners_see_no_staff_page(learner: FlaskClient, world: World) -> None:
    for page in ("/question-bank/", f"/cohorts/{world.cohort_id}/quizzes", f"/quizzes/{world.item.id}/results"):
        assert learner.get(page).status_code == 403


def test_staff_read_bank_and_results(registrar: FlaskClient, world: World) -> None:
    attempt_id = world.start()
    world.hand_in(attempt_id)
    bank = registrar.get("/question-bank/?q=STEM-1.1-s01&kind=single").text
    assert "STEM-1.1-s01" in bank
    assert "共 1 条" in bank
    address = re.search(r"/question-bank/\d+", bank)
    assert address is not None
    question = registrar.get(address[0]).text
    assert "WHY-1.1-s01错0" in question
    assert "第 1 版" in question
    assert "没有找到试题" in registrar.get("/question-bank/?q=nothing-like-it").text
    assert "补建缺少的测验" in registrar.get(f"/cohorts/{world.cohort_id}/quizzes").text
    assert "第 1 次 0 分" in registrar.get(f"/quizzes/{world.item.id}/results").text
    assert "未合格" in registrar.get(f"/attempts/{attempt_id}/review").text


def settings_of(page: str) -> dict[str, str]:
    """The fields of the settings form, as a browser would send them back."""
    fields = dict(re.findall(r'<input[^>]*name="([\w-]+)"[^>]*value="([^"]*)"', page))
    for select_box in re.findall(r"<select.*?</select>", page, re.DOTALL):
        name = re.search(r'name="([\w-]+)"', select_box)
        chosen = re.search(r'<option selected value="([^"]*)"', select_box) or re.search(r'value="([^"]*)"', select_box)
        assert name is not None
        assert chosen is not None
        fields[name[1]] = chosen[1]
    return fields | {"multiple_rule": "all_or_nothing"}


def test_a_registrar_changes_a_quiz(registrar: FlaskClient, world: World) -> None:
    address = f"/quizzes/{world.final.id}/settings"
    fields = settings_of(registrar.get(address).text)
    fields |= {
        "minutes": "90",
        "pass_mark": "70",
        "max_attempts": "",
        "opens_at": "2026-03-05T09:00",
        "sections-0-count": "1",
    }
    answer = registrar.post(address, data=fields)
    assert answer.status_code == 302, answer.text
    quiz = services.get_quiz(organisation_id=world.organisation_id, quiz_id=world.final.id)
    assert (quiz.minutes, quiz.pass_mark, quiz.max_attempts) == (90, 70, None)
    assert quiz.opens_at == AT + timedelta(days=3)
    assert quiz.question_count == 40 - world.final.sections[0].count + 1
    assert quiz.sections[0].label == world.final.sections[0].label


def test_a_plan_the_bank_cannot_fill_is_refused_and_nothing_is_lost(registrar: FlaskClient, world: World) -> None:
    address = f"/quizzes/{world.final.id}/settings"
    fields = settings_of(registrar.get(address).text) | {"title": "期末大考", "sections-0-count": "99"}
    answer = registrar.post(address, data=fields)
    assert answer.status_code == 422
    assert "题库不够抽" in answer.text
    assert "期末大考" in answer.text
    assert "应在 1 到 300" in registrar.post(address, data=fields | {"minutes": "0"}).text


def test_a_withdrawn_quiz_is_gone_for_learners(registrar: FlaskClient, learner: FlaskClient, world: World) -> None:
    registrar.post(f"/quizzes/{world.item.id}/withdraw")
    assert learner.get(f"/quizzes/{world.item.id}").status_code == 404
    assert learner.post(f"/quizzes/{world.item.id}/attempts").status_code == 404
    registrar.post(f"/quizzes/{world.item.id}/restore")
    assert learner.get(f"/quizzes/{world.item.id}").status_code == 200


def test_missing_quizzes_are_added_by_hand(context: Flask, tmp_path: Path) -> None:
    from tests.quizzes.bank import prepare

    organisation_id = factories.institution()
    cohort_id = factories.cohort(organisation_id=organisation_id)
    prepare(tmp_path)
    clerk = browser_of(context, factories.member(organisation_id=organisation_id, role="registrar"))
    assert "还没有测验" in clerk.get(f"/cohorts/{cohort_id}/quizzes").text
    page = clerk.post(f"/cohorts/{cohort_id}/quizzes", follow_redirects=True).text
    assert "已补建 4 个测验" in page
    assert "测验已齐全" in clerk.post(f"/cohorts/{cohort_id}/quizzes", follow_redirects=True).text


def test_parts_stand_on_the_pages_of_others(learner: FlaskClient, registrar: FlaskClient, world: World) -> None:
    attempt_id = begin(learner, world.item.id)
    home = learner.get("/").text
    assert "作答还没交卷" in home
    learner.post(f"/attempts/{attempt_id}/hand-in")
    assert f"/quizzes/{world.final.id}" in learner.get("/").text
    assert f"/quizzes/{world.item.id}" in learner.get("/lessons/1.1-1").text
    assert "题库" in registrar.get("/syllabus/").text


def at_once(app: Flask, person_id: int, count: int, act: Callable[[FlaskClient, int], Any]) -> list[Any]:
    """Do something from several browsers of one person at the same moment."""
    browsers = [browser_of(app, person_id) for _ in range(count)]
    barrier = threading.Barrier(count)
    answers: list[Any] = [None] * count

    def run(at: int) -> None:
        barrier.wait()
        answers[at] = act(browsers[at], at)

    threads = [threading.Thread(target=run, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_double_click_starts_one_attempt(app: Flask, clock: object, world: World) -> None:
    answers = at_once(app, world.person_id, 4, lambda browser, _: browser.post(f"/quizzes/{world.item.id}/attempts"))
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_answers_saved_at_once_are_all_kept(app: Flask, clock: object, world: World) -> None:
    attempt_id = world.start()
    db.session.remove()
    answers = at_once(app, world.person_id, 5, lambda browser, at: send(browser, attempt_id, at + 1, [1], 1))
    assert [answer.get_json()["saved"] for answer in answers] == [True] * 5, [answer.text for answer in answers]
    assert sorted(answer.get_json()["number"] for answer in answers) == [1, 2, 3, 4, 5]
    assert len(world.paper(attempt_id).blanks) == 5


def test_saving_and_handing_in_at_once_lose_nothing_that_was_acknowledged(
    app: Flask, clock: object, world: World
) -> None:
    attempt_id = world.start()
    right = world.right_answers(attempt_id)
    db.session.remove()

    def act(browser: FlaskClient, at: int) -> Any:
        if at == 0:
            return browser.post(f"/attempts/{attempt_id}/hand-in")
        return send(browser, attempt_id, at, right[at], 1)

    answers = at_once(app, world.person_id, 6, act)
    acknowledged = [answer.get_json()["position"] for answer in answers[1:] if answer.status_code == 200]
    assert {answer.status_code for answer in answers[1:]} <= {200, 409}
    kept = set(db.session.scalars(select(AnswerStep.position).where(AnswerStep.attempt_id == attempt_id)))
    assert kept == set(acknowledged)
    assert attempt_row(attempt_id).score == 10 * len(kept)


def test_a_case_on_the_paper_in_forms_and_in_json(learner: FlaskClient, world: World) -> None:
    world.plan({"case": (1, 20), "single": (1, 10)})
    attempt_id = begin(learner, world.item.id)
    right: Any = world.right_answers(attempt_id)[1]
    page = learner.get(f"/attempts/{attempt_id}").text
    for secret in SECRETS:
        assert secret not in page, secret
    assert "分值平分到各小题" in learner.get(f"/quizzes/{world.item.id}").text
    fields = {
        "position": "1",
        "parts": "5",
        "answer-0": right[0],
        "answer-1": right[1],
        "text-3": "9000 元",
        "text-4": "",
    }
    assert learner.post(f"/attempts/{attempt_id}/answers", data=fields).location == f"/attempts/{attempt_id}?q=2"
    assert world.paper(attempt_id).questions[0].answer == [right[0], right[1], None, "9000 元", None]
    sent = {"position": 1, "answer": [None, None, right[2], None, "三"], "sequence": 5, "touched": [2, 4]}
    saved = learner.post(f"/attempts/{attempt_id}/answers", json=sent).get_json()
    assert (saved["saved"], saved["answered"]) == (True, 1)
    refused = learner.post(f"/attempts/{attempt_id}/answers", json=sent | {"sequence": 6, "touched": [7]})
    assert (refused.status_code, refused.get_json()["field"]) == (422, "answer")
    learner.post(f"/attempts/{attempt_id}/hand-in")
    result = learner.get(f"/attempts/{attempt_id}/result").text
    for words in ("第 5 小题", "算式：18 × 500", "误差不超过 0.5 元 都算对", "3 或 三", "EXPLANATION-1.1-c01-fill"):
        assert words in result


def test_saving_a_case_costs_three_statements_too(learner: FlaskClient, world: World) -> None:
    world.plan({"case": (1, 20)})
    attempt_id = begin(learner, world.item.id)
    right: Any = world.right_answers(attempt_id)[1]
    send(learner, attempt_id, 1, right, 1)
    found = statements(lambda: send(learner, attempt_id, 1, [*right[:4], None], 2))
    assert len(found) == 3, found


def test_a_case_is_chosen_in_the_settings_and_looked_at_by_staff(registrar: FlaskClient, world: World) -> None:
    address = f"/quizzes/{world.item.id}/settings"
    page = registrar.get(address).text
    assert '<option value="case">案例题</option>' in page
    fields = settings_of(page) | {"sections-3-kind": "case", "sections-3-count": "1", "sections-3-marks": "4"}
    fields |= {"sections-3-scope": "1.1"}
    assert "每题至少 5 分" in registrar.post(address, data=fields).text
    assert registrar.post(address, data=fields | {"sections-3-marks": "20"}).status_code == 302
    attempt_id = world.start()
    case = world.paper(attempt_id).questions[-1]
    world.save(attempt_id, case.position, [None, None, None, "8000", None])
    world.hand_in(attempt_id)
    review = registrar.get(f"/attempts/{attempt_id}/review").text
    assert "学员的答案：<strong>8000 元</strong>" in review
    assert "EXPLANATION-1.1-c01-numeric" in review
    assert "案例题" in registrar.get("/question-bank/?kind=case").text


def test_staff_see_what_waits_for_a_review(registrar: FlaskClient, learner: FlaskClient, world: World) -> None:
    with transaction():
        db.session.execute(update(Question).where(Question.slug.like("1.1-s0%")).values(held_at=AT))
    listed = registrar.get("/question-bank/?state=held&item=1.1").text
    assert "共 8 条" in listed
    assert listed.count("</span> 待复核</span>") == 8
    address = re.search(r"/question-bank/\d+", listed)
    assert address is not None
    assert "待复核：" in registrar.get(address[0]).text
    assert "共 0 条" not in registrar.get("/question-bank/?state=in_use&item=1.1").text
    settings = registrar.get(f"/quizzes/{world.item.id}/settings").text
    assert "“单选题”要 6 题，题库只有 0 题（另有 8 题待复核，复核完成前不抽）" in settings
    refused = learner.post(f"/quizzes/{world.item.id}/attempts")
    assert refused.status_code == 409
    assert "另有 8 题待复核" in refused.text
