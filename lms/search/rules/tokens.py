"""Our own tokens, so that both engines find the same: Chinese as overlapping pairs, everything else as whole words."""

import re
import unicodedata

VERSION = 1  # part of every document's stamp: tokens made another way are made anew by the next import
GAP = "¶"  # stands between two runs that do not touch, so that no phrase reaches across; never part of a text's token
LONGEST_WORD = 64

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
LETTER = rf"[^\W_{_CJK}]"  # what a whole word is made of: letters and digits that are not Chinese
RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|{LETTER}+")


class _Folds(dict[int, str]):
    """What each character is compared as, made when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code)).casefold()
        self[code] = unicodedata.normalize("NFKC", folded)
        return self[code]


_folds = _Folds()


def compose(text: str) -> str:
    """Return a text with accents and their letters as one sign each, so that it can be folded sign by sign."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return a text as it is compared: full width as half width, capitals as small letters, sign by sign."""
    return text.translate(_folds)


def tokens_of_run(run: re.Match[str]) -> list[str]:
    """Return the tokens of one run; of Chinese a pair for each sign, and the last sign alone, because nothing follows.

    So every sign begins exactly one token: a single sign is found as a prefix wherever it stands.
    """
    text = run[0]
    return [text[at : at + 2] for at in range(len(text))] if run["cjk"] else [text[:LONGEST_WORD]]


def tokens(text: str) -> list[str]:
    """Return the tokens of a text in order, with GAP where two runs do not touch."""
    found: list[str] = []
    end = 0
    for run in RUN.finditer(fold(text)):
        if found and run.start() != end:
            found.append(GAP)
        found += tokens_of_run(run)
        end = run.end()
    return found


def token_text(text: str) -> str:
    """Return the tokens as the index keeps them: a space around each, so that a phrase is a substring."""
    found = tokens(text)
    return f" {' '.join(found)} " if found else ""
