"""How long a run will take and how much memory: a rough estimate from counts and the machine's speed."""

from dataclasses import dataclass

from backend.recipes.methods import Matching
from backend.recipes.recipe import Recipe
from backend.recipes.supply import Supply


@dataclass(frozen=True)
class Machine:
    """How fast and how large: tokens per second trained, sampled and scored, bytes at rest and per token in flight."""

    trained_per_second: float
    sampled_per_second: float
    scored_per_second: float
    resident_bytes: int
    bytes_per_token: int


# Fitted to runs of SmolLM2-135M-Instruct on two cores: the demo's recipe took 43 s and 2.1 GB in bfloat16; in float32
# memory is about a third above what is said here.
TWO_CORES = Machine(450.0, 200.0, 300.0, 1_100_000_000, 1_500_000)
PROMPT_TOKENS = 40
# A look scores the first 20 tokens of each answer under four prompts.
SCORED_TOKENS = 4 * 20
# A teacher reads its own context and the answer, without a backward pass: a third of the work for a token.
TEACHER_PROMPT_TOKENS = 150
READING_SHARE = 1 / 3


@dataclass(frozen=True)
class Forecast:
    """What a run is expected to take; ``tokens`` are those of the examples, as student and as teacher read them."""

    steps: int
    seconds: float
    peak_memory_bytes: int
    tokens: int


def forecast(recipe: Recipe, supply: Supply, *, machine: Machine = TWO_CORES) -> Forecast:
    """A rough estimate from counts and the machine's speed; an early stop makes it shorter."""
    steps, pairs = recipe.optimiser.steps, recipe.optimiser.pairs_per_step
    length = min(supply.mean_response_tokens or recipe.sampling.max_tokens, recipe.sampling.max_tokens)
    probes = _probe_answers(recipe, supply)
    trained = steps * pairs * (length + PROMPT_TOKENS)
    taught = steps * pairs * (length + TEACHER_PROMPT_TOKENS) if isinstance(recipe.method, Matching) else 0.0
    read = taught * _first_readings(recipe, supply)
    sampled = (_sampled_responses(recipe, supply) + probes) * length
    scored = probes * SCORED_TOKENS
    return Forecast(
        steps=steps,
        seconds=(trained + read * READING_SHARE) / machine.trained_per_second
        + sampled / machine.sampled_per_second
        + scored / machine.scored_per_second,
        peak_memory_bytes=recipe.processes
        * (machine.resident_bytes + machine.bytes_per_token * recipe.optimiser.micro_batch_tokens),
        tokens=round(trained + taught),
    )


def _first_readings(recipe: Recipe, supply: Supply) -> float:
    """The share of a teacher's readings that are not repetitions, of which an unchanging one makes none."""
    if not (isinstance(recipe.method, Matching) and recipe.answers_recur and recipe.method.teacher.is_fixed):
        return 1.0
    return min(1.0, supply.usable / (recipe.optimiser.steps * recipe.optimiser.pairs_per_step))


def _probe_answers(recipe: Recipe, supply: Supply) -> int:
    """How many answers the guards look at in all."""
    if not recipe.guards.enabled:
        return 0
    looks = 1 + -(-recipe.optimiser.steps // recipe.guards.every)
    return looks * min(recipe.guards.probe_prompts, supply.probe_prompts)


def _sampled_responses(recipe: Recipe, supply: Supply) -> int:
    """How many responses are sampled to learn from."""
    pairs, feedback = recipe.optimiser.steps * recipe.optimiser.pairs_per_step, recipe.feedback
    if feedback.attempts == "live":
        return pairs * (1 + recipe.uses_redrafts)
    if not recipe.uses_redrafts:
        return 0
    counts = {"recorded": supply.critiques - supply.recorded_redrafts, "start": supply.critiques, "live": pairs}
    return counts[feedback.redrafts]
