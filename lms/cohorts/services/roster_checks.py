"""Judges the lines of a roster one by one: good, already here, or bad with the reason beside the cell."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lms.accounts import services as accounts
from lms.accounts.services import Foreseen, RosterPerson
from lms.cohorts.rules.roster import RosterField, RosterLine, repeats
from lms.cohorts.services.enrolments import history
from lms.core.clock import local_date
from lms.core.errors import Invalid

NEW, KNOWN, PRESENT, BAD = "new", "known", "present", "bad"
LONGEST_EMPLOYER = 120


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A judged line: its number in the file, the texts, the state, a message for each faulty cell.

    state: `new` (an account will be made), `known` (has one), `present` (already in this cohort) or `bad`.
    """

    number: int
    name: str
    id_number: str
    phone: str
    employer: str
    state: str
    faults: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def is_good(self) -> bool:
        """Whether confirming enrols this line."""
        return self.state in (NEW, KNOWN)

    @property
    def verdict(self) -> str:
        """The result in words, as downloads give it."""
        if self.state == BAD:
            return "未导入：" + "".join(dict.fromkeys(self.faults.values()))
        words = {
            NEW: "可以导入（新建账号）",
            KNOWN: "可以导入（已有账号，用原来的密码登录）",
            PRESENT: "已在本班期，不变",
        }
        return words[self.state] + (f"；{self.note}" if self.note else "")

    def to_json(self) -> dict[str, Any]:
        """Return the row as it is kept between the steps."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(slots=True)
class _Draft:
    """A line on its way to a verdict: its texts, normal forms as far as they are sound, and its faults."""

    line: RosterLine
    normal: dict[RosterField, str]
    faults: dict[RosterField, str]

    def text(self, which: RosterField) -> str:
        return self.normal.get(which) or self.line.cells.get(which, "")


def check_lines(*, organisation_id: int, cohort_id: int, lines: Sequence[RosterLine], at: datetime) -> list[RosterRow]:
    """Judge every line against the rules, the other lines, the register and the cohort; five statements."""
    drafts = [_read(line, on=local_date(at)) for line in lines]
    _mark_repeats(drafts, RosterField.ID_NUMBER)
    _mark_repeats(drafts, RosterField.PHONE)
    sound = [draft for draft in drafts if not draft.faults]
    foreseen = accounts.foresee(people=[_person(draft) for draft in sound])
    places = history(organisation_id=organisation_id, cohort_id=cohort_id)
    present = {place.person_id: place.employer_name for place in places if place.until_at is None}
    gone = {place.person_id for place in places} - present.keys()
    known = {id(draft): outcome for draft, outcome in zip(sound, foreseen, strict=True)}
    return [_row(draft, known.get(id(draft)), present, gone) for draft in drafts]


def _read(line: RosterLine, *, on: date) -> _Draft:
    """Bring a line's cells into their normal form and note what is wrong with them."""
    draft = _Draft(line, {}, dict(line.faults))
    checks: tuple[tuple[RosterField, Callable[[str], str]], ...] = (
        (RosterField.NAME, accounts.check_name),
        (RosterField.ID_NUMBER, lambda text: accounts.check_id_number(text, on=on)),
        (RosterField.PHONE, accounts.check_phone),
        (RosterField.EMPLOYER, _check_employer),
    )
    for which, check in checks:
        text = line.cells.get(which, "")
        if which in draft.faults:
            continue
        if not text:
            if which in (RosterField.NAME, RosterField.ID_NUMBER):
                draft.faults[which] = f"缺少{which.label}，请补填。"
            continue
        try:
            draft.normal[which] = check(text)
        except Invalid as error:
            draft.faults[which] = error.message
    return draft


def _check_employer(text: str) -> str:
    name = " ".join(text.split())
    if len(name) > LONGEST_EMPLOYER:
        raise Invalid(f"单位名称太长，请写 {LONGEST_EMPLOYER} 个字以内。")
    return name


def _mark_repeats(drafts: Iterable[_Draft], which: RosterField) -> None:
    """Mark the later of two lines that give the same number."""
    drafts = list(drafts)
    found = repeats((draft.line.number, draft.normal.get(which, "")) for draft in drafts)
    for draft in drafts:
        if earlier := found.get(draft.line.number):
            draft.faults[which] = f"{which.label}与第 {earlier} 行重复，请核对后只留一行。"


def _person(draft: _Draft) -> RosterPerson:
    return RosterPerson(
        name=draft.normal[RosterField.NAME],
        id_number=draft.normal[RosterField.ID_NUMBER],
        phone=draft.normal.get(RosterField.PHONE),
    )


def _row(draft: _Draft, foreseen: Foreseen | None, present: dict[int, str], gone: set[int]) -> RosterRow:
    faults = {which.value: message for which, message in draft.faults.items()}
    state, note = BAD, ""
    if foreseen is not None and foreseen.refusal:
        faults[foreseen.field or RosterField.NAME.value] = foreseen.refusal
    elif foreseen is not None:
        person_id = foreseen.person_id
        state = NEW if person_id is None else PRESENT if person_id in present else KNOWN
        if state == PRESENT and draft.text(RosterField.EMPLOYER) not in ("", present[person_id or 0]):
            note = "单位与在册的不同，没有改动"
        if person_id in gone:
            note = "曾离开本班期，将重新加入"
    texts = {which.value: draft.text(which) for which in RosterField}
    return RosterRow(number=draft.line.number, **texts, state=state, faults=faults, note=note)
