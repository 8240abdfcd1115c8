"""Critiques: a lease and a draft while being written, immutable revisions once frozen."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Created, Json


class AuthorKind(StrEnum):
    """Who critiques: a person, a model, or code. Only people count towards a project's overlap."""

    annotator = "annotator"
    judge = "judge"
    verifier = "verifier"


class CritiqueState(StrEnum):
    """``draft`` holds a lease; only ``submitted`` critiques are trained on; a ``deleted`` one can be restored."""

    draft = "draft"
    submitted = "submitted"
    discarded = "discarded"
    skipped = "skipped"
    deleted = "deleted"


class ReviewState(StrEnum):
    """What a reviewer said of a critique as it stands; ``returned`` is a draft again and holds its place."""

    unreviewed = "unreviewed"
    accepted = "accepted"
    returned = "returned"
    corrected = "corrected"


class Severity(StrEnum):
    """How bad what a span points at is."""

    minor = "minor"
    major = "major"
    critical = "critical"


class Verdict(StrEnum):
    """A redraft against its attempt."""

    better = "better"
    same = "same"
    worse = "worse"


class Critique(Base, Created):
    """What one author says about one rollout.

    An ``imported`` one was written in another installation: its author is kept by name and is nobody who can log in.
    ``prompt_id`` is the rollout's, repeated by the database for lists; ``job_id`` the job of code or a model
    that wrote it last.
    """

    __tablename__ = "critiques"
    __table_args__ = (
        UniqueConstraint("rollout_id", "author_id"),
        Index(
            "uq_critiques_rollout_id_author_name",
            "rollout_id",
            "author_name",
            unique=True,
            postgresql_where="author_kind <> 'annotator'",
        ),
        CheckConstraint(
            "(author_kind = 'annotator' AND NOT imported) = (author_id IS NOT NULL)", name="annotators_are_users"
        ),
        Index(None, "project_id", "state", "id"),
        Index(None, "project_id", "review", "id"),
        Index("ix_critiques_drafts", "author_id", "project_id", postgresql_where=sql("state = 'draft'")),
        Index("ix_critiques_listed", "project_id", "id", postgresql_include=["prompt_id", "state"]),
        Index(
            "ix_critiques_listed_by_rollout",
            "project_id",
            "rollout_id",
            postgresql_include=["prompt_id", "state", "current_revision_id"],
        ),
        Index(None, "author_id", "project_id", "state"),
        Index(None, "current_revision_id"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    rollout_id: Mapped[int] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"))
    prompt_id: Mapped[int] = mapped_column(
        ForeignKey("prompts.id", ondelete="CASCADE"), index=True, server_default=FetchedValue()
    )
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE", use_alter=True))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    author_kind: Mapped[AuthorKind]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str] = mapped_column(String(200))
    imported: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    state: Mapped[CritiqueState] = mapped_column(default=CritiqueState.draft)
    draft: Mapped[Json] = mapped_column(default=dict)
    draft_version: Mapped[int] = mapped_column(default=0)
    lease_expires_at: Mapped[datetime | None]
    postponed_at: Mapped[datetime | None]
    current_revision_id: Mapped[int | None] = mapped_column(ForeignKey("critique_revisions.id", use_alter=True))
    submission_key: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    first_submitted_at: Mapped[datetime | None]
    review: Mapped[ReviewState] = mapped_column(
        default=ReviewState.unreviewed, server_default=ReviewState.unreviewed.value
    )
    state_before_deletion: Mapped[CritiqueState | None]


class CritiqueRevision(Base, Created):
    """A frozen text of a critique; redrafts and snapshots cite it. Where it has a corrector, a reviewer wrote it.

    The corrector is a user, or in an import a name without a user.

    ``answers`` are by key of question, under the version of the form that was in force.
    """

    __tablename__ = "critique_revisions"
    __table_args__ = (
        UniqueConstraint("critique_id", "number"),
        Index(None, "tags", postgresql_using="gin"),
        Index(None, "spans", postgresql_using="gin"),
        Index(None, "rating"),
        CheckConstraint("corrector_id IS NULL OR corrector_name IS NULL", name="one_corrector_at_most"),
    )

    critique_id: Mapped[int] = mapped_column(ForeignKey("critiques.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str]
    rating: Mapped[float | None]
    tags: Mapped[list[str]] = mapped_column(default=list)
    edit: Mapped[str | None]
    corrector_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    corrector_name: Mapped[str | None] = mapped_column(String(200))
    spans: Mapped[list[Json]] = mapped_column(default=list, server_default=sql("'[]'::jsonb"))
    form_version: Mapped[int | None]
    guideline_version: Mapped[int | None]
    answers: Mapped[Json] = mapped_column(default=dict, server_default=sql("'{}'::jsonb"))


class CritiqueReview(Base, Created):
    """What a reviewer, or in an import a name without a user, said of a revision; never ``unreviewed``."""

    __tablename__ = "critique_reviews"
    __table_args__ = (CheckConstraint("(reviewer_id IS NULL) = (reviewer_name IS NOT NULL)", name="one_reviewer"),)

    critique_id: Mapped[int] = mapped_column(ForeignKey("critiques.id", ondelete="CASCADE"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("critique_revisions.id", ondelete="CASCADE"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewer_name: Mapped[str | None] = mapped_column(String(200))
    verdict: Mapped[ReviewState]
    note: Mapped[str]


class Comparison(Base, Created):
    """What an author says of a redraft: better, same or worse than its attempt, and its own rating where given."""

    __tablename__ = "comparisons"
    __table_args__ = (UniqueConstraint("redraft_id", "critique_id"),)

    critique_id: Mapped[int] = mapped_column(ForeignKey("critiques.id", ondelete="CASCADE"), index=True)
    redraft_id: Mapped[int] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"))
    verdict: Mapped[Verdict | None]
    rating: Mapped[float | None]
