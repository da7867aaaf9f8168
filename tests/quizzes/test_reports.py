"""Question reports (纠错): only what was shown, once, not too often; answered once; nobody's business next door."""

import json
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import Conflict, Invalid, NotFound, TooMany
from lms.core.listing import ListQuery
from lms.quizzes import services
from lms.quizzes.models import AttemptQuestion, QuestionReport, QuestionVersion
from lms.quizzes.rules.kinds import ReportStatus
from tests import factories
from tests.factories import AT
from tests.quizzes.bank import World

WORDS = "第二个选项也对，条例写的是这样。"
ANSWER = "核对无误，下一版改正，谢谢。"
LATER = AT + timedelta(hours=1)


def handed_in(world: World, *, answers: dict[int, object] | None = None) -> tuple[int, list[int]]:
    """Hand in a paper and return its id and the versions on it."""
    attempt_id = world.start()
    for position, answer in (answers or {}).items():
        world.save(attempt_id, position, answer)
    world.hand_in(attempt_id)
    statement = select(AttemptQuestion.version_id).where(AttemptQuestion.attempt_id == attempt_id)
    return attempt_id, list(db.session.scalars(statement.order_by(AttemptQuestion.position)))


def report(world: World, version_id: int, **values: Any) -> services.Reported:
    known = {
        "organisation_id": world.organisation_id,
        "person_id": world.person_id,
        "kind": "wrong_key",
        "text": WORDS,
        "at": LATER,
    } | values
    with transaction():
        return services.report_question(version_id=version_id, **known)  # type: ignore[arg-type]


def answer(world: World, report_id: int, **values: Any) -> int:
    known = {
        "organisation_id": world.organisation_id,
        "status": "accepted",
        "answer": ANSWER,
        "at": LATER,
        "actor_id": world.person_id,
    } | values
    with transaction():
        return services.answer_reports(report_id=report_id, **known)  # type: ignore[arg-type]


def queue(world: World, **values: Any) -> list[int]:
    known = {"organisation_id": world.organisation_id, "query": ListQuery()} | values
    return [row.id for row in services.list_reports(**known).rows]


def fellow(world: World) -> int:
    """Return another learner of the cohort, who has handed in a paper of the same quiz."""
    person_id, _enrolment = factories.enrolled_learner(
        organisation_id=world.organisation_id, cohort_id=world.cohort_id, name="李卫东"
    )
    return person_id


def in_their_hands(world: World, person_id: int) -> set[int]:
    attempt_id = world.start(person_id=person_id)
    world.hand_in(attempt_id, person_id=person_id)
    return set(db.session.scalars(select(AttemptQuestion.version_id).where(AttemptQuestion.attempt_id == attempt_id)))


def test_only_what_was_shown_can_be_reported(world: World) -> None:
    attempt_id = world.start()
    (running, *_) = db.session.scalars(
        select(AttemptQuestion.version_id).where(AttemptQuestion.attempt_id == attempt_id)
    )
    with pytest.raises(NotFound):  # on the paper, but its explanation is not in view yet
        report(world, running)
    world.hand_in(attempt_id)
    assert report(world, running).is_new
    never_drawn = db.session.scalars(
        select(QuestionVersion.id).where(
            QuestionVersion.id.not_in(
                select(AttemptQuestion.version_id).where(AttemptQuestion.attempt_id == attempt_id)
            )
        )
    ).first()
    for unknown in (never_drawn, 10**6):
        with pytest.raises(NotFound):
            report(world, unknown or 0)
    with pytest.raises(NotFound):  # somebody else's paper
        report(world, running, person_id=fellow(world))
    with pytest.raises(NotFound):  # the same person, signed in elsewhere
        report(world, running, organisation_id=factories.institution())


def test_what_was_answered_in_practice_can_be_reported(world: World) -> None:
    known = {"organisation_id": world.organisation_id, "person_id": world.person_id}
    with transaction():
        run_id = services.begin_practice(**known, item_code="2.4", at=AT, seed=3)
    question = services.get_practice_question(**known, run_id=run_id, position=1)
    with pytest.raises(NotFound):
        report(world, question.version_id)
    with transaction():
        services.answer_practice(**known, run_id=run_id, position=1, given=None, give_up=True, at=AT)
    made = report(world, question.version_id)
    assert made.is_new
    assert services.get_report(organisation_id=world.organisation_id, report_id=made.report_id).own_answer == ""


@pytest.mark.parametrize(
    "values,field",
    [
        ({"text": "不对"}, "text"),
        ({"text": "    不对   \n\n"}, "text"),
        ({"text": "错" * 501}, "text"),
        ({"kind": "nonsense"}, "kind"),
        ({"kind": ""}, "kind"),
    ],
)
def test_what_is_refused(world: World, values: dict[str, str], field: str) -> None:
    _attempt, versions = handed_in(world)
    with pytest.raises(Invalid) as refusal:
        report(world, versions[0], **values)
    assert refusal.value.field == field
    assert queue(world) == []


def test_one_open_report_a_person_and_question(world: World) -> None:
    _attempt, versions = handed_in(world)
    first = report(world, versions[0])
    again = report(world, versions[0], text="别的话也不算第二条", kind="typo")
    assert (again.report_id, again.is_new) == (first.report_id, False)
    answer(world, first.report_id)
    assert report(world, versions[0]).is_new
    assert services.count_own_reports(organisation_id=world.organisation_id, person_id=world.person_id) == {
        ReportStatus.ACCEPTED: 1,
        ReportStatus.OPEN: 1,
    }


def test_two_presses_at_the_same_moment_are_one_report(context: Flask, world: World) -> None:
    _attempt, versions = handed_in(world)
    db.session.remove()
    together, made = threading.Barrier(2), []

    def press() -> None:
        with context.app_context():
            together.wait()
            made.append(report(world, versions[0]))
            db.session.remove()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(one.is_new for one in made) == [False, True]
    assert len({one.report_id for one in made}) == 1


def test_twenty_a_day(world: World) -> None:
    _attempt, versions = handed_in(world)
    question = db.session.get_one(QuestionVersion, versions[0]).question_id
    with transaction():
        for number in range(20):
            db.session.add(
                QuestionReport(
                    organisation_id=world.organisation_id,
                    person_id=world.person_id,
                    question_id=question,
                    version_id=versions[0],
                    kind="typo",
                    text=f"第 {number} 条",
                    status="declined",
                    created_at=AT,
                    answered_at=AT,
                    answer="不采纳",
                )
            )
    with pytest.raises(TooMany) as refusal:
        report(world, versions[1])
    assert "明天" in refusal.value.message
    tomorrow = AT + timedelta(hours=15)  # 00:00 in China
    assert report(world, versions[1], at=tomorrow).is_new


def test_the_queue_is_filtered_and_waits_longest_first(world: World) -> None:
    _attempt, versions = handed_in(world)
    first = report(world, versions[0], at=AT + timedelta(minutes=2), kind="typo").report_id
    second = report(world, versions[1], at=AT + timedelta(minutes=1)).report_id
    third = report(world, versions[2], at=AT + timedelta(minutes=3)).report_id
    answer(world, third, status="declined")
    assert queue(world) == [second, first, third]
    assert queue(world, status="open") == [second, first]
    assert queue(world, status="declined") == [third]
    assert queue(world, kind="typo") == [first]
    assert queue(world, item_code=world.item.item_code) == [second, first, third]
    assert queue(world, item_code="3.99") == []
    assert queue(world, query=ListQuery(search="第二个选项")) == [second, first, third]
    assert services.count_open_reports(organisation_id=world.organisation_id) == 2
    assert queue(world, organisation_id=factories.institution()) == []


def test_staff_see_the_question_as_that_learner_saw_it(world: World) -> None:
    attempt_id = world.start()
    right = world.right_answers(attempt_id)
    position, paper_question = next(
        (one.position, one) for one in world.paper(attempt_id).questions if one.kind == "multiple"
    )
    world.save(attempt_id, position, right[position])
    world.hand_in(attempt_id)
    made = report(world, version_at(attempt_id, position))
    page = services.get_report(organisation_id=world.organisation_id, report_id=made.report_id)
    assert [str(option.html) for option in page.face.options] == [str(html) for html in paper_question.options]
    letters = "、".join("ABCDEFGH"[place] for place in right[position])  # type: ignore[attr-defined]
    assert page.own_answer == page.face.right == letters
    assert [place for place, option in enumerate(page.face.options) if option.chosen] == right[position]
    assert page.citations[0].label == "《条例》28"
    assert (page.number, page.current_number, page.is_retired) == (1, 1, False)


def test_staff_see_what_was_answered_in_each_part_of_a_case(context: Flask, world: World) -> None:
    world.plan({"case": (1, 30)})
    attempt_id = world.start()
    (case,) = world.paper(attempt_id).questions
    right = next(place for place, html in enumerate(case.parts[0].options) if "对" in html)
    wrong = (right + 1) % len(case.parts[0].options)
    world.save(attempt_id, 1, [[wrong], None, None, "8000", "五年"])
    world.hand_in(attempt_id)
    made = report(world, version_at(attempt_id, 1))
    page = services.get_report(organisation_id=world.organisation_id, report_id=made.report_id)
    given = [part.own.answer if part.own else None for part in page.face.parts]
    assert given == ["ABCD"[wrong], "", "", "8000 元", "五年"]
    assert page.face.parts[0].options[wrong].chosen
    assert page.own_answer == "答了 3/5 小题"
    staff = factories.browser(context, factories.member(organisation_id=world.organisation_id, role="instructor"))
    text = staff.get(f"/question-reports/{made.report_id}").text
    for told in ("ABCD"[wrong], "未作答", "8000 元", "五年"):
        assert f"学员的答案：<strong>{told}</strong>" in text
    assert text.count("学员的答案") == 5
    assert "学员选了，不对" in text
    assert "您的答案" not in text
    assert "您选了" not in text
    assert "部分得分" not in text, "what a part earned depends on the quiz's rule, which is not looked up here"


def version_at(attempt_id: int, position: int) -> int:
    return db.session.get_one(AttemptQuestion, (attempt_id, position)).version_id


def test_an_answer_is_given_once_and_logged(world: World) -> None:
    _attempt, versions = handed_in(world)
    made = report(world, versions[0])
    for values in ({"status": "open"}, {"status": ""}, {"answer": "好"}, {"answer": "长" * 501}):
        with pytest.raises(Invalid):
            answer(world, made.report_id, **values)
    assert answer(world, made.report_id) == 1
    with pytest.raises(Conflict):
        answer(world, made.report_id, status="declined")
    (own,) = services.list_own_reports(organisation_id=world.organisation_id, person_id=world.person_id)
    assert (own.status, own.answer, own.answered_at) == (ReportStatus.ACCEPTED, ANSWER, LATER)
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action.like("quizzes.%report%"))).all()
    assert [entry.action for entry in entries] == ["quizzes.question_reported", "quizzes.report_answered"]
    assert entries[1].detail["reports"] == [made.report_id]
    assert WORDS not in json.dumps([entry.detail for entry in entries], ensure_ascii=False)


def test_all_reports_on_a_question_can_be_answered_at_once(world: World) -> None:
    _attempt, versions = handed_in(world)
    other = fellow(world)
    both = sorted(in_their_hands(world, other) & set(versions))
    mine = report(world, both[0])
    theirs = report(world, both[0], person_id=other)
    elsewhere = report(world, both[1])
    page = services.get_report(organisation_id=world.organisation_id, report_id=mine.report_id)
    assert [one.id for one in page.others] == [theirs.report_id]
    assert page.open_others == 1
    assert answer(world, mine.report_id, whole_question=True) == 2
    assert queue(world, status="open") == [elsewhere.report_id]


def test_the_neighbour_sees_and_answers_nothing(world: World) -> None:
    _attempt, versions = handed_in(world)
    made = report(world, versions[0])
    neighbour = factories.institution()
    with pytest.raises(NotFound):
        services.get_report(organisation_id=neighbour, report_id=made.report_id)
    with pytest.raises(NotFound):
        services.export_report(organisation_id=neighbour, report_id=made.report_id)
    with pytest.raises(NotFound):
        answer(world, made.report_id, organisation_id=neighbour, whole_question=True)
    assert services.list_own_reports(organisation_id=neighbour, person_id=world.person_id) == []
    assert services.reported_versions(organisation_id=neighbour, person_id=world.person_id) == frozenset()
    assert versions[0] in services.reported_versions(organisation_id=world.organisation_id, person_id=world.person_id)


def test_what_was_accepted_is_passed_on_without_names(world: World) -> None:
    _attempt, versions = handed_in(world)
    accepted, declined = report(world, versions[0]), report(world, versions[1])
    with pytest.raises(Conflict):
        services.export_report(organisation_id=world.organisation_id, report_id=accepted.report_id)
    answer(world, accepted.report_id)
    answer(world, declined.report_id, status="declined")
    exported = services.export_report(organisation_id=world.organisation_id, report_id=accepted.report_id)
    assert exported == services.export_accepted()
    (one,) = exported["reports"]
    assert one["slug"].startswith(world.item.item_code or "")
    assert one["sources"] == [{"law": "wage-regulation", "article": "28", "label": "《条例》28"}]
    assert (one["version"], one["words"], one["answer"], one["problem"]) == (1, WORDS, ANSWER, "wrong_key")
    text = services.export_text(exported=one)
    page = services.get_report(organisation_id=world.organisation_id, report_id=accepted.report_id)
    assert page.passing_on == text
    assert one["slug"] in text
    assert WORDS in text
    assert "《条例》28" in text
    assert "王建国" not in text + json.dumps(exported, ensure_ascii=False)


def test_the_command_lists_what_was_accepted(context: Flask, world: World) -> None:
    _attempt, versions = handed_in(world)
    answer(world, report(world, versions[0]).report_id)
    told = context.test_cli_runner().invoke(args=["quizzes", "reports", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["reports"][0]["words"] == WORDS
    told = context.test_cli_runner().invoke(args=["quizzes", "reports"])
    assert WORDS in told.stdout
    assert "共 1 条" in told.output


# --- pages


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
