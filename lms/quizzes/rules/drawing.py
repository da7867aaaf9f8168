"""Drawing a paper: by chapter and kind, from a stored seed that gives the same paper again."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from lms.quizzes.rules.kinds import Kind

WANTED_RATIO = 3  # a pool smaller than three times the draw shows the same questions again and again
MOST_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class PartShape:
    """A question of a case, as far as drawing goes."""

    kind: str
    option_count: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that can be drawn; a case has its questions in `parts`."""

    version_id: int
    slug: str
    item: str
    kind: str
    option_count: int
    parts: tuple[PartShape, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a blueprint: so many questions of a kind from these items, each worth `marks`."""

    label: str
    items: tuple[str, ...]
    kind: str
    count: int
    marks: int

    def admits(self, candidate: Candidate) -> bool:
        """Whether a question may be drawn for this part."""
        return candidate.kind == self.kind and candidate.item in self.items

    @property
    def title(self) -> str:
        """What the part is called: where from and which kind."""
        return f"{self.label}·{Kind(self.kind).heading}" if self.label else Kind(self.kind).heading


@dataclass(frozen=True, slots=True)
class Laid:
    """How a question is laid out: the place shown holds the number of the option; for a case part by part."""

    option_order: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question of a paper: the order in which its options are shown, and its part."""

    candidate: Candidate
    section: Section
    laid: Laid


class CannotDraw(ValueError):
    """The bank does not hold enough for the blueprint; `reasons` are Chinese, one a part."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("；".join(reasons))
        self.reasons = tuple(reasons)


def question_count(sections: Iterable[Section]) -> int:
    """Return how many questions a blueprint draws."""
    return sum(section.count for section in sections)


def full_marks(sections: Iterable[Section]) -> int:
    """Return the marks of a whole paper."""
    return sum(section.count * section.marks for section in sections)


def shortages(
    sections: Sequence[Section], pool: Sequence[Candidate], held: Mapping[tuple[str, str], int] | None = None
) -> list[str]:
    """Return why a blueprint cannot be met, in Chinese; empty when it can.

    held: how many more questions wait for a review, by item and kind; a part that lacks them says so.
    """
    return _shortages(sections, _pools(sections, pool), held or {})


def _shortages(
    sections: Sequence[Section], pools: Sequence[Sequence[Candidate]], held: Mapping[tuple[str, str], int]
) -> list[str]:
    reasons = [
        f"“{section.title}”要 {section.count} 题，题库只有 {len(own)} 题{_waiting(section, held)}"
        for section, own in zip(sections, pools, strict=True)
        if len(own) < section.count
    ]
    if not reasons and sections and len(_match(sections, pools)) < question_count(sections):
        reasons.append("几个部分要从同一批试题里抽，合起来不够抽，请减少题数或分开选题范围")
    return reasons


def _waiting(section: Section, held: Mapping[tuple[str, str], int]) -> str:
    number = sum(held.get((item, section.kind), 0) for item in dict.fromkeys(section.items))
    return f"（另有 {number} 题待复核，复核完成前不抽）" if number else ""


def thin_pools(sections: Sequence[Section], pool: Sequence[Candidate]) -> list[str]:
    """Return warnings, in Chinese, of parts whose pool is under three times the draw."""
    warnings = []
    for section, own in zip(sections, _pools(sections, pool), strict=True):
        available = len(own)
        if section.count <= available < WANTED_RATIO * section.count:
            few = f"“{section.title}”抽 {section.count} 题，题库只有 {available} 题"
            warnings.append(f"{few}，不到三倍，多考几次会重复")
    return warnings


def draw(sections: Sequence[Section], pool: Sequence[Candidate], seed: int) -> tuple[Drawn, ...]:
    """Draw a paper; the same sections, pool and seed give the same paper, whatever the order of the pool.

    Raises CannotDraw with every reason. No question is drawn twice.
    """
    pools = _pools(sections, pool)
    reasons = _shortages(sections, pools, {})
    if reasons:
        raise CannotDraw(reasons)
    chance = random.Random(seed)  # noqa: S311  (a paper must be drawn again from its seed)
    for own in pools:
        chance.shuffle(own)
    chosen = _match(sections, pools)
    return tuple(
        Drawn(candidate, section, lay_out(candidate, chance))
        for at, section in enumerate(sections)
        for candidate in pools[at]
        if chosen.get(candidate.slug) == at
    )


def _pools(sections: Sequence[Section], pool: Sequence[Candidate]) -> list[list[Candidate]]:
    """Return for each part what it may draw, in an order that does not depend on the database's."""
    held: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in pool:
        held.setdefault((candidate.item, candidate.kind), []).append(candidate)
    return [
        sorted(
            (candidate for item in dict.fromkeys(section.items) for candidate in held.get((item, section.kind), ())),
            key=attrgetter("slug"),
        )
        for section in sections
    ]


def lay_out(candidate: Candidate, chance: random.Random) -> Laid:
    """Return a question with its options in a chance order; the questions of a case stay in theirs."""
    return Laid(
        _option_order(candidate.kind, candidate.option_count, chance),
        tuple(_option_order(part.kind, part.option_count, chance) for part in candidate.parts),
    )


def _option_order(kind: str, count: int, chance: random.Random) -> tuple[int, ...]:
    """Return the options in a chance order; 正确 always stands before 错误."""
    order = list(range(count))
    if kind != Kind.TRUE_FALSE:
        chance.shuffle(order)
    return tuple(order)


def _match(sections: Sequence[Section], pools: Sequence[Sequence[Candidate]]) -> dict[str, int]:
    """Give each place of each part a question of its own; as many places as can be filled at all.

    Parts may share questions, so a later part may have to push an earlier one to another question (augmenting paths).
    """
    holder: dict[str, int] = {}
    for at, section in enumerate(sections):
        for _ in range(section.count):
            if not _fill(at, pools, holder, set()):
                break
    return holder


def _fill(at: int, pools: Sequence[Sequence[Candidate]], holder: dict[str, int], tried: set[str]) -> bool:
    free = next((candidate.slug for candidate in pools[at] if candidate.slug not in holder), None)
    if free is not None:
        holder[free] = at
        return True
    for candidate in pools[at]:
        slug = candidate.slug
        if slug in tried or holder[slug] == at:
            continue
        tried.add(slug)
        if _fill(holder[slug], pools, holder, tried):
            holder[slug] = at
            return True
    return False


def spread(count: int, weights: Sequence[int], limits: Sequence[int]) -> list[int]:
    """Share a number of questions over chapters by weight, none beyond what it has; gives what there is.

    One question at a time goes to the chapter that is furthest behind its share.
    """
    given = [0] * len(weights)
    for _ in range(min(count, sum(limits))):
        open_to = [at for at in range(len(weights)) if given[at] < limits[at]]
        behind = max(open_to, key=lambda at: (weights[at] * count - given[at] * max(1, sum(weights)), -at))
        given[behind] += 1
    return given


def chapter_sections(
    chapters: Sequence[tuple[str, tuple[str, ...], int]],
    pool: Sequence[Candidate],
    wanted: Mapping[str, tuple[int, int]],
) -> tuple[Section, ...]:
    """Return the sections of a test drawn by chapter and kind, as near to what is wanted as the bank allows.

    chapters: (label, items, weight). wanted: kind → (count, marks each), in the order of the paper.
    """
    sections = []
    for kind, (count, marks) in wanted.items():
        limits = [sum(one.kind == kind and one.item in items for one in pool) for _label, items, _weight in chapters]
        shares = spread(count, [weight for _label, _items, weight in chapters], limits)
        for (label, items, _weight), share in zip(chapters, shares, strict=True):
            if share:
                sections.append(Section(label, items, kind, share, marks))
    return tuple(sections)
