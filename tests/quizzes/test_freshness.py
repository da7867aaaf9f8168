"""A changed article: exactly what cites it waits, none of it is drawn or practised, until a named person cleared it."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.core import clock
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound
from lms.core.listing import ListQuery
from lms.core.reviews import Outcome
from lms.courses import services as courses
from lms.courses.content import default_root
from lms.courses.models import ArticleChange, Review
from lms.courses.services import ReviewVerdict, SubjectKind
from lms.quizzes import services as quizzes
from lms.quizzes.models import QuestionVersion
from tests import factories
from tests.factories import AT
from tests.quizzes import bank, freshness
from tests.quizzes.freshness import LATER, LESSONS_28, QUESTIONS_28, changed, check, held, local_lesson, official
from tests.quizzes.test_pages import statements

VERDICT = ReviewVerdict(reviewer="李明", outcome=Outcome.PASSED, note="对照新条文第28条，课文和答案不变")
EVEN_LATER = LATER + timedelta(days=1)


@pytest.fixture
def root(context: Flask, tmp_path: Path) -> Path:
    """The content, in the database."""
    freshness.write(tmp_path)
    freshness.load(tmp_path)
    return tmp_path


def clear(kind: SubjectKind, *subjects: str, **values: object) -> int:
    with transaction():
        return courses.clear_subjects(
            subjects=[(kind, subject) for subject in subjects], verdict=VERDICT, at=EVEN_LATER, **values  # type: ignore[arg-type]
        )  # fmt: skip


def drawable() -> set[str]:
    return {candidate.slug for candidate in quizzes.candidates(item_codes=bank.ITEMS)}


def test_the_text_as_registered_changes_nothing(root: Path) -> None:
    found = check(official())
    assert not found.is_changed
    assert found.files[0].law == "wage-regulation"
    assert found.files[0].added == ("1",), "article 1 is not in the register: it is reported, no more"
    assert held() == ([], [])


def test_exactly_what_cites_the_changed_article_waits(root: Path) -> None:
    found = check(changed("28"))
    (file,) = found.files
    (article,) = file.changed
    assert (article.article, article.kind.value) == ("28", "changed")
    assert list(article.lessons) == LESSONS_28
    assert list(article.questions) == QUESTIONS_28
    assert (found.held_lessons, found.held_questions) == (2, 3)
    assert held() == (LESSONS_28, QUESTIONS_28)
    change = db.session.scalars(select(ArticleChange)).one()
    assert change.new_text.startswith("两名以上施工总承包单位")
    assert db.session.scalar(select(func.count()).where(AuditEntry.action == "courses.article_changed")) == 1


def test_none_of_it_is_drawn_or_practised_until_it_is_cleared(root: Path) -> None:
    before = drawable()
    check(changed("28"))
    assert before - drawable() == set(QUESTIONS_28)
    clear(SubjectKind.QUESTION, *QUESTIONS_28)
    assert drawable() == before


def test_papers_begun_afterwards_hold_none_and_those_begun_before_keep_theirs(context: Flask, tmp_path: Path) -> None:
    """Through a real cohort: item quiz 1.1 draws six singles of eight, so the held one would be met soon."""
    freshness.write(tmp_path)
    freshness.load(tmp_path)
    organisation_id = factories.institution()
    cohort_id = factories.cohort(organisation_id=organisation_id)
    quiz = quizzes.quizzes_of_cohort(organisation_id=organisation_id, cohort_id=cohort_id)[0]
    assert quiz.item_code == "1.1"

    def paper(seed: int) -> set[str]:
        person_id, _ = factories.enrolled_learner(organisation_id=organisation_id, cohort_id=cohort_id)
        with transaction():
            started = quizzes.start_attempt(
                organisation_id=organisation_id, quiz_id=quiz.id, person_id=person_id, at=LATER, seed=seed
            )
        found = quizzes.find_paper(organisation_id=organisation_id, attempt_id=started.attempt_id, person_id=person_id)
        assert found is not None
        return {one.stem.removeprefix("<p>STEM-").removesuffix("</p>") for one in found.questions}

    seeds = range(6)
    assert any("1.1-s01" in paper(seed) for seed in seeds), "the test would prove nothing"
    check(changed("28"))
    assert not any("1.1-s01" in paper(seed) for seed in seeds)
    clear(SubjectKind.QUESTION, "1.1-s01")
    assert any("1.1-s01" in paper(seed) for seed in seeds)


def test_practice_leaves_out_what_waits_also_in_a_run_that_goes_on(root: Path) -> None:
    organisation_id = factories.institution()
    person_id = factories.member(organisation_id=organisation_id)
    practised = {"organisation_id": organisation_id, "person_id": person_id, "item_code": "1.1"}
    with transaction():
        quizzes.begin_practice(**practised, at=AT)  # type: ignore[arg-type]
    total = quizzes.count_practice(item_code="1.1")
    check(changed("28"))
    run = quizzes.find_practice(**practised)  # type: ignore[arg-type]
    assert run is not None
    assert len(run.open) == total - 1
    assert quizzes.count_practice(item_code="1.1") == total - 1


def test_the_same_text_again_does_nothing_new(root: Path) -> None:
    first = check(changed("28"))
    again = check(changed("28"), at=EVEN_LATER)
    assert again.files == first.files
    assert again.is_changed
    assert (again.held_lessons, again.held_questions) == (0, 0)
    assert db.session.scalar(select(func.count()).select_from(ArticleChange)) == 1
    assert db.session.scalar(select(func.count()).select_from(Review)) == 5


def test_after_clearing_the_same_text_does_not_hold_again_but_another_does(root: Path) -> None:
    check(changed("28"))
    clear(SubjectKind.LESSON, *LESSONS_28)
    clear(SubjectKind.QUESTION, *QUESTIONS_28)
    assert held() == ([], [])
    check(changed("28"), at=EVEN_LATER)
    assert held() == ([], [])
    found = check(changed("28", word="三名以上"), at=EVEN_LATER)
    assert (found.held_lessons, found.held_questions) == (2, 3)


def test_a_subject_is_released_when_its_last_change_is_cleared(root: Path) -> None:
    check(changed("26", "28"))
    assert held()[0] == ["1.1-1", "2.4-1", "2.4-2"]
    first = db.session.scalars(select(ArticleChange.id).where(ArticleChange.no == "28")).one()
    assert clear(SubjectKind.LESSON, "2.4-2", change_id=first) == 1
    assert clear(SubjectKind.QUESTION, "2.4-s05", change_id=first) == 1
    assert "2.4-2" in held()[0]
    assert "2.4-s05" in held()[1]
    assert clear(SubjectKind.LESSON, "2.4-2") == 1
    assert clear(SubjectKind.QUESTION, "2.4-s05") == 1
    assert "2.4-2" not in held()[0]
    assert "2.4-s05" not in held()[1]
    assert clear(SubjectKind.LESSON, "2.4-2") == 0, "a second time there is nothing left to clear"


def test_an_article_that_is_gone_counts_as_removed(root: Path) -> None:
    found = check(official({no: text for no, text in freshness.ARTICLES.items() if no != "28"}))
    (article,) = found.files[0].changed
    assert (article.article, article.kind.value, list(article.lessons)) == ("28", "removed", LESSONS_28)
    assert db.session.scalars(select(ArticleChange.new_text)).one() == ""


def test_what_a_part_of_the_law_leaves_out_is_not_gone(root: Path) -> None:
    excerpt = official({"28": freshness.ARTICLES["28"]}, title="保障农民工工资支付条例（节录）")
    found = check(excerpt)
    assert not found.is_changed
    assert found.files[0].not_comparable == ("26", "30", "31")


@pytest.mark.parametrize(
    "text, words",
    [
        (official({no: freshness.ARTICLES[no] for no in ("1", "26")}), "像是节录.*请提供全文"),
        (official(title="某市工地管理办法"), "某市工地管理办法.*--law"),
        ("# 保障农民工工资支付条例\n\n没有条文。".encode(), "没有找到“第一条”"),
    ],
)
def test_a_text_that_is_of_no_use_is_refused_by_name(root: Path, text: bytes, words: str) -> None:
    with pytest.raises(courses.UnusableText, match=f"文本0.md：.*{words}"):
        check(text)
    assert held() == ([], [])


def test_two_files_of_one_law_and_unknown_laws_are_refused(root: Path) -> None:
    with pytest.raises(courses.UnusableText, match=r"文本0\.md：.*两个文件"):
        check(official(), changed("28"))
    with pytest.raises(courses.UnusableText, match="没有代码为 nothing 的文件"), transaction():
        courses.check_laws(files=[("a.md", official())], law="nothing", at=LATER)
    assert db.session.scalar(select(func.count()).select_from(ArticleChange)) == 0


def test_a_law_may_be_named_whatever_the_title_says(root: Path) -> None:
    with transaction():
        found = courses.check_laws(files=[("a.md", official(title="别的名字"))], law="wage-regulation", at=LATER)
    assert not found.is_changed


def test_a_document_is_known_by_its_number_too(root: Path) -> None:
    found = check(official(title="国务院令第724号"))
    assert found.files[0].law == "wage-regulation"


def test_what_is_retired_is_not_held(root: Path) -> None:
    files = freshness.questions()
    files["1.1"] = files["1.1"].replace(bank.single("1.1-s01"), "")
    (root / "syllabus/1.1/1.1-1.md").unlink()
    texts = {code: text for code, text in freshness.lessons().items() if code != "1.1-1"}
    freshness.write(root, texts=texts, files=files)
    freshness.load(root)
    found = check(changed("28"))
    assert list(found.files[0].changed[0].lessons) == ["2.4-2"]
    assert held() == (["2.4-2"], ["2.4-s05", "3.4-c01"])
    freshness.write(root)
    freshness.load(root, at=EVEN_LATER)
    assert held() == (LESSONS_28, QUESTIONS_28), "what comes back with its old reading waits too"


def test_a_new_wording_stays_on_hold(root: Path) -> None:
    check(changed("28"))
    files = freshness.questions()
    files["1.1"] = files["1.1"].replace("STEM-1.1-s01", "换了说法")
    texts = freshness.lessons() | {"1.1-1": freshness.lessons()["1.1-1"].replace("知道谁负责", "知道由谁负责")}
    freshness.write(root, files=files, texts=texts)
    freshness.load(root, at=EVEN_LATER)
    assert held() == (LESSONS_28, QUESTIONS_28)
    assert db.session.scalar(select(func.count()).select_from(QuestionVersion).where(QuestionVersion.number == 2)) == 1


NEW_LAW = freshness.law_file({**freshness.ARTICLES, "28": f"两名以上{freshness.ARTICLES['28']}"})


def write_new_reading(root: Path, *, law: str) -> None:
    """Write the register and a new reading of one lesson and one question."""
    read = {"read_on": "2026-03-03", "note": "对照修改后的第28条"}
    texts = freshness.lessons() | {"1.1-1": freshness.lesson("1.1-1", source="28", **read)}
    files = freshness.questions()
    again = bank.single("1.1-s01").replace("2026-01-20, outcome", "2026-03-03, outcome").replace("已对照原文", "重读")
    files["1.1"] = files["1.1"].replace(bank.single("1.1-s01"), again)
    freshness.write(root, law=law, texts=texts, files=files)


def test_new_content_with_the_new_text_and_a_new_reading_clears_by_itself(root: Path) -> None:
    """Register and readings come together in an update of the content; who read it is known to its authors."""
    check(changed("28"))
    write_new_reading(root, law=NEW_LAW)
    freshness.load(root, at=EVEN_LATER)
    assert held() == (["2.4-2"], ["2.4-s05", "3.4-c01"]), "the others have not been read again"
    review = db.session.scalars(select(Review).where(Review.subject == "1.1-1")).one()
    assert (review.outcome, review.note, review.reviewer) == ("passed", "对照修改后的第28条", "随内容更新")
    assert not check(changed("28"), at=EVEN_LATER).is_changed, "the register has followed"


def test_an_import_leaves_what_a_person_clears_at_the_same_moment(context: Flask, root: Path) -> None:
    check(changed("28"))
    write_new_reading(root, law="")
    freshness.load(root, at=EVEN_LATER)
    assert held() == (LESSONS_28, QUESTIONS_28), "the register has yet to follow"
    write_new_reading(root, law=NEW_LAW)

    def update() -> None:
        with context.app_context():
            freshness.load(root, at=EVEN_LATER)
            db.session.remove()

    importing = threading.Thread(target=update)
    with transaction():
        courses.clear_subjects(subjects=[(SubjectKind.LESSON, "1.1-1")], verdict=VERDICT, at=EVEN_LATER)
        importing.start()
        importing.join(2)
        assert importing.is_alive(), "it waits for the reviewer's transaction"
    importing.join(30)
    db.session.expire_all()
    review = db.session.scalars(select(Review).where(Review.subject == "1.1-1")).one()
    assert (review.reviewer, review.note) == (VERDICT.reviewer, VERDICT.note)
    assert held()[0] == ["2.4-2"]


def test_a_new_text_alone_clears_nothing(root: Path) -> None:
    check(changed("28"))
    freshness.write(root, law=NEW_LAW)
    freshness.load(root, at=EVEN_LATER)
    assert held() == (LESSONS_28, QUESTIONS_28)


def test_clearing_is_refused_without_name_note_or_subject(root: Path) -> None:
    check(changed("28"))
    for verdict, words in (
        (ReviewVerdict(reviewer=" ", outcome=Outcome.PASSED, note="好"), "姓名"),
        (ReviewVerdict(reviewer="李明", outcome=Outcome.PASSED, note=""), "对照了什么"),
    ):
        with pytest.raises(Invalid, match=words), transaction():
            courses.clear_subjects(subjects=[(SubjectKind.LESSON, "1.1-1")], verdict=verdict, at=LATER)
    with pytest.raises(Invalid, match=r"question:9\.9-s01 没有复核记录"):
        clear(SubjectKind.QUESTION, "9.9-s01")
    assert held() == (LESSONS_28, QUESTIONS_28)


def review_of(subject: str) -> int:
    return db.session.scalars(select(Review.id).where(Review.subject == subject)).one()


def test_who_may_clear_what(root: Path) -> None:
    """Official content: the only institution, or with several a platform administrator; own lessons: the owner."""
    ours = factories.institution()
    actor_id = factories.member(organisation_id=ours, role="registrar")

    def try_to_clear(subject: str, *, organisation_id: int, roles: set[str]) -> None:
        with transaction():
            courses.clear_review(
                review_id=review_of(subject),
                organisation_id=organisation_id,
                roles=roles,
                verdict=VERDICT,
                at=LATER,
                actor_id=actor_id,
            )

    own = local_lesson(ours, actor_id=actor_id)
    check(changed("28"))
    assert own in held()[0]
    with pytest.raises(Forbidden):
        try_to_clear("1.1-1", organisation_id=ours, roles={"head_teacher"})
    try_to_clear("1.1-1", organisation_id=ours, roles={"registrar"})
    theirs = factories.institution()
    with pytest.raises(Forbidden, match="平台管理员"):
        try_to_clear("2.4-2", organisation_id=ours, roles={"administrator"})
    with pytest.raises(NotFound):
        try_to_clear(own, organisation_id=theirs, roles={"administrator"})
    with pytest.raises(NotFound):
        try_to_clear(own, organisation_id=theirs, roles={"platform_administrator"})
    try_to_clear("2.4-2", organisation_id=theirs, roles={"platform_administrator"})
    try_to_clear(own, organisation_id=ours, roles={"registrar"})
    assert held()[0] == []
    with pytest.raises(Conflict, match="已经复核过"):
        try_to_clear(own, organisation_id=ours, roles={"registrar"})
    logged = select(AuditEntry).where(AuditEntry.action == "courses.review_cleared").order_by(AuditEntry.at)
    entries = {entry.detail["cleared"]: entry for entry in db.session.scalars(logged)}
    assert entries.keys() == {"lesson:1.1-1", "lesson:2.4-2", f"lesson:{own}"}
    assert (entries[f"lesson:{own}"].organisation_id, entries[f"lesson:{own}"].actor_id) == (ours, actor_id)
    assert entries["lesson:1.1-1"].detail["article"] == "wage-regulation#28"


def test_clearing_waits_for_a_check_that_finds_another_change_of_the_same_lesson(context: Flask, root: Path) -> None:
    """An own lesson's review stands in its owner's audit log, so nothing else makes the two wait for each other."""
    ours = factories.institution()
    actor_id = factories.member(organisation_id=ours, role="registrar")
    own = local_lesson(ours, actor_id=actor_id)
    check(changed("28"))
    review_id = review_of(own)

    def clear_it() -> None:
        with context.app_context(), transaction():
            courses.clear_review(
                review_id=review_id,
                organisation_id=ours,
                roles={"registrar"},
                verdict=VERDICT,
                at=EVEN_LATER,
                actor_id=actor_id,
            )

    clearing = threading.Thread(target=clear_it)
    with transaction():
        courses.check_laws(files=[("又改.md", changed("28", word="三名以上"))], at=EVEN_LATER)
        clearing.start()
        clearing.join(1)
    clearing.join(30)
    db.session.expire_all()
    assert own in held()[0], "the other change still waits"


def test_another_institutions_lesson_is_on_nobodys_list(root: Path) -> None:
    ours, theirs = factories.institution(), factories.institution()
    own = local_lesson(ours, actor_id=factories.member(organisation_id=ours, role="registrar"))
    check(changed("28"))

    def listed(organisation_id: int | None) -> set[str]:
        return {review.subject for review in courses.waiting_reviews(organisation_id=organisation_id)}

    assert listed(ours) - listed(theirs) == {own}
    assert listed(None) == listed(ours)
    (change,) = courses.list_changes(organisation_id=theirs, query=ListQuery()).rows
    assert (change.lessons, change.questions, change.cleared) == (2, 3, 0)
    assert courses.list_changes(organisation_id=ours, query=ListQuery()).rows[0].lessons == 3
    assert courses.count_waiting(organisation_id=theirs) == 5
    with pytest.raises(NotFound):
        courses.get_review(organisation_id=theirs, review_id=review_of(own))


def test_readers_of_a_lesson_are_told(root: Path) -> None:
    organisation_id = factories.institution()
    person_id = factories.member(organisation_id=organisation_id)

    def read(code: str) -> courses.LessonPage:
        return courses.open_lesson(organisation_id=organisation_id, person_id=person_id, code=code)

    assert read("1.1-1").waits_for == ()
    asked = statements(lambda: read("1.1-1"))
    assert len(asked) == 1, "a lesson that does not wait costs no further statement"
    check(changed("28"))
    (waiting,) = read("1.1-1").waits_for
    assert (waiting.name, waiting.word) == ("《保障农民工工资支付条例》第28条", "已修改")
    assert read("2.4-1").waits_for == ()


def test_on_the_shipped_content_the_files_themselves_say_the_same(context: Flask) -> None:
    """Who cites article 28 is read here from the files, another way; the statute's text is not in the repository."""
    root = default_root()
    freshness.load(root, at=clock.now())
    chip = "](law:wage-regulation#28)"
    source = re.compile(r'law = "wage-regulation", article = "28"')
    lessons = {
        path.stem
        for path in (root / "syllabus").glob("*/*.md")
        if source.search(text := path.read_text("utf-8")) or chip in text
    }
    blocks = [
        block
        for path in (root / "question_bank").glob("*.toml")
        for block in path.read_text("utf-8").split("[[question]]")
    ]
    citing = [block for block in blocks if source.search(block) or chip in block]
    questions = {match[1] for block in citing if (match := re.search(r'^slug = "(.+)"', block, re.MULTILINE))}
    before = {one.slug for one in quizzes.candidates(item_codes=courses.item_codes())}
    found = check("# 保障农民工工资支付条例（节录）\n\n第二十八条　改了。".encode(), at=clock.now())
    (article,) = found.files[0].changed
    assert (set(article.lessons), set(article.questions)) == (lessons, questions)
    forms = {path.stem for path in (root / "forms").glob("*.toml") if source.search(path.read_text("utf-8"))}
    papers = {
        path.stem
        for path in (root / "syllabus").glob("*/*.md")
        if any(f"](form:{form})" in path.read_text("utf-8") for form in forms)
    }
    assert set(article.showing) >= papers - lessons, "a form in a lesson is part of it"
    assert not set(article.showing) & lessons
    assert found.held_lessons == len(article.lessons) + len(article.showing)
    assert before - {one.slug for one in quizzes.candidates(item_codes=courses.item_codes())} == questions
    assert len(questions) > 50
