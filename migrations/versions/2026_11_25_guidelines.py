"""guideline versions."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_guidelines"
down_revision = "2026_11_25_forms"
branch_labels = None
depends_on = None

FIRST_GUIDELINES = """
    INSERT INTO guideline_versions (project_id, number, text)
    SELECT id, 1, guidelines FROM projects WHERE guidelines <> ''
"""


def upgrade() -> None:
    op.create_table(
        "guideline_versions",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_guideline_versions_author_id_users")),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_guideline_versions_project_id_projects"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guideline_versions")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_guideline_versions_project_id_number")),
    )
    op.create_table(
        "guideline_readings",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_guideline_readings_project_id_projects"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_guideline_readings_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guideline_readings")),
        sa.UniqueConstraint("project_id", "user_id", name=op.f("uq_guideline_readings_project_id_user_id")),
    )
    op.add_column("critique_revisions", sa.Column("guideline_version", sa.BigInteger(), nullable=True))
    op.execute(FIRST_GUIDELINES)


def downgrade() -> None:
    op.drop_column("critique_revisions", "guideline_version")
    op.drop_table("guideline_readings")
    op.drop_table("guideline_versions")
