"""From clean HTML to the text a person reads: what runs on stays joined, blocks part."""

import re
from html import unescape
from html.parser import HTMLParser

from lms.search.rules.tokens import compose

_RUNS_ON = frozenset(("a", "b", "code", "em", "i", "label", "mark", "span", "strong", "sub", "sup", "tspan", "u"))
_ONE_PARAGRAPH = re.compile(r"<p>([^<]*)</p>\s*")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _RUNS_ON:
            self.parts.append("\n")
        self.parts += [f"{value}\n" for name, value in attrs if tag == "img" and name == "alt" and value]

    def handle_endtag(self, tag: str) -> None:
        if tag not in _RUNS_ON:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(html: str) -> str:
    """Return the words of an HTML text, one line for each block and each picture's description; spaces are single."""
    simple = _ONE_PARAGRAPH.fullmatch(html)  # nearly every text of a question bank
    if simple or "<" not in html:
        words = unescape(simple[1] if simple else html)
    else:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        words = "".join(reader.parts)
    return _LINES.sub("\n", _SPACES.sub(" ", compose(words))).strip()
