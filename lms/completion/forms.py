"""Forms of completion."""

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from lms.web.forms import Form


class RevokeForm(Form):
    """Withdraw a record: the reason is shown to whoever checks it, the number guards against slips."""

    reason = StringField("撤销原因", validators=[DataRequired("请写明撤销原因。"), Length(max=200)])
    number = StringField("请再输入一次记录编号", validators=[DataRequired("请输入记录编号，确认撤销的是这一份。")])


class NumberForm(Form):
    """Look a record up by its number; a plain GET form, so an answer can be bookmarked."""

    class Meta(Form.Meta):
        """Reading changes nothing and needs no token."""

        csrf = False

    number = StringField("记录编号", validators=[DataRequired("请输入记录编号。"), Length(max=40)])
