"""What annotators are given to work with, version by version: the critique form and the guidelines."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import ONE_AUTHOR_AT_MOST, Base, Created, Json, WrittenBySomebody


class FormVersion(Base, Created, WrittenBySomebody):
    """A project's critique form from here on until the next; append-only. ``content`` is a ``backend.forms.Form``."""

    __tablename__ = "form_versions"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint(ONE_AUTHOR_AT_MOST, name="one_author_at_most"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[Json]


class GuidelineVersion(Base, Created, WrittenBySomebody):
    """A project's guidelines from here on until the next; append-only."""

    __tablename__ = "guideline_versions"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint(ONE_AUTHOR_AT_MOST, name="one_author_at_most"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str]


class GuidelineReading(Base):
    """The newest version of the guidelines that a person has read."""

    __tablename__ = "guideline_readings"
    __table_args__ = (UniqueConstraint("project_id", "user_id"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    number: Mapped[int]
