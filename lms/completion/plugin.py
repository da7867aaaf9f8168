"""The name-plate of completion."""

from lms.core.plugin import Plugin

plugin = Plugin(name="completion", title="结业", requires=("accounts", "courses", "cohorts", "quizzes", "attendance",))
