"""The name-plate of attendance."""

from lms.core.plugin import Plugin

plugin = Plugin(
    name="attendance",
    title="学时",
    requires=(
        "accounts",
        "courses",
        "cohorts",
    ),
)
