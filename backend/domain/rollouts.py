"""Rollouts: what was sampled, with everything that exact training needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import contexts
from backend.domain import critiques, spans
from backend.domain.critiques import Draft
from backend.engine import Generated, Sampling
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import (
    Checkpoint,
    Critique,
    CritiqueState,
    Prompt,
    Rollout,
    RolloutSource,
    RolloutState,
    Split,
)  # fmt: skip

REDRAFT_SAMPLING = Sampling(temperature=0.7, top_p=1.0, max_tokens=256)


@dataclass(frozen=True)
class RedraftPlan:
    """What to sample, decided in the transaction that made the redraft's row."""

    rollout_id: int
    revision_id: int
    draft_version: int
    checkpoint: Checkpoint
    messages: list[contexts.Message]
    sampling: Sampling


def get(session: Session, rollout_id: int) -> Rollout:
    """One rollout."""
    rollout = session.get(Rollout, rollout_id)
    if rollout is None:
        raise NotFoundError(f"There is no rollout {rollout_id}.")
    return rollout


def page(
    session: Session, *, project_id: int, prompt_id: int | None, checkpoint_id: int | None, turn: int | None,
    after: int, limit: int,
) -> Sequence[tuple[Rollout, Checkpoint]]:  # fmt: skip
    """Rollouts after an id, with the checkpoints that wrote them."""
    query = (
        select(Rollout, Checkpoint)
        .join(Checkpoint, Checkpoint.id == Rollout.checkpoint_id)
        .where(Rollout.project_id == project_id, Rollout.id > after)
        .order_by(Rollout.id)
        .limit(limit)
    )
    if prompt_id is not None:
        query = query.where(Rollout.prompt_id == prompt_id)
    if checkpoint_id is not None:
        query = query.where(Rollout.checkpoint_id == checkpoint_id)
    if turn is not None:
        query = query.where(Rollout.turn == turn)
    return [(rollout, checkpoint) for rollout, checkpoint in session.execute(query)]


def sampled(
    *, project_id: int, prompt_id: int, checkpoint_id: int, source: RolloutSource, generated: Generated,
    sampling: Sampling,
) -> Rollout:  # fmt: skip
    """The row of a complete answer."""
    rollout = Rollout(
        project_id=project_id, prompt_id=prompt_id, checkpoint_id=checkpoint_id, source=source,
        sampling=sampling.as_json(),
    )  # fmt: skip
    fill(rollout, generated)
    return rollout


def fill(rollout: Rollout, generated: Generated) -> None:
    """Write a finished generation into its row."""
    rollout.text = storable(generated.text)
    rollout.token_ids = list(generated.token_ids)
    rollout.logprobs = list(generated.logprobs)
    rollout.finish_reason = generated.finish_reason
    rollout.state = RolloutState.complete


def storable(text: str) -> str:
    """A model's text as PostgreSQL can keep it: a NUL, which a byte-level tokenizer can produce, is shown as unknown.

    The token ids stay as they were sampled.
    """
    return text.replace("\x00", "\ufffd")


def lacking_attempts(
    session: Session, *, project_id: int, split: Split, checkpoint_id: int, per_prompt: int
) -> list[tuple[Prompt, int]]:
    """Prompts of a split with the number of first attempts that are missing from this checkpoint."""
    have = (
        select(func.count())
        .select_from(Rollout)
        .where(
            Rollout.prompt_id == Prompt.id,
            Rollout.checkpoint_id == checkpoint_id,
            Rollout.source == RolloutSource.attempt,
            Rollout.state == RolloutState.complete,
        )
        .scalar_subquery()
    )
    query = (
        select(Prompt, have)
        .where(Prompt.project_id == project_id, Prompt.split == split, have < per_prompt)
        .order_by(Prompt.id)
    )
    return [(prompt, per_prompt - count) for prompt, count in session.execute(query)]


def begin_redraft(session: Session, *, critique: Critique, draft: Draft, version: int) -> RedraftPlan:
    """Freeze the critique as it stands and make the row of its redraft, before the first token.

    The redraft is sampled from the checkpoint that wrote the attempt.
    """
    if critique.state != CritiqueState.draft:
        raise ConflictError("Only a critique in work can be redrafted; reopen it first.", state=critique.state)
    if not draft.text.strip():
        raise InvalidError("Write what is wrong first; the redraft reads your critique.", field="text")
    new_version = critiques.save_draft(session, critique=critique, draft=draft, version=version)
    revision = critiques.freeze(session, critique=critique)
    prompt, attempt, checkpoint = critiques.subject(session, critique)
    rollout = redraft_row(attempt, revision_id=revision.id, sampling=REDRAFT_SAMPLING)
    session.add(rollout)
    session.flush()
    return RedraftPlan(
        rollout_id=rollout.id,
        revision_id=revision.id,
        draft_version=new_version,
        checkpoint=checkpoint,
        messages=contexts.redraft(prompt.messages, attempt.text, spans.as_read(revision)),
        sampling=REDRAFT_SAMPLING,
    )


def redraft_row(attempt: Rollout, *, revision_id: int, sampling: Sampling) -> Rollout:
    """An empty redraft of ``attempt`` under a revision, from the same checkpoint."""
    return Rollout(
        project_id=attempt.project_id,
        prompt_id=attempt.prompt_id,
        checkpoint_id=attempt.checkpoint_id,
        parent_id=attempt.id,
        critique_revision_id=revision_id,
        turn=1,
        sampling=sampling.as_json(),
        state=RolloutState.streaming,
        source=RolloutSource.redraft,
    )


def end_redraft(session: Session, *, rollout_id: int, generated: Generated, state: RolloutState) -> Rollout:
    """Keep what was streamed, whether it ended by itself, was cut off by the reader, or failed."""
    rollout = session.get_one(Rollout, rollout_id)
    fill(rollout, generated)
    rollout.state = state
    session.flush()
    return rollout
