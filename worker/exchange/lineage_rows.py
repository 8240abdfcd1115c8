"""Records of a lineage as rows of tables; what they refer to is given as ids."""

from backend.domain import prompts
from backend.domain.critiques import Draft
from worker.exchange.lineage_records import (
    ComparisonRecord,
    CritiqueRecord,
    PromptRecord,
    ReviewRecord,
    RevisionRecord,
    RolloutRecord,
)  # fmt: skip

Fields = dict[str, object]


def prompt(record: PromptRecord, *, row_id: int, project_id: int) -> Fields:
    """A prompt; its hash follows from its messages."""
    messages = [message.model_dump() for message in record.messages]
    return {
        "id": row_id, "project_id": project_id, "messages": messages, "reference": record.reference,
        "details": record.metadata, "split": record.split, "tags": record.tags,
        "content_hash": prompts.content_hash(messages), "created_at": record.created_at,
    }  # fmt: skip


def rollout(
    record: RolloutRecord, *, row_id: int, project_id: int, prompt_id: int, checkpoint_id: int, parent_id: int | None
) -> Fields:
    """A rollout, not yet tied to the revision it was written under."""
    return {
        **record.model_dump(exclude={"kind", "prompt", "checkpoint", "parent", "revision"}),
        "id": row_id, "project_id": project_id, "prompt_id": prompt_id, "checkpoint_id": checkpoint_id,
        "parent_id": parent_id,
    }  # fmt: skip


def critique(record: CritiqueRecord, *, row_id: int, project_id: int, rollout_id: int) -> Fields:
    """A critique whose author is a name."""
    last = record.revisions[-1] if record.revisions else Draft()
    return {
        **record.model_dump(exclude={"kind", "rollout", "revisions", "reviews", "comparisons"}),
        "id": row_id, "project_id": project_id, "rollout_id": rollout_id, "imported": True,
        "draft": last.model_dump(include=set(Draft.model_fields)),
    }  # fmt: skip


def revision(record: RevisionRecord, *, row_id: int, critique_id: int, number: int) -> Fields:
    """A revision."""
    return {**record.model_dump(), "id": row_id, "critique_id": critique_id, "number": number}


def review(record: ReviewRecord, *, critique_id: int, revision_id: int) -> Fields:
    """A review by a name."""
    return {**record.model_dump(exclude={"revision"}), "critique_id": critique_id, "revision_id": revision_id}


def comparison(record: ComparisonRecord, *, critique_id: int, redraft_id: int) -> Fields:
    """A comparison."""
    return {**record.model_dump(exclude={"redraft"}), "critique_id": critique_id, "redraft_id": redraft_id}
