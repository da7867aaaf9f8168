"""The name-plate of attendance."""

from datetime import timedelta

from lms.attendance import jobs
from lms.attendance.cli import attendance
from lms.attendance.listeners import on_learner_enrolled
from lms.attendance.views import blueprint, parts
from lms.attendance.views.blueprint import SECTION
from lms.cohorts.events import LearnerEnrolled
from lms.core.plugin import NavItem, Part, Periodic, Permission, Plugin

CLERKS = frozenset({"registrar", "administrator"})
TEACHERS = CLERKS | {"instructor", "head_teacher"}

plugin = Plugin(
    name="attendance",
    title="学时",
    requires=("accounts", "courses", "cohorts"),
    permissions=(
        Permission(name="attendance.own", title="签到、学习计时、查看自己的学时", roles=frozenset({"learner"})),
        Permission(name="attendance.teach", title="投屏签到和点名", roles=TEACHERS),
        Permission(name="attendance.read", title="查看学员学时", roles=TEACHERS),
        Permission(name="attendance.manage", title="设置计时规则", roles=CLERKS),
    ),
    blueprint=blueprint,
    nav=(NavItem(frame="staff", title="学时", endpoint=SECTION, permission="attendance.read", icon="clock", order=50),),
    parts=(
        Part(slot="home.learner", render=parts.home_class, order=10),
        Part(slot="home.learner", render=parts.home_hours, order=20),
        Part(slot="home.staff", render=parts.home_staff, order=10),
        Part(slot="courses.lesson", render=parts.lesson_clock, order=10),
        Part(slot="cohorts.cohort", render=parts.cohort_card, order=30),
        Part(slot="cohorts.learner", render=parts.learner_card, order=30),
    ),
    cli=(attendance,),
    listeners=((LearnerEnrolled, on_learner_enrolled),),
    periodic=(
        Periodic(name="attendance.settle", every=timedelta(minutes=5), run=jobs.settle),
        Periodic(name="attendance.forget_guesses", every=timedelta(hours=6), run=jobs.forget_guesses),
    ),
)
