"""The queue: which answers wait for a person's critique, and which comes first."""

from sqlalchemy import Select, select

from backend.models import (
    Critique,
    Project,
    Prompt,
    QueueOrder,
    Rollout,
    RolloutSource,
    RolloutState,
    Split,
    User,
)  # fmt: skip


def waiting_for(*, project: Project, user: User) -> Select[int]:
    """The ids of the answers that the person may be given, first things first.

    The conditions on the rollout are those of its two partial indexes, which therefore hold nothing that is done.
    """
    mine = select(Critique.id).where(Critique.rollout_id == Rollout.id, Critique.author_id == user.id).exists()
    order = () if project.queue_order == QueueOrder.imported else (Rollout.priority,)
    return (
        select(Rollout.id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .where(
            Rollout.project_id == project.id,
            Rollout.wanted,
            Rollout.source == RolloutSource.attempt,
            Rollout.turn == 0,
            Rollout.state == RolloutState.complete,
            Prompt.split == Split.train,
            ~mine,
        )
        .order_by(*order, Rollout.id)
    )
