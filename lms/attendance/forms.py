"""Forms of attendance."""

from typing import Any

from wtforms import HiddenField, IntegerField, StringField, ValidationError
from wtforms.validators import AnyOf, DataRequired, NumberRange

from lms.attendance.rules.policy import GAP_RANGE, LARGEST_DAILY_CAP, PROMPT_WINDOW_RANGE
from lms.attendance.rules.sign_in import CODE_DIGITS, normalise_code
from lms.web.forms import Form


class CodeForm(Form):
    """The six digits from the projector; empty after a scan. `act` is what the button said."""

    act = HiddenField(validators=[AnyOf(["", "check_in", "check_out"], message="请刷新页面后再试。")])
    code = StringField(
        "六位签到码",
        render_kw={
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "maxlength": "12",
            "placeholder": "投屏上的六位数字",
        },
    )

    def validate_code(self, field: Any) -> None:
        """Tell a slip of the thumb from a wrong code: only the latter is counted."""
        field.data = normalise_code(field.data or "")
        if field.data and not (field.data.isascii() and field.data.isdigit() and len(field.data) == CODE_DIGITS):
            raise ValidationError("签到码是六位数字，请照投屏上的输入。")


class PolicyForm(Form):
    """How a draft cohort will count."""

    daily_cap_credit_hours = IntegerField(
        "每天最多计入学时",
        validators=[
            DataRequired("请填写整数。"),
            NumberRange(1, LARGEST_DAILY_CAP, message=f"请填 1 到 {LARGEST_DAILY_CAP}。"),
        ],
        description="1 学时 = 45 分钟；超出的部分不计。",
    )
    heartbeat_gap_seconds = IntegerField(
        "线上计时间隔（秒）",
        validators=[DataRequired("请填写整数。"), NumberRange(*GAP_RANGE, message="请填 30 到 600。")],
        description="学习页面每 20 秒报一次在线，两次之间超过这个间隔就不连续计时。",
    )
    prompt_window_seconds = IntegerField(
        "在线确认时限（秒）",
        validators=[DataRequired("请填写整数。"), NumberRange(*PROMPT_WINDOW_RANGE, message="请填 30 到 600。")],
        description="“您还在学习吗？”出现后，要在这个时间内点确认。",
    )
