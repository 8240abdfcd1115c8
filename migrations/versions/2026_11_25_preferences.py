"""preferences."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_preferences"
down_revision = "2026_11_25_queue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparison_sets",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("checkpoint_a_id", sa.BigInteger(), nullable=True),
        sa.Column("checkpoint_b_id", sa.BigInteger(), nullable=True),
        sa.Column("overlap", sa.BigInteger(), nullable=False),
        sa.Column("reveals", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("identical", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "(checkpoint_a_id IS NULL) = (checkpoint_b_id IS NULL)",
            name=op.f("ck_comparison_sets_both_checkpoints_or_none"),
        ),
        sa.ForeignKeyConstraint(
            ["checkpoint_a_id"], ["checkpoints.id"], name=op.f("fk_comparison_sets_checkpoint_a_id_checkpoints")
        ),
        sa.ForeignKeyConstraint(
            ["checkpoint_b_id"], ["checkpoints.id"], name=op.f("fk_comparison_sets_checkpoint_b_id_checkpoints")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_comparison_sets_created_by_users")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_comparison_sets_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_sets")),
    )
    op.create_index(op.f("ix_comparison_sets_project_id"), "comparison_sets", ["project_id"], unique=False)
    op.create_table(
        "pairs",
        sa.Column("set_id", sa.BigInteger(), nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("rollout_a_id", sa.BigInteger(), nullable=False),
        sa.Column("rollout_b_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("rollout_a_id <> rollout_b_id", name=op.f("ck_pairs_two_rollouts")),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompts.id"], name=op.f("fk_pairs_prompt_id_prompts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rollout_a_id"], ["rollouts.id"], name=op.f("fk_pairs_rollout_a_id_rollouts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rollout_b_id"], ["rollouts.id"], name=op.f("fk_pairs_rollout_b_id_rollouts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["comparison_sets.id"], name=op.f("fk_pairs_set_id_comparison_sets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairs")),
        sa.UniqueConstraint(
            "set_id", "rollout_a_id", "rollout_b_id", name=op.f("uq_pairs_set_id_rollout_a_id_rollout_b_id")
        ),
    )
    for column in ("prompt_id", "rollout_a_id", "rollout_b_id"):
        op.create_index(op.f(f"ix_pairs_{column}"), "pairs", [column], unique=False)
    op.create_table(
        "preferences",
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("a_is_left", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", "skipped", name="preferencestate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("draft_version", sa.BigInteger(), nullable=False),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choice", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("submission_key", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("choice BETWEEN 1 AND 7", name=op.f("ck_preferences_seven_strengths")),
        sa.CheckConstraint(
            "state <> 'submitted' OR choice IS NOT NULL", name=op.f("ck_preferences_submitted_with_choice")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_preferences_author_id_users")),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["pairs.id"], name=op.f("fk_preferences_pair_id_pairs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preferences")),
        sa.UniqueConstraint("pair_id", "author_id", name=op.f("uq_preferences_pair_id_author_id")),
    )
    op.create_index(op.f("ix_preferences_author_id_state"), "preferences", ["author_id", "state"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_preferences_author_id_state"), table_name="preferences")
    op.drop_table("preferences")
    for column in ("rollout_b_id", "rollout_a_id", "prompt_id"):
        op.drop_index(op.f(f"ix_pairs_{column}"), table_name="pairs")
    op.drop_table("pairs")
    op.drop_index(op.f("ix_comparison_sets_project_id"), table_name="comparison_sets")
    op.drop_table("comparison_sets")
