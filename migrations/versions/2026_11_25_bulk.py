"""bulk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_bulk"
down_revision = "2026_11_25_search"
branch_labels = None
depends_on = None

PROMPT = """
CREATE FUNCTION critique_prompt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.prompt_id := (SELECT prompt_id FROM rollouts WHERE id = NEW.rollout_id);
    RETURN NEW;
END $$;
CREATE TRIGGER critique_prompt BEFORE INSERT ON critiques FOR EACH ROW EXECUTE FUNCTION critique_prompt();
"""


def upgrade() -> None:
    op.add_column("critiques", sa.Column("prompt_id", sa.BigInteger(), nullable=True))
    op.execute("UPDATE critiques c SET prompt_id = r.prompt_id FROM rollouts r WHERE r.id = c.rollout_id")
    op.alter_column("critiques", "prompt_id", nullable=False)
    op.execute(PROMPT)
    op.create_foreign_key(
        op.f("fk_critiques_prompt_id_prompts"), "critiques", "prompts", ["prompt_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_critiques_prompt_id"), "critiques", ["prompt_id"])
    for table in ("critiques", "bulk_changes"):
        op.add_column(table, sa.Column("job_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_job_id_jobs"), table, "jobs", ["job_id"], ["id"], ondelete="SET NULL"
        )  # fmt: skip
        op.create_index(op.f(f"ix_{table}_job_id"), table, ["job_id"])
    op.add_column(
        "bulk_changes",
        sa.Column(
            "ids", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
    )
    op.create_index(
        "ix_critiques_listed", "critiques", ["project_id", "id"],
        postgresql_include=["prompt_id", "state", "author_kind"],
    )  # fmt: skip
    op.create_index(op.f("ix_critiques_project_id_review_id"), "critiques", ["project_id", "review", "id"])
    op.create_index(
        "ix_rollouts_listed", "rollouts", ["project_id", "id"], postgresql_include=["prompt_id", "source", "state"]
    )


def downgrade() -> None:
    op.drop_index("ix_rollouts_listed", table_name="rollouts")
    op.drop_index(op.f("ix_critiques_project_id_review_id"), table_name="critiques")
    op.drop_index("ix_critiques_listed", table_name="critiques")
    op.drop_column("bulk_changes", "ids")
    for table in ("critiques", "bulk_changes"):
        op.drop_column(table, "job_id")
    op.execute("DROP TRIGGER critique_prompt ON critiques")
    op.execute("DROP FUNCTION critique_prompt()")
    op.drop_column("critiques", "prompt_id")
