"""Who gets which answers to critique."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Created


class Reservation(Base, Created):
    """The answers to a prompt that has reservations go to these people only."""

    __tablename__ = "reservations"
    __table_args__ = (UniqueConstraint("prompt_id", "user_id"), Index(None, "project_id", "user_id"))

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
