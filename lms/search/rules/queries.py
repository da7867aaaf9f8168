"""What a person typed, as words that must all be found; whatever they type is text, never an instruction."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lms.search.rules.tokens import GAP, LETTER, RUN, compose, fold, tokens_of_run

LONGEST_QUERY = 60
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Word:
    """One word to find: its tokens stand side by side; `open_end`: the last one may go on (a Chinese sign alone)."""

    text: str
    tokens: tuple[str, ...]
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """The words of a query. text: what was typed, as far as it is used; is_cut: more was typed than is used."""

    text: str
    words: tuple[Word, ...]
    is_cut: bool = False


def read_query(typed: str) -> SearchQuery:
    """Return what a person typed as a query.

    White space and signs part words, signs inside numbers and Latin words do not: `2.4` stays together.
    """
    printable = "".join(sign for sign in compose(typed) if sign.isprintable() or sign.isspace())
    typed = " ".join(printable.split())
    text = typed[:LONGEST_QUERY].rstrip()
    words = tuple(dict.fromkeys(_words(text)))
    return SearchQuery(text, words[:MOST_WORDS], is_cut=text != typed or len(words) > MOST_WORDS)


def _words(text: str) -> Iterator[Word]:
    for chunk in fold(text).split():
        group: list[re.Match[str]] = []
        for run in RUN.finditer(chunk):
            if group and run.start() != group[-1].end() and (run["cjk"] or group[-1]["cjk"]):
                yield _word(chunk, group)
                group = []
            group.append(run)
        if group:
            yield _word(chunk, group)


def _word(chunk: str, group: list[re.Match[str]]) -> Word:
    found = tokens_of_run(group[0])
    for before, run in pairwise(group):
        if run.start() != before.end():
            found.append(GAP)
        found += tokens_of_run(run)
    open_end = False
    if group[-1]["cjk"]:  # in the text the run may go on: a pair says all, a sign alone begins one
        open_end = len(group[-1][0]) == 1
        found = found if open_end else found[:-1]
    return Word(chunk[group[0].start() : group[-1].end()], tuple(found), open_end)


def pattern(words: tuple[Word, ...]) -> re.Pattern[str]:
    """Return what finds the words in a folded text, to mark them there; `lastindex` of a match says which one it is."""
    longest_first = sorted(words, key=lambda word: -len(word.text))
    return re.compile("|".join(f"({_word_pattern(word)})" for word in longest_first))


def _word_pattern(word: Word) -> str:
    runs = list(RUN.finditer(word.text))
    parts = [rf"(?<!{LETTER})" if not runs[0]["cjk"] else ""]
    end = runs[0].start()
    for run in runs:
        parts += [r"[\W_]+" if run.start() != end else "", re.escape(run[0])]
        end = run.end()
    parts.append(rf"(?!{LETTER})" if not runs[-1]["cjk"] else "")
    return "".join(parts)
