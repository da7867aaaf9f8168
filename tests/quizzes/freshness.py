"""A small content folder whose law has a text: what cites which article is known to the last question."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from lms.core.db import db, transaction
from lms.courses import services as courses
from lms.courses.content.statutes import fingerprint
from lms.courses.models import Lesson
from lms.courses.rules.kinds import ItemGroup
from lms.quizzes import services as quizzes
from lms.quizzes.models import Question
from tests import factories
from tests.factories import AT
from tests.quizzes import bank

ARTICLES = {
    "1": "为了保障农民工按时足额获得工资，制定本条例。",
    "26": "施工总承包单位应当按照有关规定开设农民工工资专用账户。",
    "28": "施工总承包单位应当在工程项目部配备劳资专管员。\n\n劳资专管员由总包负责。",
    "30": "分包单位对所招用农民工的实名制管理和工资支付负直接责任。",
    "31": "工程建设领域推行分包单位农民工工资委托施工总承包单位代发制度。",
}
REGISTERED = ("26", "28", "30", "31")
LATER = AT + timedelta(days=1)

# who cites article 28, each in another way
LESSONS_28 = ["1.1-1", "2.4-2"]
QUESTIONS_28 = ["1.1-s01", "2.4-s05", "3.4-c01"]


def official(articles: Mapping[str, str] = ARTICLES, *, title: str = "保障农民工工资支付条例") -> bytes:
    """Return the law's text as Markdown, with numbers as ministries write them."""
    names = {"1": "一", "26": "二十六", "28": "二十八", "30": "三十", "31": "三十一", "32": "三十二"}
    body = "\n\n".join(f"第{names[no]}条　{text}" for no, text in articles.items())
    return f"---\ntitle: {title}\n---\n\n# {title}\n\n## 第一章　总则\n\n{body}\n".encode()


def changed(*numbers: str, word: str = "两名以上") -> bytes:
    """Return the text with these articles amended."""
    return official({no: f"{word}{text}" if no in numbers else text for no, text in ARTICLES.items()})


def law_file(articles: Mapping[str, str] = ARTICLES) -> str:
    """Return the law's file in the register."""
    head = factories._LAW.partition("[[article]]")[0]
    entries = [
        f'[[article]]\nno = "{no}"\ngist = "第{no}条的要点。"\nsha256 = "{fingerprint(text)}"\n'
        for no, text in articles.items()
        if no in REGISTERED
    ]
    return head + "\n".join(entries)


def lesson(code: str, *, source: str, chip: str = "", read_on: str = "2026-01-20", note: str = "已对照原文") -> str:
    """Return a lesson that names one article in its sources and may cite another in its text."""
    item, _, order = code.partition("-")
    text = factories._LESSON.format(code=code, item=item, order=order).replace('"28" }', f'"{source}" }}')
    text = text.replace(
        "[《条例》28](law:wage-regulation#28)", f"[《条例》{chip}](law:wage-regulation#{chip})" if chip else ""
    )
    return text.replace("2026-01-20, outcome", f"{read_on}, outcome").replace("已对照原文", note)


def lessons() -> dict[str, str]:
    return {
        "1.1-1": lesson("1.1-1", source="28"),
        "2.4-1": lesson("2.4-1", source="26", chip="26"),
        "2.4-2": lesson("2.4-2", source="26", chip="28"),
        "3.4-1": lesson("3.4-1", source="30", chip="31"),
    }


def questions() -> dict[str, str]:
    """Return the bank: every question cites its item's article; 28 is cited by a source, a chip, a part of a case."""
    own = {"1.1": "31", "2.4": "26", "3.4": "30"}
    files = {item: bank.bank_of(item).replace('article = "28"', f'article = "{own[item]}"') for item in bank.ITEMS}
    first = bank.single("1.1-s01")
    files["1.1"] = files["1.1"].replace(first.replace('"28"', '"31"'), first)
    chip = "[《条例》28](law:wage-regulation#28)"
    files["2.4"] = files["2.4"].replace("EXPLANATION-2.4-s05", f"EXPLANATION-2.4-s05 {chip}")
    before, mark, rest = files["3.4"].rpartition('explanation = "')  # of the case's last question
    files["3.4"] = f"{before}{mark}{chip}{rest}"
    return files


def write(
    root: Path, *, texts: Mapping[str, str] | None = None, law: str = "", files: dict[str, str] | None = None
) -> Path:
    """Write the folder."""
    entries = [
        f'[[item]]\ncode = "{code}"\ngroup = "{group}"\ntitle = "条目 {code}"\n' for code, group in factories.ITEMS
    ]
    for path, text in {
        "syllabus/syllabus.toml": "\n".join(entries),
        "laws/wage-regulation.toml": law or law_file(),
        **{f"syllabus/{code.partition('-')[0]}/{code}.md": text for code, text in (texts or lessons()).items()},
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return bank.write_bank(root, files or questions())


def load(root: Path, *, at: object = AT) -> None:
    """Import the folder as it stands."""
    with transaction():
        courses.import_content(root=root, at=at)  # type: ignore[arg-type]
        quizzes.import_bank(root=root, at=at)  # type: ignore[arg-type]
    db.session.expire_all()


def check(*texts: bytes, at: object = LATER) -> courses.LawCheck:
    """Check official texts as the command does."""
    with transaction():
        found = courses.check_laws(files=[(f"文本{n}.md", text) for n, text in enumerate(texts)], at=at)  # type: ignore[arg-type]
    db.session.expire_all()
    return found


def held() -> tuple[list[str], list[str]]:
    lessons = select(Lesson.code).where(Lesson.held_at.is_not(None)).order_by(Lesson.code)
    questions = select(Question.slug).where(Question.held_at.is_not(None)).order_by(Question.slug)
    return list(db.session.scalars(lessons)), list(db.session.scalars(questions))


def local_lesson(organisation_id: int, *, actor_id: int) -> str:
    """Give an institution a lesson of its own that cites article 28; its title has a sign found nowhere else."""
    known = {"organisation_id": organisation_id, "at": AT, "actor_id": actor_id}
    with transaction():
        item = courses.create_local_item(group=ItemGroup.THEORY, title="本地", **known)
        draft = courses.LessonDraft(
            title="㛃本地一课", minutes=30, as_of=AT.date(), source="## 节\n\n[《条例》28](law:wage-regulation#28)"
        )
        return courses.save_local_lesson(item_code=item, draft=draft, **known)
