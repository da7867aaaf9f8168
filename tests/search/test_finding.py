"""Finding, against a naive scan of the real content and on both engines alike."""

import html
import random
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, make_url, select, text

from lms.core.db import db, transaction
from lms.courses import services as courses
from lms.courses.content import default_root
from lms.courses.models import LawArticle, Lesson, LessonRevision
from lms.quizzes import services as quizzes
from lms.quizzes.models import Question, QuestionVersion
from lms.search import services
from lms.search.models import SearchDocument
from lms.search.services import Document, Shelf
from tests import factories
from tests.conftest import as_psycopg, make_app

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
EVERYTHING = ("courses.read", "quizzes.take")
WORDS = ("消防", "专户", "保证金", "实名制", "银行", "工伤", "欠薪", "30日", "第", "日", "仲裁时效", "wage", "第30条")
NOTES = Shelf("note", "笔记", 50)
INLINE = "a|code|em|span|strong|label"


def compared(words: str) -> str:
    return unicodedata.normalize("NFKC", words).casefold()


def scanned(words: str, texts: dict[tuple[str, str], list[str]]) -> set[tuple[str, str]]:
    """What a naive scan finds: the word as it stands, a number or a Latin word only as a whole."""
    word = re.escape(compared(words))
    latin = r"[0-9a-z]"
    before = rf"(?<!{latin})" if re.match(latin, compared(words)) else ""
    after = rf"(?!{latin})" if re.search(rf"{latin}$", compared(words)) else ""
    wanted = re.compile(before + word + after)
    return {ref for ref, parts in texts.items() if any(wanted.search(part) for part in parts)}


def stripped(markup: str) -> str:
    """The words of our own clean HTML, read another way than the product does."""
    joined = re.sub(rf"</?(?:{INLINE})(?: [^>]*)?>", "", markup)
    alternatives = re.sub(r'<img [^>]*?alt="([^"]*)"[^>]*>', r"\n\1\n", joined)
    return compared(html.unescape(re.sub(r"<[^>]+>", "\n", alternatives)))


def every_text() -> dict[tuple[str, str], list[str]]:
    """All lessons, questions and articles by kind and name, as parts no word reaches across."""
    lessons = select(Lesson.code, LessonRevision.title, LessonRevision.html).join(
        LessonRevision, LessonRevision.id == Lesson.current_revision_id
    )
    found = {("lesson", code): [compared(title), stripped(body)] for code, title, body in db.session.execute(lessons)}
    questions = select(Question.slug, QuestionVersion.source).join(
        QuestionVersion, QuestionVersion.id == Question.current_version_id
    )
    for slug, source in db.session.execute(questions):
        found["question", slug] = [compared(part) for part in question_parts(source)]
    titles = courses.law_titles()
    for article in db.session.scalars(select(LawArticle)):
        law, _articles = courses.get_law(slug=article.law_slug)
        view = courses.get_article(slug=article.law_slug, no=article.no)
        assert titles[article.law_slug] == law.short_title
        parts = [view.label, article.gist, f"{law.title} {view.name}"]
        found["law", f"{article.law_slug}#{article.no}"] = [compared(part) for part in parts]
    return found | {key: [compared(part) for part in parts] for key, parts in (*item_texts(), *form_texts())}


def item_texts() -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Items and the titles of their lessons, from the files."""
    for item in tomllib.loads((default_root() / "syllabus" / "syllabus.toml").read_text("utf-8"))["item"]:
        lessons = (default_root() / "syllabus" / item["code"]).glob("*.md")
        titles = [re.findall(r'^title = "(.+)"$', path.read_text("utf-8"), re.MULTILINE)[0] for path in lessons]
        yield ("item", item["code"]), [f"{item['code']} {item['title']}", *titles]


def form_texts() -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Forms as they are when empty, with their advice, from the files."""
    for path in (default_root() / "forms").glob("*.toml"):
        form = tomllib.loads(path.read_text("utf-8"))
        titles = [entry["title"] for name in ("fields", "column", "section") for entry in form.get(name, ())]
        blanks = [section["blank"] for section in form.get("section", ())]
        yield ("form", form["slug"]), [form["title"], form["purpose"], *titles, *blanks, *form.get("notes", ())]


def question_parts(source: dict[str, object]) -> Iterator[str]:
    for name in ("stem", "knowledge_point", "explanation"):
        yield str(source.get(name, ""))
    for option in source.get("options", ()):  # type: ignore[attr-defined]
        yield option.get("why", "")
    for part in source.get("parts", ()):  # type: ignore[attr-defined]
        yield from question_parts(part)


def hits(words: str, **known: object) -> set[tuple[str, str]]:
    page = services.find(
        query=services.read_query(words),
        **{"organisation_id": 0, "permissions": EVERYTHING, "size": 100_000} | known,  # type: ignore[arg-type]
    )
    assert page.total == len(page.rows)
    return {(hit.kind, hit.ref) for hit in page.rows}


@pytest.mark.slow
def test_what_is_found_is_what_stands_there(context: Flask) -> None:
    with transaction():
        courses.import_content(root=default_root(), at=AT)
        quizzes.import_bank(root=default_root(), at=AT)
    texts = every_text()
    assert len(texts) > 1000
    for words in WORDS:
        assert hits(words) == scanned(words, texts), words
    assert hits("专户 银行") == scanned("专户", texts) & scanned("银行", texts)
    assert len(hits("专户")) > 100


def note(ref: str, body: str = "", **known: object) -> Document:
    values = {"title": "", "stamp": body[:40], "href": f"/notes/{ref}", "permission": "courses.read"} | known
    return Document(ref=ref, text=body, **values)  # type: ignore[arg-type]


def push(*documents: Document) -> None:
    with transaction():
        services.put(shelf=NOTES, documents=documents)


def found(words: str, **known: object) -> list[str]:
    query = services.read_query(words)
    asked = {"organisation_id": 0, "permissions": ["courses.read"]} | known
    return [hit.ref for hit in services.find(query=query, **asked).rows]  # type: ignore[arg-type]


def random_notes() -> dict[str, str]:
    chance = random.Random(7)
    return {f"n{number}": "".join(chance.choices("工资专户a1，。 ", k=chance.randint(1, 40))) for number in range(300)}


def test_both_engines_find_what_a_naive_scan_finds(context: Flask) -> None:
    """The corpus is made of few signs, so that every phrase nearly stands in many of its texts."""
    notes = random_notes()
    push(*(note(ref, body) for ref, body in notes.items()))
    texts = {("note", ref): [compared(body)] for ref, body in notes.items()}
    for words in ("工", "工资", "资专户", "户专资工", "a1", "1", "工1", "1工", "a工资", "资a", "工资a1专户"):
        assert hits(words) == scanned(words, texts), words
    assert hits("工资 专户") == scanned("工资", texts) & scanned("专户", texts)


def test_what_people_type_is_text(context: Flask) -> None:
    push(note("one", "专户 or 银行"), note("two", "只有专户"))
    for typed in (
        '"专户"',
        "专户*",
        "(专户)",
        "专户^",
        "-专户",
        "专户:",
        "'专户' &",
        "{专户}",
        "专户;--",
        "＂专户＂",
        "%专户_",
    ):
        assert set(found(typed)) == {"one", "two"}, typed
    assert found("专户 OR 银行") == ["one"]
    assert found("title_tokens:专户") == []
    for nothing in ("", " ", "，。", '"', "*", "¶", "\\", "🙂"):
        assert found(nothing) == []


def test_a_phrase_does_not_reach_across_signs_lines_or_columns(context: Flask) -> None:
    push(note("one", "农民工，工资\n专用", title="账户"))
    assert found("工工资") == found("工资专用") == found("账户农民工") == []
    assert found("农民工 工资 账户") == ["one"]


def test_the_title_weighs_more(context: Flask) -> None:
    push(note("body", "专户" * 3 + "开立与备案"), note("title", "开立与备案的各个步骤和期限", title="专户"))
    assert found("专户") == ["title", "body"]


def test_far_down_in_a_long_text(context: Flask) -> None:
    """Beyond the positions a tsvector knows, and with one token more often than it counts."""
    body = "工资" * 9000 + "，资工在此，最末的专户"
    push(note("long", body), note("other", "工资，在此，最末，专户"))
    assert found("最末的专户") == ["long"]
    assert found("资工资") == ["long"]


def test_rare_signs_and_full_width(context: Flask) -> None:
    push(note("one", "㛃𬱖同志的ＡＢ１２号专户，ﬁnal Straße"))
    assert (
        found("㛃")
        == found("𬱖")
        == found("㛃𬱖同志")
        == found("ab12号")
        == found("final")
        == found("STRASSE")
        == ["one"]
    )


def test_only_official_and_own_and_only_what_one_may_see(context: Flask) -> None:
    ours, theirs = factories.institution(), factories.institution()
    push(
        note("official", "专户"),
        note("ours", "专户", organisation_id=ours),
        note("theirs", "专户", organisation_id=theirs),
        note("secret", "专户", permission="quizzes.manage"),
        note("both", "专户", permission="x.learn", staff_permission="x.staff", staff_href="/staff"),
    )
    assert set(found("专户", organisation_id=ours)) == {"official", "ours"}
    assert set(found("专户", organisation_id=theirs)) == {"official", "theirs"}
    assert found("专户", organisation_id=ours, permissions=[]) == []
    assert found("专户", permissions=["x.learn"]) == found("专户", permissions=["x.staff"]) == ["both"]
    query = services.read_query("专户")
    for permissions, href in (
        (["x.learn"], "/notes/both"),
        (["x.staff"], "/staff"),
        (["x.learn", "x.staff"], "/staff"),
    ):
        (hit,) = services.find(query=query, organisation_id=ours, permissions=permissions).rows
        assert hit.href == href
    (count,) = services.count_hits(query=query, organisation_id=ours, permissions=["courses.read"])
    assert (count.kind, count.heading, count.total) == ("note", "笔记", 2)


def test_pages(context: Flask) -> None:
    push(*(note(f"n{number:02}", "专户") for number in range(45)))
    known = {"query": services.read_query("专户"), "organisation_id": 0, "permissions": ["courses.read"], "size": 20}
    pages = [services.find(**known, page=number) for number in (1, 2, 3, 99)]  # type: ignore[arg-type]
    assert [len(page.rows) for page in pages] == [20, 20, 5, 5]
    assert len({hit.ref for page in pages for hit in page.rows}) == 45
    assert {page.total for page in pages} == {45}
    assert services.find(**known, kinds=["lesson"]).total == 0  # type: ignore[arg-type]


def test_the_words_are_asked_once_and_not_for_every_document_of_a_shelf(context: Flask) -> None:
    sqlite = db.engine.dialect.name == "sqlite"
    push(note("1", "签合同之日起30日内"))
    asked: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if ("MATCH" if sqlite else "@@") in statement:
            asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        assert found("30日", kinds=["note"]) == ["1"]
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)
    assert len(asked) == 2  # how many, and the best of them
    for statement, values in asked if sqlite else ():  # only SQLite's planner can turn the two round
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        assert "search_index" in plan[0][-1], plan


def test_hits_are_escaped(context: Flask) -> None:
    push(note("one", "<script>专户</script> & 更多", title="<b>专户</b>"))
    (hit,) = services.find(query=services.read_query("专户"), organisation_id=0, permissions=["courses.read"]).rows
    assert hit.title == "&lt;b&gt;<mark>专户</mark>&lt;/b&gt;"
    assert hit.snippet == "&lt;script&gt;<mark>专户</mark>&lt;/script&gt; &amp; 更多"


def test_writing_again_and_dropping_keep_the_index_in_step(context: Flask) -> None:
    push(note("one", "专户"), note("two", "银行"))
    push(note("one", "保证金"))
    assert found("专户") == []
    assert found("保证金") == ["one"]
    with transaction():
        services.drop(kind="note", refs=["one", "never there"])
    assert found("保证金") == []
    assert found("银行") == ["two"]
    if db.engine.dialect.name == "sqlite":
        with transaction():  # raises when the index and the rows disagree
            db.session.execute(text("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"))


def test_what_has_to_be_pushed_is_told_by_stamps(context: Flask) -> None:
    push(note("same", "专户"), note("old", "旧"), note("gone", "无"))
    answer = services.changes(kind="note", stamps={"same": "专户", "old": "新", "new": "新"})
    assert answer.stale == {"old", "new"}
    assert answer.gone == {"gone"}
    assert services.changes(kind="other", stamps={}).gone == frozenset()


def test_rebuilding_has_everybody_push_again(context: Flask) -> None:
    factories.syllabus()
    push(note("nobody pushes this", "专户"))
    before = hits("第", permissions=["courses.read"]) - {("note", "nobody pushes this")}
    with transaction():
        told = services.rebuild(at=AT)
    assert told == {"大纲条目": 3, "课文": 4, "表样": len(courses.list_forms()), "法规": 1}
    assert hits("第", permissions=["courses.read"]) == before != set()
    assert db.session.scalars(select(SearchDocument.ref).where(SearchDocument.kind == "note")).all() == []


@pytest.mark.postgres
def test_a_database_with_the_plain_locale(postgres_url: str, tmp_path: Path) -> None:
    """Under C and ASCII-only classes a text search parser would drop or split Chinese: it never sees our tokens."""
    server = create_engine(as_psycopg(postgres_url), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS lms_plain WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE lms_plain TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"))
    url = make_url(postgres_url).set(database="lms_plain").render_as_string(hide_password=False)
    app = make_app(tmp_path, url)
    with app.app_context():
        assert db.session.scalar(text("SELECT datcollate FROM pg_database WHERE datname = 'lms_plain'")) == "C"
        notes = random_notes()
        push(*(note(ref, body) for ref, body in notes.items()))
        texts = {("note", ref): [compared(body)] for ref, body in notes.items()}
        for words in ("工", "工资", "资专户", "a1", "1工"):
            assert hits(words) == scanned(words, texts) != set(), words
        db.session.remove()
        db.engine.dispose()
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE lms_plain WITH (FORCE)"))
    server.dispose()
