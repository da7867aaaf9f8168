"""What makes a question fit to be asked, beyond the shape of its entry."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal

from lms.core.arithmetic import BadFormula
from lms.quizzes.content.schema import Entry, OptionEntry, PartEntry
from lms.quizzes.rules.arithmetic import agrees
from lms.quizzes.rules.kinds import Kind
from lms.quizzes.rules.marking import plain_text
from lms.web.markup import CITATION

Problem = tuple[str, str]  # field, message
BLANK = re.compile(r"_{2,}")
_SLUG_END = re.compile(r"([smtnfc])\d\d")
_LETTER = re.compile(
    r"选项\s*[A-Ha-h](?![A-Za-z0-9])|(?<![A-Za-z0-9])[A-H]\s*(?:选项|项(?!目))"
    r"|(?:答案|应选|故选|正确的?是|只选)\s*[为是：:]?\s*[A-H]+(?![A-Za-z0-9一-鿿])"
)
_ALL_OF_THEM = re.compile(r"以上(?:各项|选项)?(?:都|均|全)(?:是|对|不是|不对|正确|错误)|(?:都|均)不(?:是|对)$")
_EMPHASIS = re.compile(r"\d\s*\*\s*\d[^*\n]*\*")
_ADDRESS = re.compile(r"\]\((law:(?:[^()\s]|\([^()\s]*\))+)\)")
_CHIP = re.compile(r"\[[^\[\]]*\]\(law:(?:[^()\s]|\([^()\s]*\))+\)")
_TRIVIA = re.compile(r"第(?:几|多少|哪|何)(?:章|条|款|项)|条号(?:是|为)")
_NUMBER = re.compile(r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<myriads>[万亿]?)")
_MYRIADS = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}
_FIELDS = {
    Kind.SINGLE: {"options"},
    Kind.MULTIPLE: {"options"},
    Kind.TRUE_FALSE: {"answer"},
    Kind.NUMERIC: {"answer", "unit", "tolerance", "formula"},
    Kind.FILL: {"answers"},
    Kind.CASE: {"parts"},
}
_OPTIONAL = {"unit"}


def check_entry(entry: Entry) -> Iterator[Problem]:
    """Yield what is wrong with one question, its place in the bank and its sources apart."""
    end = entry.slug.removeprefix(f"{entry.item}-")
    match = _SLUG_END.fullmatch(end)
    if match is None or end == entry.slug:
        yield "slug", f"应写作 {entry.item}-{entry.kind.letter}01 这样的形式"
    elif match[1] != entry.kind.letter:
        yield "slug", f"{entry.kind.heading}的代码字母应为 {entry.kind.letter}"
    if entry.kind != Kind.CASE and not entry.explanation:
        yield "explanation", "缺少解析"
    if entry.reviewed.on < entry.as_of:
        yield "reviewed.on", "复核日期早于法规状态日期 as_of"
    yield from _check_asking(entry)
    if entry.kind == Kind.CASE:
        yield from _check_case(entry)


def _check_case(entry: Entry) -> Iterator[Problem]:
    if not 3 <= len(entry.parts) <= 5:
        yield "parts", f"案例题要有 3 到 5 个小题，现在 {len(entry.parts)} 个"
    for at, part in enumerate(entry.parts, start=1):
        if part.kind == Kind.CASE:
            yield f"parts.第{at}项.kind", "小题不能又是案例题"
            continue
        for field, message in _check_asking(part):
            yield f"parts.第{at}项.{field}", message


def _check_asking(asking: Entry | PartEntry) -> Iterator[Problem]:
    yield from _check_fields(asking)
    yield from _check_texts(asking)
    match asking.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            yield from _check_options(asking.kind, asking.options)
        case Kind.TRUE_FALSE if not isinstance(asking.answer, bool) and asking.answer is not None:
            yield "answer", "判断题的答案只能是 true 或 false"
        case Kind.NUMERIC:
            yield from _check_numeric(asking)
        case Kind.FILL:
            yield from _check_fill(asking)
        case _:
            return


def _check_fields(asking: Entry | PartEntry) -> Iterator[Problem]:
    """Refuse what the kind needs and has not, and what it has and does not need."""
    wanted = _FIELDS[asking.kind]
    for field in sorted(set().union(*_FIELDS.values())):
        value = getattr(asking, field, None)
        given = value is not None and value not in ("", [])
        if given and field not in wanted:
            yield field, f"{asking.kind.heading}不用写这一项"
        if not given and field in wanted - _OPTIONAL:
            yield field, f"{asking.kind.heading}缺少这一项"


def _check_options(kind: Kind, options: Sequence[OptionEntry]) -> Iterator[Problem]:
    right = sum(option.correct for option in options)
    if kind == Kind.SINGLE:
        if len(options) != 4:
            yield "options", f"单选题要有 4 个选项，现在 {len(options)} 个"
        if right != 1:
            yield "options", f"单选题只能有 1 个正确选项，现在 {right} 个"
    else:
        if not 4 <= len(options) <= 6:
            yield "options", f"多选题要有 4 到 6 个选项，现在 {len(options)} 个"
        if right < 2:
            yield "options", f"多选题至少要有 2 个正确选项，现在 {right} 个"
        if right == len(options):
            yield "options", "多选题不能所有选项都正确"
    seen: dict[str, int] = {}
    for at, option in enumerate(options, start=1):
        plain = plain_text(option.text)
        if plain in seen:
            yield f"options.第{at}项.text", f"与第{seen[plain]}项相同"
        seen.setdefault(plain, at)
        if not option.correct and not option.why:
            yield f"options.第{at}项.why", "缺少“为什么会选错”的说明"


def _check_numeric(asking: Entry | PartEntry) -> Iterator[Problem]:
    if isinstance(asking.answer, bool):
        yield "answer", "计算题的答案应为数字"
        return
    if asking.answer is None or not asking.formula:
        return
    try:
        right = agrees(asking.formula, asking.answer, asking.tolerance or Decimal(0))
    except BadFormula as problem:
        yield "formula", str(problem)
        return
    if not right:
        yield "formula", f"按算式 {asking.formula} 得不到答案 {asking.answer}"


def _check_fill(asking: Entry | PartEntry) -> Iterator[Problem]:
    blanks = len(BLANK.findall(asking.stem))
    if blanks != 1:
        yield "stem", f"填空题要有一个空，写作 ____，现在 {blanks} 个"
    for at, spelling in enumerate(asking.answers, start=1):
        if not plain_text(spelling):
            yield f"answers.第{at}项", "不能只有标点或空格"


def _texts(asking: Entry | PartEntry) -> Iterator[Problem]:
    yield "stem", asking.stem
    yield "explanation", asking.explanation
    for at, option in enumerate(asking.options, start=1):
        yield f"options.第{at}项.text", option.text
        yield f"options.第{at}项.why", option.why


def _check_texts(asking: Entry | PartEntry) -> Iterator[Problem]:
    for field, text in _texts(asking):
        if named := _LETTER.search(text):
            yield field, f"选项顺序会打乱，不能用字母称呼选项（“{named[0]}”），请写出选项内容"
        if field.endswith(".text") and _ALL_OF_THEM.search(text):
            yield field, "不要用“以上都是”“以上都不对”这类选项"
        if _EMPHASIS.search(text):
            yield field, "乘号请写作 ×，星号会变成斜体"


def cited(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Yield (field, law, article) of every source and every citation in a text."""
    for at, source in enumerate(entry.sources, start=1):
        yield f"sources.第{at}项", source.law, source.article
    askings: list[tuple[str, Entry | PartEntry]] = [("", entry)]
    askings += [(f"parts.第{at}项.", part) for at, part in enumerate(entry.parts, start=1)]
    for prefix, asking in askings:
        for field, text in _texts(asking):
            for law, article in chips(text):
                yield prefix + field, law, article


def chips(text: str) -> Iterator[tuple[str, str]]:
    """Yield (law, article) of every citation in a text; an article's name may hold brackets of its own: `三(一)`."""
    for address in _ADDRESS.finditer(text):
        match = CITATION.fullmatch(address[1])
        if match is not None:
            yield match["law"], match["article"]


def check_closely(entry: Entry) -> Iterator[Problem]:
    """Yield what `lms content check` refuses beyond `check_entry`: trivia, explanations that do not give the key."""
    askings: list[tuple[str, Entry | PartEntry]] = [("", entry)]
    askings += [(f"parts.第{at}项.", part) for at, part in enumerate(entry.parts, start=1)]
    for prefix, asking in askings:
        if named := _TRIVIA.search(asking.stem):
            yield f"{prefix}stem", f"不要考条号（“{named[0]}”），请问现场该怎么做"
        if asking.kind == Kind.NUMERIC and isinstance(asking.answer, Decimal):
            given = numbers_in(asking.explanation)
            if not given & _writings(asking.answer, asking.unit):
                yield f"{prefix}explanation", f"解析里没有写出答案 {asking.answer}{asking.unit}"


def numbers_in(text: str) -> set[Decimal]:
    """Return the numbers in a text, in any usual writing (9000, 9,000, 0.9万, full width), citations left out."""
    plain = unicodedata.normalize("NFKC", _CHIP.sub("", text))
    found = set()
    for match in _NUMBER.finditer(plain):
        number = Decimal(match["number"].replace(",", ""))
        found |= {number, number * _MYRIADS.get(match["myriads"], 1)}
    return found


def _writings(answer: Decimal, unit: str) -> set[Decimal]:
    """Return the numbers that say an answer; one in 万元 may be given in 元."""
    return {answer, answer * _MYRIADS.get(unit[:1], 1)}


def right_is_longest(options: Sequence[OptionEntry]) -> bool:
    """Whether the one right option is longer than every wrong one, which gives it away."""
    right = [len(option.text) for option in options if option.correct]
    wrong = [len(option.text) for option in options if not option.correct]
    return len(right) == 1 and bool(wrong) and right[0] > max(wrong)
