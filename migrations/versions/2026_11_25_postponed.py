"""postponed."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_postponed"
down_revision = "2026_11_25_imported_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("critiques", sa.Column("postponed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("critiques", "postponed_at")
