"""What the content guide asks of lessons and of the register, beyond what an import needs."""

from collections.abc import Iterable, Iterator
from datetime import date

from lms.core.faults import Fault
from lms.courses.content.files import Content, LessonSource
from lms.courses.rules.kinds import ItemGroup
from lms.courses.rules.minutes import MINUTES_MARGIN, estimated_minutes, exercise_minutes, is_fair_length
from lms.web.markup import CITATION

SECTIONS = ("学完你能做什么", "工地实例", "动手做", "常见错误", "带到工地的清单", "五行小结")


def standard_faults(content: Content) -> Iterator[Fault]:
    """Yield what lessons, forms and the register lack of the guide's standards."""
    for lesson in content.lessons:
        yield from _section_faults(lesson)
        yield from _length_faults(lesson)
        yield from _dated_faults(lesson.file, "", lesson.front.as_of, _cited(lesson), content)
    for form in content.forms.values():
        sources = [(source.law, f"sources.第{at}项") for at, source in enumerate(form.form.sources, start=1)]
        yield from _dated_faults(form.file, "", form.form.as_of, sources, content)
    yield from _register_faults(content)


def official_faults(content: Content) -> Iterator[Fault]:
    """Yield what the official content owes: each skill has a working form."""
    shown = {form.form.item for form in content.forms.values()}
    for item in content.items:
        if item.group == ItemGroup.SKILLS and item.code not in shown:
            yield Fault("forms", f"条目 {item.code}", "", "操作技能条目至少要有一份表样")


def citation_problem(content: Content, law: str, as_of: date) -> str:
    """Return why a law may not be cited as of a date: repealed, not yet in force, or amended since; else nothing."""
    if law not in content.laws:
        return ""
    file = content.laws[law][0]
    if file.status == "repealed":
        return f"《{file.title}》已废止"
    if file.effective_on and file.effective_on > as_of:
        return f"《{file.title}》{file.effective_on} 才施行，晚于 as_of {as_of}"
    if file.amended_on and file.amended_on > as_of:
        return f"《{file.title}》{file.amended_on} 修改，晚于 as_of {as_of}，请按新条文复核"
    return ""


def _cited(lesson: LessonSource) -> Iterator[tuple[str, str]]:
    """Yield each law a lesson cites once, with the place where it does."""
    seen: set[str] = set()
    sources = [(source.law, f"sources.第{at}项") for at, source in enumerate(lesson.front.sources, start=1)]
    chips = [(match["law"], "正文") for match in CITATION.finditer(lesson.body)]
    for law, place in (*sources, *chips):
        if law not in seen:
            yield law, place
        seen.add(law)


def _dated_faults(
    file: str, entry: str, as_of: date, cited: Iterable[tuple[str, str]], content: Content
) -> Iterator[Fault]:
    for law, place in cited:
        problem = citation_problem(content, law, as_of)
        if problem:
            yield Fault(file, entry, place, problem)


def _section_faults(lesson: LessonSource) -> Iterator[Fault]:
    headings = [line.lstrip("# ").strip() for line in lesson.body.splitlines() if line.startswith("## ")]
    for section in SECTIONS:
        if not any(heading.startswith(section) for heading in headings):
            yield Fault(lesson.file, "", "正文", f"缺少“{section}”一节")


def _length_faults(lesson: LessonSource) -> Iterator[Fault]:
    if not exercise_minutes(lesson.body):
        yield Fault(lesson.file, "", "正文", "没有标明分钟数的练习，小标题写作“动手做（12分钟）”")
    minutes = lesson.front.minutes
    estimate = estimated_minutes(lesson.body, questions=len(lesson.front.self_check))
    if not is_fair_length(minutes, estimate):
        message = f"写了 {minutes} 分钟，按字数、练习和自测题估算为 {estimate:.0f} 分钟，相差超过 {MINUTES_MARGIN}%"
        yield Fault(lesson.file, "", "minutes", message)


def _register_faults(content: Content) -> Iterator[Fault]:
    """Yield articles without a fingerprint where the text is known; annexes are compared by people."""
    for slug, (law, articles) in content.laws.items():
        for article in articles:
            annex = article.no.startswith("附件")
            if law.text_status == "full" and not annex and not article.sha256:
                yield Fault(f"laws/{slug}.toml", f"条 {article.no}", "sha256", "全文已知的法规，每一条都要有指纹")
