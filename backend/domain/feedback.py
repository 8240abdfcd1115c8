"""Feedback as training sees it: which critiques count, frozen in a snapshot, with attempts, redrafts and rewards."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import prompts
from backend.models import (
    AuthorKind,
    Comparison,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Prompt,
    ReviewState,
    Rollout,
    RolloutSource,
    RolloutState,
    Snapshot,
    SnapshotItem,
    Split,
    Verdict,
)  # fmt: skip

ACCEPTED = (ReviewState.accepted, ReviewState.corrected)
UNRATED = 0.5
VERDICT_STEP = 0.25


@dataclass(frozen=True)
class FeedbackItem:
    """One critique with what it is about. Rewards are in [0, 1]; ``redraft`` is None where none was recorded."""

    prompt: Prompt
    attempt: Rollout
    author_kind: AuthorKind
    revision: CritiqueRevision
    redraft: Rollout | None
    redraft_reward: float | None


def attempt_reward(rating: float | None) -> float:
    """r0: the critique's rating. An unrated attempt counts as the middle, so that a comparison alone can teach.

    >>> attempt_reward(None), attempt_reward(0.25)
    (0.5, 0.25)
    """
    return UNRATED if rating is None else rating


def redraft_reward(*, r0: float, rating: float | None, verdict: Verdict | None) -> float | None:
    """r1: the redraft's own rating, else r0 moved by the comparison and kept in [0, 1]; None when nobody judged it.

    >>> redraft_reward(r0=0.5, rating=None, verdict=Verdict.better)
    0.75
    >>> redraft_reward(r0=0.9, rating=None, verdict=Verdict.better)
    1.0
    """
    if rating is not None:
        return rating
    moves = {Verdict.better: VERDICT_STEP, Verdict.same: 0.0, Verdict.worse: -VERDICT_STEP}
    return None if verdict is None else min(1.0, max(0.0, r0 + moves[verdict]))


def utility(items: Sequence[FeedbackItem]) -> float | None:
    """The mean gain of reward from attempt to recorded redraft: what the critiques do; None where none is recorded."""
    gains = [
        item.redraft_reward - attempt_reward(item.revision.rating) for item in items if item.redraft_reward is not None
    ]
    return sum(gains) / len(gains) if gains else None


def usable(
    session: Session,
    *,
    project_id: int,
    kinds: Sequence[AuthorKind],
    reviews: Sequence[ReviewState] = tuple(ReviewState),
) -> list[FeedbackItem]:
    """Every submitted critique of a first attempt on a train prompt, oldest first.

    Only those by the named kinds of author and of which reviewers said one of ``reviews``.
    """
    query = (
        select(Prompt, Rollout, Critique.author_kind, CritiqueRevision)
        .join(Rollout, Rollout.prompt_id == Prompt.id)
        .join(Critique, Critique.rollout_id == Rollout.id)
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(
            Prompt.project_id == project_id,
            Prompt.split == Split.train,
            Rollout.source == RolloutSource.attempt,
            Rollout.state == RolloutState.complete,
            Critique.state == CritiqueState.submitted,
            Critique.author_kind.in_(kinds),
            Critique.review.in_(reviews),
        )
        .order_by(CritiqueRevision.id)
    )
    rows = session.execute(query).all()
    judged = _judged_redrafts(session, critique_ids=[revision.critique_id for _, _, _, revision in rows])
    return [
        _item(prompt, attempt, kind, revision, judged.get(revision.critique_id))
        for prompt, attempt, kind, revision in rows
    ]


def _item(
    prompt: Prompt, attempt: Rollout, kind: AuthorKind, revision: CritiqueRevision,
    judged: tuple[Rollout, Comparison] | None,
) -> FeedbackItem:  # fmt: skip
    redraft, reward = None, None
    if judged is not None:
        redraft, comparison = judged
        reward = redraft_reward(
            r0=attempt_reward(revision.rating), rating=comparison.rating, verdict=comparison.verdict
        )
    return FeedbackItem(prompt, attempt, kind, revision, redraft, reward)


def _judged_redrafts(session: Session, *, critique_ids: Sequence[int]) -> dict[int, tuple[Rollout, Comparison]]:
    """The newest redraft of each critique that its author judged."""
    query = (
        select(Rollout, Comparison)
        .join(Comparison, Comparison.redraft_id == Rollout.id)
        .where(
            Comparison.critique_id.in_(critique_ids),
            Rollout.state == RolloutState.complete,
            Rollout.run_id.is_(None),  # what a run sampled and rated is its own, not its author's judgement
            Comparison.verdict.is_not(None) | Comparison.rating.is_not(None),
        )
        .order_by(Rollout.id)
    )
    return {comparison.critique_id: (rollout, comparison) for rollout, comparison in session.execute(query)}


def freeze(session: Session, *, project_id: int, items: Sequence[FeedbackItem], rules: Sequence[str] = ()) -> Snapshot:
    """Store the list, the rules and the prompts there are as a snapshot; its hash covers the feedback in order."""
    snapshot = Snapshot(
        project_id=project_id,
        sha256=snapshot_hash(items, rules),
        size=len(items),
        rules=list(rules),
        train_prompt_ids=prompts.ids_of(session, project_id=project_id, split=Split.train),
        probe_prompt_ids=prompts.ids_of(session, project_id=project_id, split=Split.probe),
    )
    session.add(snapshot)
    session.flush()
    session.add_all(
        SnapshotItem(
            snapshot_id=snapshot.id,
            position=position,
            critique_revision_id=item.revision.id,
            redraft_id=item.redraft.id if item.redraft else None,
            redraft_reward=item.redraft_reward,
        )
        for position, item in enumerate(items)
    )
    return snapshot


def snapshot_hash(items: Sequence[FeedbackItem], rules: Sequence[str] = ()) -> str:
    """SHA-256 over prompts, attempts, critiques, redrafts and rules by content, not by the ids of this database."""
    digest = hashlib.sha256()
    for rule in rules:
        digest.update(json.dumps(rule, ensure_ascii=False).encode() + b"\n")
    for item in items:
        content = [
            item.prompt.content_hash,
            item.attempt.token_ids,
            item.author_kind,
            _said(item.revision),
            [item.redraft.token_ids if item.redraft else None, item.redraft_reward],
        ]
        digest.update(json.dumps(content, ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def _said(revision: CritiqueRevision) -> list[object]:
    spans = [revision.spans] if revision.spans else []  # a critique without spans hashes as before there were any
    return [revision.text, revision.rating, revision.tags, revision.edit, *spans]


def load(session: Session, *, snapshot_id: int) -> list[FeedbackItem]:
    """The items of a snapshot, exactly as they were frozen."""
    query = (
        select(SnapshotItem, Prompt, Rollout, Critique.author_kind, CritiqueRevision)
        .join(CritiqueRevision, CritiqueRevision.id == SnapshotItem.critique_revision_id)
        .join(Critique, Critique.id == CritiqueRevision.critique_id)
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .where(SnapshotItem.snapshot_id == snapshot_id)
        .order_by(SnapshotItem.position)
    )
    rows = session.execute(query).all()
    ids = [item.redraft_id for item, *_ in rows if item.redraft_id is not None]
    redrafts = {r.id: r for r in session.scalars(select(Rollout).where(Rollout.id.in_(ids)))}
    return [
        FeedbackItem(
            prompt, attempt, kind, revision,
            redrafts[item.redraft_id] if item.redraft_id is not None else None, item.redraft_reward,
        )
        for item, prompt, attempt, kind, revision in rows
    ]  # fmt: skip
