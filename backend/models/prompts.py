"""Projects and their prompts."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Created, Json


class Split(StrEnum):
    """What a prompt is for: collecting and training, guarding runs, or evaluation only."""

    train = "train"
    probe = "probe"
    eval = "eval"


class QueueOrder(StrEnum):
    """Which answers are critiqued first."""

    imported = "imported"
    disagreement = "disagreement"
    uncertainty = "uncertainty"
    similarity = "similarity"


class Routing(StrEnum):
    """Who gets an answer: anyone, by given shares of the work, or whoever knows the prompt's topic."""

    anyone = "anyone"
    share = "share"
    skill = "skill"


class Project(Base, Created):
    """A workspace with its own people, prompts, runs and aliases."""

    __tablename__ = "projects"

    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    guidelines: Mapped[str] = mapped_column(default="")
    overlap: Mapped[int] = mapped_column(default=1)
    rating_levels: Mapped[int] = mapped_column(default=5)
    tags: Mapped[list[str]] = mapped_column(default=list)
    practice_items: Mapped[int] = mapped_column(default=0, server_default="0")
    known_every: Mapped[int] = mapped_column(default=0, server_default="0")
    queue_order: Mapped[QueueOrder] = mapped_column(default=QueueOrder.imported, server_default="imported")
    routing: Mapped[Routing] = mapped_column(default=Routing.anyone, server_default="anyone")
    skill_field: Mapped[str] = mapped_column(String(64), default="topic", server_default="topic")
    open_critiques: Mapped[bool] = mapped_column(default=False, server_default=false())


class Prompt(Base, Created):
    """Chat messages shown to the policy; the same content is kept once per project."""

    __tablename__ = "prompts"
    __table_args__ = (
        UniqueConstraint("project_id", "content_hash"),
        Index(None, "project_id", "split", "id"),
        Index("ix_prompts_words", sql("prompt_words(messages)"), postgresql_using="gin"),
        Index(None, "tags", postgresql_using="gin"),
        Index(None, "metadata", postgresql_using="gin"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    messages: Mapped[list[dict[str, str]]]
    reference: Mapped[str | None]
    details: Mapped[Json] = mapped_column("metadata", default=dict)
    split: Mapped[Split]
    content_hash: Mapped[str] = mapped_column(String(64))
    tags: Mapped[list[str]] = mapped_column(default=list, server_default=sql("'[]'::jsonb"))
