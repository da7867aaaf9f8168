"""The form every form inherits from: CSRF, Chinese messages, trimmed text."""

from collections.abc import Iterable
from typing import Any

from wtforms.fields import choices as _choices

from flask_wtf import FlaskForm


def options(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """Return value–label pairs as the choices of a select or radio field; WTForms 3.4 takes no bare tuples."""
    return [_choices.SelectChoice(value, label) for value, label in pairs]  # type: ignore[attr-defined]


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):
    """A form whose built-in messages are Chinese and whose text fields come trimmed."""

    class Meta(FlaskForm.Meta):
        """WTForms knows `zh`, not `zh_CN`; Flask-WTF's own lookup is off (WTF_I18N_ENABLED)."""

        locales = ("zh",)

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            """Add the trimming filter to every text field, passwords excepted."""
            filters = list(unbound_field.kwargs.get("filters", ()))
            if "Password" not in unbound_field.field_class.__name__ and _strip not in filters:
                unbound_field.kwargs["filters"] = [*filters, _strip] if _takes_filters(unbound_field) else filters
            return unbound_field.bind(form=form, **options)

    @property
    def page_status(self) -> int:
        """The HTTP status of the page with this form: 200 when it is opened, 422 when it comes back with complaints."""
        return 422 if self.is_submitted() else 200


def _takes_filters(unbound_field: Any) -> bool:
    return unbound_field.field_class.__name__ in {
        "StringField",
        "TextAreaField",
        "TelField",
        "EmailField",
        "SearchField",
    }
