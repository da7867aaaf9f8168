"""Diagrams: drawn within their frame, true to the register, served so that nothing can run in them."""

import base64
import hashlib
import re
from datetime import date
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from lms.core.db import db, transaction
from lms.courses import services
from lms.courses.content import default_root, read_content
from lms.courses.content.diagrams import DIAGRAMS, EXCERPTS, PERIODS, SHORT_TITLES
from lms.courses.rules.wrapping import measure, wrap
from lms.courses.services import diagrams as drawing_services
from tests.courses.conftest import AT, Folder, House

SVG = "{http://www.w3.org/2000/svg}"
NAMES = sorted(DIAGRAMS)
LESSON = "syllabus/2.4/2.4-1.md"
DIAGRAM = "会开户。\n\n![专户从签合同到注销的每一步](diagram:account-timeline)\n\n见"


def picture(name: str) -> Element:
    element: Element = fromstring(services.get_diagram(name=name).svg)
    return element


def shown_text(name: str) -> str:
    return "".join("".join(text.itertext()) for text in picture(name).iter(f"{SVG}text"))


@pytest.fixture(scope="module")
def register() -> dict[tuple[str, str], str]:
    laws = read_content(default_root(), today=date(2026, 11, 21)).laws
    return {(slug, article.no): article.gist for slug, (_law, articles) in laws.items() for article in articles}


@pytest.mark.parametrize("name", NAMES)
def test_a_diagram_is_drawn_for_a_phone(name: str) -> None:
    drawing, root = services.get_diagram(name=name), picture(name)
    assert (root.get("width"), root.get("height")) == ("343", str(drawing.height))
    assert drawing.width == 343
    for text in root.iter(f"{SVG}text"):
        size, words = float(text.get("font-size", "0")), "".join(text.itertext())
        assert size >= 13, words
        half = measure(words) * size / 2
        left = float(text.get("x", "0")) - (half if text.get("text-anchor") == "middle" else 0)
        assert left >= 0, words
        assert left + 2 * half <= 343, words
        assert 0 < float(text.get("y", "0")) < drawing.height, words


@pytest.mark.parametrize("name", NAMES)
def test_texts_stay_inside_their_boxes(name: str) -> None:
    root = picture(name)
    boxes = [
        [float(box.get(key, "0")) for key in ("x", "y", "width", "height")]
        for box in root.iter(f"{SVG}rect")
        if "box" in box.get("class", "")
    ]
    for text in root.iter(f"{SVG}text"):
        x, y, width = float(text.get("x", "0")), float(text.get("y", "0")), measure("".join(text.itertext()))
        for left, top, wide, high in boxes:
            if left <= x <= left + wide and top <= y <= top + high and not text.get("text-anchor"):
                assert x + width * float(text.get("font-size", "0")) <= left + wide, "".join(text.itertext())


@pytest.mark.parametrize("name", NAMES)
def test_a_diagram_says_in_words_what_it_shows(name: str) -> None:
    root, about = picture(name), DIAGRAMS[name]
    assert root.findtext(f"{SVG}title") == about.title
    assert root.findtext(f"{SVG}desc") == about.description
    assert root.get("role") == "img"
    assert len(about.description) > 60


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_a_diagram_can_run_or_call(name: str) -> None:
    svg = services.get_diagram(name=name).svg
    assert not re.search(r"<script|\son\w+=|javascript:|href|url\(|<foreignObject|<image| style=", svg, re.IGNORECASE)
    assert svg.count("<style>") == 1
    assert "prefers-color-scheme: dark" in svg


@pytest.mark.parametrize("name", NAMES)
def test_every_article_of_a_diagram_is_registered(name: str, register: dict[tuple[str, str], str]) -> None:
    drawing = services.get_diagram(name=name)
    assert drawing.sources
    assert set(drawing.sources) <= register.keys()
    assert ("仅据摘录核实" in drawing.caption) is bool({law for law, _no in drawing.sources} & EXCERPTS)


def test_every_period_stands_in_the_article_it_names(register: dict[tuple[str, str], str]) -> None:
    for name, period in PERIODS.items():
        assert period.text in register[period.law, period.article], name


def test_every_period_is_drawn_somewhere() -> None:
    drawn = {source for name in NAMES for source in services.get_diagram(name=name).sources}
    for name, period in PERIODS.items():
        assert (period.law, period.article) in drawn, name


def test_laws_are_called_what_the_register_calls_them() -> None:
    laws = read_content(default_root(), today=date(2026, 11, 21)).laws
    assert {slug: laws[slug][0].short_title for slug in SHORT_TITLES} == SHORT_TITLES
    assert {slug for slug in SHORT_TITLES if laws[slug][0].text_status == "excerpt"} == EXCERPTS


@pytest.mark.parametrize(
    "name,facts",
    [
        ("account-timeline", ["签合同之日起30日内", "开户后30日内", "公示30日", "至少再保存3年"]),
        ("deposit-timeline", ["起算日起20个工作日内", "10个工作日内", "施工许可证"]),
        ("dispute-path", ["时效1年", "45日", "再延15日", "收到裁决书15日内起诉", "60个工作日"]),
        ("wage-account-flow", ["每期不超过1个月", "劳资专管员", "银行直接付到本人账户"]),
        ("monthly-signatures", ["班组长", "分包单位", "劳资专管员", "项目经理", "农民工", "银行", "工地通常做法"]),
    ],
)
def test_a_diagram_tells_what_it_is_for(name: str, facts: list[str]) -> None:
    text = shown_text(name)
    assert [fact for fact in facts if fact not in text] == []


@given(st.text(alphabet="建设单位，。（）“”、20工作日abc %《》", max_size=80), st.integers(3, 20))
def test_lines_lose_nothing_and_keep_to_their_width(text: str, ems: int) -> None:
    lines = wrap(text, ems * 14, 14)
    assert "".join(lines) == text
    for line in lines:
        assert measure(line) <= ems or len(re.findall(r"[\u4e00-\u9fff]", line)) <= 2 or not re.search(r"[一-龥]", line)


@pytest.mark.parametrize(
    "text,width,lines",
    [
        ("建设单位按月拨付", 4, ["建设单位", "按月拨付"]),
        ("一二三四，五六", 4, ["一二三", "四，五六"]),  # no line begins with a comma
        ("一二三（四五六", 4, ["一二三", "（四五六"]),  # and none ends with a bracket
        ("需要20个工作日", 3, ["需要", "20个", "工作日"]),
        ("一二三四五六七八九十一", 10, ["一二三四五六七八", "九十一"]),  # no orphan
    ],
)
def test_lines_break_where_chinese_breaks(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width, 1) == lines


# ---- how they are served


def test_a_diagram_is_sent_with_a_policy_of_its_own(house: House) -> None:
    client = house.client("learner")
    drawing = services.get_diagram(name="dispute-path")
    answer = client.get(drawing.address)
    assert answer.mimetype == "image/svg+xml"
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
    assert answer.headers["Content-Security-Policy"] == policy
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    again = client.get("/diagrams/dispute-path.svg", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/diagrams/dispute-path.svg").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("role", ["learner", "registrar"])
def test_a_diagram_has_a_page_with_its_articles(imported: Folder, house: House, role: str) -> None:
    page = house.client(role).get("/diagrams/wage-account-flow").text
    assert services.get_diagram(name="wage-account-flow").address in page
    assert DIAGRAMS["wage-account-flow"].description in page
    assert 'href="/laws/wage-regulation/26"' in page


def test_an_unknown_diagram_is_not_there(house: House) -> None:
    client = house.client("learner")
    assert client.get("/diagrams/none").status_code == 404
    assert client.get("/diagrams/none.svg").status_code == 404


@pytest.mark.parametrize("path", ["/diagrams/dispute-path", "/diagrams/dispute-path.svg"])
def test_a_stranger_is_asked_to_sign_in(house: House, path: str) -> None:
    assert "/sign-in" in house.app.test_client().get(path).location


# ---- in lessons


def test_a_lesson_shows_a_diagram_and_cites_its_articles(imported: Folder) -> None:
    imported.edit(LESSON, "会开户。", DIAGRAM)
    with transaction():
        services.import_content(root=imported.root, at=AT)
    revision = services.get_revision(organisation_id=0, code="2.4-1", number=2)
    assert services.get_diagram(name="account-timeline").address in revision.html
    assert "依据：《条例》24、27、28、29、31；《专户办法》" in revision.html


def test_a_diagram_drawn_anew_makes_a_new_revision(imported: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    imported.edit(LESSON, "会开户。", DIAGRAM)
    with transaction():
        services.import_content(root=imported.root, at=AT)
        assert not services.import_content(root=imported.root, at=AT).changed
    about = drawing_services.DIAGRAMS["account-timeline"]
    monkeypatch.setitem(drawing_services.DIAGRAMS, "account-timeline", type(about)("新的题目", about.description))
    services.get_diagram.cache_clear()
    try:
        with transaction():
            assert services.import_content(root=imported.root, at=AT).lessons_changed == 1
    finally:
        services.get_diagram.cache_clear()
    db.session.remove()
