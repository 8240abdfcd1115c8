"""Rules: sentences of house style, the critiques they came from, and what they said before."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import ONE_AUTHOR, Base, Created, WrittenBySomebody


class RuleState(StrEnum):
    """Only ``active`` rules are read by models; a ``retired`` one is kept and can be restored."""

    active = "active"
    retired = "retired"


class Rule(Base, Created, WrittenBySomebody):
    """One sentence that a project wants followed; ``position`` orders the active ones.

    ``proposed_by`` is the model that proposed it, where its author took up a proposal, changed or not.
    """

    __tablename__ = "rules"
    __table_args__ = (
        Index(None, "project_id", "state", "position"),
        CheckConstraint(ONE_AUTHOR, name="one_author"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    text: Mapped[str]
    state: Mapped[RuleState] = mapped_column(default=RuleState.active)
    position: Mapped[int]
    proposed_by: Mapped[str | None] = mapped_column(String(200))


class RuleEdit(Base, Created, WrittenBySomebody):
    """What a rule said until somebody changed it; append-only."""

    __tablename__ = "rule_edits"
    __table_args__ = (CheckConstraint(ONE_AUTHOR, name="one_author"),)

    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id", ondelete="CASCADE"), index=True)
    text_before: Mapped[str]


class RuleCritique(Base, Created):
    """A rule came of this text of a critique; a later revision of the critique does not move the link."""

    __tablename__ = "rule_critiques"
    __table_args__ = (UniqueConstraint("rule_id", "critique_revision_id"),)

    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id", ondelete="CASCADE"))
    critique_revision_id: Mapped[int] = mapped_column(
        ForeignKey("critique_revisions.id", ondelete="CASCADE"), index=True
    )
