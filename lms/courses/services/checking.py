"""The content files as they are, without a database: for `lms content check`."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from lms.courses.content import Content, Fault, standards
from lms.courses.content import read_content as _read


def read_content(*, root: Path, today: date) -> Content:
    """Read laws, syllabus, working forms and lessons; the faults found stand in the record."""
    return _read(root, today=today)


def content_faults(*, content: Content, official: bool) -> list[Fault]:
    """Return all that is wrong: what the reader found, what the guide asks, and what the official content owes."""
    owed: Iterable[Fault] = standards.official_faults(content) if official else ()
    return [*content.faults, *standards.standard_faults(content), *owed]


def citation_problem(*, content: Content, law: str, as_of: date) -> str:
    """Return why a law may not be cited as of a date (repealed, not yet in force, amended since), else nothing."""
    return standards.citation_problem(content, law, as_of)
