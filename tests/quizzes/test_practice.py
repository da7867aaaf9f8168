"""Practice: resumed where it stopped, the first answer counts, what waits for a review is skipped, closed in a test."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lms.accounts import services as accounts
from lms.cohorts import services as cohorts
from lms.core.db import db, transaction
from lms.core.errors import Conflict, Invalid, NotFound
from lms.quizzes import services
from lms.quizzes.models import PracticeAnswer, PracticeRun, Question, QuestionVersion
from tests import factories
from tests.factories import AT
from tests.quizzes import bank
from tests.quizzes.bank import World, right_answer
from tests.quizzes.test_pages import browser_of, statements
from tests.threads import together

MINUTE = timedelta(minutes=1)
QUESTIONS = 19  # of item 1.1 in the tests' bank
KEY = ("WHY-", "EXPLANATION-", "correct", "正确答案", "答对", "答错")


class Learner:
    """A learner who practises item 1.1."""

    def __init__(self, world: World, person_id: int | None = None) -> None:
        self.world = world
        self.known: dict[str, Any] = {
            "organisation_id": world.organisation_id,
            "person_id": person_id or world.person_id,
        }

    def begin(self, item_code: str = "1.1", **values: Any) -> int:
        with transaction():
            return services.begin_practice(**self.known, item_code=item_code, **{"at": AT, **values})

    @property
    def practice(self) -> services.Practice:
        found = services.find_practice(**self.known, item_code="1.1")
        assert found is not None
        return found

    def question(self, position: int, run_id: int | None = None) -> services.PracticeQuestion:
        run_id = run_id or self.practice.run_id
        return services.get_practice_question(**self.known, run_id=run_id, position=position)

    def right(self, position: int) -> Any:
        asked = self.question(position).asked
        assert asked is not None
        return right_answer(asked)

    def answer(self, position: int, given: Any, **values: Any) -> bool:
        known = {"run_id": self.practice.run_id, "at": AT} | values
        with transaction():
            return services.answer_practice(**self.known, position=position, given=given, **known)

    def place_of(self, slug: str) -> int:
        """Where a question stands in the run."""
        version_id = db.session.scalar(select(Question.current_version_id).where(Question.slug == slug))
        run = db.session.get_one(PracticeRun, self.practice.run_id)
        return 1 + [one["version_id"] for one in run.plan].index(version_id)


@pytest.fixture
def learner(world: World) -> Learner:
    return Learner(world)


def change(slug: str, **values: object) -> None:
    with transaction():
        db.session.execute(update(Question).where(Question.slug == slug).values(**values))


def test_a_run_holds_every_question_of_the_item_and_is_resumed(learner: Learner) -> None:
    run_id = learner.begin(seed=3)
    assert learner.practice.open == tuple(range(1, QUESTIONS + 1))
    first = learner.question(1)
    assert learner.answer(1, learner.right(1))
    assert learner.begin() == run_id
    practice = learner.practice
    assert (practice.run_id, practice.open[0], practice.answered, practice.right) == (run_id, 2, 1, 1)
    assert first.asked is not None
    assert first.face is None


def test_every_kind_is_answered_and_explained(learner: Learner) -> None:
    learner.begin()
    for position in learner.practice.open:
        assert learner.answer(position, learner.right(position))
    practice = learner.practice
    assert (practice.is_over, practice.right, practice.percent, practice.wrong) == (True, QUESTIONS, 100, [])
    faces = [learner.question(position).face for position in range(1, QUESTIONS + 1)]
    assert {face.kind.value for face in faces if face} == {
        "single",
        "multiple",
        "true_false",
        "numeric",
        "fill",
        "case",
    }
    assert all(face.own.state == "right" for face in faces if face and face.own)
    assert all(learner.question(1).citations)
    row = db.session.get_one(PracticeRun, practice.run_id)
    assert (row.finished_at, row.answered, row.right_count) == (AT, QUESTIONS, QUESTIONS)


def test_the_first_answer_counts_and_stays(learner: Learner) -> None:
    learner.begin()
    position = learner.place_of("1.1-s01")
    right = learner.right(position)
    wrong = [(right[0] + 1) % 4]
    assert learner.answer(position, wrong)
    assert not learner.answer(position, right)
    face = learner.question(position).face
    assert face is not None
    assert face.own is not None
    assert face.own.state == "wrong"
    assert db.session.get_one(PracticeRun, learner.practice.run_id).answered == 1


def test_a_case_counts_as_right_only_as_a_whole(learner: Learner) -> None:
    learner.begin()
    position = learner.place_of("1.1-c01")
    right = learner.right(position)
    learner.answer(position, [*right[:4], "四"])
    kept = db.session.get_one(PracticeAnswer, (learner.practice.run_id, position))
    assert (kept.right_parts, kept.parts) == (4, 5)
    assert learner.practice.outcomes == {position: False}
    face = learner.question(position).face
    assert face is not None
    assert face.own is not None
    assert (face.own.state, face.own.earned, face.own.marks) == ("partly", 4, 5)


@pytest.mark.parametrize(
    "slug,given,words",
    [
        ("1.1-s01", None, "请先作答"),
        ("1.1-s01", [9], "没有这个选项"),
        ("1.1-n01", "九千", "这道题要填数字"),
        ("1.1-c01", [[0], None, None, "9000", "三"], "第 2、3 小题还没有作答"),
        ("1.1-c01", [[0], [1], [0], "许多", "三"], "第 4 小题要填数字"),
        ("1.1-c01", [[0]], "小题的数目对不上"),
    ],
)
def test_an_answer_with_something_left_out_is_refused(learner: Learner, slug: str, given: object, words: str) -> None:
    learner.begin()
    position = learner.place_of(slug)
    with pytest.raises(Invalid, match=words):
        learner.answer(position, given)
    assert learner.practice.answered == 0


@pytest.mark.parametrize(
    "slug,given", [("1.1-s01", None), ("1.1-n01", "九千"), ("1.1-c01", [[0], None, None, None, None])]
)
def test_who_gives_up_sees_the_explanation_and_it_counts_as_wrong(learner: Learner, slug: str, given: object) -> None:
    learner.begin()
    position = learner.place_of(slug)
    assert learner.answer(position, given, give_up=True)
    assert learner.practice.wrong == [position]
    assert learner.question(position).face is not None


def test_what_is_held_or_retired_or_rewritten_is_skipped_and_comes_back(learner: Learner, tmp_path: Any) -> None:
    learner.begin()
    places = [learner.place_of(slug) for slug in ("1.1-s01", "1.1-s02", "1.1-s03")]
    change("1.1-s01", held_at=AT)
    change("1.1-s02", retired_at=AT)
    files = {item: bank.bank_of(item).replace("STEM-1.1-s03", "换了说法") for item in bank.ITEMS}
    change("1.1-s02", retired_at=None)
    with transaction():
        services.import_bank(root=bank.write_bank(tmp_path, files), at=AT)
    change("1.1-s02", retired_at=AT)
    assert not set(places) & set(learner.practice.open)
    assert learner.practice.total == QUESTIONS - 3
    with pytest.raises(Conflict, match="转入复核"):
        learner.answer(places[0], [0])
    change("1.1-s01", held_at=None)
    assert places[0] in learner.practice.open


def test_a_run_of_which_all_is_held_is_over_and_the_next_one_begins_anew(learner: Learner) -> None:
    first = learner.begin()
    with transaction():
        db.session.execute(update(Question).where(Question.slug != "1.1-s01").values(held_at=AT))
    learner.answer(learner.place_of("1.1-s01"), [0])
    assert learner.practice.is_over
    assert db.session.get_one(PracticeRun, first).finished_at == AT
    again = learner.begin()
    assert again != first
    assert learner.practice.planned == 1
    change("1.1-s01", held_at=AT)
    assert learner.practice.is_over
    with pytest.raises(Conflict, match="还没有可练的试题"):
        learner.begin()


def test_only_what_went_wrong(learner: Learner) -> None:
    learner.begin()
    wrong = {"1.1-s01", "1.1-m02", "1.1-c01", "1.1-f01"}
    held = "1.1-f01"
    places = {learner.place_of(slug) for slug in wrong}
    for position in learner.practice.open:
        learner.answer(position, None if position in places else learner.right(position), give_up=True)
    listed = services.wrong_answers(**learner.known, run_id=learner.practice.run_id)
    assert {one.position for one in listed} == places
    change(held, held_at=AT)
    learner.begin(only_wrong=True)
    assert learner.practice.planned == 3
    assert {learner.place_of(slug) for slug in wrong - {held}} == {1, 2, 3}
    for position in learner.practice.open:
        learner.answer(position, learner.right(position))
    with pytest.raises(Conflict, match="没有可练的错题"):
        learner.begin(only_wrong=True)
    learner.begin()
    assert learner.practice.planned == QUESTIONS - 1


def test_a_run_can_be_ended_early(learner: Learner) -> None:
    learner.begin()
    learner.answer(1, learner.right(1))
    run_id = learner.practice.run_id
    for _ in range(2):
        with transaction():
            services.end_practice(**learner.known, run_id=run_id, at=AT + MINUTE)
    assert db.session.get_one(PracticeRun, run_id).finished_at == AT + MINUTE
    practice = learner.practice
    assert (practice.is_over, practice.answered, practice.planned) == (True, 1, QUESTIONS)
    with pytest.raises(Conflict, match="已经结束"):
        learner.answer(2, [0])


def test_nobody_reads_or_answers_the_run_of_another(learner: Learner) -> None:
    run_id = learner.begin()
    world = learner.world
    fellow_id, _ = factories.enrolled_learner(organisation_id=world.organisation_id, cohort_id=world.cohort_id)
    elsewhere = {**learner.known, "organisation_id": factories.institution()}
    for known in ({**learner.known, "person_id": fellow_id}, elsewhere):
        assert services.find_practice(**known, item_code="1.1") is None
        for call in (
            lambda known=known: services.get_practice_question(**known, run_id=run_id, position=1),
            lambda known=known: services.wrong_answers(**known, run_id=run_id),
        ):
            with pytest.raises(NotFound):
                call()
        with pytest.raises(NotFound), transaction():
            services.answer_practice(**known, run_id=run_id, position=1, given=[0], at=AT)
        with pytest.raises(NotFound), transaction():
            services.end_practice(**known, run_id=run_id, at=AT)
    with pytest.raises(NotFound):
        learner.begin("9.9")
    for position in (0, -1, QUESTIONS + 1):
        with pytest.raises(NotFound):
            learner.answer(position, [0])


def test_a_final_test_closes_practice_until_it_is_handed_in(learner: Learner) -> None:
    learner.begin()
    world = learner.world
    attempt_id = world.start(world.final.id)
    with pytest.raises(Conflict, match="先交卷再练习"):
        learner.answer(1, [0])
    with pytest.raises(Conflict, match="先交卷再练习"):
        learner.begin()
    fellow_id, _ = factories.enrolled_learner(organisation_id=world.organisation_id, cohort_id=world.cohort_id)
    assert Learner(world, fellow_id).begin()
    world.hand_in(attempt_id)
    assert learner.answer(1, learner.right(1))
    world.start(world.item.id)
    assert services.find_running_final(**learner.known, at=AT) is None, "the quiz after an item closes nothing"


def test_a_final_test_at_another_institution_closes_practice_too(context: Flask, learner: Learner) -> None:
    """The official bank is one and the same everywhere."""
    world = learner.world
    elsewhere = factories.institution()
    with transaction():
        accounts.add_membership(
            organisation_id=elsewhere, person_id=world.person_id, role="learner", at=AT, actor_id=None
        )
    world.start(world.final.id)
    final = services.find_running_final(organisation_id=elsewhere, person_id=world.person_id, at=AT)
    assert final is not None
    assert final.attempt_id is None, "its paper is not found from here"
    with time_machine.travel(AT + MINUTE, tick=False):
        client = factories.browser(context, world.person_id, organisation_id=elsewhere)
        for page in ("/practice/", "/search?q=EXPLANATION"):
            shown = client.get(page).text
            assert "切换过去交卷" in shown
            assert "/attempts/" not in shown


def test_a_final_test_whose_time_is_up_closes_nothing(learner: Learner) -> None:
    world = learner.world
    world.start(world.final.id)
    over = AT + 60 * MINUTE
    assert services.find_running_final(**learner.known, at=over - MINUTE) is not None
    assert services.find_running_final(**learner.known, at=over) is None


def test_items_show_how_far_one_has_come(learner: Learner) -> None:
    def shelf(at: Any = AT) -> dict[str, services.PracticeItem]:
        return {item.code: item for item in services.practice_items(**learner.known, at=at)}

    assert [(item.state, item.questions, item.percent) for item in shelf().values()] == [("new", QUESTIONS, None)] * 3
    learner.begin()
    for position in (1, 2, 3):
        learner.answer(position, None if position == 3 else learner.right(position), give_up=True)
    item = shelf()["1.1"]
    assert (item.state, item.practised, item.answered, item.right, item.percent) == ("running", 3, 3, 2, 66)
    with transaction():
        services.end_practice(**learner.known, run_id=learner.practice.run_id, at=AT)
    learner.begin(only_wrong=True)
    learner.answer(1, learner.right(1))
    item = shelf()["1.1"]
    assert (item.state, item.practised, item.answered, item.percent) == ("finished", 3, 4, 75)
    with transaction():
        cohorts.close_cohort(
            organisation_id=learner.world.organisation_id,
            cohort_id=learner.world.cohort_id,
            at=AT,
            actor_id=learner.world.person_id,
        )
    assert list(shelf()) == ["1.1", "2.4", "3.4"], "all official items without a course"


def test_practice_touches_no_hours(learner: Learner) -> None:
    learner.begin()
    written = statements(lambda: learner.answer(1, None, give_up=True))
    tables = {
        words.split()[2 if words.startswith("INSERT") else 1] for words in written if not words.startswith("SELECT")
    }
    assert tables == {"quizzes_practice_answer", "quizzes_practice_run"}


def test_two_taps_begin_one_run_and_keep_one_answer(app: Flask, learner: Learner) -> None:
    db.session.remove()
    runs = together(app, 4, lambda _: learner.begin())
    assert len(set(runs)) == 1, runs
    run_id = runs[0]
    db.session.remove()
    kept = together(app, 4, lambda _: learner.answer(1, None, give_up=True, run_id=run_id))
    assert sorted(kept) == [False, False, False, True], kept
    assert db.session.scalar(select(func.count()).select_from(PracticeAnswer)) == 1
    assert db.session.get_one(PracticeRun, run_id).answered == 1


# ---- pages


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AT, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def phone(clock: object, app: Flask, world: World) -> FlaskClient:
    return browser_of(app, world.person_id)


def run_id_of(page: str) -> int:
    return int(page.partition('name="run" value="')[2].partition('"')[0])


def test_the_way_in_from_everywhere(phone: FlaskClient, world: World) -> None:
    assert 'href="/practice/"' in phone.get("/quizzes/").text
    assert 'href="/practice/1.1"' in phone.get("/lessons/1.1-1").text
    assert 'href="/practice/2.4"' in phone.get("/study").text
    shelf = phone.get("/practice/").text
    assert shelf.count("未练") == 3
    assert "开始练习" in phone.get("/practice/1.1").text
    assert phone.get("/practice/9.9").status_code == 404
    change_all = update(Question).where(Question.item_code == "2.4").values(held_at=AT)
    with transaction():
        db.session.execute(change_all)
    assert "还没有可练的试题" in phone.get("/practice/2.4").text
    assert phone.post("/practice/2.4/runs").status_code == 409


def test_a_run_without_scripts(phone: FlaskClient, world: World) -> None:
    assert phone.post("/practice/1.1/runs").location == "/practice/1.1"
    page = phone.get("/practice/1.1").text
    for secret in KEY:
        assert secret not in page
    run_id = run_id_of(page)
    single = Learner(world).place_of("1.1-s01")
    nothing = phone.post("/practice/1.1/answers", data={"run": run_id, "position": single})
    assert nothing.status_code == 422
    assert "请先作答再提交" in nothing.text
    kept = phone.post("/practice/1.1/answers", data={"run": run_id, "position": 1, "give_up": "1"})
    assert kept.location == "/practice/1.1?q=1"
    explained = phone.get(kept.location).text
    assert "没有作答，看看解析" in explained
    assert "EXPLANATION-1.1" in explained
    assert '<a class="cite" href="/laws/wage-regulation/28">《条例》28</a>' in explained
    assert 'id="cite-sheet"' in explained
    assert ">下一题</a>" in explained
    again = phone.post("/practice/1.1/answers", data={"run": run_id, "position": 1, "answer": "0"})
    assert again.location == kept.location
    assert "没有作答，看看解析" in phone.get(again.location).text
    following = phone.get("/practice/1.1").text
    assert "2/19" in following.replace('<span class="visually-hidden">第 </span>', "")
    assert "继续" in phone.get("/practice/").text
    ended = phone.post("/practice/1.1/end", data={"run": run_id}, follow_redirects=True).text
    assert "0</span> / 1 题答对" in ended
    assert "只练错题（1 题）" in ended
    assert "看结果" in phone.get("/practice/").text
    phone.post("/practice/1.1/runs", data={"wrong": "1"})
    assert "1/1" in phone.get("/practice/1.1").text.replace('<span class="visually-hidden">第 </span>', "")


def test_what_was_filled_in_is_still_there_when_it_is_refused(phone: FlaskClient, world: World) -> None:
    learner = Learner(world)
    learner.begin()
    position, run_id = learner.place_of("1.1-c01"), learner.practice.run_id
    sent = {"run": run_id, "position": position, "parts": "5", "answer-0": "2", "text-3": "许多", "text-4": "三"}
    refused = phone.post("/practice/1.1/answers", data=sent)
    assert refused.status_code == 422
    assert "第 2、3 小题还没有作答" in refused.text
    assert 'name="answer-0" value="2" autocomplete="off" checked' in refused.text
    assert 'value="许多"' in refused.text
    full = sent | {"answer-1": ["0", "1"], "answer-2": "0", "text-3": "9,000元"}
    assert phone.post("/practice/1.1/answers", data=full).status_code == 302
    assert db.session.get_one(PracticeAnswer, (run_id, position)).answer[3:] == ["9,000元", "三"]


def test_with_scripts_only_the_screen_is_exchanged(phone: FlaskClient, world: World) -> None:
    run_id = Learner(world).begin()
    answer = phone.post("/practice/1.1/answers", json={"run": run_id, "position": 1, "answer": None, "give_up": True})
    body = answer.get_json()
    assert "EXPLANATION-1.1" in body["screen"]
    assert "<html" not in body["screen"]
    for secret in KEY[:3]:
        assert secret not in body["next"]
    for sent in ([], {}, {"run": run_id}, {"run": run_id, "position": "1"}, {"run": True, "position": 1}):
        refused = phone.post("/practice/1.1/answers", json=sent)
        assert refused.status_code == 422, sent
        assert refused.get_json()["message"]
    late = phone.post("/practice/1.1/answers", json={"run": run_id + 99, "position": 1, "answer": [0]})
    assert late.status_code == 404


def test_the_last_answer_leads_to_the_summary(phone: FlaskClient, world: World) -> None:
    learner = Learner(world)
    run_id = learner.begin()
    for position in learner.practice.open[:-1]:
        learner.answer(position, learner.right(position))
    (last,) = learner.practice.open
    body = phone.post(
        "/practice/1.1/answers", json={"run": run_id, "position": last, "answer": learner.right(last)}
    ).get_json()
    assert body["next"] is None
    assert ">看结果</a>" in body["screen"]
    summary = phone.get("/practice/1.1").text
    assert "19</span> / 19 题答对 · 100%" in summary
    assert "再练一遍" in summary
    assert "只练错题" not in summary


def test_during_a_final_test_practice_and_explanations_are_closed(phone: FlaskClient, world: World) -> None:
    learner = Learner(world)
    learner.begin()
    learner.answer(1, None, give_up=True)
    done = world.start()
    world.hand_in(done)
    assert "EXPLANATION-" in phone.get(f"/attempts/{done}/result").text
    final = world.start(world.final.id)
    for page in ("/practice/", "/practice/1.1", "/practice/1.1?q=1"):
        answer = phone.get(page)
        assert (answer.status_code, answer.mimetype) == (409, "text/html")
        assert "先交卷再练习" in answer.text
        assert f"/attempts/{final}" in answer.text
        assert "EXPLANATION-" not in answer.text
    result = phone.get(f"/attempts/{done}/result").text
    assert "解析暂时关闭" in result
    assert "EXPLANATION-" not in result
    assert phone.post("/practice/1.1/runs").status_code == 409
    blocked = phone.post("/practice/1.1/answers", json={"run": learner.practice.run_id, "position": 2, "answer": [0]})
    assert "先交卷再练习" in blocked.get_json()["message"]
    world.hand_in(final)
    assert phone.get("/practice/1.1").status_code == 200


def test_a_question_held_after_it_was_answered_says_so(phone: FlaskClient, world: World) -> None:
    learner = Learner(world)
    learner.begin()
    position = learner.place_of("1.1-s01")
    learner.answer(position, [0])
    assert "正在复核" not in phone.get(f"/practice/1.1?q={position}").text
    change("1.1-s01", held_at=AT)
    assert "正在复核" in phone.get(f"/practice/1.1?q={position}").text


def test_practice_costs_few_statements(phone: FlaskClient, world: World) -> None:
    learner = Learner(world)
    run_id = learner.begin()
    phone.get("/practice/")
    counts = {
        page: len(statements(lambda page=page: phone.get(page)))  # type: ignore[misc]
        for page in ("/practice/", "/practice/1.1")
    }
    sent = {"run": run_id, "position": 1, "answer": None, "give_up": True}
    counts["answer"] = len(statements(lambda: phone.post("/practice/1.1/answers", json=sent)))
    assert counts["/practice/"] <= 10, counts
    assert counts["/practice/1.1"] <= 10, counts
    assert counts["answer"] <= 30, counts


def test_staff_do_not_practise(app: Flask, clock: object, world: World) -> None:
    clerk = browser_of(app, factories.member(organisation_id=world.organisation_id, role="registrar"))
    assert clerk.get("/practice/").status_code == 403
    assert db.session.scalar(select(func.count()).select_from(QuestionVersion)) == 3 * QUESTIONS
