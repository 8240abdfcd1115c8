"""Bulk jobs: first attempts, verifier critiques with their redrafts, and changes of very many things.

Each item, or batch of a change, is a transaction of its own. Sampling and verifying look for what is lacking, a change
keeps its place with what it writes; so a job that runs twice, or goes on after a crash, does nothing twice.
"""

from collections.abc import Callable, Iterable

from backend import contexts
from backend.database import Sessions, transaction
from backend.domain import bulk_changes, checkpoints, claims, rollouts, spans, verifications
from backend.domain.bulk import CritiqueRequest, SampleRequest, VerifyRequest
from backend.domain.claims import Claim
from backend.engine import EngineClient, Generated, Sampling
from backend.models import (
    Checkpoint,
    Comparison,
    CritiqueRevision,
    Job,
    Prompt,
    Rollout,
    RolloutSource,
    RolloutState,
)  # fmt: skip
from backend.verifiers import VERIFIERS
from worker import ordering
from worker.parallel import IN_FLIGHT, CancelledError, each, seeded


def reporting(sessions: Sessions, claimed: Claim) -> Callable[[int], None]:
    """What writes progress, and stops where somebody asked for it."""

    def report(done: int) -> None:
        with transaction(sessions) as session:
            if claims.beat(session, Job, claimed, done=done):
                raise CancelledError

    return report


def set_total(sessions: Sessions, claimed: Claim, total: int) -> None:
    """Say how many things there are to do."""
    with transaction(sessions) as session:
        claims.held(session, Job, claimed).total = total


def sample(sessions: Sessions, engine: EngineClient, claimed: Claim) -> None:
    """First attempts for every prompt of the split that lacks them."""
    with transaction(sessions) as session:
        job = claims.held(session, Job, claimed)
        project_id = job.project_id
        request = SampleRequest.model_validate(job.request)
        checkpoint = checkpoints.published(session, project_id=project_id, checkpoint_id=request.checkpoint_id)
        lacking = rollouts.lacking_attempts(
            session, project_id=project_id, split=request.split, checkpoint_id=checkpoint.id,
            per_prompt=request.per_prompt,
        )  # fmt: skip
    items = [(prompt, number) for prompt, count in lacking for number in range(count)]
    set_total(sessions, claimed, len(items))
    engine.ensure_adapter(checkpoint.name, checkpoint.path)
    sampling = Sampling(temperature=request.temperature, top_p=request.top_p, max_tokens=request.max_tokens)

    def settings_for(item: tuple[Prompt, int]) -> Sampling:
        return seeded(sampling, base=request.seed, row_id=item[0].id, number=item[1])

    def generate(item: tuple[Prompt, int]) -> Generated:
        return engine.chat(checkpoint.name, contexts.student(item[0].messages), settings_for(item))

    def store(item: tuple[Prompt, int], generated: Generated) -> None:
        with transaction(sessions) as session:
            session.add(
                rollouts.sampled(
                    project_id=project_id, prompt_id=item[0].id, checkpoint_id=checkpoint.id,
                    source=RolloutSource.attempt, generated=generated, sampling=settings_for(item),
                )
            )  # fmt: skip

    each(items, generate, store, reporting(sessions, claimed))
    ordering.number_all(sessions, project_id)


def verify(sessions: Sessions, engine: EngineClient, claimed: Claim) -> None:
    """A verifier's critique for every first attempt that is asked for, then a rated redraft under each critique."""
    with transaction(sessions) as session:
        job = claims.held(session, Job, claimed)
        project_id = job.project_id
        request = VerifyRequest.model_validate(job.request)
        unverified = verifications.unverified(session, project_id=project_id, request=request)
    set_total(sessions, claimed, len(unverified) * (2 if request.redraft else 1))
    done = _critique(sessions, claimed, request, unverified)
    verifier = VERIFIERS[request.verifier]

    def rate(prompt: Prompt, redraft: Generated) -> float:
        return verifier.verify(contexts.question(prompt.messages), redraft.text, redraft.finish_reason).rating

    if request.redraft:
        redraft(sessions, engine, claimed, request, project_id=project_id, rate=rate, done=done)


def _critique(
    sessions: Sessions, claimed: Claim, request: VerifyRequest, unverified: Iterable[tuple[Rollout, Prompt]]
) -> int:
    verifier = VERIFIERS[request.verifier]
    done = 0
    for done, (rollout, prompt) in enumerate(unverified, 1):
        verdict = verifier.verify(contexts.question(prompt.messages), rollout.text, rollout.finish_reason)
        with transaction(sessions) as session:
            # The claim is looked at where the critique is written: once a job is cancelled, nothing more of it appears.
            if claims.beat(session, Job, claimed, done=done):
                raise CancelledError
            verifications.write(
                session, rollout=rollout, verifier=verifier.name, verdict=verdict, job_id=claimed.row_id
            )  # fmt: skip
    return done


def redraft(
    sessions: Sessions, engine: EngineClient, claimed: Claim, request: CritiqueRequest, *, project_id: int,
    rate: Callable[[Prompt, Generated], float | None], done: int, at_once: int = IN_FLIGHT,
) -> None:  # fmt: skip
    """A redraft under each critique of the request's author that has none; one that is not rated is kept unrated."""
    with transaction(sessions) as session:
        items = verifications.unredrafted(session, project_id=project_id, request=request)
        used = {attempt.checkpoint_id for _, attempt, _ in items}
        names = {checkpoint_id: session.get_one(Checkpoint, checkpoint_id) for checkpoint_id in used}
    set_total(sessions, claimed, done + len(items))
    for checkpoint in names.values():
        engine.ensure_adapter(checkpoint.name, checkpoint.path)
    sampling = Sampling(temperature=request.temperature, top_p=1.0, max_tokens=request.max_tokens)

    def settings_for(revision: CritiqueRevision) -> Sampling:
        return seeded(sampling, base=request.seed, row_id=revision.id)

    def generate(item: tuple[CritiqueRevision, Rollout, Prompt]) -> tuple[Generated, float | None]:
        revision, attempt, prompt = item
        messages = contexts.redraft(prompt.messages, attempt.text, spans.as_read(revision))
        generated = engine.chat(names[attempt.checkpoint_id].name, messages, settings_for(revision))
        return generated, rate(prompt, generated)

    def store(item: tuple[CritiqueRevision, Rollout, Prompt], made: tuple[Generated, float | None]) -> None:
        revision, attempt, _ = item
        generated, rating = made
        with transaction(sessions) as session:
            row = rollouts.redraft_row(attempt, revision_id=revision.id, sampling=settings_for(revision))
            rollouts.fill(row, generated)
            row.state = RolloutState.complete
            session.add(row)
            session.flush()
            if rating is not None:
                session.add(Comparison(critique_id=revision.critique_id, redraft_id=row.id, rating=rating))

    each(items, generate, store, reporting(sessions, claimed), done=done, at_once=at_once)


def change(sessions: Sessions, _engine: EngineClient, claimed: Claim) -> None:
    """A change of many things, or its undoing, a batch a transaction."""
    goes_on = True
    while goes_on:
        with transaction(sessions) as session:
            job = claims.held(session, Job, claimed)
            if job.cancel_requested:
                raise CancelledError
            goes_on = bulk_changes.go_on(session, job)
            claims.beat(session, Job, claimed)
