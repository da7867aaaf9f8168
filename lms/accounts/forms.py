"""What people type into the accounts pages."""

from typing import Any

from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TelField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from lms.accounts.services import KIND_TITLES, ROLE_TITLES, UNMASKABLE, Role
from lms.core.errors import Invalid
from lms.web.forms import Form, options


class SignInForm(Form):
    """Phone, ID number or login name, and the password."""

    login = StringField(
        "手机号 / 身份证号 / 登录名",
        [InputRequired("请输入手机号、身份证号或登录名。"), Length(max=64)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "密码",
        [InputRequired("请输入密码。"), Length(max=256)],
        render_kw={"autocomplete": "current-password"},
    )
    keep = BooleanField("7 天内免登录（公用电脑请勿勾选）")


class CodeForm(Form):
    """A code of the authenticator, or a recovery code."""

    code = StringField(
        "验证码",
        [InputRequired("请输入验证码。"), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "text", "autocapitalize": "none"},
    )


class ChangePasswordForm(Form):
    """The current password and the new one, twice."""

    current = PasswordField(
        "当前密码", [InputRequired("请输入当前密码。")], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(
        "新密码",
        [InputRequired("请输入新密码。"), Length(max=128)],
        description="至少 8 位，要有字母和数字；不要用手机号、生日。",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "再输一次新密码",
        [InputRequired("请再输一次新密码。"), EqualTo("new", "两次输入的新密码不一样，请重新输入。")],
        render_kw={"autocomplete": "new-password"},
    )


class PersonForm(Form):
    """Somebody to add; at least one of phone, ID number and login name."""

    role = SelectField("身份", [InputRequired("请选择身份。")])
    name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=40)], render_kw={"autocomplete": "off"})
    phone = TelField(
        "手机号",
        [Optional(), Length(max=20)],
        description="用来登录；没有手机号可填身份证号或登录名。",
        render_kw={"autocomplete": "off", "inputmode": "tel"},
    )
    id_number = StringField("身份证号", [Optional(), Length(max=24)], render_kw={"autocomplete": "off"})
    login_name = StringField(
        "登录名",
        [Optional(), Length(max=32)],
        description="选填，字母开头，如 wangjw。",
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
    )

    def offer(self, roles: list[Role]) -> None:
        """Offer the roles that the reader may give."""
        self.role.choices = role_choices(roles)


class RoleForm(Form):
    """A further role for somebody."""

    role = SelectField("增加身份", [InputRequired("请选择身份。")])

    def offer(self, roles: list[Role]) -> None:
        """Offer the roles that the reader may give."""
        self.role.choices = role_choices(roles)


class EndRoleForm(Form):
    """Which role ends, and why."""

    role = SelectField("结束哪个身份", [InputRequired("请选择身份。")])
    reason = StringField("原因", [InputRequired("请写明原因。"), Length(max=200)], description="如：离职、结业。")

    def offer(self, roles: list[Role]) -> None:
        """Offer the roles that the reader may end."""
        self.role.choices = role_choices(roles)


class RevealForm(Form):
    """Which number to show in full, and why."""

    field = RadioField(
        "要显示的内容", choices=options(UNMASKABLE.items()), default="phone", validators=[InputRequired("请选择内容。")]
    )
    reason = StringField(
        "查看原因",
        [InputRequired("请写明查看原因。"), Length(min=2, max=200, message="原因请写 2—200 个字。")],
        description="如：核对报名材料。查看人、时间和原因会记入日志。",
    )


class ReasonForm(Form):
    """Why something is done."""

    reason = StringField("原因", [InputRequired("请写明原因。"), Length(max=200)])


class OrganisationForm(Form):
    """A new organisation."""

    kind = SelectField(
        "类型",
        [InputRequired("请选择机构类型。")],
        choices=options((kind.value, title) for kind, title in KIND_TITLES.items()),
    )
    name = StringField("机构全称", [InputRequired("请填写机构全称。"), Length(max=120)])
    short_name = StringField("简称", [Optional(), Length(max=40)])
    uscc = StringField(
        "统一社会信用代码",
        [Optional(), Length(max=24)],
        description="18 位，系统会核对校验位。",
        render_kw={"autocapitalize": "characters"},
    )
    contact = StringField(
        "个人信息事务联系方式", [Optional(), Length(max=120)], description="电话或地址，显示在个人信息处理告知中。"
    )


class SettingsForm(Form):
    """What an organisation decides for itself."""

    short_name = StringField("简称", [Optional(), Length(max=40)])
    contact = StringField(
        "个人信息事务联系方式", [Optional(), Length(max=120)], description="电话或地址，显示在个人信息处理告知中。"
    )
    require_totp = BooleanField("要求全体工作人员使用两步验证")


def role_choices(roles: list[Role]) -> list[Any]:
    """Return roles as the choices of a select field; with several, none is chosen before the reader does."""
    asked = [("", "请选择")] if len(roles) > 1 else []
    return options([*asked, *((role.value, ROLE_TITLES[role]) for role in roles)])


def show_refusal(form: Form, error: Invalid) -> None:
    """Put the reason why a service refused beside the field it means, else beside the first field."""
    field = form[error.field] if error.field and error.field in form else next(iter(form))
    field.errors = [*field.errors, error.message]
