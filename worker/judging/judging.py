"""The job in which a model judges: a critique and a rating of every answer that is asked for, then rated redrafts.

Each judgement is a transaction of its own, and what is lacking is looked for; so a job that goes on after a crash
writes nothing twice. A reply that is no verdict is counted with its reason, and asked for again only by another job.
"""

import time
from collections import Counter
from dataclasses import dataclass, field

from backend import judge_contexts
from backend.database import Sessions, transaction
from backend.domain import claims, judgements, judges, verifications
from backend.domain.bulk import JudgeRequest
from backend.domain.claims import Claim
from backend.engine import EngineClient, Generated, Message, Sampling
from backend.errors import ConflictError, EngineUnavailableError, InvalidError
from backend.models import Job, Prompt, Rollout
from backend.models.base import Json
from worker import bulk
from worker.judging import verdicts
from worker.judging.verdicts import Judged, Unreadable
from worker.parallel import IN_FLIGHT, CancelledError, each

GREEDY = Sampling(temperature=0.0, max_tokens=300)
# Somebody else's server counts requests; ours has a queue.
AT_ONCE_ELSEWHERE = 8
BUSY = (429, 503)
WAITS_SECONDS = (2.0, 8.0, 30.0)


@dataclass(frozen=True)
class Endpoint:
    """The operator's judge: where it is asked, and the name of its model."""

    client: EngineClient
    model: str


@dataclass
class _Tally:
    """What came of the answers: kept judgements, replies that were no verdict, and redrafts that are not rated."""

    judged: int
    unjudged: Counter[str] = field(default_factory=Counter)
    unrated: int = 0

    def as_json(self) -> Json:
        return {"judged": self.judged, "unjudged": dict(self.unjudged), "unrated": self.unrated}


@dataclass(frozen=True)
class _Bench:
    """Where a judge is asked, and what it is told."""

    client: EngineClient
    model: str
    told: str
    points: int
    at_once: int

    def ask(self, prompt: Prompt, answer: str) -> Judged | Unreadable:
        messages = judge_contexts.judgement(
            self.told, messages=prompt.messages, answer=answer, reference=prompt.reference
        )
        try:
            reply = self._patiently(messages)
        except InvalidError:  # such as one that is longer than the model can read
            return Unreadable.refused
        return verdicts.read(reply.text, reply.finish_reason, points=self.points)

    def _patiently(self, messages: list[Message]) -> Generated:
        for seconds in WAITS_SECONDS:
            try:
                return self.client.chat(self.model, messages, GREEDY)
            except EngineUnavailableError as error:
                if error.details.get("status") not in BUSY:
                    raise
            time.sleep(seconds)
        return self.client.chat(self.model, messages, GREEDY)


def judge(sessions: Sessions, engine: EngineClient, endpoint: Endpoint | None, claimed: Claim) -> None:
    """Judge every first attempt that is asked for; ``endpoint`` is the operator's judge."""
    with transaction(sessions) as session:
        job = claims.held(session, Job, claimed)
        if job.cancel_requested:
            raise CancelledError
        project_id = job.project_id
        request = JudgeRequest.model_validate(job.request)
        restored = judgements.put_in_force(session, request=request, job_id=job.id)
        lacking = verifications.unverified(session, project_id=project_id, request=request)
        job.total = restored + len(lacking) * (2 if request.redraft else 1)
        kept = verifications.written_by(session, job_id=job.id)
    bench = _bench(sessions, engine, endpoint, project_id, request)
    tally = _Tally(judged=len(kept))
    _judge_all(sessions, claimed, request, bench, lacking, tally, done=restored)
    if request.redraft:
        _redraft(sessions, engine, claimed, request, bench, tally, project_id=project_id, done=len(lacking) + restored)


def _bench(
    sessions: Sessions, engine: EngineClient, endpoint: Endpoint | None, project_id: int, request: JudgeRequest
) -> _Bench:
    with transaction(sessions) as session:
        checkpoint = judgements.model_of(session, project_id=project_id, request=request)
        told, points = judges.told(
            session, project_id=project_id, guideline_version=request.guideline_version,
            form_version=request.form_version, active=request.rules,
        )  # fmt: skip
    if checkpoint is not None:
        engine.ensure_adapter(checkpoint.name, checkpoint.path)
        return _Bench(engine, checkpoint.name, told, points, IN_FLIGHT)
    if endpoint is None or request.judge != f"{judges.ENDPOINT}{endpoint.model}":
        raise ConflictError(
            f"The judge '{request.judge}' is no longer the one in the settings (REDRAFT_JUDGE_URL and "
            "REDRAFT_JUDGE_MODEL); choose another judge."
        )
    return _Bench(endpoint.client, endpoint.model, told, points, AT_ONCE_ELSEWHERE)


def _judge_all(
    sessions: Sessions, claimed: Claim, request: JudgeRequest, bench: _Bench, lacking: list[tuple[Rollout, Prompt]],
    tally: _Tally, *, done: int,
) -> None:  # fmt: skip
    def generate(item: tuple[Rollout, Prompt]) -> Judged | Unreadable:
        rollout, prompt = item
        return bench.ask(prompt, rollout.text)

    def store(item: tuple[Rollout, Prompt], said: Judged | Unreadable) -> None:
        with transaction(sessions) as session:
            # The claim is looked at where the critique is written: a cancelled job writes nothing more.
            job = claims.held(session, Job, claimed)
            if job.cancel_requested:
                raise CancelledError
            if isinstance(said, Unreadable):
                tally.unjudged[said] += 1
            else:
                tally.judged += judgements.write(
                    session, rollout=item[0], request=request, text=said.critique, rating=said.rating, job_id=job.id
                )
            job.result = tally.as_json()

    each(lacking, generate, store, bulk.reporting(sessions, claimed), done=done, at_once=bench.at_once)


def _redraft(
    sessions: Sessions, engine: EngineClient, claimed: Claim, request: JudgeRequest, bench: _Bench, tally: _Tally,
    *, project_id: int, done: int,
) -> None:  # fmt: skip
    def rate(prompt: Prompt, redraft: Generated) -> float | None:
        said = bench.ask(prompt, redraft.text)
        return said.rating if isinstance(said, Judged) else None

    bulk.redraft(sessions, engine, claimed, request, project_id=project_id, rate=rate, done=done, at_once=bench.at_once)
    with transaction(sessions) as session:
        job = claims.held(session, Job, claimed)
        tally.unrated = judgements.unrated(session, job=job, request=request)
        job.result = tally.as_json()
