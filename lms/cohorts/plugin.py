"""The name-plate of cohorts."""

from lms.core.plugin import Plugin

plugin = Plugin(
    name="cohorts",
    title="班期",
    requires=(
        "accounts",
        "courses",
    ),
)
