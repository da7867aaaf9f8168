"""Tokens, queries, snippets and plain text, without a database."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lms.search.rules.plain import plain_text
from lms.search.rules.queries import LONGEST_QUERY, MOST_WORDS, Word, pattern, read_query
from lms.search.rules.snippets import snippet
from lms.search.rules.tokens import GAP, fold, token_text, tokens

FEW_SIGNS = st.text("工资专户a1 ，。\n", max_size=24)


@pytest.mark.parametrize(
    "text,expected",
    [
        ("消防", "消防 防"),
        ("日", "日"),
        ("农民工工资", "农民 民工 工工 工资 资"),
        ("第３０条", "第 30 条"),
        ("签订之日起30日内，备案", "签订 订之 之日 日起 起 30 日内 内 ¶ 备案 案"),
        ("Wage Deposit", "wage ¶ deposit"),
        ("Ａ４纸", "a4 纸"),
        ("2.4-s03", "2 ¶ 4 ¶ s03"),
        ("《条例》28", "条例 例 ¶ 28"),
        ("㛃𬱖", "㛃𬱖 𬱖"),
        ("，。_", ""),
        (GAP, ""),
    ],
)
def test_tokens(text: str, expected: str) -> None:
    assert " ".join(tokens(text)) == expected


@pytest.mark.parametrize(
    "typed,words",
    [
        ("消防", [Word("消防", ("消防",))]),
        ("　专户 银行　", [Word("专户", ("专户",)), Word("银行", ("银行",))]),
        ("日", [Word("日", ("日",), open_end=True)]),
        ("30日", [Word("30日", ("30", "日"), open_end=True)]),
        ("第30条款", [Word("第30条款", ("第", "30", "条款"))]),
        ("“工资、专户”", [Word("工资", ("工资",)), Word("专户", ("专户",))]),
        ("2.4", [Word("2.4", ("2", GAP, "4"))]),
        ("专户 专户", [Word("专户", ("专户",))]),
        ('text:"x" OR a*', [Word('text:"x', ("text", GAP, "x")), Word("or", ("or",)), Word("a", ("a",))]),
        ("，。！", []),
        ("", []),
    ],
)
def test_queries(typed: str, words: list[Word]) -> None:
    assert list(read_query(typed).words) == words


def test_what_is_too_long_is_cut_and_said() -> None:
    short = read_query("专户 银行")
    assert not short.is_cut
    assert short.text == "专户 银行"
    long = read_query("农民工工资" * 100)
    assert long.is_cut
    assert len(long.text) == LONGEST_QUERY
    many = read_query(" ".join(chr(0x4E00 + number) * 2 for number in range(MOST_WORDS + 1)))
    assert many.is_cut
    assert len(many.words) == MOST_WORDS


@settings(max_examples=500, deadline=None)
@given(text=FEW_SIGNS, word=st.text("工资专户", min_size=1, max_size=5))
def test_tokens_find_a_chinese_word_exactly_where_it_stands(text: str, word: str) -> None:
    (wanted,) = read_query(word).words
    phrase = f" {' '.join(wanted.tokens)}{'' if wanted.open_end else ' '}"
    assert (phrase in token_text(text)) == (word in text)
    assert (pattern((wanted,)).search(fold(text)) is not None) == (word in text)


@settings(max_examples=500, deadline=None)
@given(text=FEW_SIGNS, word=st.from_regex(r"[工资]{0,3}(?:a|1|a1|11)[专户]{0,3}", fullmatch=True))
def test_tokens_and_marks_agree_on_mixed_words(text: str, word: str) -> None:
    (wanted,) = read_query(word).words
    phrase = f" {' '.join(wanted.tokens)}{'' if wanted.open_end else ' '}"
    before = r"(?<![a1])" if word[0] in "a1" else ""
    after = r"(?![a1])" if word[-1] in "a1" else ""
    there = re.search(before + re.escape(word) + after, text) is not None
    assert (phrase in token_text(text)) == there
    assert (pattern((wanted,)).search(fold(text)) is not None) == there


def marked(text: str, words: str, **known: int) -> str:
    pieces = snippet(text, pattern(read_query(words).words), **known)
    return "".join(f"[{piece}]" if hit else piece for piece, hit in pieces)


def test_a_snippet_begins_near_the_hit_and_marks_every_word() -> None:
    text = f"{'很长的开头' * 30}。签合同３０日内开立专户，{'结尾' * 60}"
    assert marked(text, "30日 专户").startswith("…签合同[３０日]内开立[专户]，结尾")
    assert marked(text, "30日 专户").endswith("…")
    assert len(marked(text, "专户")) <= 90
    assert marked("短文。\n第二行\n第三行", "没有") == "短文。 第二行 · 第三行"
    assert marked("", "没有") == ""


def test_a_snippet_prefers_the_place_where_most_words_stand() -> None:
    text = f"专户在这里。{'别的话' * 50}。银行与专户在一起。{'别的话' * 50}"
    assert "[银行]与[专户]" in marked(text, "专户 银行")


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200), words=st.text(min_size=1, max_size=12))
@example(text="ﷺ", words="ﷺ")  # one sign that is compared as four words
def test_a_snippet_is_a_piece_of_the_text(text: str, words: str) -> None:
    query = read_query(words)
    if not query.words:
        return
    pieces = snippet(text, pattern(query.words))
    told = "".join(piece for piece, _hit in pieces).removeprefix("…").removesuffix("…")
    assert told in re.sub(r"\n", " · ", re.sub(r"(?<=[。；！？：])\n", " ", text)) or "…" in text


@pytest.mark.parametrize(
    "html,expected",
    [
        ("<p>甲&amp;乙</p>", "甲&乙"),
        ("甲 &lt;b&gt;", "甲 <b>"),
        ("<p>消<strong>防</strong>安全</p>\n<p>第二段</p>", "消防安全\n第二段"),
        ("<ul><li>一</li><li>二<br>三</li></ul>", "一\n二\n三"),
        ('<p>见<a class="cite" href="/laws/x/1">《条例》28</a>。</p>', "见《条例》28。"),
        ('<table><tr><th scope="col">甲</th><td>乙</td></tr></table>', "甲\n乙"),
        ('<figure><img src="/x.svg" alt="钱怎么走"><figcaption>图一</figcaption></figure>', "钱怎么走\n图一"),
        ("", ""),
    ],
)
def test_plain_text(html: str, expected: str) -> None:
    assert plain_text(html) == expected
