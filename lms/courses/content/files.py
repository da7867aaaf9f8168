"""From a content folder to plain records, with every fault found on the way."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lms.core.faults import CITATION, Fault, from_validation
from lms.courses.content.form_files import read_forms
from lms.courses.content.forms import FormSource
from lms.courses.content.schema import ArticleEntry, ItemEntry, LawFile, LessonFront
from lms.courses.content.sources import day_faults, load_toml, read_text, source_faults
from lms.courses.content.texts import check_text, forms_in
from lms.courses.rules.kinds import ItemGroup

RENDERING = "6"  # raised when markup renders the same text differently, so that an import makes new revisions
_FENCE = re.compile(r"\+\+\+[ \t]*\n(?P<front>.*?)\n\+\+\+[ \t]*(?:\n(?P<body>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LessonSource:
    """A lesson file: its front matter, its Markdown, the hash of both and of the forms it shows, and their slugs."""

    file: str
    front: LessonFront
    body: str
    content_hash: str
    forms: tuple[str, ...] = ()


@dataclass(slots=True)
class Content:
    """All that was read, and all that is wrong with it; use the records only when there are no faults."""

    laws: dict[str, tuple[LawFile, list[ArticleEntry]]] = field(default_factory=dict)
    items: list[ItemEntry] = field(default_factory=list)
    lessons: list[LessonSource] = field(default_factory=list)
    forms: dict[str, FormSource] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def articles(self) -> set[tuple[str, str]]:
        """(slug, article) of everything in the register."""
        return {(slug, article.no) for slug, (_law, articles) in self.laws.items() for article in articles}


def default_root() -> Path:
    """Return the content folder: inside an installed wheel, else beside the package."""
    package = Path(__file__).parents[2]
    shipped = package / "_content"
    return shipped if shipped.is_dir() else package.parent / "content"


def content_hash(text: str) -> str:
    """Return the fingerprint by which a changed lesson is told from an unchanged one."""
    return hashlib.sha256(f"{RENDERING}\n{text}".encode()).hexdigest()


def read_content(root: Path, *, today: date) -> Content:
    """Read and check laws, syllabus, working forms and lessons; dates after `today` are faults."""
    content = Content()
    for path in sorted((root / "laws").glob("*.toml")):
        _read_law(path, content, today)
    _read_syllabus(root / "syllabus" / "syllabus.toml", content)
    items = {item.code for item in content.items}
    content.forms = read_forms(root, content.faults, articles=content.articles, items=items, today=today)
    for path in sorted((root / "syllabus").glob("*/*.md")):
        _read_lesson(path, content, today)
    _check_lessons_together(content)
    _check_forms_are_shown(content)
    content.faults.sort()
    return content


def _read_law(path: Path, content: Content, today: date) -> None:
    file = f"laws/{path.name}"
    text = read_text(path, file, content.faults)
    values = None if text is None else load_toml(text, file, content.faults)
    if values is None:
        return
    entries = values.pop("article", [])
    try:
        law = LawFile.model_validate(values)
    except ValidationError as error:
        content.faults += from_validation(error, file=file)
        return
    if law.slug != path.stem:
        content.faults.append(Fault(file, "", "slug", f"应与文件名一致，为 {path.stem}"))
    if law.amended_on and law.amended_on > today:
        content.faults.append(Fault(file, "", "amended_on", "不能晚于今天"))
    content.laws[law.slug] = (law, list(_read_articles(entries, file, content)))


def _read_articles(entries: Any, file: str, content: Content) -> Iterator[ArticleEntry]:
    if not isinstance(entries, list) or not entries:
        content.faults.append(Fault(file, "", "article", "至少要有一条 [[article]]"))
        return
    seen: set[str] = set()
    for at, entry in enumerate(entries, start=1):
        name = str(entry.get("no", "")) if isinstance(entry, dict) else ""
        place = f"条 {name}" if name else f"第{at}个 [[article]]"
        try:
            article = ArticleEntry.model_validate(entry)
        except ValidationError as error:
            content.faults += from_validation(error, file=file, entry=place)
            continue
        if article.no in seen:
            content.faults.append(Fault(file, place, "no", "这一条登记了两次"))
            continue
        seen.add(article.no)
        yield article


def _read_syllabus(path: Path, content: Content) -> None:
    file = f"syllabus/{path.name}"
    if not path.is_file():
        content.faults.append(Fault(file, "", "", "没有这个文件，大纲条目从这里读取"))
        return
    text = read_text(path, file, content.faults)
    values = None if text is None else load_toml(text, file, content.faults)
    if values is None:
        return
    entries = values.get("item", [])
    for at, entry in enumerate(entries, start=1):
        try:
            item = ItemEntry.model_validate(entry)
        except ValidationError as error:
            content.faults += from_validation(error, file=file, entry=f"第{at}个 [[item]]")
            continue
        if any(item.code == other.code for other in content.items):
            content.faults.append(Fault(file, f"条目 {item.code}", "code", "代码重复"))
            continue
        content.items.append(item)
    order = [list(ItemGroup).index(item.group) for item in content.items]
    if order != sorted(order):
        content.faults.append(Fault(file, "", "group", "条目应按职业规范、理论知识、操作技能的顺序排列"))


def _read_lesson(path: Path, content: Content, today: date) -> None:
    file = f"syllabus/{path.parent.name}/{path.name}"
    text = read_text(path, file, content.faults)
    if text is None:
        return
    parts = _FENCE.fullmatch(text.strip())
    if parts is None:
        content.faults.append(Fault(file, "", "", "开头应是两行 +++ 之间的课文信息，然后是正文"))
        return
    values = load_toml(parts["front"], file, content.faults, first_line=2)
    if values is None:
        return
    try:
        front = LessonFront.model_validate(values)
    except ValidationError as error:
        content.faults += from_validation(error, file=file)
        return
    body = (parts["body"] or "").strip()
    content.faults += _front_faults(path, file, front, today)
    content.faults += source_faults(file, front.sources, content.articles)
    forms = {slug: form.form.item for slug, form in content.forms.items()}
    for fault in check_text(body, content.articles, forms=forms, item=front.item):
        kind = {"kind": CITATION} if fault.citation else {}
        content.faults.append(Fault(file, f"“{fault.section}”" if fault.section else "", "正文", fault.message, **kind))
    shown = [slug for slug in forms_in(body) if slug in content.forms]
    hashes = [content.forms[slug].content_hash for slug in shown]
    digest = content_hash("\n".join((text.strip(), *hashes)))
    content.lessons.append(LessonSource(file, front, body, digest, tuple(shown)))


def _front_faults(path: Path, file: str, front: LessonFront, today: date) -> Iterator[Fault]:
    if path.stem != front.code:
        yield Fault(file, "", "code", f"应与文件名一致，为 {path.stem}")
    if path.parent.name != front.item:
        yield Fault(file, "", "item", f"应与文件夹一致，为 {path.parent.name}")
    if front.code.rpartition("-")[0] != front.item:
        yield Fault(file, "", "code", f"应以条目代码开头，为 {front.item}-…")
    for slug in front.self_check:
        if slug.rpartition("-")[0] != front.item:
            yield Fault(file, "", "self_check", f"{slug} 不是条目 {front.item} 的试题")
    yield from day_faults(file, as_of=front.as_of, reviewed_on=front.reviewed.on, today=today)


def _check_lessons_together(content: Content) -> None:
    items = {item.code for item in content.items}
    codes: dict[str, str] = {}
    orders: dict[tuple[str, int], str] = {}
    for lesson in content.lessons:
        front = lesson.front
        if items and front.item not in items:
            content.faults.append(Fault(lesson.file, "", "item", f"大纲里没有条目 {front.item}"))
        if front.code in codes:
            content.faults.append(Fault(lesson.file, "", "code", f"与 {codes[front.code]} 的代码重复"))
        place = (front.item, front.order)
        if place in orders:
            content.faults.append(Fault(lesson.file, "", "order", f"与 {orders[place]} 的顺序号相同"))
        codes[front.code] = lesson.file
        orders[place] = lesson.file


def _check_forms_are_shown(content: Content) -> None:
    shown = {slug for lesson in content.lessons for slug in lesson.forms}
    for slug, source in content.forms.items():
        if slug not in shown:
            message = f"没有课文用到这张表，请在条目 {source.form.item} 的课文里写 [{source.form.title}](form:{slug})"
            content.faults.append(Fault(source.file, "", "", message))
