"""The kinds that courses tells apart: parts of the syllabus, changes of an article, subjects of a review."""

from enum import StrEnum


class ItemGroup(StrEnum):
    """The three parts of the reference syllabus, in official order."""

    ETHICS = "ethics"
    THEORY = "theory"
    SKILLS = "skills"

    @property
    def heading(self) -> str:
        """The part's heading in the annex of 鄂人社发〔2024〕8号."""
        return {"ethics": "职业规范", "theory": "理论知识", "skills": "操作技能"}[self.value]


class ChangeKind(StrEnum):
    """What happened to an article: its text is another one, or it is gone."""

    CHANGED = "changed"
    REMOVED = "removed"

    @property
    def heading(self) -> str:
        """What people call it."""
        return {"changed": "已修改", "removed": "已删除"}[self.value]


class SubjectKind(StrEnum):
    """What cites an article and may have to be read again."""

    LESSON = "lesson"
    QUESTION = "question"

    @property
    def heading(self) -> str:
        """What people call it."""
        return {"lesson": "课文", "question": "试题"}[self.value]
