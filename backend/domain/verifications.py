"""Which answers a verifier or judge has yet to critique, what a verifier says of them, and taking that back."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, cast, func, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from backend.domain import critiques
from backend.domain.bulk import CritiqueRequest
from backend.domain.critiques import Draft
from backend.models import (
    AuthorKind,
    BulkChange,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Prompt,
    ReviewState,
    Rollout,
    RolloutSource,
    RolloutState,
)  # fmt: skip
from backend.verifiers import Verdict


def unverified(session: Session, *, project_id: int, request: CritiqueRequest) -> list[tuple[Rollout, Prompt]]:
    """First attempts that the author has not critiqued; of chosen ones also those whose critique was discarded."""
    critiqued = select(Critique.id).where(Critique.rollout_id == Rollout.id, *_by(request))
    if request.change_id is not None:
        critiqued = critiqued.where(Critique.state != CritiqueState.discarded)
    query = (
        select(Rollout, Prompt)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .where(
            Rollout.project_id == project_id,
            Rollout.source == RolloutSource.attempt,
            Rollout.state == RolloutState.complete,
            _asked_for(request),
            ~critiqued.exists(),
        )
        .order_by(Rollout.id)
    )
    return [(rollout, prompt) for rollout, prompt in session.execute(query)]


def unredrafted(
    session: Session, *, project_id: int, request: CritiqueRequest
) -> list[tuple[CritiqueRevision, Rollout, Prompt]]:
    """The critiques of the request's author that have no redraft yet, with attempt and prompt."""
    second = aliased(Rollout)
    redrafted = select(second.id).where(second.critique_revision_id == CritiqueRevision.id, second.run_id.is_(None))
    query = (
        select(CritiqueRevision, Rollout, Prompt)
        .join(Critique, Critique.current_revision_id == CritiqueRevision.id)
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .where(
            Critique.project_id == project_id,
            Critique.state == CritiqueState.submitted,
            Critique.run_id.is_(None),
            Rollout.source == RolloutSource.attempt,
            *_by(request),
            _asked_for(request),
            ~redrafted.exists(),
        )
        .order_by(CritiqueRevision.id)
    )
    return [(revision, rollout, prompt) for revision, rollout, prompt in session.execute(query)]


def _by(request: CritiqueRequest) -> tuple[ColumnElement[bool], ...]:
    kind, name = request.author
    return Critique.author_kind == kind, Critique.author_name == name


def _asked_for(request: CritiqueRequest) -> ColumnElement[bool]:
    if request.change_id is None:
        return Prompt.split == request.split
    chosen = cast(func.jsonb_array_elements_text(BulkChange.ids), BigInteger)
    return Rollout.id.in_(select(chosen).where(BulkChange.id == request.change_id))


def write(session: Session, *, rollout: Rollout, verifier: str, verdict: Verdict, job_id: int) -> None:
    """What the verifier says, as a submitted critique; one that was discarded is put in force again."""
    critique = session.scalar(
        select(Critique).where(
            Critique.rollout_id == rollout.id,
            Critique.author_kind == AuthorKind.verifier,
            Critique.author_name == verifier,
        )
    )
    if critique is None:
        revision = critiques.add_by_code(
            session, rollout=rollout, kind=AuthorKind.verifier, name=verifier, text=verdict.critique,
            rating=verdict.rating,
        )  # fmt: skip
        critique = session.get_one(Critique, revision.critique_id)
    else:
        critique.draft = Draft(text=verdict.critique, rating=verdict.rating).model_dump()
        critiques.freeze(session, critique=critique)
        critique.state = CritiqueState.submitted
    critique.job_id = job_id
    session.flush()


def written_by(session: Session, *, job_id: int) -> list[int]:
    """The ids of the critiques that a job wrote."""
    return list(session.scalars(select(Critique.id).where(Critique.job_id == job_id).order_by(Critique.id)))


def discard(session: Session, *, job_id: int, ids: Sequence[int]) -> int:
    """Discard those that still stand as the job wrote them; returns how many. What a reviewer has judged is spared."""
    standing = (
        select(Critique.id)
        .where(
            Critique.id.in_(ids),
            Critique.job_id == job_id,
            Critique.state == CritiqueState.submitted,
            Critique.review == ReviewState.unreviewed,
        )
        .order_by(Critique.id)
        .with_for_update(key_share=True)
        .cte()
    )
    gone = session.execute(
        update(Critique)
        .where(Critique.id == standing.c.id)
        .values(state=CritiqueState.discarded)
        .returning(Critique.id)
    )
    return len(gone.all())
