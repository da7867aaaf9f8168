"""The plugin's verbs: no request, no session, no commit; time and person come in as arguments."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.core.db import db
from lms.core.errors import Invalid, NotFound
from lms_site_notes.models import Note

LONGEST = 500


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note as pages see it."""

    lesson_code: str
    text: str
    studied_at: datetime


def open_note(*, person_id: int, lesson_code: str, at: datetime) -> None:
    """Open an empty note for a finished lesson; a note that is there stays as it is."""
    if _find(person_id, lesson_code) is None:
        db.session.add(Note(person_id=person_id, lesson_code=lesson_code, text="", studied_at=at))
        db.session.flush()


def write_note(*, person_id: int, lesson_code: str, text: str) -> None:
    """Keep the text of a note."""
    if len(text) > LONGEST:
        raise Invalid(f"最多写 {LONGEST} 字，现在是 {len(text)} 字。", field="text")
    note = _find(person_id, lesson_code)
    if note is None:
        raise NotFound
    note.text = text
    db.session.flush()


def list_notes(*, person_id: int) -> list[NoteView]:
    """Return a person's notes, newest first."""
    rows = db.session.scalars(select(Note).where(Note.person_id == person_id).order_by(Note.studied_at.desc(), Note.id))
    return [NoteView(row.lesson_code, row.text, row.studied_at) for row in rows]


def _find(person_id: int, lesson_code: str) -> Note | None:
    statement = select(Note).where(Note.person_id == person_id, Note.lesson_code == lesson_code)
    return db.session.scalars(statement).one_or_none()
