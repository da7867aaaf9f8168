"""Which questions ask the same thing in nearly the same words: pairs of signs shared, as a share of all (Jaccard)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from math import ceil
from typing import TypeAlias

Pair: TypeAlias = tuple[str, str, float]  # name, name, likeness

# Read off the bank of a thousand questions: the pair above it asked one thing twice; the pairs below (0.43 to 0.35)
# share a penalty or a situation and ask for different decisions in it.
TOO_ALIKE = 0.45
# Other numbers make another question (3 days in probation, 30 afterwards), unless all the words are the same.
TOO_ALIKE_BUT_FOR_NUMBERS = 0.7
_OTHER = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")


def bigrams(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring signs; letters, digits and Chinese characters count, in any width and case."""
    plain = _OTHER.sub("", unicodedata.normalize("NFKC", text).casefold())
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def alike(texts: Mapping[str, str]) -> list[Pair]:
    """Return the pairs that are too much alike, the worst first."""
    grams = {name: bigrams(text) for name, text in texts.items()}
    numbers = {name: sorted(re.findall(r"\d+", unicodedata.normalize("NFKC", text))) for name, text in texts.items()}
    found = [
        (first, second, share)
        for first, second, share in _pairs(grams, TOO_ALIKE)
        if share >= TOO_ALIKE_BUT_FOR_NUMBERS or numbers[first] == numbers[second]
    ]
    return sorted(found, key=lambda pair: (-pair[2], pair[0], pair[1]))


def _pairs(grams: Mapping[str, frozenset[str]], least: float) -> Iterator[Pair]:
    """Yield all pairs at least so alike; compared are only texts that share one of their rarest pairs of signs.

    Two sets that are alike by `least` share one of the n - least·n + 1 rarest members of each, n being its size.
    """
    frequency = Counter(gram for own in grams.values() for gram in own)
    having: dict[str, list[str]] = {}
    for name, own in grams.items():
        rarest = sorted(own, key=lambda gram: (frequency[gram], gram))[: len(own) - ceil(least * len(own)) + 1]
        for other in sorted({other for gram in rarest for other in having.get(gram, ())}):
            share = jaccard(own, grams[other])
            if share >= least:
                yield other, name, share
        for gram in rarest:
            having.setdefault(gram, []).append(name)


def jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    """Return how much of two sets together is in both, from 0 to 1."""
    both = len(first & second)
    return both / (len(first) + len(second) - both) if both else 0.0
