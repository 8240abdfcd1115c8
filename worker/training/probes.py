"""A look at the probe prompts: answer them, score the answers, measure how far the policy has moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from backend.contexts import Message, student
from backend.recipes import Recipe
from worker.evaluation.scorers import repetition
from worker.objective.batching import Encoded, pack
from worker.objective.diagnostics import mass_on
from worker.objective.fused import Target, row_losses
from worker.objective.types import Term
from worker.training.guards import Look
from worker.training.policy import Policy
from worker.training.recording import ProbeAnswer, ProbeScorer
from worker.training.sampler import Sampled, sample
from worker.training.seeds import seed_for

# Drift and entropy are means over hundreds of tokens already with the beginnings of this many answers.
MEASURED_ANSWERS = 8
MEASURED_TOKENS = 32
# Words with which a model weighs its own answer; a sudden fall of their mass announces a collapse.
HEDGES = ("wait", "maybe", "perhaps", "actually", "however", "might")
DRIFT = Term("divergence", target="start")


@dataclass(frozen=True)
class Prompt:
    """A prompt by its id, and its reference answer where it has one."""

    id: int
    messages: tuple[Message, ...]
    reference: str = ""


def look(
    policy: Policy, scorer: ProbeScorer, recipe: Recipe, prompts: Sequence[Prompt], *, step: int
) -> tuple[Look, list[ProbeAnswer]]:
    """Answer every prompt as the student and measure; the same draws are made after every step."""
    contexts = [student(prompt.messages) for prompt in prompts]
    answers = sample(
        policy, contexts, view="student", temperature=recipe.sampling.probe_temperature,
        max_tokens=recipe.sampling.max_tokens, seed=seed_for(recipe.seed, 0, "probe"),
    )  # fmt: skip
    columns = scorer.score(contexts, answers)
    measured = measure(policy, contexts[:MEASURED_ANSWERS], answers[:MEASURED_ANSWERS])
    found = Look(
        step=step,
        scores={name: _mean(values) for name, values in columns.items()},
        drift=measured.drift,
        entropy=measured.entropy,
        hedging=measured.hedging,
        length=_mean([len(answer.token_ids) for answer in answers]),
        repetition=_mean([repetition(answer.text) for answer in answers]),
    )
    rows = [
        ProbeAnswer(prompt.id, prompt.messages, answer, {name: values[row] for name, values in columns.items()})
        for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True))
    ]
    return found, rows


def look_metrics(found: Look, answers: Sequence[ProbeAnswer]) -> dict[str, float]:
    """A look as metrics."""
    cut = [answer.answer.finish_reason == "length" for answer in answers]
    return {
        **{f"probe/{name}": value for name, value in found.scores.items()},
        "drift/kl": found.drift,
        "policy/entropy": found.entropy,
        "policy/hedging_frac": found.hedging,
        "rollout/length_mean": found.length,
        "rollout/repetition_frac": found.repetition,
        "rollout/truncated_frac": _mean(cut),
    }


@dataclass(frozen=True)
class Measured:
    """Means per answer token: divergence of the student from the start and its entropy in nats, mass on hedges."""

    drift: float = 0.0
    entropy: float = 0.0
    hedging: float = 0.0


def measure(policy: Policy, contexts: Sequence[Sequence[Message]], answers: Sequence[Sampled]) -> Measured:
    """Read the beginnings of answers as the student and as the start checkpoint."""
    beginnings = [answer.token_ids[:MEASURED_TOKENS] for answer in answers]
    encoded = [
        Encoded((*policy.encode_chat(context), *ids), len(ids), weights=((1.0,),) * len(ids))
        for context, ids in zip(contexts, beginnings, strict=True)
    ]
    hedges = {policy.encode_answer(form)[0] for word in HEDGES for form in (f" {word}", word.capitalize())}
    drift, entropy, hedging, count = 0.0, 0.0, 0.0, 0
    with torch.no_grad():
        for batch in (packed.to(policy.device) for packed in pack(encoded, budget=1024)):
            position_R = batch.rows.position_R
            student_RD = policy.hidden(batch.ids_BT).flatten(0, 1)[position_R]
            with policy.viewed_as("start"):
                start_RD = policy.hidden(batch.ids_BT).flatten(0, 1)[position_R]
            found = row_losses(student_RD, policy.head_VD, batch.rows, [DRIFT], {"start": Target(start_RD)})
            drift += found.value_RJ.sum().item()
            entropy += found.entropy_R.sum().item()
            hedging += mass_on(student_RD, policy.head_VD, sorted(hedges)).sum().item()
            count += len(position_R)
    return Measured(drift / count, entropy / count, hedging / count) if count else Measured()


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
