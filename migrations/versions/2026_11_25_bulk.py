"""bulk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_bulk"
down_revision = "2026_11_25_postponed"
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

# What is counted, one row each: complete rollouts, submitted critiques, comparisons. Each statement that changes some
# notes the difference it makes.
COUNTED = {
    "rollouts": """
        SELECT p.project_id, CASE t.source WHEN 'redraft' THEN 'redraft' ELSE 'attempt:' || p.split END AS counted,
               {n} AS n
        FROM {rows} t JOIN prompts p ON p.id = t.prompt_id
        WHERE t.state = 'complete' AND t.source IN ('attempt', 'redraft')""",
    "critiques": """
        SELECT t.project_id, t.author_kind AS counted, {n} AS n FROM {rows} t WHERE t.state = 'submitted'""",
    "comparisons": """
        SELECT c.project_id, 'comparison' AS counted, {n} AS n FROM {rows} t JOIN critiques c ON c.id = t.critique_id""",
}
EVENTS = {"INSERT": {"added": "1"}, "UPDATE": {"gone": "-1", "added": "1"}, "DELETE": {"gone": "-1"}}
TALLY = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tallies (project_id, counted, n)
    SELECT project_id, counted, sum(n) FROM ({changes}) AS change GROUP BY 1, 2 HAVING sum(n) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {transitions}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
TALLY_MOVES = """
CREATE FUNCTION tally_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE attempts bigint;
BEGIN
    SELECT count(*) INTO attempts FROM rollouts
    WHERE prompt_id = NEW.id AND state = 'complete' AND source = 'attempt';
    IF attempts > 0 THEN
        INSERT INTO tallies (project_id, counted, n)
        VALUES (NEW.project_id, 'attempt:' || OLD.split, -attempts), (NEW.project_id, 'attempt:' || NEW.split, attempts);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_moves AFTER UPDATE OF split ON prompts FOR EACH ROW WHEN (OLD.split <> NEW.split)
    EXECUTE FUNCTION tally_moves();
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
        postgresql_include=["prompt_id", "state"],
    )  # fmt: skip
    op.create_index(
        "ix_critiques_listed_by_rollout", "critiques", ["project_id", "rollout_id"],
        postgresql_include=["prompt_id", "state", "current_revision_id"],
    )  # fmt: skip
    op.drop_index(op.f("ix_critiques_author_id"), table_name="critiques")
    op.create_index(
        op.f("ix_critiques_author_id_project_id_state"), "critiques", ["author_id", "project_id", "state"]
    )  # fmt: skip
    op.create_index(op.f("ix_critiques_project_id_review_id"), "critiques", ["project_id", "review", "id"])
    op.create_index("ix_rollouts_listed", "rollouts", ["project_id", "id"], postgresql_include=["prompt_id"])
    _create_tallies()


def _create_tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.String(length=32), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tallies")),
    )
    op.create_index(
        op.f("ix_tallies_project_id_counted"), "tallies", ["project_id", "counted"], postgresql_include=["n"]
    )
    for table, counted in COUNTED.items():
        op.execute(
            f"INSERT INTO tallies (project_id, counted, n) {counted.format(rows=table, n='count(*)')} GROUP BY 1, 2"
        )
        for event, tables in EVENTS.items():
            op.execute(_tally(table, counted, event, tables))
    op.execute(TALLY_MOVES)


def _tally(table: str, counted: str, event: str, tables: dict[str, str]) -> str:
    changes = " UNION ALL ".join(counted.format(rows=rows, n=n) for rows, n in tables.items())
    names = {"gone": "OLD TABLE AS gone", "added": "NEW TABLE AS added"}
    transitions = " ".join(names[rows] for rows in tables)
    return TALLY.format(
        name=f"tally_{table}_{event.lower()}", table=table, event=event, changes=changes, transitions=transitions
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER tally_moves ON prompts; DROP FUNCTION tally_moves()")
    for table in COUNTED:
        for event in EVENTS:
            name = f"tally_{table}_{event.lower()}"
            op.execute(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()")
    op.drop_table("tallies")
    op.drop_index(op.f("ix_critiques_author_id_project_id_state"), table_name="critiques")
    op.create_index(op.f("ix_critiques_author_id"), "critiques", ["author_id"])
    op.drop_index("ix_critiques_listed_by_rollout", table_name="critiques")
    op.drop_index("ix_rollouts_listed", table_name="rollouts")
    op.drop_index(op.f("ix_critiques_project_id_review_id"), table_name="critiques")
    op.drop_index("ix_critiques_listed", table_name="critiques")
    op.drop_column("bulk_changes", "ids")
    for table in ("critiques", "bulk_changes"):
        op.drop_column(table, "job_id")
    op.execute("DROP TRIGGER critique_prompt ON critiques")
    op.execute("DROP FUNCTION critique_prompt()")
    op.drop_column("critiques", "prompt_id")
