"""known items."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_known_items"
down_revision = "2026_11_25_guidelines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("projects", sa.Column("practice_items", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("projects", sa.Column("known_every", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "known_items",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("rollout_id", sa.BigInteger(), nullable=False),
        sa.Column("original_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Enum("gold", "seeded", name="knownkind", native_enum=False, length=16), nullable=False),
        sa.Column("is_practice", sa.Boolean(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("rating_low", sa.Float(), nullable=True),
        sa.Column("rating_high", sa.Float(), nullable=True),
        sa.Column("tags", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("spans", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_known_items_author_id_users")),
        sa.ForeignKeyConstraint(
            ["original_id"], ["rollouts.id"], name=op.f("fk_known_items_original_id_rollouts"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_known_items_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rollout_id"], ["rollouts.id"], name=op.f("fk_known_items_rollout_id_rollouts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_items")),
        sa.UniqueConstraint("rollout_id", name=op.f("uq_known_items_rollout_id")),
    )
    op.create_index(op.f("ix_known_items_project_id_id"), "known_items", ["project_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_known_items_project_id_id"), table_name="known_items")
    op.drop_table("known_items")
    op.execute("UPDATE rollouts SET source = 'attempt' WHERE source = 'known'")
    op.drop_column("projects", "known_every")
    op.drop_column("projects", "practice_items")
