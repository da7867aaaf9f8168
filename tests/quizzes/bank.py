"""A question bank for tests: enough of every kind in the three items of the factories' small syllabus."""

import json
from pathlib import Path

from lms.core.db import transaction
from lms.quizzes import services
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


def case(slug: str) -> str:
    parts = "".join(
        f'[[question.parts]]\nkind = "true_false"\nstem = "小题{number}"\nanswer = true\nexplanation = "解析{number}"\n'
        for number in range(3)
    )
    head = question(slug, "case", "").replace(f'explanation = "EXPLANATION-{slug}"\n', "")
    return f"{head}\n{parts}"


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
        answers: dict[int, object] = {}
        for one in self.paper(attempt_id).questions:
            if one.kind == "true_false":
                number = int(one.stem.partition("-t")[2][:2])
                answers[one.position] = [0 if number % 2 == 0 else 1]
            elif one.options:
                answers[one.position] = [place for place, text in enumerate(one.options) if "对" in text]
            else:
                answers[one.position] = "9000" if one.kind == "numeric" else "三"
        return answers
