"""When a learner read the answer to a question report

Revision: 0004_answers_read, after 0003_search. What was answered before counts as read: it is no news after an upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_answers_read"
down_revision = "0003_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quizzes_question_report", sa.Column("answer_read_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE quizzes_question_report SET answer_read_at = answered_at WHERE answered_at IS NOT NULL")
    op.create_index(
        "ix_quizzes_question_report_person", "quizzes_question_report", ["person_id", "organisation_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_quizzes_question_report_person", table_name="quizzes_question_report")
    op.drop_column("quizzes_question_report", "answer_read_at")
