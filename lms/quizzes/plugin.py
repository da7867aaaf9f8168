"""The name-plate of quizzes."""

from datetime import timedelta

from lms.cohorts.events import CohortOpened
from lms.core.plugin import NavItem, Part, Periodic, Permission, Plugin
from lms.courses.events import ArticlesChanged, ReviewCleared
from lms.quizzes import jobs, parts, staff_parts
from lms.quizzes.cli import content_group, quizzes_group
from lms.quizzes.listeners import on_articles_changed, on_cohort_opened, on_index_cleared, on_review_cleared
from lms.quizzes.report_parts import answered_card, own_reports, report_button, reports_card, reports_tab
from lms.quizzes.views import blueprint
from lms.search.events import IndexCleared

CLERKS = frozenset({"registrar", "administrator"})

plugin = Plugin(
    name="quizzes",
    title="题库与测验",
    requires=("accounts", "search", "courses", "cohorts"),
    permissions=(
        Permission(name="quizzes.take", title="参加测验和结业考核", roles=frozenset({"learner"})),
        Permission(name="quizzes.read", title="查看题库、测验和成绩", roles=CLERKS | {"head_teacher"}),
        Permission(name="quizzes.manage", title="设置测验和结业考核", roles=CLERKS),
        Permission(name="quizzes.reports", title="处理学员纠错", roles=CLERKS | {"instructor"}),
    ),
    blueprint=blueprint,
    nav=(
        NavItem(
            frame="learner",
            title="题库",
            endpoint="quizzes.mine",
            permission="quizzes.take",
            icon="quiz",
            order=30,
        ),
    ),
    parts=(
        Part(slot="courses.tabs", render=parts.bank_tab, order=30),
        Part(slot="courses.lesson", render=parts.lesson_link, order=30),
        Part(slot="courses.coverage", render=staff_parts.syllabus_figures),
        Part(slot="courses.item_questions", render=staff_parts.item_questions),
        Part(slot="courses.item_waiting", render=staff_parts.item_waiting),
        Part(slot="courses.item", render=staff_parts.item_card, order=30),
        Part(slot="courses.article_use", render=staff_parts.article_use, order=30),
        Part(slot="courses.review_stem", render=staff_parts.review_stem),
        Part(slot="courses.review_styles", render=staff_parts.review_styles),
        Part(slot="courses.review_subject", render=staff_parts.review_subject),
        Part(slot="cohorts.course_item", render=parts.item_state, order=30),
        Part(slot="cohorts.cohort", render=parts.cohort_card, order=40),
        Part(slot="cohorts.learner", render=parts.learner_table, order=40),
        Part(slot="home.learner", render=parts.running_card, order=1),
        Part(slot="home.learner", render=answered_card, order=5),
        Part(slot="home.learner", render=parts.final_card, order=45),
        Part(slot="search.closed", render=parts.search_closed),
        Part(slot="quizzes.report", render=report_button),
        Part(slot="courses.tabs", render=reports_tab, order=40),
        Part(slot="home.staff", render=reports_card, order=60),
        Part(slot="me", render=own_reports, order=60),
    ),
    cli=(quizzes_group, content_group),
    listeners=(
        (CohortOpened, on_cohort_opened),
        (IndexCleared, on_index_cleared),
        (ArticlesChanged, on_articles_changed),
        (ReviewCleared, on_review_cleared),
    ),
    periodic=(Periodic(name="quizzes.hand_in_overdue", every=timedelta(seconds=30), run=jobs.hand_in_overdue),),
)
