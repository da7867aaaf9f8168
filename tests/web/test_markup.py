"""Markup: what a lesson may say, how it comes out, and what never gets through."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.web.markup import Citation, Figure, render_lesson, render_text
from lms.web.markup.sanitising import ALLOWED, TAGS, sanitise


class Reader(HTMLParser):
    """Collects every tag and attribute as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags_of(html: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Reader()
    reader.feed(html)
    return reader.seen


def assert_harmless(html: str) -> None:
    for tag, attributes in tags_of(html):
        assert tag in TAGS
        for name, value in attributes.items():
            assert name in ALLOWED.get(tag, {}), (tag, name)
            assert ALLOWED[tag][name].fullmatch(value or ""), (tag, name, value)


def test_a_citation_becomes_a_chip_and_is_reported() -> None:
    rendered = render_lesson("见 [《条例》28](law:wage-regulation#28)。")
    assert '<a class="cite" href="/laws/wage-regulation/28">《条例》28</a>' in rendered.html
    assert rendered.citations == (Citation("wage-regulation", "28", "《条例》28", known=True),)


@pytest.mark.parametrize(
    "target, address",
    [
        ("law:criminal-law#276-1", "/laws/criminal-law/276-1"),
        ("law:heze-2025#三(一)", "/laws/heze-2025/%E4%B8%89%28%E4%B8%80%29"),
        ("law:hubei-wage-measures#总则", "/laws/hubei-wage-measures/%E6%80%BB%E5%88%99"),
    ],
)
def test_inserted_articles_and_section_words_have_addresses(target: str, address: str) -> None:
    assert f'href="{address}"' in render_lesson(f"[x]({target})").html


def test_an_unknown_article_stays_words() -> None:
    rendered = render_lesson("[《条例》999](law:wage-regulation#999)", lambda _law, no: no != "999")
    assert '<span class="cite-unknown">《条例》999</span>' in rendered.html
    assert not rendered.citations[0].known


def test_headings_have_ids_that_stay_when_others_come_and_go() -> None:
    before = render_lesson("## 学完你能做什么\n\n甲\n\n## 常见错误\n\n乙").toc
    after = render_lesson("## 新的一节\n\n丙\n\n## 常见错误\n\n乙").toc
    assert before[1].id == after[1].id
    assert re.fullmatch(r"h-[0-9a-f]{8}", before[1].id)
    assert [(entry.title, entry.level) for entry in before] == [("学完你能做什么", 2), ("常见错误", 2)]


def test_equal_headings_have_different_ids() -> None:
    ids = [entry.id for entry in render_lesson("## 例\n\n一\n\n## 例\n\n二").toc]
    assert len(set(ids)) == 2


def test_toc_holds_words_not_html() -> None:
    entry = render_lesson("## 甲 & 乙 <b>丙</b>\n\n正文").toc[0]
    assert entry.title == "甲 & 乙 <b>丙</b>"


def test_a_table_stands_in_a_box_that_scrolls() -> None:
    html = render_lesson("## 工资表\n\n| 姓名 | 金额 |\n|:--|--:|\n| 甲 | 100 |").html
    assert '<div aria-label="表格：工资表" class="table-box" role="region" tabindex="0">' in html
    assert re.search(r'<th align="right"[^>]*>金额</th>', html)
    assert "style" not in html


def test_figures_and_short_words_stay_whole_and_a_column_of_them_stands_to_the_right() -> None:
    html = render_lesson(
        "## 表\n\n| 序 | 金额（元） | 日期 | 说明 |\n|---|---|---|---|\n"
        "| 1 | 1,050,000 | 10月9日 | 3人 |\n| 2 | －1,186,400 | 8:00—17:30 | 核对三个人 |\n| 3 | — | | 1.5倍 |\n"
    ).html
    assert re.findall(r'<(?:td|th) class="number"[^>]*>([^<]*)', html) == [
        "金额（元）",
        "1,050,000",
        "－1,186,400",
        "—",
    ]
    unbroken = re.findall(r'<t[dh] class="unbroken"[^>]*>([^<]*)', html)
    assert unbroken == ["序", "日期", "说明", "1", "10月9日", "3人", "2", "8:00—17:30", "3", "1.5倍"]


def test_two_tables_under_one_heading_have_two_names() -> None:
    table = "| 甲 |\n|---|\n| 1 |\n"
    html = render_lesson(f"## 表\n\n{table}\n文字\n\n{table}").html
    assert html.count("表格：表") == 1
    assert html.count("表格2：表") == 1


def test_a_box_says_its_kind_in_words() -> None:
    html = render_lesson('!!! local "湖北"\n    每天考勤。').html
    assert '<div aria-label="地方规定 湖北" class="box box-local" role="note">' in html
    assert '<span class="box-kind">地方规定</span> 湖北' in html


def test_a_box_of_unknown_kind_is_a_tip() -> None:
    assert "box-tip" in render_lesson('!!! evil "甲"\n    乙').html


def test_a_checklist_has_boxes_that_keep_their_ids() -> None:
    first = render_lesson("- [ ] 核对身份证\n- [x] 签合同").html
    second = render_lesson("- [ ] 新的一项\n- [ ] 签合同").html
    ids = re.findall(r'id="(task-[0-9a-f]{8})"', first)
    assert len(ids) == 2
    assert ids[1] in second
    assert first.count("checked") == 1
    assert f'for="{ids[0]}"' in first


def test_equal_tasks_have_different_ids() -> None:
    html = render_lesson("- [ ] 签字\n- [ ] 签字").html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(set(ids)) == 2


def test_a_list_may_follow_a_paragraph_at_once() -> None:
    html = render_lesson("要做三件事：\n- 一\n- 二").html
    assert "<li>一</li>" in html
    assert html.startswith("<p>要做三件事：</p>")


def test_a_nested_list_stays_nested() -> None:
    html = render_lesson("- 一\n    - 甲\n    - 乙\n- 二").html
    assert html.count("<ul>") == 2


def test_a_wrapped_item_stays_one_item() -> None:
    html = render_lesson("1. 第一项很长，\n接着写\n2. 第二项").html
    assert html.count("<ol>") == 1
    assert html.count("<li>") == 2


def test_masked_numbers_and_blanks_are_no_emphasis() -> None:
    text = "甲 420106********1234，138****6620；乙 420106********5678。填 ____ 和 ____，**粗体**。"
    assert render_text(text, inline=True) == text.replace("**粗体**", "<strong>粗体</strong>")


def test_a_line_end_between_chinese_signs_is_no_space() -> None:
    assert "第一行第二行" in render_lesson("第一行\n第二行").html
    assert "word\nword" in render_lesson("word\nword").html


def test_an_outside_link_is_https_and_tells_nobody() -> None:
    html = render_lesson("[甲](https://example.org/a?b=1&c=2)").html
    assert 'rel="noopener noreferrer"' in html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html


def test_a_question_text_may_be_inline() -> None:
    assert render_text("选 **甲**", inline=True) == "选 <strong>甲</strong>"
    assert render_text("一\n\n二", inline=True).count("<p>") == 2
    assert render_text("题干") == "<p>题干</p>"


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](http://example.org)",
    "[x](//example.org)",
    "[x](law:../../etc#1)",
    '[x](law:a#1"onmouseover=alert(1))',
    '[x](https://e.org/"onmouseover="alert(1))',
    "[x](law:a#1/../../logout)",
    "![x](https://example.org/a.png)",
    "<https://example.org>",
    "<a@b.example>",
    "[x][1]\n\n[1]: javascript:alert(1)",
    '<div style="position:fixed">x</div>',
    "<style>*{display:none}</style>",
    "<iframe src=//example.org></iframe>",
    "<svg onload=alert(1)>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<input type=text name=password><button formaction="https://e.org">x',
    '## <img src=x onerror=alert(1)> {: onclick="x" }',
    '!!! local "<img src=x onerror=alert(1)>"\n    x',
    '!!! tip onclick "x"\n    <script>x</script>',
    "- [ ] <input onfocus=alert(1) autofocus>",
    "| <script>x</script> |\n|---|\n| <img onerror=x> |",
    "`<script>alert(1)</script>`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x02wzxhzdk:0\x03 \x02klzzwxh:0001\x03",
    "x" * 5000 + "[" * 500,
]


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_text_comes_out_harmless(source: str) -> None:
    for html in (render_lesson(source).html, render_text(source), render_text(source, inline=True)):
        assert_harmless(html)
        assert "<script" not in html.lower()
        for _tag, attributes in tags_of(html):
            assert not re.match(r"\s*(javascript|data|http):", attributes.get("href") or "", re.IGNORECASE)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="javascript:alert(1)" class="cite">x</a>',
        '<a href="https://e.org" onclick="x" class="btn btn-danger">x</a>',
        '<div class="offcanvas show" role="dialog" tabindex="5">x</div>',
        '<input type="password" name="p" id="q">',
        '<h2 id="main">x</h2>',
        '<td style="color:red" align="evil">x</td>',
        "<p>a<!-- x --><noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        '<a href="/laws/x/1/../../../logout">x</a>',
        '<a href="/sign-out">x</a>',
    ],
)
def test_the_sanitiser_alone_holds_the_list(html: str) -> None:
    assert_harmless(sanitise(html))


def test_the_sanitiser_keeps_what_it_made_itself() -> None:
    clean = sanitise(render_lesson('## 甲\n\n- [x] 乙\n\n!!! tip "丙"\n    丁').html)
    assert sanitise(clean) == clean


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>\"'&/=[]()#!:-*|` \n甲乙javscript:onlaw123", max_size=200))
def test_no_text_at_all_gets_through(source: str) -> None:
    assert_harmless(render_lesson(source).html)


def figure_of(name: str) -> Figure | None:
    if name != "flow":
        return None
    return Figure("/diagrams/flow.svg?v=0123456789ab", "/diagrams/flow", 343, 700, "钱怎么走。依据：《条例》26")


def card_of(slug: str) -> str | None:
    cards = {"sheet": '<div class="form-paper"><p>工资表</p></div>', "evil": "<div onclick=x><script>x</script></div>"}
    return cards.get(slug)


def pieces(source: str) -> str:
    return render_lesson(source, figure=figure_of, card=card_of).html


def test_a_fold_is_closed_and_has_its_words() -> None:
    html = pieces(
        '??? answer "参考答案"\n    应发7392元。[《条例》31](law:wage-regulation#31)\n\n    - 一\n    - 二\n\n外面'
    )
    assert '<details class="fold fold-answer">\n<summary>参考答案</summary>' in html
    assert "open" not in html
    assert html.index("<li>二</li>") < html.index("</details>") < html.index("外面")
    assert 'class="cite"' in html


@pytest.mark.parametrize(
    "source,summary",
    [
        ("??? answer\n    甲", "参考答案"),
        ("??? more\n    甲", "展开阅读"),
        ('??? evil "乙"\n    甲', "乙"),
        ('??? more ""\n    甲', "展开阅读"),
    ],
)
def test_a_fold_always_says_what_it_is(source: str, summary: str) -> None:
    html = pieces(source)
    assert f"<summary>{summary}</summary>" in html
    assert re.search(r'<details class="fold fold-(answer|more)">', html)


def test_a_table_and_a_box_live_in_a_fold() -> None:
    html = pieces('??? answer "答"\n    | 甲 |\n    |---|\n    | 1 |\n\n    !!! tip "乙"\n        丙')
    inside = html.partition("</details>")[0]
    assert "table-box" in inside
    assert "box-tip" in inside


def test_a_diagram_is_a_figure_that_opens_large() -> None:
    html = pieces("![钱从建设单位到工人卡上](diagram:flow)")
    assert '<figure class="diagram"><a class="diagram-link" href="/diagrams/flow">' in html
    assert (
        'alt="钱从建设单位到工人卡上" height="700" loading="lazy" src="/diagrams/flow.svg?v=0123456789ab" width="343"'
        in html
    )
    assert "<figcaption>钱怎么走。依据：《条例》26</figcaption>" in html


def test_a_form_is_a_card() -> None:
    assert '<div class="form-paper"><p>工资表</p></div>' in pieces("[工资表](form:sheet)")
    assert "form-paper" in pieces("1. 先看\n\n    [工资表](form:sheet)\n2. 再填")


def test_what_nobody_knows_leaves_its_words() -> None:
    assert pieces("![没有的图](diagram:none)") == "<p>没有的图</p>"
    assert pieces("[没有的表](form:none)") == "<p>没有的表</p>"
    assert render_lesson("![图](diagram:flow)\n\n[表](form:sheet)").html == "<p>图</p>\n<p>表</p>"


def test_pieces_inside_a_sentence_stay_words() -> None:
    html = pieces("看 ![图](diagram:flow) 和 [表](form:sheet)。")
    assert "<img" not in html
    assert "form-paper" not in html


def test_the_minutes_of_an_exercise_get_a_mark_and_its_address_stays() -> None:
    rendered = render_lesson("## 动手做（12分钟）\n\n甲\n\n### 练习一：复算（约8分钟）\n\n乙\n\n## 三（3）分钟\n\n丙")
    assert '动手做<span class="minutes">12 分钟</span></h2>' in rendered.html
    assert '<span class="minutes">约 8 分钟</span>' in rendered.html
    assert rendered.html.count("minutes") == 2
    assert rendered.toc[0].title == "动手做（12分钟）"
    assert f'id="{rendered.toc[0].id}"' in rendered.html


@pytest.mark.parametrize(
    "source",
    [
        '??? answer "<img src=x onerror=alert(1)>"\n    <script>x</script>',
        '??? answer onclick "x"\n    x',
        '![<script>x</script>" onload="x](diagram:flow)',
        "![x](diagram:../../sign-out)",
        "[x](form:../../sign-out)",
        "[表](form:evil)",
        "## <b onclick=x>（3分钟）\n\nx",
        "<details open ontoggle=alert(1)><summary>x</summary></details>",
        "<figure><img src=/diagrams/a.svg?v=0123456789ab onerror=x></figure>",
    ],
)
def test_hostile_pieces_come_out_harmless(source: str) -> None:
    html = pieces(source)
    assert_harmless(html)
    assert "<script" not in html


def test_the_sanitiser_keeps_pieces_as_they_are() -> None:
    clean = pieces("## 练（3分钟）\n\n![图](diagram:flow)\n\n[表](form:sheet)\n\n??? more\n    丁")
    assert sanitise(clean) == clean
