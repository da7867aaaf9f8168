"""Rows that may exist once only, however often and fast they are asked for."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table

from lms.core.db import db, insert_into


def insert_once(table: Table, values: Mapping[str, Any]) -> int | None:
    """Insert a row and return its id; None when a unique index already holds one like it."""
    statement = insert_into(table).values(dict(values)).on_conflict_do_nothing().returning(table.c.id)
    return db.session.execute(statement).scalar_one_or_none()
