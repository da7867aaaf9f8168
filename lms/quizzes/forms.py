"""What a registrar enters about a quiz."""

from collections.abc import Sequence
from datetime import datetime

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from lms.core import clock
from lms.core.errors import LmsError
from lms.courses.services import CourseItemView
from lms.quizzes.rules.drawing import Section
from lms.quizzes.rules.kinds import DRAWABLE, MultipleRule, ReportKind, ReportStatus
from lms.quizzes.services import LONGEST_WORDS, SHORTEST_WORDS, QuizSettings, QuizView
from lms.web.forms import Form, options

SPARE_ROWS = 2
WHOLE_COURSE = "全部条目"
_FILL = DataRequired("请填写这一项")
_WORDS = f"{SHORTEST_WORDS} 到 {LONGEST_WORDS} 个字"
_PERCENT = NumberRange(1, 100, "应在 1 到 100 之间")


class SectionForm(PlainForm):
    """One part of a plan; a part without a number of questions is left out. scope: item codes joined by commas."""

    scope = SelectField("范围")
    kind = SelectField("题型", choices=options((kind.value, kind.heading) for kind in DRAWABLE))
    count = IntegerField("题数", [Optional(), NumberRange(0, 200, "应在 0 到 200 之间")])
    marks = IntegerField("每题分值", [Optional(), NumberRange(1, 100, "应在 1 到 100 之间")])


class QuizForm(Form):
    """A quiz's settings; times are China's."""

    title = StringField("名称", [_FILL, Length(max=120, message="120 个字以内")])
    minutes = IntegerField("时长（分钟）", [InputRequired("请填写分钟数"), NumberRange(1, 300, "应在 1 到 300 之间")])
    pass_mark = IntegerField("合格线（百分数）", [InputRequired("请填写合格线"), _PERCENT])
    max_attempts = IntegerField(
        "每人可考次数", [Optional(), NumberRange(1, 99, "应在 1 到 99 之间")], description="不限次数请留空。"
    )
    multiple_rule = RadioField("多选题计分", choices=options((rule.value, rule.heading) for rule in MultipleRule))
    opens_at = DateTimeLocalField("开放时间", [Optional()], description="留空：现在就可以考。")
    closes_at = DateTimeLocalField("关闭时间", [Optional()], description="留空：不关闭。到时没交的答卷自动交卷。")
    sections = FieldList(FormField(SectionForm))

    def prepare(self, items: Sequence[CourseItemView], kept: Sequence[Section]) -> None:
        """Offer the ranges of the course and those already in use; add empty rows when the form is shown afresh."""
        ranges = scopes(items, kept)
        if not self.is_submitted():
            for _ in range(SPARE_ROWS):
                self.sections.append_entry()
        for row in self.sections:
            row.form.scope.choices = options((value, label) for value, label in ranges.items())

    def fill(self, quiz: QuizView) -> None:
        """Show a quiz as it is."""
        for name in ("title", "minutes", "pass_mark", "max_attempts"):
            self[name].data = getattr(quiz, name)
        self.multiple_rule.data = quiz.multiple_rule.value
        self.opens_at.data = _local(quiz.opens_at)
        self.closes_at.data = _local(quiz.closes_at)
        for section in quiz.sections:
            self.sections.append_entry(
                {
                    "scope": ",".join(section.items),
                    "kind": section.kind,
                    "count": section.count,
                    "marks": section.marks,
                }
            )

    def read(self, items: Sequence[CourseItemView], kept: Sequence[Section]) -> QuizSettings:
        """Return what was entered, once it is valid."""
        labels = {",".join(section.items): section.label for section in kept}
        ranges = scopes(items, kept)
        sections = []
        for row in self.sections:
            part = row.form
            if not part.count.data:
                continue
            scope = part.scope.data
            label = labels.get(scope, "" if ranges[scope] == WHOLE_COURSE else ranges[scope])
            sections.append(
                Section(label, tuple(scope.split(",")), part.kind.data, part.count.data, part.marks.data or 1)
            )
        return QuizSettings(
            title=self.title.data or "",
            minutes=self.minutes.data or 0,
            pass_mark=self.pass_mark.data or 0,
            max_attempts=self.max_attempts.data,
            sections=tuple(sections),
            multiple_rule=self.multiple_rule.data,
            opens_at=_moment(self.opens_at.data),
            closes_at=_moment(self.closes_at.data),
        )


def scopes(items: Sequence[CourseItemView], kept: Sequence[Section]) -> dict[str, str]:
    """Return what a part can be drawn from: the whole course, a chapter, an item, and what the plan has already."""
    found = {",".join(item.code for item in items): WHOLE_COURSE} if len(items) > 1 else {}
    chapters: dict[str, list[str]] = {}
    for item in items:
        chapters.setdefault(item.group.heading, []).append(item.code)
    for heading, codes in chapters.items():
        found.setdefault(",".join(codes), heading)
    for item in items:
        found.setdefault(item.code, f"{item.code} {item.title}")
    for section in kept:
        found.setdefault(",".join(section.items), section.label or f"{len(section.items)} 个条目")
    return found


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else clock.to_local(moment).replace(tzinfo=None)


def _moment(entered: datetime | None) -> datetime | None:
    return None if entered is None else clock.local_moment(entered.date(), entered.time())


_ANSWERS = ((ReportStatus.ACCEPTED, "采纳：题目确有问题"), (ReportStatus.DECLINED, "不采纳：题目没有问题"))


class ReportForm(Form):
    """What a learner says is wrong with a question; the service says how long the words may be."""

    kind = RadioField(
        "哪方面的问题",
        [InputRequired("请选择问题类型。")],
        choices=options((kind.value, kind.heading) for kind in ReportKind),
    )
    text = TextAreaField(
        "哪里不对，应当是什么",
        [Length(min=SHORTEST_WORDS, message=f"请说明哪里不对，至少 {SHORTEST_WORDS} 个字。")],
        render_kw={"rows": 5, "placeholder": "例如：第 2 个选项也对，条例第 28 条写的是……"},
        description=f"{_WORDS}。",
    )


class AnswerForm(Form):
    """What the institution answers to a report; the service says how long the words may be."""

    status = RadioField(
        "核对结果",
        [InputRequired("请选择采纳或不采纳。")],
        choices=options((status.value, words) for status, words in _ANSWERS),
    )
    answer = TextAreaField(
        "写给学员的答复",
        [Length(min=SHORTEST_WORDS, message=f"请写给学员的答复，至少 {SHORTEST_WORDS} 个字。")],
        render_kw={"rows": 5},
        description=f"{_WORDS}，学员能看到。写清楚哪里改、依据是什么；不采纳的写明理由。",
    )
    whole_question = BooleanField("同时答复这道题其他待处理的纠错", default=True)


def show_refusal(form: Form, refusal: LmsError) -> None:
    """Put a service's refusal beside the field it is about."""
    field = form[refusal.field or next(iter(form)).name]
    field.errors = [*field.errors, refusal.message]
