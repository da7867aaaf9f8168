"""What waits because of one change is cleared together: all that is ticked, once, by who may, or nothing of it."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import Forbidden, Invalid, NotFound
from lms.core.reviews import Outcome
from lms.courses import services as courses
from lms.courses.models import ArticleChange, Review
from tests import factories
from tests.quizzes import freshness
from tests.quizzes.freshness import LATER, LESSONS_28, QUESTIONS_28, changed, check, local_lesson
from tests.quizzes.test_review_pages import is_held, ours, review_id, staff  # noqa: F401  (ours: a fixture)

NOTE = "对照新条文，引用处不变"
ALL = [*LESSONS_28, *QUESTIONS_28]
NOW = LATER + timedelta(hours=1)


def change_id() -> int:
    return db.session.scalars(select(ArticleChange.id).order_by(ArticleChange.id)).first() or 0


def page(**values: object) -> dict[str, object]:
    return {"outcome": "passed", "note": NOTE} | values


def ids(*subjects: str) -> list[int]:
    return [review_id(subject) for subject in subjects]


def open_count() -> int:
    return db.session.scalar(select(func.count()).where(Review.cleared_at.is_(None))) or 0


def clear(organisation_id: int, review_ids: list[int], **values: object) -> courses.Cleared:
    known = {
        "change_id": change_id(),
        "roles": ("registrar",),
        "verdict": courses.ReviewVerdict(reviewer="李教务", outcome=Outcome.PASSED, note=NOTE),
        "at": NOW,
        "actor_id": factories.member(organisation_id=organisation_id, role="registrar"),
    } | values
    with transaction():
        return courses.clear_reviews(review_ids=review_ids, organisation_id=organisation_id, **known)  # type: ignore[arg-type]


def test_all_that_is_ticked_is_cleared_at_once(context: Flask, ours: int) -> None:  # noqa: F811
    client = staff(context, ours)
    where = f"/reviews/changes/{change_id()}"
    listed = client.get(where).text
    assert listed.count('name="review"') == 5
    assert "复核人：李教务" in listed
    some = client.post(where, data=page(review=ids("1.1-1", "1.1-s01", "3.4-c01")))
    assert (some.status_code, some.location) == (302, where)
    left = client.get(where).text
    assert "3 项已复核，这一条还有 2 项" in left
    assert left.count('name="review"') == 2
    assert [is_held(subject) for subject in ("1.1-1", "1.1-s01", "3.4-c01")] == [False] * 3
    assert is_held("2.4-2")
    assert is_held("2.4-s05")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "courses.review_cleared")).all()
    assert sorted(entry.detail["cleared"] for entry in entries) == [
        "lesson:1.1-1",
        "question:1.1-s01",
        "question:3.4-c01",
    ]
    assert {entry.reason for entry in entries} == {NOTE}
    rows = db.session.scalars(select(Review).where(Review.cleared_at.is_not(None))).all()
    assert {(row.reviewer, row.outcome, row.note) for row in rows} == {("李教务", "passed", NOTE)}
    rest = client.post(where, data=page(review=ids("2.4-2", "2.4-s05")))
    assert rest.location == "/reviews/"
    assert "2 项已复核，《保障农民工工资支付条例》第28条的复核已全部完成" in client.get("/reviews/").text
    assert 'name="review"' not in client.get(where).text
    assert open_count() == 0


@pytest.mark.parametrize(
    "values, told",
    [
        ({"note": " "}, "请写明对照了什么"),
        ({"note": "长" * 501}, "500 个字以内"),
        ({"outcome": ""}, "请选择结论"),
        ({"outcome": "nonsense"}, ""),
    ],
)
def test_what_is_refused_keeps_the_ticks(
    context: Flask,
    ours: int,  # noqa: F811
    values: dict[str, object],
    told: str,
) -> None:
    ticked = ids("2.4-2", "1.1-s01")
    refused = staff(context, ours).post(f"/reviews/changes/{change_id()}", data=page(review=ticked) | values)
    assert refused.status_code == 422
    assert told in refused.text
    boxes = re.findall(r'name="review" value="(\d+)"( checked)?', refused.text)
    assert sorted(int(one) for one, tick in boxes if tick) == sorted(ticked)
    assert len(boxes) == 5
    assert "note" in values or NOTE in refused.text
    assert open_count() == 5


@pytest.mark.parametrize("ticked", [[], ["x"], ["-1"], ["99999999999999999999"], [""]])
def test_nothing_ticked_is_told(context: Flask, ours: int, ticked: list[str]) -> None:  # noqa: F811
    refused = staff(context, ours).post(f"/reviews/changes/{change_id()}", data=page(review=ticked))
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert "还没有勾选" in refused.text or (ticked and "选择" in refused.text)
    assert "Invalid" not in refused.text
    assert NOTE in refused.text
    assert open_count() == 5


def test_what_a_colleague_cleared_meanwhile_is_passed_over(context: Flask, ours: int) -> None:  # noqa: F811
    client = staff(context, ours)
    where, ticked = f"/reviews/changes/{change_id()}", ids("1.1-1", "1.1-s01", "2.4-s05")
    colleague = {"outcome": "corrected", "note": "先到的"}
    assert client.post(f"/reviews/{review_id('1.1-s01')}", data=colleague).status_code == 302
    assert client.post(where, data=page(review=ticked)).status_code == 302
    told = client.get(where).text
    assert "1.1-s01 共 1 项已经复核过，没有重复登记" in told
    assert "2 项已复核" in told
    kept = db.session.get_one(Review, review_id("1.1-s01"))
    assert (kept.outcome, kept.note) == ("corrected", "先到的")
    client.post(where, data=page(review=ticked))  # the same once more: a second press without scripts
    told = client.get(where).text
    assert "共 3 项已经复核过" in told
    assert "项已复核，" not in told
    logged = select(func.count()).where(AuditEntry.action == "courses.review_cleared")
    assert db.session.scalar(logged) == 3


def test_a_subject_of_which_another_change_waits_stays_on_hold(context: Flask, ours: int) -> None:  # noqa: F811
    check(changed("28", word="三名以上"), at=LATER + timedelta(minutes=1))
    first = change_id()
    of_first = db.session.scalars(select(Review.id).where(Review.change_id == first)).all()
    assert len(clear(ours, list(of_first)).now) == 5
    assert all(is_held(subject) for subject in ALL)
    other = db.session.scalars(select(Review.id).where(Review.change_id != first)).first() or 0
    with pytest.raises(NotFound):
        clear(ours, [other])
    assert open_count() == 5


def test_one_that_is_not_theirs_refuses_all(context: Flask, ours: int) -> None:  # noqa: F811
    theirs = factories.institution()
    code = local_lesson(theirs, actor_id=factories.member(organisation_id=theirs, role="registrar"))
    check(changed("28", word="三名以上"), at=LATER + timedelta(minutes=1))
    newest = db.session.scalars(select(ArticleChange.id).order_by(ArticleChange.id.desc())).first() or 0
    official, local = (
        db.session.scalars(select(Review.id).where(Review.change_id == newest, Review.subject == subject)).one()
        for subject in ("1.1-1", code)
    )
    before = open_count()
    where = f"/reviews/changes/{newest}"
    stranger = staff(context, ours, "platform_administrator")
    assert stranger.post(where, data=page(review=[official, local])).status_code == 404
    owner = staff(context, theirs)
    assert owner.post(where, data=page(review=[official, local])).status_code == 403
    assert open_count() == before
    listed = owner.get(where).text
    assert re.findall(r'name="review" value="(\d+)"', listed) == [str(local)], "only what they may clear has a box"
    assert "由平台管理员复核" in listed
    done = owner.post(where, data=page(review=[local]))
    assert done.location == "/reviews/"
    assert not is_held(code)
    assert is_held("1.1-1")


@pytest.mark.parametrize("role", ["learner", "instructor", "head_teacher"])
def test_who_may_not_review_clears_nothing(context: Flask, ours: int, role: str) -> None:  # noqa: F811
    refused = staff(context, ours, role).post(f"/reviews/changes/{change_id()}", data=page(review=ids(*ALL)))
    assert refused.status_code == 403
    assert open_count() == 5


def test_without_the_right_there_are_no_boxes(context: Flask, ours: int) -> None:  # noqa: F811
    factories.institution()
    client, where = staff(context, ours), f"/reviews/changes/{change_id()}"
    listed = client.get(where).text
    assert 'name="review"' not in listed
    assert "复核通过所选" not in listed
    assert client.post(where, data=page(review=ids(*ALL))).status_code == 403
    with pytest.raises(Forbidden):
        clear(ours, ids("1.1-1"))
    with pytest.raises(Invalid):
        clear(ours, [])
    assert open_count() == 5


def test_a_word_without_a_name_or_a_note_clears_nothing(context: Flask, ours: int) -> None:  # noqa: F811
    for reviewer, note, field in (("", NOTE, "reviewer"), ("李教务", " ", "note")):
        verdict = courses.ReviewVerdict(reviewer=reviewer, outcome=Outcome.PASSED, note=note)
        with pytest.raises(Invalid) as refusal:
            clear(ours, ids(*ALL), verdict=verdict)
        assert refusal.value.field == field
    assert open_count() == 5


def test_two_who_clear_overlapping_ones_at_once_share_them(context: Flask, tmp_path: Path) -> None:
    freshness.write(tmp_path)
    freshness.load(tmp_path)
    organisation_id = factories.institution()
    check(changed("28"))
    actor_id = factories.member(organisation_id=organisation_id, role="registrar")
    shares = [ids(*ALL[:4]), ids(*ALL[1:])]
    db.session.remove()
    together, done = threading.Barrier(2), []

    def press(review_ids: list[int]) -> None:
        with context.app_context():
            together.wait()
            done.append(clear(organisation_id, review_ids, actor_id=actor_id))
            db.session.remove()

    presses = [threading.Thread(target=press, args=(one,)) for one in shares]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(subject for one in done for subject in one.now) == sorted(ALL)
    assert sum(len(one.before) for one in done) == 3
    assert not any(is_held(subject) for subject in ALL)
