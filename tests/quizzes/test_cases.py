"""Cases, numbers and blanks in quizzes: drawn, kept part by part, marked, explained; questions under review are not."""

import random
import tomllib
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.core.db import db, transaction
from lms.core.errors import Conflict, Invalid
from lms.core.listing import ListQuery
from lms.courses.content import default_root
from lms.quizzes import services
from lms.quizzes.content import Entry
from lms.quizzes.models import AttemptQuestion, Question
from lms.quizzes.rules.answers import progress, read_answer
from lms.quizzes.rules.drawing import Candidate, PartShape, lay_out
from lms.quizzes.rules.kinds import Kind, MultipleRule
from lms.quizzes.services.attempts import layout
from lms.quizzes.services.records import FaceView
from lms.quizzes.services.versions import face_view, marked, readable, render
from tests import factories
from tests.factories import AT
from tests.quizzes.bank import PART_KINDS, World
from tests.quizzes.test_pages import statements

RULE = MultipleRule.ALL_OR_NOTHING.value
EVERY_KIND = {
    "single": (1, 10),
    "multiple": (1, 10),
    "true_false": (1, 10),
    "numeric": (1, 20),
    "fill": (1, 20),
    "case": (1, 30),
}


@pytest.fixture
def mixed(world: World) -> World:
    """The world, with a quiz that holds a question of every kind; the case is the sixth."""
    world.plan(EVERY_KIND)
    return world


def result(world: World, attempt_id: int) -> services.AttemptResult:
    return services.get_result(organisation_id=world.organisation_id, attempt_id=attempt_id)


def hold(*slugs: str) -> None:
    with transaction():
        db.session.execute(update(Question).where(Question.slug.in_(slugs)).values(held_at=AT))


def test_a_paper_with_every_kind_is_answered_and_marked(mixed: World) -> None:
    attempt_id = mixed.start()
    case = mixed.paper(attempt_id).questions[5]
    assert [part.kind for part in case.parts] == list(PART_KINDS)
    assert [part.marks for part in case.parts] == [6] * 5
    for position, answer in mixed.right_answers(attempt_id).items():
        assert mixed.save(attempt_id, position, answer).saved
    mixed.hand_in(attempt_id)
    found = result(mixed, attempt_id)
    assert (found.attempt.score, found.count("right")) == (100, 6)
    face = found.questions[5].face
    assert [part.own.state for part in face.parts if part.own] == ["right"] * 5
    assert [part.right for part in face.parts][3:] == ["9,000 元", "3 或 三"]
    assert (face.parts[3].formula, face.parts[3].tolerance) == ("18 × 500", "0.5 元")
    assert all("EXPLANATION-1.1-c01" in part.explanation for part in face.parts)
    assert found.questions[3].face.tolerance == ""


def test_a_case_pins_the_layout_of_its_parts(mixed: World) -> None:
    attempt_id = mixed.start(seed=11)
    row = db.session.get_one(AttemptQuestion, (attempt_id, 6))
    assert row.parts is not None
    assert [(part["kind"], part["option_count"]) for part in row.parts] == [
        ("single", 4),
        ("multiple", 4),
        ("true_false", 2),
        ("numeric", 0),
        ("fill", 0),
    ]
    assert all(sorted(part["option_order"]) == list(range(part["option_count"])) for part in row.parts)
    mixed.hand_in(attempt_id)
    again = db.session.get_one(AttemptQuestion, (mixed.start(seed=11), 6))
    assert again.parts == row.parts


def test_a_case_counts_only_when_every_part_has_an_answer(mixed: World) -> None:
    attempt_id = mixed.start()
    right = mixed.right_answers(attempt_id)[6]
    assert isinstance(right, list)
    partly = mixed.save(attempt_id, 6, [*right[:4], None])
    assert (partly.saved, partly.answered) == (True, 0)
    paper = mixed.paper(attempt_id)
    assert (paper.questions[5].progress, paper.unfinished, paper.blanks) == ("partly", [6], [1, 2, 3, 4, 5])
    assert mixed.save(attempt_id, 6, right).answered == 1
    assert mixed.save(attempt_id, 6, [None] * 5).answered == 0
    assert mixed.paper(attempt_id).questions[5].answer is None


def test_part_of_a_case_earns_part_of_its_marks(mixed: World) -> None:
    attempt_id = mixed.start()
    right = mixed.right_answers(attempt_id)[6]
    assert isinstance(right, list)
    mixed.save(attempt_id, 6, [right[0], None, right[2], "8999.5 元", "四"])
    mixed.hand_in(attempt_id)
    question = result(mixed, attempt_id).questions[5]
    assert (question.own.state, question.own.earned, question.own.answer) == ("partly", 18, "答了 4/5 小题")
    states = [(part.own.state, part.own.answer) for part in question.face.parts if part.own]
    assert [state for state, _answer in states] == ["right", "blank", "right", "right", "wrong"]
    assert states[3:] == [("right", "8999.5 元"), ("wrong", "四")]
    assert [option.chosen for option in question.face.parts[1].options] == [False] * 4


def test_the_rule_for_several_right_options_holds_inside_a_case(mixed: World) -> None:
    mixed.plan(EVERY_KIND, multiple_rule=MultipleRule.HALF_IF_MISSING.value)
    attempt_id = mixed.start()
    right = mixed.right_answers(attempt_id)[6]
    assert isinstance(right, list)
    mixed.save(attempt_id, 6, [None, right[1][:1], None, None, None])
    mixed.hand_in(attempt_id)
    assert result(mixed, attempt_id).questions[5].own.earned == 3


def test_two_phones_answer_parts_of_one_case(mixed: World) -> None:
    """Each sends the whole case as it sees it and says which parts were touched there."""
    attempt_id = mixed.start()
    right = mixed.right_answers(attempt_id)[6]
    assert isinstance(right, list)
    nothing: list[Any] = [None] * 5
    mixed.save(attempt_id, 6, [right[0], *nothing[1:]], sequence=1, touched=[0])
    second = mixed.save(attempt_id, 6, [*nothing[:4], right[4]], sequence=7, touched=[4])
    assert second.saved
    assert mixed.paper(attempt_id).questions[5].answer == [right[0], None, None, None, right[4]]
    again = mixed.save(attempt_id, 6, [*nothing[:4], right[4]], sequence=7, touched=[4])
    assert (again.saved, again.superseded) == (True, False)
    mixed.save(attempt_id, 6, nothing, sequence=8, touched=[0])
    assert mixed.paper(attempt_id).questions[5].answer == [None, None, None, None, right[4]]


@pytest.mark.parametrize("given", [[[0]], "A", 3, [[0], [1], [0], 5, "三"], [[9], None, None, None, None], {"0": [0]}])
def test_a_case_that_does_not_fit_keeps_what_is_saved(mixed: World, given: object) -> None:
    attempt_id = mixed.start()
    right = mixed.right_answers(attempt_id)[6]
    mixed.save(attempt_id, 6, right)
    with pytest.raises(Invalid):
        mixed.save(attempt_id, 6, given)
    assert mixed.paper(attempt_id).questions[5].answer == right


def test_a_case_in_the_chain_of_answers_verifies(mixed: World) -> None:
    attempt_id = mixed.start()
    mixed.save(attempt_id, 6, mixed.right_answers(attempt_id)[6])
    mixed.hand_in(attempt_id)
    assert services.verify_answers().ok


def test_saving_a_case_costs_two_statements_too(mixed: World) -> None:
    attempt_id = mixed.start()
    right = mixed.right_answers(attempt_id)[6]
    mixed.save(attempt_id, 6, right)
    assert len(statements(lambda: mixed.save(attempt_id, 6, [None, *list(right)[1:]]))) == 2  # type: ignore[call-overload]


def test_a_plan_gives_every_part_of_a_case_a_mark(world: World) -> None:
    with pytest.raises(Invalid, match="每题至少 5 分"):
        world.plan({"case": (1, 4)})
    world.plan({"case": (1, 5), "single": (5, 1)})
    assert world.paper(world.start()).questions[0].parts[0].marks == 1


@pytest.mark.parametrize(
    "formula,words",
    [
        ("18*500", "18 × 500"),
        ("(6+5+8)*300/2-1", "(6 + 5 + 8) × 300 ÷ 2 − 1"),
        ("-3+1234567.5", "-3 + 1,234,567.5"),
        ("0.12345*8200", "0.12345 × 8,200"),
        ("134738", "134,738"),
        ("", ""),
    ],
)
def test_formulas_are_shown_as_people_write_them(formula: str, words: str) -> None:
    assert readable(formula) == words


# ---- questions under review


def test_a_held_question_is_drawn_no_more_at_once_and_again_when_it_is_released(world: World) -> None:
    before = {candidate.slug for candidate in services.candidates(item_codes=["1.1"])}
    hold("1.1-c01", "1.1-s02")
    assert {candidate.slug for candidate in services.candidates(item_codes=["1.1"])} == before - {"1.1-c01", "1.1-s02"}
    with transaction():
        db.session.execute(update(Question).values(held_at=None))
    assert {candidate.slug for candidate in services.candidates(item_codes=["1.1"])} == before


def test_other_questions_held_are_never_taken_for_the_same(world: World) -> None:
    """Sums, counts and moments agree here; only which questions are held differs."""
    ids = dict(db.session.execute(select(Question.slug, Question.id).where(Question.item_code == "1.1")).all())
    by_id = {id_: slug for slug, id_ in ids.items()}
    low = min(by_id)
    first, second = {by_id[low], by_id[low + 3]}, {by_id[low + 1], by_id[low + 2]}
    hold(*first)
    assert not first & {candidate.slug for candidate in services.candidates(item_codes=["1.1"])}
    with transaction():
        db.session.execute(update(Question).where(Question.slug.in_(first)).values(held_at=None))
        db.session.execute(update(Question).where(Question.slug.in_(second)).values(held_at=AT))
    drawable = {candidate.slug for candidate in services.candidates(item_codes=["1.1"])}
    assert first <= drawable
    assert not second & drawable


def test_a_paper_begun_before_keeps_the_question_that_is_held_now(mixed: World) -> None:
    attempt_id = mixed.start()
    hold("1.1-c01")
    mixed.save(attempt_id, 6, mixed.right_answers(attempt_id)[6])
    mixed.hand_in(attempt_id)
    question = result(mixed, attempt_id).questions[5]
    assert (question.own.state, question.is_held) == ("right", True)


def test_a_quiz_that_lacks_held_questions_says_so(mixed: World) -> None:
    hold("1.1-c01")
    with pytest.raises(Conflict) as caught:
        mixed.start()
    assert caught.value.message == (
        "题库暂时不够组卷：“案例题”要 1 题，题库只有 0 题（另有 1 题待复核，复核完成前不抽）。"
        "试题复核完成后再来，或请联系教务老师调整组卷。"
    )
    quiz = services.get_quiz(organisation_id=mixed.organisation_id, quiz_id=mixed.item.id)
    assert services.plan_warnings(sections=quiz.sections) == [
        "“案例题”要 1 题，题库只有 0 题（另有 1 题待复核，复核完成前不抽）"
    ]
    mixed.plan(EVERY_KIND, minutes=30)  # the plan stays as it is: it may wait, the rest can be changed
    with pytest.raises(Invalid, match="另有 1 题待复核"):
        mixed.plan(EVERY_KIND | {"single": (2, 10)})


def test_the_bank_is_filtered_by_state(world: World) -> None:
    hold("1.1-s01", "1.1-s02")
    with transaction():
        db.session.execute(update(Question).where(Question.slug.in_(["1.1-s02", "1.1-s03"])).values(retired_at=AT))
    totals = {
        state: services.list_questions(query=ListQuery(), item_code="1.1", state=state).total
        for state in ("", "in_use", "held", "retired", "nonsense")
    }
    assert totals == {"": 19, "in_use": 16, "held": 1, "retired": 2, "nonsense": 19}


# ---- the bank that we ship


def entries() -> list[Entry]:
    files = sorted((default_root() / "question_bank").glob("*.toml"))
    texts = [tomllib.loads(path.read_text("utf-8"), parse_float=Decimal) for path in files]
    return [Entry.model_validate(raw) for text in texts for raw in text["question"]]


def right_of(kind: str, key: dict[str, Any], order: list[int]) -> object:
    if kind == Kind.NUMERIC:
        return f"￥{key['value']}{key['unit']}"
    if kind == Kind.FILL:
        return key["answers"][-1]
    return sorted(order.index(option) for option in key["correct"])


def test_every_question_we_ship_can_be_answered_marked_and_explained() -> None:
    chance = random.Random(7)
    seen = set()
    for entry in entries():
        face = render(entry)
        shapes = tuple(PartShape(part["kind"], len(part.get("options", ()))) for part in face.shown.get("parts", ()))
        candidate = Candidate(1, entry.slug, entry.item, entry.kind, face.option_count, shapes)
        laid = layout(candidate, lay_out(candidate, chance))
        parts = laid["parts"] or []
        given: object
        if parts:
            halves = zip(parts, face.key["parts"], strict=True)
            given = [right_of(part["kind"], key, part["option_order"]) for part, key in halves]
        else:
            given = right_of(entry.kind, face.key, laid["option_order"])
        answer = read_answer(entry.kind, laid["option_count"], given, parts)
        known = {"option_order": laid["option_order"], "parts": laid["parts"], "marks": 5, "rule": RULE}
        assert progress(entry.kind, answer) == "answered"
        view = face_view(entry.kind, face.shown, face.key, marked(entry.kind, face.key, answer=answer, **known))
        check_explained(entry.slug, view)
        seen |= {entry.kind, *(shape.kind for shape in shapes)}
    assert seen == set(Kind)


def check_explained(slug: str, view: FaceView) -> None:
    """A right answer gets all the marks, and everything that is to be told about it is there."""
    assert view.own is not None
    assert (view.own.state, view.own.earned) == ("right", 5), slug
    for one in view.parts or (view,):
        assert one.own is not None
        assert all((one.own.answer, one.right, one.explanation)), slug
        assert bool(one.formula) == (one.kind == Kind.NUMERIC), slug
        if one.kind != Kind.TRUE_FALSE:
            assert all(option.correct or option.why for option in one.options), slug


def test_the_stamp_of_the_bank_costs_one_statement(context: Flask, world: World) -> None:
    services.candidates(item_codes=["1.1"])
    assert len(statements(lambda: services.candidates(item_codes=["1.1"]))) == 1
    late = factories.AT + timedelta(days=1)
    with transaction():
        db.session.execute(update(Question).where(Question.slug == "1.1-s01").values(held_at=late))
    assert len(statements(lambda: services.candidates(item_codes=["1.1"]))) == 2
