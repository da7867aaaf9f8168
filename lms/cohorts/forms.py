"""What people type into the pages of cohorts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from flask_wtf.file import FileField
from lms.accounts.services import PersonView
from lms.cohorts.rules.plans import DEFAULT_RULE, LEVEL_TITLES, MODE_TITLES, credit_hours_of, minutes_of
from lms.cohorts.services import CohortView
from lms.core import clock
from lms.core.errors import LmsError
from lms.core.hours import credit_hours
from lms.courses.services import CourseItemView, CourseView
from lms.web.forms import Form, options

_NOBODY = 0
FIXED_WHEN_OPEN = (
    "course_id",
    "planned_hours",
    "attended_percent",
    "items_finished",
    "quizzes_passed",
    "final_test_passed",
)
_SWITCHES = ("items_finished", "quizzes_passed", "final_test_passed")


class CohortForm(Form):
    """A cohort's particulars, its teaching plan in 学时 and its completion rule."""

    name = StringField(
        "班期名称",
        [InputRequired("请填写班期名称。"), Length(max=80)],
        description="如：2026 年第 3 期劳资专管员培训班",
    )
    course_id = SelectField("课程", [InputRequired("请选择课程。")], coerce=int)
    target_level = SelectField(
        "培训等级",
        [InputRequired("请选择培训等级。")],
        coerce=int,
        choices=options((str(level), title) for level, title in LEVEL_TITLES.items()),
        description="学员准备申报的劳动关系协调师等级。",
    )
    mode = RadioField(
        "学习方式", [InputRequired("请选择脱产或业余。")], choices=options(MODE_TITLES.items()), default="full_time"
    )
    starts_on = DateField("开始日期", [InputRequired("请选择开始日期。")])
    ends_on = DateField("结束日期", [InputRequired("请选择结束日期。")])
    place = StringField("上课地点", [InputRequired("请填写上课地点。"), Length(max=120)])
    head_teacher_id = SelectField("班主任", coerce=int)
    planned_hours = DecimalField(
        "计划学时",
        [Optional(), NumberRange(min=0.1, max=2000, message="计划学时应在 0.1 到 2000 之间。")],
        places=None,
        description="1 学时为 45 分钟；留空则按课程各条目的计划合计。",
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    attended_percent = IntegerField(
        "出勤达到计划学时的百分之几",
        [InputRequired("请填写出勤比例。"), NumberRange(min=0, max=100, message="出勤比例应为 0—100 的整数。")],
        default=DEFAULT_RULE["attended_percent"],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    items_finished = BooleanField("全部课文学完", default=DEFAULT_RULE["items_finished"])
    quizzes_passed = BooleanField("各条目测验合格", default=DEFAULT_RULE["quizzes_passed"])
    final_test_passed = BooleanField("结业考核合格", default=DEFAULT_RULE["final_test_passed"])

    def offer(self, *, courses: Iterable[CourseView], teachers: Iterable[PersonView]) -> None:
        """Offer the institution's courses and teachers."""
        if "course_id" in self:
            self.course_id.choices = options(
                (str(each.id), f"{each.name}（{len(each.items)} 个条目，{credit_hours(each.planned_seconds)} 学时）")
                for each in courses
            )
        self.head_teacher_id.choices = teacher_options(teachers)

    def fix(self) -> None:
        """Take away what may not change once the cohort was opened."""
        for name in FIXED_WHEN_OPEN:
            delattr(self, name)

    def values(self, *, courses: Iterable[CourseView], before: CohortView | None = None) -> dict[str, Any]:
        """Return what services take; 学时 that were not touched keep their exact minutes."""
        found: dict[str, Any] = {
            name: self[name].data for name in ("name", "target_level", "mode", "starts_on", "ends_on", "place")
        }
        found["head_teacher_id"] = self.head_teacher_id.data or None
        if "course_id" in self:
            found["course_id"] = self.course_id.data
            found["planned_minutes"] = self._minutes(courses, before)
            found["completion_rule"] = {
                **(before.completion_rule if before else {}),
                "attended_percent": self.attended_percent.data,
                **{name: bool(self[name].data) for name in _SWITCHES},
            }
        return found

    def _minutes(self, courses: Iterable[CourseView], before: CohortView | None) -> int:
        hours = self.planned_hours.data
        if hours is None:
            chosen = next((each for each in courses if each.id == self.course_id.data), None)
            return chosen.planned_seconds // 60 if chosen else 0
        if before is not None and hours == credit_hours_of(before.planned_minutes):
            return before.planned_minutes
        return minutes_of(hours)


def teacher_options(teachers: Iterable[PersonView]) -> list[Any]:
    """Return the institution's teachers as choices, nobody first."""
    return options([(str(_NOBODY), "暂不指定"), *((str(each.id), each.name) for each in teachers)])


def cohort_data(view: CohortView) -> dict[str, Any]:
    """Return a cohort as the form's fields."""
    rule = {**DEFAULT_RULE, **view.completion_rule}
    return {
        **{name: getattr(view, name) for name in ("name", "course_id", "target_level", "mode", "starts_on", "ends_on")},
        "place": view.place,
        "head_teacher_id": view.head_teacher_id or _NOBODY,
        "planned_hours": credit_hours_of(view.planned_minutes),
        **{name: rule[name] for name in DEFAULT_RULE},
    }


class SessionForm(Form):
    """A class: when, what, who, where."""

    on = DateField("日期", [InputRequired("请选择日期。")])
    starts = TimeField("上课时间", [InputRequired("请填写上课时间，如 08:30。")])
    ends = TimeField("下课时间", [InputRequired("请填写下课时间，如 10:00。")])
    item_code = SelectField("大纲条目", [InputRequired("请选择大纲条目。")])
    instructor_id = SelectField("讲师", coerce=int)
    room = StringField("教室", [Length(max=80)], render_kw={"list": "rooms", "autocomplete": "off"})

    def offer(self, *, items: Iterable[CourseItemView], teachers: Iterable[PersonView]) -> None:
        """Offer the course's items and the institution's teachers."""
        self.item_code.choices = options((each.code, f"{each.code} {each.title}") for each in items)
        self.instructor_id.choices = teacher_options(teachers)

    @property
    def interval(self) -> tuple[datetime, datetime]:
        """The class as UTC moments; only after validation."""
        on, starts, ends = self.on.data, self.starts.data, self.ends.data
        if on is None or starts is None or ends is None:
            raise ValueError("the form was not validated")
        return clock.local_moment(on, starts), clock.local_moment(on, ends)


class ReasonForm(Form):
    """Why something is done."""

    reason = StringField("原因", [InputRequired("请写明原因。"), Length(max=200, message="原因请写 200 个字以内。")])


class CloseForm(Form):
    """The name of the cohort that is to be closed, typed again."""

    name = StringField(
        "请输入班期名称确认",
        [InputRequired("请输入班期名称。")],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class TransferForm(Form):
    """Where a learner moves to, and why."""

    to_cohort_id = SelectField("转入班期", [InputRequired("请选择转入的班期。")], coerce=int)
    reason = StringField(
        "转班原因", [InputRequired("请写明原因。"), Length(max=200, message="原因请写 200 个字以内。")]
    )

    def offer(self, cohorts: Iterable[CohortView]) -> None:
        """Offer the cohorts one can move to."""
        self.to_cohort_id.choices = options((str(each.id), each.name) for each in cohorts)


class LearnerForm(Form):
    """One learner who comes without a roster."""

    name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=40)], render_kw={"autocomplete": "off"})
    id_number = StringField(
        "身份证号", [InputRequired("请填写身份证号。"), Length(max=24)], render_kw={"autocomplete": "off"}
    )
    phone = TelField(
        "手机号",
        [Optional(), Length(max=20)],
        description="用来登录；没有手机号就用身份证号登录。",
        render_kw={"autocomplete": "off", "inputmode": "tel"},
    )
    employer = StringField("工作单位", [Optional(), Length(max=120)], render_kw={"autocomplete": "off"})


class RosterForm(Form):
    """The file of a roster."""

    file = FileField("名册文件（.xlsx 或 .csv）", render_kw={"accept": ".xlsx,.xlsm,.csv,.txt,.xls"})


def show_refusal(form: Form, error: LmsError) -> None:
    """Put the reason why a service refused beside the field it means, else above the form."""
    if error.field and error.field in form:
        form[error.field].errors = [*form[error.field].errors, error.message]
    else:
        form.form_errors = [*form.form_errors, error.message]
