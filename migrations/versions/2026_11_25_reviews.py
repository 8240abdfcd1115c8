"""reviews."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_reviews"
down_revision = "2026_11_25_exchange"
branch_labels = None
depends_on = None

REVIEWS = ("unreviewed", "accepted", "returned", "corrected")
STATES = ("draft", "submitted", "discarded", "skipped", "deleted")


def upgrade() -> None:
    op.add_column("critiques", sa.Column("first_submitted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE critiques SET first_submitted_at = submitted_at")
    op.add_column(
        "critiques",
        sa.Column(
            "review",
            sa.Enum(*REVIEWS, name="reviewstate", native_enum=False, length=16),
            server_default="unreviewed",
            nullable=False,
        ),
    )
    op.add_column(
        "critiques",
        sa.Column(
            "state_before_deletion",
            sa.Enum(*STATES, name="critiquestate", native_enum=False, length=16),
            nullable=True,
        ),
    )
    op.add_column("critique_revisions", sa.Column("corrector_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_critique_revisions_corrector_id_users"), "critique_revisions", "users", ["corrector_id"], ["id"]
    )
    op.create_table(
        "critique_reviews",
        sa.Column("critique_id", sa.BigInteger(), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "verdict", sa.Enum(*REVIEWS, name="reviewstate", native_enum=False, length=16), nullable=False
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["critique_id"], ["critiques.id"], name=op.f("fk_critique_reviews_critique_id_critiques"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["critique_revisions.id"], name=op.f("fk_critique_reviews_revision_id_critique_revisions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_critique_reviews_reviewer_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_critique_reviews")),
    )  # fmt: skip
    op.create_index(op.f("ix_critique_reviews_critique_id"), "critique_reviews", ["critique_id"], unique=False)
    op.create_index(op.f("ix_journal_project_id_subject"), "journal", ["project_id", "subject"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_journal_project_id_subject"), table_name="journal")
    op.drop_index(op.f("ix_critique_reviews_critique_id"), table_name="critique_reviews")
    op.drop_table("critique_reviews")
    op.drop_constraint(op.f("fk_critique_revisions_corrector_id_users"), "critique_revisions", type_="foreignkey")
    op.drop_column("critique_revisions", "corrector_id")
    op.drop_column("critiques", "state_before_deletion")
    op.drop_column("critiques", "review")
    op.drop_column("critiques", "first_submitted_at")
