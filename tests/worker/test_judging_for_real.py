"""The real 135M model as a judge, through the real engine: whatever it says, every answer is judged or counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from sqlalchemy import select

from backend.database import Sessions, transaction
from backend.domain import bulk, claims, judgements
from backend.domain.judges import Judge
from backend.models import Checkpoint, CheckpointState, Critique, CritiqueRevision, Job
from tests import factories
from tests.worker.test_engine_http import Running
from worker.base_model import prepare_default
from worker.engine.server import create_service
from worker.judging import judging

NAME = "real"
ANSWERS = {
    "What causes rain?": "Rain falls when vapour cools and gathers into drops.",
    "What is a lung?": "A lung is a kind of stone that people find in rivers and use to build houses.",
    "Name a prime.": "Nine.",
}


@pytest.fixture
def real(model_cache: Path, tmp_path: Path) -> Iterator[Running]:
    folder = prepare_default(tmp_path / "models", model_cache)
    running = Running(create_service(folder, NAME, adapter_root=None, dtype=torch.float32), tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.mark.slow
def test_every_answer_is_judged_on_the_scale_or_counted_with_a_reason(committed: Sessions, real: Running) -> None:
    with transaction(committed) as session:
        owner = factories.user(session)
        project = factories.project(session, owner)
        for question, answer in ANSWERS.items():
            factories.attempt(session, project, question, answer)
        base = Checkpoint(name=NAME, path="/real", sha256="1" * 64, state=CheckpointState.published)
        session.add(base)
        session.flush()
        access = factories.access(project, owner)
        judge = Judge(name="production", model=NAME, checkpoint=base)
        job = bulk.create(session, access, request=judgements.request_for(session, access, judge=judge))
        session.info.pop("outbox")
        claimed = claims.claim(session, Job, job.id)
    assert claimed is not None
    judging.judge(committed, real.client, None, claimed)
    with transaction(committed) as session:
        result = session.get_one(Job, claimed.row_id).result
        query = select(CritiqueRevision).join(Critique, Critique.current_revision_id == CritiqueRevision.id)
        kept = session.scalars(query).all()
    assert result["judged"] == len(kept)
    assert len(kept) + sum(result["unjudged"].values()) == len(ANSWERS)
    for revision in kept:
        assert revision.text
        assert revision.rating in (0, 0.25, 0.5, 0.75, 1)
