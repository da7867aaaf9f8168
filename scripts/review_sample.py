"""Draws questions for a second reading by a seed nobody chose: the hash of the commit that holds them.

    python -m scripts.review_sample $(git rev-parse HEAD) --count 60

The same hash and the same bank give the same questions in the same order. `--text` prints each with its key, so that a
reader has everything but the law; without it a Markdown table is printed that waits for the reader's words.
"""

import argparse
import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BANK = Path(__file__).parents[1] / "content" / "question_bank"


def questions() -> Iterator[dict[str, Any]]:
    """Yield every question of the bank, file by file."""
    for path in sorted(BANK.glob("*.toml")):
        yield from tomllib.loads(path.read_text("utf-8"))["question"]


def draw(seed: str, *, count: int) -> list[dict[str, Any]]:
    """Return `count` questions: those whose slug and seed hash lowest."""

    def lot(question: dict[str, Any]) -> str:
        return hashlib.sha256(f"{seed}\n{question['slug']}".encode()).hexdigest()

    return sorted(questions(), key=lot)[:count]


def as_text(question: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a question as a reader wants them: what is asked, the key, why, the sources."""
    yield f"== {question.get('slug', '小题')} [{question['kind']}] {question['stem']}"
    for option in question.get("options", ()):
        yield f"  {'✓' if option.get('correct') else '✗'} {option['text']}  ← {option.get('why', '')}"
    for name in ("answer", "unit", "tolerance", "formula", "answers"):
        if name in question:
            yield f"  {name}: {question[name]}"
    yield f"  解析：{question.get('explanation', '')}"
    for part in question.get("parts", ()):
        yield from as_text(part)
    if "sources" in question:
        yield "  依据：" + "、".join(f"{source['law']}#{source['article']}" for source in question["sources"])


def main() -> None:
    """Print the draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", help="提交的哈希")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--text", action="store_true", help="打印题目全文")
    options = parser.parse_args()
    drawn = draw(options.seed, count=options.count)
    if options.text:
        print("\n".join(line for question in drawn for line in as_text(question)))
        return
    print("| # | 试题 | 依据 | 重读法条要点 | 结论 | 处理 |\n|---|---|---|---|---|---|")
    for number, question in enumerate(drawn, start=1):
        sources = "、".join(f"{source['law']}#{source['article']}" for source in question["sources"])
        print(f"| {number} | {question['slug']} | {sources} | | | |")


if __name__ == "__main__":
    main()
