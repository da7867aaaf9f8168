"""The name-plate of quizzes."""

from lms.core.plugin import Plugin

plugin = Plugin(name="quizzes", title="题库与测验", requires=("accounts", "courses", "cohorts",))
