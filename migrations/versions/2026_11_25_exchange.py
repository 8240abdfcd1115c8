"""exchange."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_exchange"
down_revision = "2026_11_25_snapshot_prompts"
branch_labels = None
depends_on = None

ANNOTATORS_ARE_USERS = "ck_critiques_annotators_are_users"


def upgrade() -> None:
    op.add_column(
        "jobs",
        sa.Column(
            "result", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
    )
    op.add_column("critiques", sa.Column("imported", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_constraint(op.f(ANNOTATORS_ARE_USERS), "critiques", type_="check")
    op.create_check_constraint(
        op.f(ANNOTATORS_ARE_USERS),
        "critiques",
        "(author_kind = 'annotator' AND NOT imported) = (author_id IS NOT NULL)",
    )
    for table in ("rules", "rule_edits"):
        op.add_column(table, sa.Column("author_name", sa.String(length=200), nullable=True))
        op.alter_column(table, "author_id", nullable=True)
        op.create_check_constraint(
            op.f(f"ck_{table}_one_author"), table, "(author_id IS NULL) = (author_name IS NOT NULL)"
        )


def downgrade() -> None:
    """Imported rules go; imported critiques by people stay, as those of code, since the schema before knows users only."""
    op.execute("DELETE FROM rule_edits WHERE author_id IS NULL")
    op.execute("DELETE FROM rules WHERE author_id IS NULL")
    for table in ("rule_edits", "rules"):
        op.drop_constraint(op.f(f"ck_{table}_one_author"), table, type_="check")
        op.alter_column(table, "author_id", nullable=False)
        op.drop_column(table, "author_name")
    op.drop_constraint(op.f(ANNOTATORS_ARE_USERS), "critiques", type_="check")
    op.execute(
        "UPDATE critiques SET author_kind = 'verifier', author_name = left(author_name, 160) || ' (imported ' || id || ')' "
        "WHERE imported AND author_kind = 'annotator'"
    )
    op.create_check_constraint(
        op.f(ANNOTATORS_ARE_USERS), "critiques", "(author_kind = 'annotator') = (author_id IS NOT NULL)"
    )
    op.drop_column("critiques", "imported")
    op.drop_column("jobs", "result")
