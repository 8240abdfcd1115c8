"""rules."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_rules"
down_revision = "2026_11_25_critique_spans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rules",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column(
            "state", sa.Enum("active", "retired", name="rulestate", native_enum=False, length=16), nullable=False
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_rules_author_id_users")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_rules_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
    )
    op.create_index(
        op.f("ix_rules_project_id_state_position"), "rules", ["project_id", "state", "position"], unique=False
    )
    op.create_table(
        "rule_edits",
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text_before", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_rule_edits_author_id_users")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["rules.id"], name=op.f("fk_rule_edits_rule_id_rules"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_edits")),
    )
    op.create_index(op.f("ix_rule_edits_rule_id"), "rule_edits", ["rule_id"], unique=False)
    op.create_table(
        "rule_critiques",
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("critique_revision_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["critique_revision_id"],
            ["critique_revisions.id"],
            name=op.f("fk_rule_critiques_critique_revision_id_critique_revisions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["rules.id"], name=op.f("fk_rule_critiques_rule_id_rules"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_critiques")),
        sa.UniqueConstraint(
            "rule_id", "critique_revision_id", name=op.f("uq_rule_critiques_rule_id_critique_revision_id")
        ),
    )
    op.create_index(
        op.f("ix_rule_critiques_critique_revision_id"), "rule_critiques", ["critique_revision_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_rule_critiques_critique_revision_id"), table_name="rule_critiques")
    op.drop_table("rule_critiques")
    op.drop_index(op.f("ix_rule_edits_rule_id"), table_name="rule_edits")
    op.drop_table("rule_edits")
    op.drop_index(op.f("ix_rules_project_id_state_position"), table_name="rules")
    op.drop_table("rules")
