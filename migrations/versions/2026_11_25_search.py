"""search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_search"
down_revision = "2026_11_25_preferences"
branch_labels = None
depends_on = None

# The longest text that is indexed: a tsvector holds at most 1 MiB.
REFRESH = """
CREATE FUNCTION refresh_rollout_search(changed bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever refreshes second waits here, then reads what the first wrote.
    PERFORM 1 FROM rollout_search WHERE rollout_id = changed FOR UPDATE;
    INSERT INTO rollout_search (rollout_id, project_id, document, spread)
    SELECT r.id, r.project_id,
           prompt_words(p.messages) || to_tsvector('simple', left(r.text, 100000))
               || to_tsvector('simple', left(coalesce(said.words, ''), 100000)),
           said.spread
    FROM rollouts r
    JOIN prompts p ON p.id = r.prompt_id
    CROSS JOIN LATERAL (
        SELECT string_agg(v.text, ' ' ORDER BY c.id) AS words,
               CASE WHEN count(v.rating) FILTER (WHERE c.author_kind = 'annotator' AND c.state = 'submitted') > 1
                    THEN max(v.rating) FILTER (WHERE c.author_kind = 'annotator' AND c.state = 'submitted')
                       - min(v.rating) FILTER (WHERE c.author_kind = 'annotator' AND c.state = 'submitted') END AS spread
        FROM critiques c JOIN critique_revisions v ON v.id = c.current_revision_id
        WHERE c.rollout_id = r.id AND c.state <> 'deleted'
    ) said
    WHERE r.id = changed
    ON CONFLICT (rollout_id) DO UPDATE SET document = excluded.document, spread = excluded.spread;
END $$
"""
PROMPT_WORDS = """
CREATE FUNCTION prompt_words(messages jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', left(coalesce(string_agg(message ->> 'content', ' '), ''), 100000))
    FROM jsonb_array_elements(messages) AS message
$$
"""
TRIGGERS = """
CREATE FUNCTION search_rollout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_rollout_search(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION search_critique() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_rollout_search(coalesce(NEW.rollout_id, OLD.rollout_id));
    RETURN NULL;
END $$;
CREATE TRIGGER search_rollout AFTER INSERT OR UPDATE OF text ON rollouts
    FOR EACH ROW EXECUTE FUNCTION search_rollout();
CREATE TRIGGER search_critique AFTER UPDATE OF state, current_revision_id ON critiques
    FOR EACH ROW WHEN (NEW.current_revision_id IS NOT NULL) EXECUTE FUNCTION search_critique();
CREATE TRIGGER search_critique_gone AFTER DELETE ON critiques
    FOR EACH ROW EXECUTE FUNCTION search_critique();
"""


def upgrade() -> None:
    op.add_column(
        "prompts",
        sa.Column(
            "tags", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
    )
    op.create_table(
        "rollout_search",
        sa.Column("rollout_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.Column("spread", sa.Double(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_rollout_search_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rollout_id"], ["rollouts.id"], name=op.f("fk_rollout_search_rollout_id_rollouts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollout_search")),
        sa.UniqueConstraint("rollout_id", name=op.f("uq_rollout_search_rollout_id")),
    )
    op.execute(PROMPT_WORDS)
    op.execute(REFRESH)
    op.execute(TRIGGERS)
    op.execute("SELECT refresh_rollout_search(id) FROM rollouts")
    op.create_index(
        op.f("ix_rollout_search_project_id_rollout_id"), "rollout_search", ["project_id", "rollout_id"], unique=False
    )
    op.create_index(
        op.f("ix_rollout_search_project_id_spread"), "rollout_search", ["project_id", "spread"], unique=False,
        postgresql_where="spread IS NOT NULL",
    )  # fmt: skip
    op.create_index(
        op.f("ix_rollout_search_document"), "rollout_search", ["document"], unique=False, postgresql_using="gin"
    )
    op.create_index("ix_prompts_words", "prompts", [sa.text("prompt_words(messages)")], postgresql_using="gin")
    op.create_index(op.f("ix_prompts_tags"), "prompts", ["tags"], postgresql_using="gin")
    op.create_index(op.f("ix_prompts_metadata"), "prompts", ["metadata"], postgresql_using="gin")
    op.create_index(op.f("ix_critique_revisions_tags"), "critique_revisions", ["tags"], postgresql_using="gin")
    op.create_index(op.f("ix_critique_revisions_spans"), "critique_revisions", ["spans"], postgresql_using="gin")
    op.create_index(op.f("ix_critiques_current_revision_id"), "critiques", ["current_revision_id"])
    op.create_index(op.f("ix_critique_revisions_rating"), "critique_revisions", ["rating"])
    op.create_table(
        "saved_views",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "listed",
            sa.Enum("rollouts", "critiques", "prompts", name="listed", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_saved_views_owner_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_saved_views_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("project_id", "owner_id", "name", name=op.f("uq_saved_views_project_id_owner_id_name")),
    )
    op.create_index(op.f("ix_saved_views_owner_id"), "saved_views", ["owner_id"], unique=False)
    op.create_table(
        "bulk_changes",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("move", "tag", "untag", "discard", "restore", name="changekind", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_bulk_changes_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_bulk_changes_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_changes")),
    )
    op.create_index(op.f("ix_bulk_changes_project_id"), "bulk_changes", ["project_id"], unique=False)


def downgrade() -> None:
    op.drop_table("bulk_changes")
    op.drop_table("saved_views")
    op.drop_index(op.f("ix_critiques_current_revision_id"), table_name="critiques")
    for column in ("rating", "spans", "tags"):
        op.drop_index(op.f(f"ix_critique_revisions_{column}"), table_name="critique_revisions")
    for name in ("metadata", "tags", "words"):
        op.drop_index(op.f(f"ix_prompts_{name}"), table_name="prompts")
    op.execute("DROP TRIGGER search_critique_gone ON critiques")
    op.execute("DROP TRIGGER search_critique ON critiques")
    op.execute("DROP TRIGGER search_rollout ON rollouts")
    op.execute("DROP FUNCTION search_critique(), search_rollout(), refresh_rollout_search(bigint), prompt_words(jsonb)")
    op.drop_table("rollout_search")
    op.drop_column("prompts", "tags")
