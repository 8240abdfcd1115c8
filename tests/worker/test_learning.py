"""What the demo claims, on the real model: critiques make answers short, and they stay on topic."""

import json
from pathlib import Path

import pytest

from backend import contexts
from backend.domain.prompts import PromptLine
from backend.recipes import Recipe
from backend.suites import SUITE_SAMPLING
from backend.verifiers import verify_concise
from tests.worker.training_fakes import KeepingRecorder
from worker.base_model import prepare_default
from worker.training.feedback import Data, Item
from worker.training.loop import Training
from worker.training.policy import Policy
from worker.training.probes import Prompt
from worker.training.sampler import Sampled, sample
from worker.training.scoring import InProcessScorer

EXAMPLES = Path(__file__).parents[2] / "examples" / "prompts.jsonl"


@pytest.fixture(scope="module")
def policy(model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return Policy.load(prepare_default(tmp_path_factory.mktemp("models"), model_cache))


def prompts(split: str) -> list[Prompt]:
    lines = [PromptLine.model_validate_json(line) for line in EXAMPLES.read_text().splitlines()]
    asked = [line for line in lines if line.split == split]
    return [Prompt(number, tuple(line.chat())) for number, line in enumerate(asked)]


def answers(policy: Policy, asked: list[list[dict[str, str]]], seed: int, *, temperature: float = 0.7) -> list[Sampled]:
    return sample(policy, asked, view="student", temperature=temperature, max_tokens=96, seed=seed)


def collected(policy: Policy, asked: list[Prompt]) -> list[Item]:
    """First attempts, the verifier's critiques, and rated redrafts, as the demo collects them."""
    attempts = answers(policy, [contexts.student(prompt.messages) for prompt in asked], seed=1)
    verdicts = [verify_concise("", attempt.text, attempt.finish_reason) for attempt in attempts]
    reads = [
        contexts.redraft(prompt.messages, attempt.text, verdict.critique)
        for prompt, attempt, verdict in zip(asked, attempts, verdicts, strict=True)
    ]
    redrafts = answers(policy, reads, seed=2)
    return [
        Item(
            revision_id=number, prompt=prompt, attempt=attempt, critique=verdict.critique, rating=verdict.rating,
            redraft=redraft, redraft_reward=verify_concise("", redraft.text, redraft.finish_reason).rating,
        )
        for number, (prompt, attempt, verdict, redraft) in enumerate(
            zip(asked, attempts, verdicts, redrafts, strict=True)
        )
    ]  # fmt: skip


def scores(policy: Policy, held_out: list[Prompt]) -> dict[str, float]:
    asked = [contexts.student(prompt.messages) for prompt in held_out]
    greedy = answers(policy, asked, seed=3, temperature=float(SUITE_SAMPLING["temperature"]))
    columns = InProcessScorer(policy).score(asked, greedy)
    return {name: sum(values) / len(values) for name, values in columns.items()}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_shipped_recipe_learns_from_critiques_to_answer_briefly_and_on_topic(
    policy: Policy, tmp_path: Path
) -> None:
    held_out = prompts("eval")[:24]
    before = scores(policy, held_out)
    assert before["concise"] <= 0.1
    assert before["on_topic"] >= 0.9
    data = Data(tuple(collected(policy, prompts("train")[:64])), (), tuple(prompts("probe")[:12]))
    outcome = Training(policy, Recipe(), data, InProcessScorer(policy), KeepingRecorder(), tmp_path).run()
    assert outcome.best_step
    assert outcome.folder is not None
    policy.load_student(outcome.folder)
    after = scores(policy, held_out)
    report = json.dumps({"before": before, "after": after, "best step": outcome.best_step})
    assert after["concise"] >= 0.7, report
    assert after["on_topic"] >= 0.8, report


@pytest.mark.slow
def test_on_topic_tells_answers_of_the_real_model_from_answers_to_other_prompts(policy: Policy) -> None:
    held_out = prompts("eval")[:16]
    asked = [contexts.student(prompt.messages) for prompt in held_out]
    given = answers(policy, asked, seed=4, temperature=0.0)
    scorer = InProcessScorer(policy)
    own = scorer.score(asked, given)["on_topic"]
    foreign = scorer.score(asked, [*given[1:], given[0]])["on_topic"]
    assert sum(own) / len(own) >= 0.9
    assert sum(foreign) / len(foreign) <= 0.1
