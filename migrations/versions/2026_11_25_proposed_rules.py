"""proposed rules."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_proposed_rules"
down_revision = "2026_11_25_bulk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rules", sa.Column("proposed_by", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("rules", "proposed_by")
