"""critique forms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_forms"
down_revision = "2026_11_25_reviews"
branch_labels = None
depends_on = None

FIRST_FORMS = """
    INSERT INTO form_versions (project_id, number, content)
    SELECT id, 1, jsonb_build_object(
        'rating', jsonb_build_object('points', rating_levels, 'labels', '[]'::jsonb, 'required', false),
        'tags', tags,
        'questions', '[]'::jsonb
    )
    FROM projects
"""
ANSWERED_UNDER = """
    UPDATE critique_revisions SET form_version = 1
    FROM critiques WHERE critiques.id = critique_revisions.critique_id AND critiques.author_kind = 'annotator'
"""


def upgrade() -> None:
    op.create_table(
        "form_versions",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_form_versions_author_id_users")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_form_versions_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_versions")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_form_versions_project_id_number")),
    )
    op.add_column("critique_revisions", sa.Column("form_version", sa.BigInteger(), nullable=True))
    op.add_column(
        "critique_revisions",
        sa.Column(
            "answers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
    )
    op.execute(FIRST_FORMS)
    op.execute(ANSWERED_UNDER)


def downgrade() -> None:
    op.drop_column("critique_revisions", "answers")
    op.drop_column("critique_revisions", "form_version")
    op.drop_table("form_versions")
