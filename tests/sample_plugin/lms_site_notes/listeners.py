"""One call each into our own services."""

from lms.courses.events import LessonStudied
from lms_site_notes import services


def on_lesson_studied(event: LessonStudied) -> None:
    """A finished lesson opens a note, in the same transaction."""
    services.open_note(person_id=event.person_id, lesson_code=event.lesson_code, at=event.at)
