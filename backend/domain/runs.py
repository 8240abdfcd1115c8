"""Training runs: checked, frozen and queued here; executed by worker ``train``."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.domain import claims, feedback, journal, prompts, spans
from backend.domain import rules as project_rules
from backend.domain.claims import Claim
from backend.domain.feedback import FeedbackItem
from backend.domain.projects import Access
from backend.errors import InvalidError, NotFoundError
from backend.jobs import Message, enqueue
from backend.models import (
    AuthorKind,
    Checkpoint,
    Prompt,
    ReviewState,
    Rollout,
    RolloutSource,
    Run,
    RunEvent,
    RunMetric,
    RunSample,
    Split,
)  # fmt: skip
from backend.recipes import Forecast, Recipe, Supply, forecast, is_usable, missing, warnings


@dataclass(frozen=True)
class Check:
    """What a launch would find: what is missing, what to know, what it would cost."""

    supply: Supply
    missing: list[str]
    warnings: list[str]
    forecast: Forecast
    items: list[FeedbackItem]


def check(session: Session, *, project_id: int, recipe: Recipe) -> Check:
    """Look at the project's feedback through a recipe, without changing anything."""
    kinds = [AuthorKind(author) for author in recipe.feedback.authors]
    reviews = feedback.ACCEPTED if recipe.feedback.reviewed == "accepted" else tuple(ReviewState)
    items = feedback.usable(session, project_id=project_id, kinds=kinds, reviews=reviews)
    supply = _supply(session, project_id=project_id, recipe=recipe, items=items)
    return Check(
        supply=supply,
        missing=missing(recipe, supply),
        warnings=warnings(recipe, supply),
        forecast=forecast(recipe, supply),
        items=items,
    )


def _supply(session: Session, *, project_id: int, recipe: Recipe, items: Sequence[FeedbackItem]) -> Supply:
    splits = prompts.counts(session, project_id=project_id)
    rules = len(project_rules.active(session, project_id=project_id))
    learned = [item.redraft if recipe.uses_redrafts and item.redraft else item.attempt for item in items]
    lengths = [len(rollout.token_ids) for rollout in learned]
    return Supply(
        train_prompts=splits[Split.train],
        probe_prompts=splits[Split.probe],
        critiques=sum(1 for item in items if spans.as_read(item.revision).strip()),
        rated_critiques=sum(1 for item in items if item.revision.rating is not None),
        recorded_redrafts=sum(1 for item in items if item.redraft_reward is not None),
        edits=sum(1 for item in items if (item.revision.edit or "").strip()),
        answers=len(items),
        accepted=sum(1 for item in items if item.revision.rating == 1),
        referenced=sum(1 for item in items if item.prompt.reference),
        references=prompts.references(session, project_id=project_id),
        rules=rules,
        usable=sum(1 for item in items if _is_usable(recipe, item, rules=rules > 0)),
        utility=feedback.utility(items),
        mean_response_tokens=sum(lengths) / len(lengths) if lengths else 0.0,
    )


def _is_usable(recipe: Recipe, item: FeedbackItem, *, rules: bool) -> bool:
    return is_usable(
        recipe, critique=spans.as_read(item.revision), rating=item.revision.rating, edit=item.revision.edit,
        reference=item.prompt.reference, redraft_reward=item.redraft_reward, rules=rules,
    )  # fmt: skip


def create(session: Session, access: Access, *, name: str | None, recipe: Recipe, base: Checkpoint) -> Run:
    """Freeze the feedback, record the run and queue it.

    Raises:
        InvalidError: the recipe needs data that the project lacks; details name it.
    """
    found = check(session, project_id=access.project.id, recipe=recipe)
    if found.missing:
        raise InvalidError("This run cannot start: " + " ".join(found.missing), missing=found.missing)
    rules = [rule.text for rule in project_rules.active(session, project_id=access.project.id)]
    snapshot = feedback.freeze(session, project_id=access.project.id, items=found.items, rules=rules)
    run = Run(
        project_id=access.project.id,
        name=name or "",
        recipe=recipe.model_dump(mode="json"),
        base_id=base.id,
        snapshot_id=snapshot.id,
        created_by=access.user_id,
        forecast=asdict(found.forecast),
        total=recipe.optimiser.steps,
    )
    session.add(run)
    session.flush()
    run.name = run.name or f"{recipe.method.name} {run.id}"
    journal.record(
        session, action="run.created", subject=f"run {run.id}", user_id=access.user_id, project_id=access.project.id
    )
    enqueue(session, Message.run, run.id)
    return run


def get(session: Session, run_id: int) -> Run:
    """One run."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFoundError(f"There is no run {run_id}.")
    return run


def page(session: Session, *, project_id: int, before: int | None, limit: int) -> Sequence[Run]:
    """Runs of a project, newest first."""
    query = select(Run).where(Run.project_id == project_id).order_by(Run.id.desc()).limit(limit)
    return session.scalars(query if before is None else query.where(Run.id < before)).all()


def cancel(session: Session, access: Access, *, run_id: int) -> Run:
    """Ask a run to stop; it keeps its last checkpoint."""
    run = claims.request_cancel(session, Run, run_id)
    journal.record(
        session, action="run.cancelled", subject=f"run {run_id}", user_id=access.user_id, project_id=access.project.id
    )
    return run


def resume(session: Session, access: Access, *, run_id: int) -> Run:
    """Queue a failed or cancelled run again; it goes on from its last checkpoint."""
    run = claims.requeue(session, Run, run_id)
    journal.record(
        session, action="run.resumed", subject=f"run {run_id}", user_id=access.user_id, project_id=access.project.id
    )
    enqueue(session, Message.run, run_id)
    return run


def metrics(session: Session, *, run_id: int, since_step: int) -> dict[str, list[tuple[int, float]]]:
    """The curves of a run from a step on."""
    rows = session.execute(
        select(RunMetric.name, RunMetric.step, RunMetric.value)
        .where(RunMetric.run_id == run_id, RunMetric.step >= since_step)
        .order_by(RunMetric.name, RunMetric.step)
    )
    series: dict[str, list[tuple[int, float]]] = {}
    for name, step, value in rows:
        series.setdefault(name, []).append((step, value))
    return series


def events(session: Session, *, run_id: int) -> Sequence[RunEvent]:
    """What happened, in order."""
    return session.scalars(select(RunEvent).where(RunEvent.run_id == run_id).order_by(RunEvent.id)).all()


def samples(session: Session, *, run_id: int) -> list[tuple[RunSample, Prompt]]:
    """Answers to probe prompts over time."""
    query = (
        select(RunSample, Prompt)
        .join(Prompt, Prompt.id == RunSample.prompt_id)
        .where(RunSample.run_id == run_id)
        .order_by(RunSample.prompt_id, RunSample.step)
    )
    return [(sample, prompt) for sample, prompt in session.execute(query)]


def forget_after(session: Session, *, claimed: Claim, step: int | None) -> None:
    """Drop what a dead attempt reported beyond the step that is resumed from, so that nothing stands twice.

    ``step`` None means that nothing was saved. Rollouts sampled before the first step stay: they are kept on disk too.
    """
    run = claims.held(session, Run, claimed)
    last = -1 if step is None else step
    for table in (RunMetric, RunSample):
        session.execute(delete(table).where(table.run_id == run.id, table.step > last))
    session.execute(
        delete(Rollout).where(
            Rollout.run_id == run.id,
            Rollout.source == RolloutSource.run,
            Rollout.sampling["step"].as_integer() > max(last, 0),
        )
    )
    run.done = max(last, 0)
    session.flush()
