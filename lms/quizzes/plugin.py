"""The name-plate of quizzes."""

from lms.cohorts.events import CohortOpened
from lms.core.plugin import Permission, Plugin
from lms.quizzes.listeners import on_cohort_opened

CLERKS = frozenset({"registrar", "administrator"})

plugin = Plugin(
    name="quizzes",
    title="题库与测验",
    requires=("accounts", "courses", "cohorts"),
    permissions=(
        Permission(name="quizzes.take", title="参加测验和结业考核", roles=frozenset({"learner"})),
        Permission(name="quizzes.read", title="查看题库、测验和成绩", roles=CLERKS | {"head_teacher"}),
        Permission(name="quizzes.manage", title="设置测验和结业考核", roles=CLERKS),
    ),
    listeners=((CohortOpened, on_cohort_opened),),
)
