"""A question bank for tests: enough of every kind in the three items of the factories' small syllabus."""

import json
from collections.abc import Sequence
from pathlib import Path

from lms.core.db import transaction
from lms.quizzes import services
from lms.quizzes.rules.drawing import Section
from lms.quizzes.services import Asked, QuizSettings
from tests import factories
from tests.factories import AT

ITEMS = tuple(code for code, _group in factories.ITEMS)
HEAD = """
knowledge_point = "考点"
difficulty = "easy"
sources = [ { law = "wage-regulation", article = "28" } ]
as_of = 2026-01-20
reviewed = { on = 2026-01-20, outcome = "passed", note = "已对照原文" }
"""


def option(text: str, *, correct: bool = False, why: str = "") -> str:
    right = ", correct = true" if correct else ""
    return f'{{ text = "{text}"{right}, why = "{why or "WHY-" + text}" }}'


def question(slug: str, kind: str, body: str, *, stem: str = "", explanation: str = "") -> str:
    item = slug.partition("-")[0]
    return (
        f'[[question]]\nslug = "{slug}"\nitem = "{item}"\nkind = "{kind}"\n'
        f"stem = {json.dumps(stem or f'STEM-{slug}', ensure_ascii=False)}\n{body}\n"
        f'explanation = "{explanation or "EXPLANATION-" + slug}"\n{HEAD}\n'
    )


def single(slug: str) -> str:
    wrong = ", ".join(option(f"{slug}错{number}") for number in range(3))
    return question(slug, "single", f"options = [{option(f'{slug}对', correct=True)}, {wrong}]")


def multiple(slug: str) -> str:
    right = ", ".join(option(f"{slug}对{number}", correct=True) for number in range(3))
    wrong = ", ".join(option(f"{slug}错{number}") for number in range(2))
    return question(slug, "multiple", f"options = [{right}, {wrong}]")


def true_false(slug: str, *, answer: bool = True) -> str:
    return question(slug, "true_false", f"answer = {str(answer).lower()}")


def numeric(slug: str) -> str:
    return question(slug, "numeric", 'answer = 9000\nunit = "元"\ntolerance = 0\nformula = "18*500"')


def fill(slug: str) -> str:
    return question(slug, "fill", 'answers = ["3", "三"]', stem=f"STEM-{slug} 至少____年")


PART_KINDS = ("single", "multiple", "true_false", "numeric", "fill")


def part(slug: str, kind: str) -> str:
    """One question of a case; its options say 对 or 错, its number is 9000, its blank 三."""
    body = {
        "single": f"options = [{option(f'{slug}甲错')}, {option(f'{slug}乙对', correct=True)}, "
        f"{option(f'{slug}丙错')}, {option(f'{slug}丁错')}]",
        "multiple": f"options = [{option(f'{slug}一对', correct=True)}, {option(f'{slug}二错')}, "
        f"{option(f'{slug}三对', correct=True)}, {option(f'{slug}四错')}]",
        "true_false": "answer = true",
        "numeric": 'answer = 9000\nunit = "元"\ntolerance = 0.5\nformula = "18*500"',
        "fill": 'answers = ["3", "三"]',
    }[kind]
    stem = f"PART-{slug}-{kind}" + (" 至少____年" if kind == "fill" else "")
    return f'[[question.parts]]\nkind = "{kind}"\nstem = "{stem}"\n{body}\nexplanation = "EXPLANATION-{slug}-{kind}"\n'


def case(slug: str, kinds: Sequence[str] = PART_KINDS) -> str:
    head = question(slug, "case", "").replace(f'explanation = "EXPLANATION-{slug}"\n', "")
    return f"{head}\n{''.join(part(slug, kind) for kind in kinds)}"


def bank_of(item: str, *, singles: int = 8, multiples: int = 4, true_falses: int = 4) -> str:
    return "\n".join(
        [
            *(single(f"{item}-s{number:02}") for number in range(1, singles + 1)),
            *(multiple(f"{item}-m{number:02}") for number in range(1, multiples + 1)),
            *(true_false(f"{item}-t{number:02}", answer=number % 2 == 0) for number in range(1, true_falses + 1)),
            numeric(f"{item}-n01"),
            fill(f"{item}-f01"),
            case(f"{item}-c01"),
        ]
    )


def write_bank(root: Path, files: dict[str, str] | None = None) -> Path:
    """Write bank files (item → text) under a content folder and return it."""
    folder = root / "question_bank"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.toml"):
        old.unlink()
    for item, text in (files or {item: bank_of(item) for item in ITEMS}).items():
        (folder / f"{item}.toml").write_text(text, "utf-8")
    return root


def prepare(root: Path) -> None:
    """Import the small syllabus and its bank."""
    factories.syllabus()
    with transaction():
        services.import_bank(root=write_bank(root), at=AT)


class World:
    """An institution with a bank, an open cohort with its quizzes, and a learner in it."""

    def __init__(self, root: Path) -> None:
        prepare(root)
        self.organisation_id = factories.institution()
        self.cohort_id = factories.cohort(organisation_id=self.organisation_id)
        self.person_id, self.enrolment_id = factories.enrolled_learner(
            organisation_id=self.organisation_id, cohort_id=self.cohort_id
        )
        quizzes = services.quizzes_of_cohort(organisation_id=self.organisation_id, cohort_id=self.cohort_id)
        self.final = next(quiz for quiz in quizzes if quiz.is_final)
        self.items = [quiz for quiz in quizzes if not quiz.is_final]
        self.item = self.items[0]

    def plan(self, wanted: dict[str, tuple[int, int]], **changes: object) -> None:
        """Let the first item's quiz draw so many questions of each kind: kind → (count, marks each)."""
        items = (self.item.item_code or "",)
        sections = tuple(Section("", items, kind, count, marks) for kind, (count, marks) in wanted.items())
        known = {name: getattr(self.item, name) for name in QuizSettings.__dataclass_fields__}
        with transaction():
            services.update_quiz(
                organisation_id=self.organisation_id,
                quiz_id=self.item.id,
                settings=QuizSettings(**(known | {"sections": sections} | changes)),  # type: ignore[arg-type]
                at=AT,
                actor_id=self.person_id,
            )

    def start(self, quiz_id: int | None = None, **values: object) -> int:
        known = {"person_id": self.person_id, "at": AT, "quiz_id": quiz_id or self.item.id} | values
        with transaction():
            return services.start_attempt(organisation_id=self.organisation_id, **known).attempt_id  # type: ignore[arg-type]

    def save(self, attempt_id: int, position: int, given: object, **values: object) -> services.Saved:
        known = {"person_id": self.person_id, "at": AT, "sequence": None} | values
        with transaction():
            return services.save_answer(
                organisation_id=self.organisation_id,
                attempt_id=attempt_id,
                position=position,
                given=given,
                **known,  # type: ignore[arg-type]
            )

    def hand_in(self, attempt_id: int, **values: object) -> bool:
        known = {"person_id": self.person_id, "at": AT} | values
        with transaction():
            return services.hand_in(
                organisation_id=self.organisation_id,
                attempt_id=attempt_id,
                **known,  # type: ignore[arg-type]
            )

    def paper(self, attempt_id: int) -> services.Paper:
        paper = services.find_paper(
            organisation_id=self.organisation_id, attempt_id=attempt_id, person_id=self.person_id
        )
        assert paper is not None
        return paper

    def right_answers(self, attempt_id: int) -> dict[int, object]:
        """What a learner who knows everything would send; read from the texts, as a learner would."""
        return {one.position: right_answer(one) for one in self.paper(attempt_id).questions}


def right_answer(one: Asked) -> object:
    """What a learner who knows everything would answer."""
    if one.parts:
        return [right_answer(part) for part in one.parts]
    if one.kind == "true_false":
        number = one.stem.partition("-t")[2][:2]
        return [0 if not number.isdecimal() or int(number) % 2 == 0 else 1]
    if one.options:
        return [place for place, text in enumerate(one.options) if "对" in text]
    return "9000" if one.kind == "numeric" else "三"
