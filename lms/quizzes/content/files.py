"""From the bank's folder to plain records, with every fault found on the way."""

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lms.core.faults import Fault, from_validation
from lms.quizzes.content.checks import check_entry, cited, right_is_longest
from lms.quizzes.content.schema import Entry
from lms.quizzes.rules.kinds import Kind
from lms.quizzes.rules.marking import plain_text

FOLDER = "question_bank"
RENDERING = "2"  # raised when the same entry is rendered or kept differently, so that an import makes new versions
LONGEST_SHARE = 4  # the right option may be the longest in one single-choice question of four


@dataclass(frozen=True, slots=True)
class Known:
    """What questions may point to: syllabus items, and (law, article) of the register."""

    items: Collection[str]
    articles: Collection[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class QuestionSource:
    """A question of a file, checked, and the fingerprint of what it says."""

    file: str
    entry: Entry
    content_hash: str


@dataclass(slots=True)
class Bank:
    """All that was read, and what is wrong with it; use the questions only when there are no faults."""

    questions: list[QuestionSource] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def read_bank(root: Path, *, known: Known) -> Bank:
    """Read and check every file of the question bank under a content folder."""
    bank = Bank()
    paths = sorted((root / FOLDER).glob("*.toml"))
    if not paths:
        bank.faults.append(Fault(FOLDER, "", "", f"{root / FOLDER} 里没有题库文件（*.toml）"))
    for path in paths:
        _read_file(path, bank, known)
    _check_together(bank)
    bank.faults.sort()
    return bank


def content_hash(values: Any) -> str:
    """Return the fingerprint by which a changed question is told from an unchanged one."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(f"{RENDERING}\n{text}".encode()).hexdigest()


def _read_file(path: Path, bank: Bank, known: Known) -> None:
    file = f"{FOLDER}/{path.name}"
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        bank.faults.append(Fault(file, "", "", "不是 UTF-8 编码，请另存为 UTF-8"))
        return
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        line = f"第{where[1]}行" if where else ""
        bank.faults.append(Fault(file, line, "", "TOML 格式错误（引号、括号、日期或重复的名称）"))
        return
    entries = values.pop("question", None)
    bank.faults += [Fault(file, "", name, "不认识这一项，文件里只能有 [[question]]") for name in values]
    if not isinstance(entries, list) or not entries:
        bank.faults.append(Fault(file, "", "question", "至少要有一题 [[question]]"))
        return
    if path.stem not in known.items:
        bank.faults.append(Fault(file, "", "", f"大纲里没有条目 {path.stem}，文件名应为条目代码"))
    for at, raw in enumerate(entries, start=1):
        _read_entry(raw, at, path, bank, known)


def _read_entry(raw: Any, at: int, path: Path, bank: Bank, known: Known) -> None:
    file = f"{FOLDER}/{path.name}"
    slug = str(raw.get("slug", "")) if isinstance(raw, dict) else ""
    name = slug or f"第{at}题"
    try:
        entry = Entry.model_validate(raw)
    except ValidationError as error:
        bank.faults += from_validation(error, file=file, entry=name)
        return
    if entry.item != path.stem:
        bank.faults.append(Fault(file, name, "item", f"应与文件名一致，为 {path.stem}"))
    bank.faults += [Fault(file, name, where, message) for where, message in check_entry(entry)]
    seen: set[tuple[str, str, str]] = set()
    for where, law, article in cited(entry):
        if (law, article) not in known.articles:
            bank.faults.append(Fault(file, name, where, f"法规库里没有 {law}#{article}"))
        kind_of_place = where.partition(".")[0]
        if kind_of_place == "sources" and (kind_of_place, law, article) in seen:
            bank.faults.append(Fault(file, name, where, f"{law}#{article} 写了两次"))
        seen.add((kind_of_place, law, article))
    bank.questions.append(QuestionSource(file, entry, content_hash(entry.model_dump(mode="json"))))


def _check_together(bank: Bank) -> None:
    slugs: dict[str, str] = {}
    stems: dict[str, str] = {}
    for question in bank.questions:
        slug = question.entry.slug
        if slug in slugs:
            bank.faults.append(Fault(question.file, slug, "slug", f"代码重复，{slugs[slug]} 里已有"))
        slugs.setdefault(slug, question.file)
        stem = plain_text(question.entry.stem) + "|" + _options_key(question.entry)
        if stem in stems and stems[stem] != slug:
            bank.faults.append(Fault(question.file, slug, "stem", f"与 {stems[stem]} 完全相同"))
        stems.setdefault(stem, slug)
    for file in sorted({question.file for question in bank.questions}):
        own = [question for question in bank.questions if question.file == file]
        bank.warnings += _tells(file, own)


def _options_key(entry: Entry) -> str:
    return "|".join(sorted(plain_text(option.text) for option in entry.options))


def _tells(file: str, questions: Sequence[QuestionSource]) -> list[Fault]:
    """Warn when the right options of a file give themselves away by their length."""
    singles = [question for question in questions if question.entry.kind == Kind.SINGLE]
    longest = [question.entry.slug for question in singles if right_is_longest(question.entry.options)]
    if len(longest) * LONGEST_SHARE <= len(singles):
        return []
    message = f"{len(singles)} 道单选题里有 {len(longest)} 道的正确选项最长（{'、'.join(longest)}），容易被猜中"
    return [Fault(file, "", "options", message)]


def late(bank: Bank, *, today: date) -> list[Fault]:
    """Return warnings of questions whose review lies in the future."""
    return [
        Fault(question.file, question.entry.slug, "reviewed.on", f"{question.entry.reviewed.on} 晚于今天")
        for question in bank.questions
        if question.entry.reviewed.on > today
    ]
