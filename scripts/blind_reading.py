"""Puts the bank to a reader who sees no key, and compares what the reader answered with the keys.

    python -m scripts.blind_reading ask 2.4 2.5-s01 > paper.txt
    python -m scripts.blind_reading compare answers.txt

`ask` prints the questions of the named items, or named ones (of the whole bank without a name): no key, no reason, no
explanation, no source, the options in an order that depends on their words only. A line of `answers.txt` is `SLUG:
ANSWER`, of a case `SLUG.2: ANSWER` for its second question; the answer is the number of an option (`2`, for multiple
choice `1,3`), 对 or 错, a number, or the words that fill the gap. What follows ` # ` is the reader's doubt: a condition
the stem leaves open, an option that could be defended too. `compare` prints every difference and every doubt beside
the key, and the count; compare before mending, because other words change the order of the options.
"""

import argparse
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lms.quizzes.rules.marking import is_right_number, is_right_text
from scripts.review_sample import questions

_LINE = re.compile(r"\s*(?P<name>[\w.-]+)\s*[:：](?P<answer>.*?)(?: # (?P<doubt>.*))?")
VERDICTS = {"对": True, "错": False}


def asked(of: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every single thing that is asked, by its name: the slug, of a case the slug and the number of the part."""
    wanted = set(of)
    for question in questions():
        if wanted and not wanted & {question["item"], question["slug"]}:
            continue
        yield question["slug"], question
        for number, part in enumerate(question.get("parts", ()), start=1):
            yield f"{question['slug']}.{number}", part


def shown(name: str, question: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the options in the order the reader sees: by a hash of their words, which no writer chose."""
    return sorted(
        question.get("options", ()),
        key=lambda option: hashlib.sha256(f"{name}\n{option['text']}".encode()).digest(),
    )


def paper(of: Iterable[str]) -> Iterator[str]:
    """Yield the lines of the paper."""
    for name, question in asked(of):
        unit = f"（单位：{question['unit']}）" if "unit" in question else ""
        yield f"\n== {name} [{question['kind']}] {question['stem']}{unit}"
        for number, option in enumerate(shown(name, question), start=1):
            yield f"  {number}. {option['text']}"


def key_of(name: str, question: dict[str, Any]) -> str:
    """Return the key as a reader would have written it."""
    match question["kind"]:
        case "single" | "multiple":
            options = enumerate(shown(name, question), start=1)
            return ",".join(str(number) for number, option in options if option.get("correct"))
        case "true_false":
            return next(word for word, verdict in VERDICTS.items() if verdict is question["answer"])
        case "numeric":
            return str(question["answer"])
        case "fill":
            return " / ".join(question["answers"])
        case _:
            return ""


def agrees(name: str, question: dict[str, Any], answer: str) -> bool:
    """Whether an answer is the key, or for numbers and gaps one that the product would take."""
    match question["kind"]:
        case "numeric":
            key = {"value": question["answer"], "tolerance": question["tolerance"], "unit": question.get("unit", "")}
            return is_right_number(answer, key)
        case "fill":
            return is_right_text(answer, question["answers"])
        case "multiple":
            return ",".join(sorted(re.findall(r"\d+", answer))) == key_of(name, question)
        case _:
            return answer == key_of(name, question)


def read(path: Path) -> dict[str, tuple[str, str]]:
    """Return answer and doubt by name; a line that is no answer stops the comparison, so that none gets lost."""
    given = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise SystemExit(f"{path}第{number}行读不懂：{line}")
        given[found["name"]] = found["answer"].strip(), (found["doubt"] or "").strip()
    return given


def compare(given: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Yield the differences and doubts, then the count."""
    known = {name: question for name, question in asked([]) if question["kind"] != "case"}
    yield from (f"没有这一题：{name}" for name in given if name not in known)
    right = doubted = 0
    answered = {name: found for name, found in given.items() if name in known}
    for name, (answer, doubt) in answered.items():
        question = known[name]
        agreed = agrees(name, question, answer)
        right += agreed
        doubted += bool(doubt)
        if not agreed or doubt:
            verdict = "同" if agreed else "不同"
            yield f"{verdict} {name}: 盲答 {answer}，答案 {key_of(name, question)}；{doubt or '没有疑问'}"
    yield f"共答{len(answered)}问，与答案相同{right}，有疑问{doubted}。"


def main() -> None:
    """Print the paper, or the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("act", choices=("ask", "compare"))
    parser.add_argument("of", nargs="*", help="项的编号、试题，或者答案文件")
    options = parser.parse_args()
    if options.act == "ask":
        unknown = set(options.of) - {name for one in questions() for name in (one["item"], one["slug"])}
        if unknown:
            parser.error(f"没有这一项或者这一题：{'、'.join(sorted(unknown))}")
        lines = paper(options.of)
    else:
        lines = compare({name: found for path in options.of for name, found in read(Path(path)).items()})
    print("\n".join(lines))


if __name__ == "__main__":
    main()
