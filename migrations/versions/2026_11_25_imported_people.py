"""People of another installation, by name."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_imported_people"
down_revision = "2026_11_25_search"
branch_labels = None
depends_on = None

ALWAYS_SOMEBODY = {"critique_reviews": "reviewer", "known_items": "author", "preferences": "author"}
SOMEBODY_OR_NOBODY = {"critique_revisions": "corrector", "form_versions": "author", "guideline_versions": "author"}


def upgrade() -> None:
    for table, who in (ALWAYS_SOMEBODY | SOMEBODY_OR_NOBODY).items():
        op.add_column(table, sa.Column(f"{who}_name", sa.String(length=200), nullable=True))
    for table, who in ALWAYS_SOMEBODY.items():
        op.alter_column(table, f"{who}_id", nullable=True)
        op.create_check_constraint(
            op.f(f"ck_{table}_one_{who}"), table, f"({who}_id IS NULL) = ({who}_name IS NOT NULL)"
        )
    for table, who in SOMEBODY_OR_NOBODY.items():
        op.create_check_constraint(
            op.f(f"ck_{table}_one_{who}_at_most"), table, f"{who}_id IS NULL OR {who}_name IS NULL"
        )
    op.alter_column("comparison_sets", "created_by", nullable=True)


def downgrade() -> None:
    """What people of another installation reviewed, preferred and knew goes, since the schema before knows users only."""
    op.execute("DELETE FROM comparison_sets WHERE created_by IS NULL")
    op.alter_column("comparison_sets", "created_by", nullable=False)
    for table, who in SOMEBODY_OR_NOBODY.items():
        op.drop_constraint(op.f(f"ck_{table}_one_{who}_at_most"), table, type_="check")
    for table, who in ALWAYS_SOMEBODY.items():
        op.execute(f"DELETE FROM {table} WHERE {who}_id IS NULL")  # noqa: S608 - the names are our own
        op.drop_constraint(op.f(f"ck_{table}_one_{who}"), table, type_="check")
        op.alter_column(table, f"{who}_id", nullable=False)
    for table, who in (ALWAYS_SOMEBODY | SOMEBODY_OR_NOBODY).items():
        op.drop_column(table, f"{who}_name")
