"""snapshot prompts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_snapshot_prompts"
down_revision = "2026_11_25_snapshot_rules"
branch_labels = None
depends_on = None

SPLITS = ("train", "probe")


def upgrade() -> None:
    for split in SPLITS:
        empty = sa.text("'[]'::jsonb")
        column = sa.Column(
            f"{split}_prompt_ids", postgresql.JSONB(astext_type=sa.Text()), server_default=empty, nullable=False
        )
        op.add_column("snapshots", column)
        op.execute(
            f"""
            UPDATE snapshots SET {split}_prompt_ids = (
                SELECT coalesce(jsonb_agg(prompts.id ORDER BY prompts.id), '[]'::jsonb) FROM prompts
                WHERE prompts.project_id = snapshots.project_id AND prompts.split = '{split}'
            )
            """  # noqa: S608 - the names are our own
        )


def downgrade() -> None:
    for split in SPLITS:
        op.drop_column("snapshots", f"{split}_prompt_ids")
