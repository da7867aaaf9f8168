"""The personal-information notice: which text is in force."""

NOTICE_VERSION = (
    "2026-11"  # raise it whenever the meaning of accounts/_notice_text.html changes; everybody is asked again
)
