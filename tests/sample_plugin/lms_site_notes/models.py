"""The plugin's table; its name begins with the plugin's name."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Model, UtcDateTime


class Note(Model):
    """What a learner wants to do on site after a lesson; opened empty when the lesson is finished."""

    __tablename__ = "site_notes_note"
    __table_args__ = (UniqueConstraint("person_id", "lesson_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_person.id"))
    lesson_code: Mapped[str] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(Text, default="")
    studied_at: Mapped[datetime] = mapped_column(UtcDateTime)
