"""Plain sentences skip Markdown and cleaning when they are saved, and look exactly as if they had not."""

import tomllib
from collections.abc import Iterator

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lms.courses.content import default_root
from lms.web.markup import render_text
from lms.web.markup.rendering import is_plain, render_marked_up

SIGNS = "0129aZ工资。，（）《》“”①％÷ .,:;()/%+=-#>*_`[]!<&\\|~\"'\u3000\t\n\u200b\u00a0"


def texts(values: object) -> Iterator[str]:
    """Every text below a value read from TOML."""
    if isinstance(values, str):
        yield values.strip()
    elif isinstance(values, dict | list):
        for value in values.values() if isinstance(values, dict) else values:
            yield from texts(value)


def test_the_real_bank_comes_out_the_same_and_is_mostly_plain() -> None:
    files = sorted((default_root() / "question_bank").glob("*.toml"))
    found = {text for file in files for text in texts(tomllib.loads(file.read_text("utf-8"))) if text}
    plain = {text for text in found if is_plain(text)}
    assert len(plain) > 0.9 * len(found)
    assert [text for text in plain if render_text(text) != render_marked_up(text)] == []


@settings(max_examples=600, deadline=None)
@given(st.text(alphabet=SIGNS, min_size=1, max_size=12))
@example("1. 一")
@example("1.5 倍")
@example("- 一")
@example("+ 一")
@example("(一) 二")
@example("a  b  ")
@example("12345")
@example("http://a.b/c")
def test_any_text_comes_out_the_same(text: str) -> None:
    assert render_text(text) == render_marked_up(text)
    if is_plain(text):
        assert render_text(text, inline=True) == text
