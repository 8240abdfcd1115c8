"""The stored feedback that all arms of a kind, a seed and a control share: attempts, critiques, rated redrafts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from backend import contexts
from backend.contexts import Message
from backend.recipes import Feedback, Recipe
from backend.recipes.parts import Control
from benchmarks.learning.kinds import Kind
from worker.training.feedback import Item, critique_read, redraft_context
from worker.training.policy import Policy
from worker.training.probes import Prompt
from worker.training.sampler import Sampled, sample

ATTEMPTS_PER_PROMPT = 2
PROMPTS = 64
TEMPERATURE = 0.7
MAX_TOKENS = 96


def collected(policy: Policy, kind: Kind, seed: int, control: Control, folder: Path) -> list[Item]:
    """Two attempts at each of 64 train prompts with their redrafts; sampled once and kept in ``folder``."""
    attempts_file = folder / f"{kind.name}-attempts-{seed}.json"
    redrafts_file = folder / f"{kind.name}-redrafts-{control}-{seed}.json"
    asked = [prompt for prompt in kind.prompts("train")[:PROMPTS] for _ in range(ATTEMPTS_PER_PROMPT)]
    students = [contexts.student(prompt.messages) for prompt in asked]
    attempts = _kept(attempts_file, policy, students, seed=2 * seed)
    critiques = _critiques(kind, asked, attempts, control)
    reads = [
        _read(prompt, attempt, critique, control)
        for prompt, attempt, critique in zip(asked, attempts, critiques, strict=True)
    ]
    redrafts = _kept(redrafts_file, policy, reads, seed=2 * seed + 1)
    return [
        _item(kind, number, *parts)
        for number, parts in enumerate(zip(asked, attempts, critiques, redrafts, strict=True))
    ]


def _critiques(kind: Kind, asked: Sequence[Prompt], attempts: Sequence[Sampled], control: Control) -> list[str]:
    found = [
        kind.verify(prompt, attempt.text, attempt.finish_reason)
        for prompt, attempt in zip(asked, attempts, strict=True)
    ]
    recipe = Recipe(feedback=Feedback(redrafts="start", control=control))
    said = [verdict.critique for verdict in found]
    return [
        critique_read(recipe, said, asked, place, reward=verdict.rating) or contexts.SECOND_TRY
        for place, verdict in enumerate(found)
    ]


def _read(prompt: Prompt, attempt: Sampled, critique: str, control: Control) -> Sequence[Message]:
    recipe = Recipe(feedback=Feedback(redrafts="start", control=control))
    return redraft_context(recipe, prompt, attempt, critique)


def _item(kind: Kind, number: int, prompt: Prompt, attempt: Sampled, critique: str, redraft: Sampled) -> Item:
    return Item(
        revision_id=number, prompt=prompt, attempt=attempt, critique=critique,
        rating=kind.verify(prompt, attempt.text, attempt.finish_reason).rating,
        redraft=redraft, redraft_reward=kind.verify(prompt, redraft.text, redraft.finish_reason).rating,
    )  # fmt: skip


def _kept(file: Path, policy: Policy, asked: Sequence[Sequence[Message]], *, seed: int) -> list[Sampled]:
    if not file.is_file():
        found = sample(policy, asked, view="base", temperature=TEMPERATURE, max_tokens=MAX_TOKENS, seed=seed)
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(".part")
        scratch.write_text(json.dumps([asdict(one) for one in found]))
        scratch.rename(file)
    rows = json.loads(file.read_text())
    return [Sampled(tuple(row["token_ids"]), row["text"], tuple(row["logprobs"]), row["finish_reason"]) for row in rows]
