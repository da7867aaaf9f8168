"""The words of quizzes: kinds of questions, difficulties, kinds of quizzes, how several right options are marked."""

from enum import StrEnum


class Kind(StrEnum):
    """A kind of question; `heading` is what people call it, `letter` its mark in a slug."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    NUMERIC = "numeric"
    FILL = "fill"
    CASE = "case"

    @property
    def heading(self) -> str:
        """What people call it."""
        return {
            "single": "单选题",
            "multiple": "多选题",
            "true_false": "判断题",
            "numeric": "计算题",
            "fill": "填空题",
            "case": "案例题",
        }[self.value]

    @property
    def letter(self) -> str:
        """The letter that stands for it in a slug."""
        return self.value[0]


TYPED = frozenset({Kind.NUMERIC, Kind.FILL})
DRAWABLE = tuple(Kind)
FEWEST_PARTS, MOST_PARTS = 3, 5  # questions of a case
TRUE_FALSE_OPTIONS = ("正确", "错误")
LETTERS = "ABCDEFGH"


class Difficulty(StrEnum):
    """How hard a question is."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"

    @property
    def heading(self) -> str:
        """What people call it."""
        return {"easy": "易", "medium": "中", "hard": "难"}[self.value]


class QuizKind(StrEnum):
    """What a quiz is for."""

    ITEM_QUIZ = "item_quiz"
    FINAL_TEST = "final_test"


class HandInKind(StrEnum):
    """Who handed a paper in: the learner, or the deadline."""

    LEARNER = "learner"
    DEADLINE = "deadline"


class MultipleRule(StrEnum):
    """How a question with several right options is marked."""

    ALL_OR_NOTHING = "all_or_nothing"
    HALF_IF_MISSING = "half_if_missing"

    @property
    def heading(self) -> str:
        """What learners are told."""
        return {
            "all_or_nothing": "多选、少选、错选都不得分",
            "half_if_missing": "少选得一半分，多选、错选不得分",
        }[self.value]


class ReportKind(StrEnum):
    """What a learner says is wrong with a question."""

    WRONG_KEY = "wrong_key"
    UNCLEAR = "unclear"
    OUTDATED = "outdated"
    TYPO = "typo"
    OTHER = "other"

    @property
    def heading(self) -> str:
        """What people call it."""
        return {
            "wrong_key": "答案不对",
            "unclear": "题目看不懂",
            "outdated": "法规已变",
            "typo": "有错别字",
            "other": "其他问题",
        }[self.value]


class ReportStatus(StrEnum):
    """What became of a report."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"

    @property
    def heading(self) -> str:
        """What people call it."""
        return {"open": "待处理", "accepted": "已采纳", "declined": "未采纳"}[self.value]
