"""Reviews of content, practice, reports

Revision: 0002_reviews_practice, after 0001_first_schema, made 2026-11-21 03:30:53.093410.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_reviews_practice"
down_revision = "0001_first_schema"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "courses_article_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("law_slug", sa.String(length=48), nullable=False),
        sa.Column("no", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("old_sha256", sa.String(length=64), nullable=False),
        sa.Column("new_sha256", sa.String(length=64), nullable=False),
        sa.Column("new_text", sa.Text(), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('changed', 'removed')", name=op.f("ck_courses_article_change_kind")),
        sa.ForeignKeyConstraint(["law_slug"], ["courses_law.slug"], name=op.f("fk_courses_article_change_law_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses_article_change")),
        sa.UniqueConstraint(
            "law_slug",
            "no",
            "old_sha256",
            "new_sha256",
            name=op.f("uq_courses_article_change_law_slug_no_old_sha256_new_sha256"),
        ),
    )
    op.create_table(
        "quizzes_practice_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("item_code", sa.String(length=16), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("question_count", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("right_count", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answered >= right_count", name=op.f("ck_quizzes_practice_run_counts")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts_organisation.id"], name=op.f("fk_quizzes_practice_run_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["accounts_person.id"], name=op.f("fk_quizzes_practice_run_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quizzes_practice_run")),
    )
    with op.batch_alter_table("quizzes_practice_run", schema=None) as batch_op:
        batch_op.create_index(
            "ix_quizzes_practice_run_person", ["organisation_id", "person_id", "item_code"], unique=False
        )
        batch_op.create_index(
            "uq_quizzes_practice_run_running",
            ["organisation_id", "person_id", "item_code"],
            unique=True,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )

    op.create_table(
        "courses_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("subject_kind", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.Integer(), nullable=True),
        sa.Column("reviewer", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('passed', 'corrected', 'excerpt')", name=op.f("ck_courses_review_outcome")
        ),
        sa.CheckConstraint("subject_kind IN ('lesson', 'question')", name=op.f("ck_courses_review_subject_kind")),
        sa.CheckConstraint("(cleared_at IS NULL) = (outcome IS NULL)", name=op.f("ck_courses_review_cleared")),
        sa.ForeignKeyConstraint(["change_id"], ["courses_article_change.id"], name=op.f("fk_courses_review_change_id")),
        sa.ForeignKeyConstraint(["cleared_by"], ["accounts_person.id"], name=op.f("fk_courses_review_cleared_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts_organisation.id"], name=op.f("fk_courses_review_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses_review")),
        sa.UniqueConstraint(
            "change_id", "subject_kind", "subject", name=op.f("uq_courses_review_change_id_subject_kind_subject")
        ),
    )
    with op.batch_alter_table("courses_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_courses_review_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("ix_courses_review_subject", ["subject_kind", "subject"], unique=False)

    op.create_table(
        "quizzes_practice_answer",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("right_parts", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("right_parts BETWEEN 0 AND parts", name=op.f("ck_quizzes_practice_answer_right_parts")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["quizzes_practice_run.id"], name=op.f("fk_quizzes_practice_answer_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["quizzes_question_version.id"], name=op.f("fk_quizzes_practice_answer_version_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_quizzes_practice_answer")),
    )
    with op.batch_alter_table("quizzes_practice_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quizzes_practice_answer_version_id"), ["version_id"], unique=False)

    op.create_table(
        "quizzes_question_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (answered_at IS NULL)", name=op.f("ck_quizzes_question_report_answered")
        ),
        sa.CheckConstraint(
            "kind IN ('wrong_key', 'unclear', 'outdated', 'typo', 'other')",
            name=op.f("ck_quizzes_question_report_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'accepted', 'declined')", name=op.f("ck_quizzes_question_report_status")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["accounts_person.id"], name=op.f("fk_quizzes_question_report_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts_organisation.id"], name=op.f("fk_quizzes_question_report_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts_person.id"], name=op.f("fk_quizzes_question_report_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["quizzes_question.id"], name=op.f("fk_quizzes_question_report_question_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["quizzes_question_version.id"], name=op.f("fk_quizzes_question_report_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quizzes_question_report")),
    )
    with op.batch_alter_table("quizzes_question_report", schema=None) as batch_op:
        batch_op.create_index("ix_quizzes_question_report_status", ["organisation_id", "status"], unique=False)
        batch_op.create_index(
            "uq_quizzes_question_report_open",
            ["organisation_id", "person_id", "question_id"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    with op.batch_alter_table("courses_lesson", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("courses_lesson_revision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("review_outcome", sa.String(length=12), server_default="passed", nullable=False))

    with op.batch_alter_table("quizzes_attempt_question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parts", sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table("quizzes_question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("quizzes_question_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("review_outcome", sa.String(length=12), server_default="passed", nullable=False))


def downgrade() -> None:
    """Take back.

    Columns are dropped as they stand: a batch would build the table anew, which SQLite refuses while rows point at it.
    """
    op.drop_column("quizzes_question_version", "review_outcome")
    op.drop_column("quizzes_question", "held_at")
    op.drop_column("quizzes_attempt_question", "parts")
    op.drop_column("courses_lesson_revision", "review_outcome")
    op.drop_column("courses_lesson", "held_at")

    with op.batch_alter_table("quizzes_question_report", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_quizzes_question_report_open",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index("ix_quizzes_question_report_status")

    op.drop_table("quizzes_question_report")
    with op.batch_alter_table("quizzes_practice_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quizzes_practice_answer_version_id"))

    op.drop_table("quizzes_practice_answer")
    with op.batch_alter_table("courses_review", schema=None) as batch_op:
        batch_op.drop_index("ix_courses_review_subject")
        batch_op.drop_index(batch_op.f("ix_courses_review_organisation_id"))

    op.drop_table("courses_review")
    with op.batch_alter_table("quizzes_practice_run", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_quizzes_practice_run_running",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.drop_index("ix_quizzes_practice_run_person")

    op.drop_table("quizzes_practice_run")
    op.drop_table("courses_article_change")
