"""The name-plate of courses."""

from lms.core.plugin import NavItem, Part, Permission, Plugin
from lms.courses import parts
from lms.courses.cli import courses_group, laws_group
from lms.courses.listeners import on_index_cleared
from lms.courses.views import blueprint
from lms.courses.views.blueprint import SECTION
from lms.search.events import IndexCleared

MANAGERS = frozenset({"registrar", "administrator"})
STAFF = frozenset({"instructor", "head_teacher", "registrar", "administrator", "platform_administrator"})

plugin = Plugin(
    name="courses",
    title="课程与大纲",
    requires=("accounts", "search"),
    permissions=(
        Permission(name="courses.read", title="阅读课文和法规", roles=STAFF | {"learner"}),
        Permission(name="courses.syllabus", title="查看大纲、课程和课文修订", roles=STAFF),
        Permission(name="courses.manage", title="编制课程、增加本地条目", roles=MANAGERS),
        Permission(name="courses.review", title="查看和登记待复核", roles=MANAGERS | {"platform_administrator"}),
    ),
    blueprint=blueprint,
    parts=(
        Part(slot="search.head", render=parts.search_tabs),
        Part(slot="home.staff", render=parts.review_card, order=65),
    ),
    nav=(
        NavItem(
            frame="staff",
            title="课程与题库",
            endpoint=SECTION,
            permission="courses.syllabus",
            icon="book",
            order=40,
        ),
    ),
    listeners=((IndexCleared, on_index_cleared),),
    cli=(courses_group, laws_group),
)
