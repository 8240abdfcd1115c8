"""What a judge says of an answer: kept once, as it was said, and never rewritten."""

from sqlalchemy import BigInteger, cast, func, select, update
from sqlalchemy.orm import Session

from backend.domain import checkpoints, critiques, judges, rollouts
from backend.domain.bulk import JudgeRequest
from backend.domain.judges import Judge
from backend.domain.projects import Access
from backend.models import (
    BulkChange,
    Checkpoint,
    Comparison,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Job,
    Rollout,
)  # fmt: skip


def request_for(session: Session, access: Access, *, judge: Judge, **settings: object) -> JudgeRequest:
    """A request that this judge judge by what is in force now; ``settings`` are of the split and of redrafts."""
    charge = judges.charge(session, project=access.project, judge=judge)
    return JudgeRequest.model_validate(
        {
            "judge": judge.name, "checkpoint_id": judge.checkpoint.id if judge.checkpoint else None,
            "author_name": charge.author_name, "guideline_version": charge.guideline_version,
            "form_version": charge.form_version, "rules": charge.rules, **settings,
        }
    )  # fmt: skip


def model_of(session: Session, *, project_id: int, request: JudgeRequest) -> Checkpoint | None:
    """The checkpoint that judges, which the engine must serve; None for the operator's model."""
    if request.checkpoint_id is None:
        return None
    return checkpoints.published(session, project_id=project_id, checkpoint_id=request.checkpoint_id)


def write(session: Session, *, rollout: Rollout, request: JudgeRequest, text: str, rating: float, job_id: int) -> bool:
    """Keep a judgement as a submitted critique; False where another job kept one by the same author meanwhile.

    The answer's row is held, so that two jobs do not write at once.
    """
    session.execute(select(Rollout.id).where(Rollout.id == rollout.id).with_for_update(key_share=True))
    kind, name = request.author
    known = select(Critique.id).where(
        Critique.rollout_id == rollout.id, Critique.author_kind == kind, Critique.author_name == name
    )
    if session.scalar(known) is not None:
        return False
    revision = critiques.add_by_code(
        session, rollout=rollout, kind=kind, name=name, text=rollouts.storable(text), rating=rating
    )
    revision.guideline_version = request.guideline_version or None
    critique = session.get_one(Critique, revision.critique_id)
    critique.job_id = job_id
    session.flush()
    return True


def unrated(session: Session, *, job: Job, request: JudgeRequest) -> int:
    """Redrafts that were made since the job was asked for and that its judge did not rate."""
    kind, name = request.author
    query = (
        select(func.count())
        .select_from(Rollout)
        .join(CritiqueRevision, CritiqueRevision.id == Rollout.critique_revision_id)
        .join(Critique, Critique.id == CritiqueRevision.critique_id)
        .outerjoin(Comparison, Comparison.redraft_id == Rollout.id)
        .where(
            Critique.project_id == job.project_id,
            Critique.author_kind == kind,
            Critique.author_name == name,
            Rollout.created_at >= job.created_at,
            Comparison.id.is_(None),
        )
    )
    return session.scalar(query) or 0


def put_in_force(session: Session, *, request: JudgeRequest, job_id: int) -> int:
    """Judgements of the chosen answers that were discarded count again, as they stand; returns how many."""
    if request.change_id is None:
        return 0
    kind, name = request.author
    chosen = cast(func.jsonb_array_elements_text(BulkChange.ids), BigInteger)
    discarded = (
        select(Critique.id)
        .where(
            Critique.rollout_id.in_(select(chosen).where(BulkChange.id == request.change_id)),
            Critique.author_kind == kind,
            Critique.author_name == name,
            Critique.state == CritiqueState.discarded,
        )
        .order_by(Critique.id)
        .with_for_update(key_share=True)
        .cte()
    )
    restored = session.scalars(
        update(Critique)
        .where(Critique.id == discarded.c.id)
        .values(state=CritiqueState.submitted, job_id=job_id)
        .returning(Critique.id)
    )
    return len(restored.all())
