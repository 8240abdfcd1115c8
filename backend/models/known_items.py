"""Known items: answers whose critique is known beforehand, to train annotators and to measure how well they see."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import ONE_AUTHOR, Base, Created, Json, WrittenBySomebody


class KnownKind(StrEnum):
    """``gold``: an answer with the rating it should get. ``seeded``: an answer with a mistake that was put into it."""

    gold = "gold"
    seeded = "seeded"


class KnownItem(Base, Created, WrittenBySomebody):
    """What a good critique of a rollout says. Practice items come first, with feedback; the others are mixed in.

    ``rating_low`` and ``rating_high`` are in [0, 1]; ``spans`` are ``backend.domain.spans.Span``; a critique that holds
    one of ``words`` has found a seeded mistake as well as one that marks it.
    """

    __tablename__ = "known_items"
    __table_args__ = (Index(None, "project_id", "id"), CheckConstraint(ONE_AUTHOR, name="one_author"))

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    rollout_id: Mapped[int] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"), unique=True)
    original_id: Mapped[int | None] = mapped_column(ForeignKey("rollouts.id", ondelete="SET NULL"))
    kind: Mapped[KnownKind]
    is_practice: Mapped[bool] = mapped_column(default=False)
    is_retired: Mapped[bool] = mapped_column(default=False)
    rating_low: Mapped[float | None]
    rating_high: Mapped[float | None]
    tags: Mapped[list[str]] = mapped_column(default=list)
    spans: Mapped[list[Json]] = mapped_column(default=list)
    words: Mapped[list[str]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(default="")
