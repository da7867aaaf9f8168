"""The notes table.

Revision: site_notes_0001, a branch of its own that needs the product's first schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "site_notes_0001"
down_revision = None
branch_labels = ("site_notes",)
depends_on = "0001_first_schema"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "site_notes_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("lesson_code", sa.String(24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("studied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["accounts_person.id"], name="fk_site_notes_note_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_site_notes_note"),
        sa.UniqueConstraint("person_id", "lesson_code", name="uq_site_notes_note_person_id_lesson_code"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("site_notes_note")
