"""What staff enter: courses, the institution's own items and lessons."""

import re
from collections.abc import Iterable

from werkzeug.datastructures import MultiDict
from wtforms import DateField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from lms.core.errors import Invalid
from lms.core.reviews import Outcome
from lms.courses.rules.kinds import ItemGroup
from lms.courses.rules.minutes import MAX_MINUTES, MIN_MINUTES
from lms.courses.services import LONGEST_NOTE, CourseView, ItemCoverage, LessonDraft
from lms.web.forms import Form, options

_FILL = DataRequired("请填写这一项")
_ID = re.compile(r"[1-9][0-9]{0,8}")


class CourseForm(Form):
    """A course's name; its items come as parallel lists, read by `read_plan`."""

    name = StringField("课程名称", [_FILL, Length(max=80, message="80 个字以内")])


class ItemForm(Form):
    """An item of the institution's own."""

    title = StringField("条目名称", [_FILL, Length(max=200, message="200 个字以内")])
    group = SelectField("所属部分", choices=options((group.value, group.heading) for group in ItemGroup))


class LessonForm(Form):
    """A lesson of an own item, in Markdown."""

    title = StringField("课名", [_FILL, Length(max=120, message="120 个字以内")])
    minutes = IntegerField(
        "建议学习分钟数",
        [_FILL, NumberRange(MIN_MINUTES, MAX_MINUTES, f"应在 {MIN_MINUTES} 到 {MAX_MINUTES} 之间")],
        description="阅读加练习的时间，约每 300 字 1 分钟，每个练习再加 5—10 分钟。",
    )
    position = IntegerField("顺序", [_FILL, NumberRange(1, 99, "应在 1 到 99 之间")], default=1)
    as_of = DateField("法规状态截至", [_FILL], description="这一课按哪一天有效的规定编写。")
    source = TextAreaField(
        "正文",
        [_FILL],
        description="小标题以“## ”开头；引用写作 [《条例》28](law:wage-regulation#28)；"
        '清单写作“- [ ] 事项”；地方规定写作 !!! local "湖北"，答案写作 ??? answer "参考答案"，下一行起缩进四个空格；'
        "练习在小标题里写时间，如“## 动手做（12分钟）”；表样写作 [表名](form:表代码)，单独成段。",
        render_kw={"rows": 24, "class": "lesson-source", "spellcheck": "false"},
    )

    def draft(self) -> LessonDraft:
        """Return what was entered, once it is valid."""
        if self.as_of.data is None:
            raise Invalid("请填写日期。", field="as_of")
        return LessonDraft(
            title=self.title.data or "",
            minutes=self.minutes.data or 0,
            position=self.position.data or 0,
            as_of=self.as_of.data,
            source=(self.source.data or "").replace("\r\n", "\n"),
        )


class ReviewForm(Form):
    """What a reviewer found; the name is that of the person signed in."""

    outcome = RadioField(
        "结论",
        choices=options((outcome.value, outcome.heading) for outcome in Outcome),
        validators=[InputRequired("请选择结论")],
    )
    note = TextAreaField(
        "核对了什么",
        [_FILL, Length(max=LONGEST_NOTE, message=f"{LONGEST_NOTE} 个字以内")],
        description="例如：对照新条文第28条，课文第二节的保存年限不变，答案不变。",
        render_kw={"rows": 4},
    )


def _id(text: str) -> int:
    if not _ID.fullmatch(text):
        raise ValueError(text)
    return int(text)


class BulkReviewForm(ReviewForm):
    """What a reviewer found in all the subjects ticked; `review` holds their reviews' ids."""

    review = SelectMultipleField(
        "选择",
        coerce=_id,
        validate_choice=False,
        validators=[InputRequired("还没有勾选。请先勾选核对过的课文和试题，再登记。")],
    )
    note = TextAreaField(
        "核对了什么",
        [
            DataRequired("请写明对照了什么、结论是什么。勾选的都还在，写好后再登记。"),
            Length(max=LONGEST_NOTE, message=f"{LONGEST_NOTE} 个字以内"),
        ],
        description="这段话记入所选每一项，例如：对照新条文第28条，引用处只讲配备要求，不变。",
        render_kw={"rows": 2},
    )


def show(form: Form, error: Invalid) -> None:
    """Put a service's refusal beside the field it is about, or above the form."""
    if error.field and error.field in form:
        field = form[error.field]
        field.errors = [*field.errors, error.message]
    else:
        form.form_errors.append(error.message)


def read_plan(values: MultiDict[str, str]) -> list[tuple[str, int]]:
    """Return (item code, planned minutes) in the order entered; rows without minutes are left out.

    The page sends `code`, `order` and `minutes` once for each row; equal orders keep the page's sequence.
    """
    rows = zip(values.getlist("code"), values.getlist("order"), values.getlist("minutes"), strict=False)
    filled = [
        (_number(order or "999", code, "顺序"), at, code, _number(minutes, code, "计划分钟数"))
        for at, (code, order, minutes) in enumerate(rows)
        if minutes.strip() not in ("", "0")
    ]
    return [(code, minutes) for _order, _at, code, minutes in sorted(filled)]


def _number(text: str, code: str, what: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid(f"条目 {code} 的{what}应为整数，现在是“{text[:10]}”。", field="items")
    return int(text)


def plan_rows(
    available: Iterable[ItemCoverage], chosen: CourseView | None, entered: MultiDict[str, str] | None
) -> list[tuple[ItemCoverage, str, str]]:
    """Return the rows of the course page: item, order, minutes; as entered, as saved, or as the lessons suggest."""
    items = list(available)
    if entered is not None:
        triples = zip(entered.getlist("code"), entered.getlist("order"), entered.getlist("minutes"), strict=False)
        given = {code: (order, minutes) for code, order, minutes in triples}
    elif chosen is not None:
        given = {item.code: (str(item.position), str(item.planned_minutes)) for item in chosen.items}
    else:
        official = [entry for entry in items if not entry.item.is_local]
        given = {entry.item.code: (str(at), str(entry.minutes or 45)) for at, entry in enumerate(official, start=1)}
    rows = [(entry, *given.get(entry.item.code, ("", ""))) for entry in items]
    if chosen is not None and entered is None:
        rows.sort(key=lambda row: int(row[1] or "999"))
    return rows
