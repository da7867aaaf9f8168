"""The name-plate of courses."""

from lms.core.plugin import Permission, Plugin

MANAGERS = frozenset({"registrar", "administrator"})
STAFF = frozenset({"instructor", "head_teacher", "registrar", "administrator", "platform_administrator"})

plugin = Plugin(
    name="courses",
    title="课程与大纲",
    requires=("accounts",),
    permissions=(
        Permission(name="courses.read", title="阅读课文和法规", roles=STAFF | {"learner"}),
        Permission(name="courses.syllabus", title="查看大纲、课程和课文修订", roles=STAFF),
        Permission(name="courses.manage", title="编制课程、增加本地条目", roles=MANAGERS),
    ),
)
