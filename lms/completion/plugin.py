"""The name-plate of completion."""

from lms.completion import parts
from lms.completion.cli import completion
from lms.completion.views import blueprint
from lms.core.plugin import NavItem, Part, Permission, Plugin

CLERKS = frozenset({"registrar", "administrator"})

plugin = Plugin(
    name="completion",
    title="结业",
    requires=("accounts", "courses", "cohorts", "quizzes", "attendance"),
    permissions=(
        Permission(name="completion.own", title="查看自己的结业进度", roles=frozenset({"learner"})),
        Permission(name="completion.read", title="查看结业名单和记录", roles=CLERKS | {"head_teacher"}),
        Permission(name="completion.propose", title="提名结业", roles=CLERKS | {"head_teacher"}),
        Permission(name="completion.review", title="审核结业", roles=CLERKS),
        Permission(name="completion.issue", title="签发结业记录", roles=CLERKS),
        Permission(name="completion.revoke", title="撤销结业记录", roles=CLERKS),
    ),
    blueprint=blueprint,
    nav=(
        NavItem(
            frame="staff",
            title="结业",
            endpoint="completion.records",
            permission="completion.read",
            icon="award",
            order=60,
        ),
    ),
    parts=(
        Part(slot="cohorts.cohort", render=parts.cohort_card, order=60),
        Part(slot="cohorts.learner", render=parts.learner_card, order=60),
        Part(slot="home.learner", render=parts.home_card, order=50),
        Part(slot="home.staff", render=parts.staff_card, order=50),
        Part(slot="home.staff", render=parts.ask_card, order=55),
        Part(slot="me", render=parts.my_card, order=20),
    ),
    cli=(completion,),
)
