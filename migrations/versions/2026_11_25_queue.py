"""queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_queue"
down_revision = "2026_11_25_known_items"
branch_labels = None
depends_on = None

IN_QUEUE = "wanted AND source = 'attempt' AND turn = 0 AND state = 'complete'"


def upgrade() -> None:
    op.add_column("rollouts", sa.Column("wanted", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("rollouts", sa.Column("priority", sa.Float(), nullable=True))
    op.execute(
        "UPDATE rollouts SET wanted = false FROM projects WHERE projects.id = rollouts.project_id AND projects.overlap <= "
        "(SELECT count(*) FROM critiques WHERE critiques.rollout_id = rollouts.id "
        "AND author_kind = 'annotator' AND critiques.state = 'submitted')"
    )
    op.create_index("ix_rollouts_queue", "rollouts", ["project_id", "id"], postgresql_where=sa.text(IN_QUEUE))
    op.create_index(
        "ix_rollouts_queue_by_priority",
        "rollouts",
        ["project_id", "priority", "id"],
        postgresql_where=sa.text(IN_QUEUE),
    )
    op.create_index(
        "ix_critiques_drafts", "critiques", ["author_id", "project_id"], postgresql_where=sa.text("state = 'draft'")
    )
    orders = sa.Enum(
        "imported", "disagreement", "uncertainty", "similarity", name="queueorder", native_enum=False, length=16
    )
    op.add_column("projects", sa.Column("queue_order", orders, server_default="imported", nullable=False))
    routings = sa.Enum("anyone", "share", "skill", name="routing", native_enum=False, length=16)
    op.add_column("projects", sa.Column("routing", routings, server_default="anyone", nullable=False))
    op.add_column("projects", sa.Column("skill_field", sa.String(64), server_default="topic", nullable=False))
    op.add_column("projects", sa.Column("open_critiques", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("memberships", sa.Column("share", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "memberships",
        sa.Column(
            "skills", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
    )
    op.create_table(
        "reservations",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_reservations_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompts.id"], name=op.f("fk_reservations_prompt_id_prompts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_reservations_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("prompt_id", "user_id", name=op.f("uq_reservations_prompt_id_user_id")),
    )
    op.create_index(op.f("ix_reservations_project_id_user_id"), "reservations", ["project_id", "user_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_reservations_project_id_user_id"), table_name="reservations")
    op.drop_table("reservations")
    op.drop_column("memberships", "skills")
    op.drop_column("memberships", "share")
    op.drop_column("projects", "open_critiques")
    op.drop_column("projects", "skill_field")
    op.drop_column("projects", "routing")
    op.drop_column("projects", "queue_order")
    op.drop_index("ix_critiques_drafts", table_name="critiques")
    op.drop_index("ix_rollouts_queue_by_priority", table_name="rollouts")
    op.drop_index("ix_rollouts_queue", table_name="rollouts")
    op.drop_column("rollouts", "priority")
    op.drop_column("rollouts", "wanted")
