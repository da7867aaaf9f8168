"""Question reports (纠错): only what was shown, once, not too often; answered once; nobody's business next door."""

import json
import threading
from datetime import timedelta

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
from tests.quizzes.reports import ANSWER, LATER, WORDS, answer, fellow, handed_in, in_their_hands, queue, report


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


def test_only_answers_that_were_shown_count_as_read(world: World) -> None:
    """One that comes in between reading the list and noting it stays news."""
    _attempt, versions = handed_in(world)
    learner = {"organisation_id": world.organisation_id, "person_id": world.person_id}
    reports = [report(world, version_id).report_id for version_id in versions[:2]]
    answer(world, reports[0])
    shown = [row.id for row in services.list_own_reports(**learner) if row.is_news]
    answer(world, reports[1])
    with transaction():
        services.mark_answers_read(**learner, report_ids=shown, at=LATER)
    assert shown == reports[:1]
    assert services.count_unread_answers(**learner) == 1
    with transaction():
        services.mark_answers_read(**learner, report_ids=reports, at=LATER + timedelta(days=1))
    read = [row.answer_read_at for row in services.list_own_reports(**learner)]
    assert read == [LATER + timedelta(days=1), LATER], "the first time counts"


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
