"""Rules: sentences of house style, the critiques they came from, and what they said before."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Created


class RuleState(StrEnum):
    """Only ``active`` rules are read by models; a ``retired`` one is kept and can be restored."""

    active = "active"
    retired = "retired"


class Rule(Base, Created):
    """One sentence that a project wants followed; ``position`` orders the active ones."""

    __tablename__ = "rules"
    __table_args__ = (Index(None, "project_id", "state", "position"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    text: Mapped[str]
    state: Mapped[RuleState] = mapped_column(default=RuleState.active)
    position: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class RuleEdit(Base, Created):
    """What a rule said until somebody changed it; append-only."""

    __tablename__ = "rule_edits"

    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text_before: Mapped[str]


class RuleCritique(Base, Created):
    """A rule came of this text of a critique; a later revision of the critique does not move the link."""

    __tablename__ = "rule_critiques"
    __table_args__ = (UniqueConstraint("rule_id", "critique_revision_id"),)

    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id", ondelete="CASCADE"))
    critique_revision_id: Mapped[int] = mapped_column(
        ForeignKey("critique_revisions.id", ondelete="CASCADE"), index=True
    )
