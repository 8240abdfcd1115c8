"""What a model is asked that shall propose a rule. It proposes; a person changes the sentence and saves it, or not."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from backend import judge_contexts
from backend.contexts import Message
from backend.domain import journal, rule_sources
from backend.domain.judges import Judge
from backend.domain.projects import Access
from backend.errors import InvalidError
from backend.models import JournalEntry

MOST_READ = 12
PROPOSED = "rule.proposed"


def messages(session: Session, access: Access, *, judge: Judge, critique_ids: Sequence[int]) -> list[Message]:
    """The newest different ones of these critiques as the model reads them; the journal keeps who asked which model.

    Raises:
        InvalidError: none of them has words.
        NotFoundError: one is not a submitted critique of the project.
    """
    said = rule_sources.texts(session, project_id=access.project.id, critique_ids=critique_ids)
    if not said:
        raise InvalidError("None of these critiques has words to make a rule from.", field="critique_ids")
    journal.record(
        session, action=PROPOSED, subject=judge.signature, user_id=access.user_id, project_id=access.project.id,
        critiques=len(critique_ids),
    )  # fmt: skip
    return judge_contexts.rule_proposal(said[-MOST_READ:])


def was_made(session: Session, access: Access, *, model: str) -> bool:
    """Whether the person has asked this model, as it signs, for a rule of the project."""
    asked = exists().where(
        JournalEntry.project_id == access.project.id,
        JournalEntry.user_id == access.user_id,
        JournalEntry.action == PROPOSED,
        JournalEntry.subject == model,
    )
    return bool(session.scalar(select(asked)))
