"""The pages 待复核, the syllabus with its three numbers, the register's marks, and the box on a lesson."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.core.db import db, transaction
from lms.courses.models import ArticleChange, Lesson, LessonRevision, Review
from lms.quizzes.models import Question
from lms.quizzes.rules.coverage import FULL_POOL, ItemState, three_numbers
from tests import factories
from tests.factories import Browser, browser
from tests.quizzes import freshness
from tests.quizzes.freshness import LESSONS_28, QUESTIONS_28, changed, check, local_lesson
from tests.quizzes.test_pages import statements

NOTE = {"outcome": "passed", "note": "对照新条文，不变"}


@pytest.fixture
def ours(context: Flask, tmp_path: Path) -> int:
    """The only institution, with the content in which article 28 has changed."""
    freshness.write(tmp_path)
    freshness.load(tmp_path)
    organisation_id = factories.institution()
    check(changed("28"))
    return organisation_id


def staff(app: Flask, organisation_id: int, role: str = "registrar") -> Browser:
    person_id = factories.member(organisation_id=organisation_id, role=role, name="李教务")
    return browser(app, person_id)


def review_id(subject: str) -> int:
    return db.session.scalars(select(Review.id).where(Review.subject == subject)).one()


def is_held(subject: str) -> bool:
    db.session.expire_all()
    lesson = db.session.scalars(select(Lesson.held_at).where(Lesson.code == subject)).one_or_none()
    question = db.session.scalars(select(Question.held_at).where(Question.slug == subject)).one_or_none()
    return bool(lesson or question)


def test_a_reviewer_works_through_an_article(context: Flask, ours: int) -> None:
    client = staff(context, ours)
    assert "5</strong> 项课文和试题" in client.get("/").text
    listed = client.get("/reviews/").text
    assert "《保障农民工工资支付条例》第28条" in listed
    assert "已修改" in listed
    assert "2 课" in listed
    assert "3 道" in listed
    change_id = db.session.scalars(select(ArticleChange.id)).one()
    page = client.get(f"/reviews/changes/{change_id}").text
    for words in ("第28条的要点。", "两名以上施工总承包单位应当", "STEM-1.1-s01", *LESSONS_28, *QUESTIONS_28):
        assert words in page
    here = f"/reviews/{review_id('2.4-2')}"
    one = client.get(here).text
    assert "学完你能做什么" in one
    assert "知道谁负责。《条例》28" in one, "the paragraph that cites the article, without marks"
    assert "复核人：李教务" in one
    refused = client.post(here, data={"outcome": "passed", "note": " "})
    assert refused.status_code == 422
    assert "请填写这一项" in refused.text
    assert is_held("2.4-2")
    cleared = client.post(here, data=NOTE)
    assert cleared.status_code == 302
    assert cleared.location == f"/reviews/{review_id('1.1-1')}", "on to the next one"
    assert not is_held("2.4-2")
    done = client.get(here).text
    for words in ("已复核", "李教务", "通过", "对照新条文，不变"):
        assert words in done
    assert 'name="note"' not in done
    twice = client.post(here, data=NOTE)
    assert twice.status_code == 409
    assert "已经复核过" in twice.text
    for subject in ("1.1-1", *QUESTIONS_28):
        last = client.post(f"/reviews/{review_id(subject)}", data=NOTE)
    assert last.location == "/reviews/"
    empty = client.get("/reviews/").text
    assert "复核已全部完成" in empty
    assert "没有待复核的内容" in empty
    assert "第28条" in client.get("/reviews/?all=1").text
    assert "项课文和试题" not in client.get("/").text


def test_a_row_of_a_table_is_quoted_as_words(context: Flask, ours: int) -> None:
    row = "| **专户** | 总包开设 [《条例》28](law:wage-regulation#28) |  | 罚5万元 |"
    current = db.session.scalars(select(Lesson.current_revision_id).where(Lesson.code == "2.4-2")).one()
    past_the_guard = update(LessonRevision).where(LessonRevision.id == current).values(source=f"# 一张表\n\n{row}\n")
    with transaction():
        db.session.execute(past_the_guard)
    page = staff(context, ours).get(f"/reviews/{review_id('2.4-2')}").text
    assert "专户 · 总包开设 《条例》28 · 罚5万元" in page


def test_a_question_is_reviewed_with_its_key(context: Flask, ours: int) -> None:
    page = staff(context, ours).get(f"/reviews/{review_id('1.1-s01')}").text
    for words in ("STEM-1.1-s01", "1.1-s01对", "WHY-1.1-s01错0", "EXPLANATION-1.1-s01", "正确答案"):
        assert words in page
    case = staff(context, ours).get(f"/reviews/{review_id('3.4-c01')}").text
    assert "第 1 小题" in case


@pytest.mark.parametrize(
    "role, status", [("learner", 403), ("instructor", 403), ("head_teacher", 403), ("administrator", 200)]
)
def test_who_sees_the_pages(context: Flask, ours: int, role: str, status: int) -> None:
    client = staff(context, ours, role)
    change_id = db.session.scalars(select(ArticleChange.id)).one()
    for path in ("/reviews/", f"/reviews/changes/{change_id}", f"/reviews/{review_id('1.1-1')}"):
        assert client.get(path).status_code == status
    assert client.post(f"/reviews/{review_id('1.1-1')}", data=NOTE).status_code == (302 if status == 200 else 403)
    assert ("待复核</a>" in client.get("/syllabus/").text) == (status == 200)


def test_with_several_institutions_official_content_is_read_only(context: Flask, ours: int) -> None:
    factories.institution()
    client = staff(context, ours)
    for path in ("/reviews/", f"/reviews/{review_id('1.1-1')}"):
        page = client.get(path).text
        assert "由平台管理员复核" in page
        assert 'name="note"' not in page
    assert client.post(f"/reviews/{review_id('1.1-1')}", data=NOTE).status_code == 403
    assert is_held("1.1-1")
    assert "项课文和试题" not in client.get("/").text, "nobody is asked for what they may not do"
    platform = staff(context, ours, "platform_administrator")
    assert platform.post(f"/reviews/{review_id('1.1-1')}", data=NOTE).status_code == 302
    assert not is_held("1.1-1")


def test_an_institutions_own_lesson_is_its_own_affair(context: Flask, ours: int) -> None:
    theirs = factories.institution()
    actor_id = factories.member(organisation_id=ours, role="registrar")
    code = local_lesson(ours, actor_id=actor_id)
    check(changed("28", word="三名以上"))
    change_id = db.session.scalars(select(ArticleChange.id).order_by(ArticleChange.id.desc())).first()
    here = f"/reviews/{review_id(code)}"
    stranger = staff(context, theirs)
    assert stranger.get(here).status_code == 404
    assert stranger.post(here, data=NOTE).status_code == 404
    assert "㛃" not in stranger.get(f"/reviews/changes/{change_id}").text
    assert code not in stranger.get("/laws/wage-regulation").text
    owner = staff(context, ours)
    assert "㛃本地一课" in owner.get(f"/reviews/changes/{change_id}").text
    assert "1</strong> 项课文和试题" in owner.get("/").text
    assert owner.post(here, data=NOTE).status_code == 302
    assert not is_held(code)


def test_readers_see_the_box_and_the_marks(context: Flask, ours: int) -> None:
    learner = staff(context, ours, "learner")
    words = "本课引用的《保障农民工工资支付条例》第28条已修改，正在复核，以法规原文为准。"
    for path in ("/lessons/1.1-1", "/lessons/1.1-1/print"):
        assert words in re.sub(r"<[^>]+>|\s*\n\s*", "", learner.get(path).text)
    assert "正在复核" not in learner.get("/lessons/2.4-1").text
    law = learner.get("/laws/wage-regulation").text
    assert "有 1 条的官方文本与登记的不一致" in law
    assert law.count("已修改") == 1
    assert "/lessons/2.4-2" in law
    assert "试题" not in law.partition("已登记的条款要点")[2].partition("</section>")[0], "the bank is for staff"
    assert "按旧条文写成" in learner.get("/laws/wage-regulation/28?part=1").text
    assert "按旧条文写成" not in learner.get("/laws/wage-regulation/26?part=1").text
    assert "1 条与登记的不一致" in learner.get("/laws/").text
    assert "试题 3 道" in staff(context, ours).get("/laws/wage-regulation").text


def test_the_marks_go_when_the_register_has_followed(context: Flask, ours: int, tmp_path: Path) -> None:
    freshness.write(
        tmp_path, law=freshness.law_file({**freshness.ARTICLES, "28": f"两名以上{freshness.ARTICLES['28']}"})
    )
    freshness.load(tmp_path)
    client = staff(context, ours)
    assert "已修改" not in client.get("/laws/wage-regulation").text
    change_id = db.session.scalars(select(ArticleChange.id)).one()
    assert "法规库已改登新条文" in client.get(f"/reviews/changes/{change_id}").text


def test_the_syllabus_shows_questions_reviews_and_three_numbers(context: Flask, ours: int) -> None:
    client = staff(context, ours)
    page = re.sub(r"\s+", " ", client.get("/syllabus/").text)
    for words in ("全要素", "3 / 3", "全周期", "4.0 <span", "全链条", "0 / 3", "口径"):
        assert words in page
    row = page.partition("条目 2.4")[2].partition("</tr>")[0]
    for words in ("2 课", "19 道", "1 课 · 1 道"):
        assert words in row, row
    item = client.get("/syllabus/2.4").text
    assert "试题（19 道）" in item
    assert "/question-bank/?item=2.4&amp;kind=single" in item
    teacher = staff(context, ours, "instructor").get("/syllabus/2.4").text
    assert "试题（19 道）" in teacher
    assert "/question-bank/" not in teacher


def test_the_syllabus_costs_no_statement_a_row(context: Flask, ours: int) -> None:
    client = staff(context, ours)
    client.get("/syllabus/")
    assert len(statements(lambda: client.get("/syllabus/"))) <= 4


def test_a_page_without_questions_still_stands(context: Flask) -> None:
    factories.syllabus()
    page = staff(context, factories.institution()).get("/syllabus/").text
    assert "0 / 3" in page


def state(**changes: object) -> ItemState:
    values: dict[str, object] = {
        "lessons": 2,
        "minutes": 90,
        "questions": FULL_POOL,
        "waiting": 0,
        "is_reviewed": True,
    }
    return ItemState(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes, covered, chained",
    [
        ({}, True, True),
        ({"lessons": 0}, False, False),
        ({"questions": 0}, False, False),
        ({"is_reviewed": False}, False, False),
        ({"questions": FULL_POOL - 1}, True, False),
        ({"waiting": 1}, True, False),
    ],
)
def test_what_the_three_numbers_count(changes: dict[str, object], covered: bool, chained: bool) -> None:
    numbers = three_numbers([state(**changes)])
    assert (numbers.covered, numbers.chained) == (int(covered), int(chained))
    assert three_numbers([state(minutes=44), state(minutes=45)]).seconds == 89 * 60
