"""The name-plate of cohorts."""

from datetime import timedelta

from lms.cohorts import jobs
from lms.cohorts.views import blueprint
from lms.cohorts.views.blueprint import SECTION
from lms.cohorts.views.study import home_learner, home_staff
from lms.core.plugin import NavItem, Part, Periodic, Permission, Plugin

CLERKS = frozenset({"registrar", "administrator"})
STAFF = CLERKS | {"head_teacher", "instructor"}

plugin = Plugin(
    name="cohorts",
    title="班期",
    requires=("accounts", "courses"),
    permissions=(
        Permission(name="cohorts.read", title="查看班期、课表和学员名单", roles=STAFF),
        Permission(name="cohorts.manage", title="管理班期、排课、导入名册", roles=CLERKS),
        Permission(name="cohorts.study", title="学习自己班期的课程", roles=frozenset({"learner"})),
    ),
    blueprint=blueprint,
    nav=(
        NavItem(
            frame="learner",
            title="学习",
            endpoint="cohorts.study",
            permission="cohorts.study",
            icon="book",
            order=20,
        ),
        NavItem(frame="staff", title="班期", endpoint=SECTION, permission="cohorts.read", icon="class", order=20),
    ),
    parts=(
        Part(slot="home.learner", render=home_learner, order=30),
        Part(slot="home.staff", render=home_staff, order=30),
    ),
    periodic=(Periodic(name="cohorts.forget_rosters", every=timedelta(hours=6), run=jobs.forget_rosters),),
)
