"""Full-text search

Revision: 0003_search, after 0002_reviews_practice. Written by hand: the index is FTS5 on SQLite and a tsvector with GIN
on PostgreSQL, and triggers keep it in step with search_document on both.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_search"
down_revision = "0002_reviews_practice"
branch_labels = None
depends_on = None

# `ascii` parts at white space only as far as our tokens go: every sign beyond ASCII belongs to a token, whatever
# version of Unicode the library knows. The tokens are made in lms/search/rules/tokens.py.
SQLITE_UP = (
    """
    CREATE VIRTUAL TABLE search_index USING fts5(
        title_tokens, body_tokens, content='search_document', content_rowid='id', tokenize='ascii'
    )
    """,
    """
    CREATE TRIGGER search_document_inserted AFTER INSERT ON search_document BEGIN
        INSERT INTO search_index (rowid, title_tokens, body_tokens)
        VALUES (new.id, new.title_tokens, new.body_tokens);
    END
    """,
    """
    CREATE TRIGGER search_document_deleted AFTER DELETE ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, title_tokens, body_tokens)
        VALUES ('delete', old.id, old.title_tokens, old.body_tokens);
    END
    """,
    """
    CREATE TRIGGER search_document_updated AFTER UPDATE ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, title_tokens, body_tokens)
        VALUES ('delete', old.id, old.title_tokens, old.body_tokens);
        INSERT INTO search_index (rowid, title_tokens, body_tokens)
        VALUES (new.id, new.title_tokens, new.body_tokens);
    END
    """,
)

# The vector is put together from the tokens themselves; no text search parser, which would depend on the locale, sees
# them. A vector holds positions up to 16383; they serve the ranking, not the finding (see services/finding.py).
POSTGRES_UP = (
    """
    CREATE FUNCTION search_tokens_vector(tokens text, weight text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce(
            string_agg(quote_literal(token) || ':' || least(place, 16383) || weight, ' ' ORDER BY place), ''
        )::tsvector
        FROM unnest(string_to_array(btrim(tokens), ' ')) WITH ORDINALITY AS found(token, place)
        WHERE token <> '' AND token <> '¶'
    $$
    """,
    """
    CREATE TABLE search_index (
        id integer PRIMARY KEY REFERENCES search_document (id) ON DELETE CASCADE,
        vector tsvector NOT NULL
    )
    """,
    "CREATE INDEX search_index_vector ON search_index USING gin (vector)",
    """
    CREATE FUNCTION search_index_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO search_index (id, vector)
        VALUES (
            NEW.id,
            search_tokens_vector(NEW.title_tokens, 'A') || search_tokens_vector(NEW.body_tokens, 'D')
        )
        ON CONFLICT (id) DO UPDATE SET vector = excluded.vector;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER search_document_written AFTER INSERT OR UPDATE OF title_tokens, body_tokens ON search_document
    FOR EACH ROW EXECUTE FUNCTION search_index_follow()
    """,
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "search_shelf",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("heading", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_search_shelf")),
    )
    op.create_table(
        "search_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("item_code", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("href", sa.String(length=200), nullable=False),
        sa.Column("permission", sa.String(length=80), nullable=False),
        sa.Column("staff_href", sa.String(length=200), nullable=False),
        sa.Column("staff_permission", sa.String(length=80), nullable=False),
        sa.Column("title_tokens", sa.Text(), nullable=False),
        sa.Column("body_tokens", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["kind"], ["search_shelf.kind"], name=op.f("fk_search_document_kind")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts_organisation.id"], name=op.f("fk_search_document_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_document")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_search_document_kind_ref")),
    )
    with op.batch_alter_table("search_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_document_organisation_id"), ["organisation_id"], unique=False)
    for statement in SQLITE_UP if op.get_bind().dialect.name == "sqlite" else POSTGRES_UP:
        op.execute(statement)


def downgrade() -> None:
    """Take back; the triggers go with their table."""
    op.execute("DROP TABLE search_index")
    with op.batch_alter_table("search_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_document_organisation_id"))
    op.drop_table("search_document")
    op.drop_table("search_shelf")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION search_index_follow()")
        op.execute("DROP FUNCTION search_tokens_vector(text, text)")
