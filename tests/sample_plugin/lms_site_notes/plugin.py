"""The name-plate: all that the host knows of this plugin."""

from pathlib import Path

from lms.core.plugin import NavItem, Permission, Plugin
from lms.courses.events import LessonStudied
from lms_site_notes.listeners import on_lesson_studied
from lms_site_notes.views import blueprint

plugin = Plugin(
    name="site_notes",
    title="现场备忘",
    requires=("accounts", "courses"),
    permissions=(Permission(name="site_notes.write", title="写现场备忘", roles=frozenset({"learner"})),),
    blueprint=blueprint,
    nav=(
        NavItem(
            frame="learner",
            title="备忘",
            endpoint="site_notes.index",
            permission="site_notes.write",
            icon="book",
            order=35,
        ),
    ),
    listeners=((LessonStudied, on_lesson_studied),),
    migrations=Path(__file__).with_name("versions"),
)
