"""What methods are made of: each function turns episodes into one part of an objective; parts are joined.

Each part names its terms itself; names must differ where parts are joined.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace

from backend import contexts
from backend.contexts import Message
from backend.recipes import Correction, Divergence, Matching, MethodPart
from backend.recipes.methods import TwoTurns
from backend.recipes.parts import Normaliser
from worker.objective.advantages import Baseline, is_right, redraft_advantages, turn_advantages
from worker.objective.gates import skip_first
from worker.objective.types import REVERSE_KL, UNCORRECTED, Episode, Example, Floor, Objective, Term, Turn, Written

REDRAFTS = "redrafts"
CRITIQUES = "critiques"
TURNS = "turns"
DRIFT = "drift"

Context = Callable[[Episode], Sequence[Message] | None]

ANYTHING = Floor()


def weighted_redrafts(
    episodes: Sequence[Episode], baseline: Baseline, *, normaliser: Normaliser, floor: Floor
) -> Objective:
    """Every redraft scored under the prompt alone, weighted by its reward minus a baseline; no ratio is formed."""
    pairs = redrafted(episodes)
    advantages = redraft_advantages(*_rewards(pairs), baseline)
    term = Term("policy_gradient", 1.0, normaliser, floor)
    examples = [
        weighted(REDRAFTS, episode.prompt, redraft, advantage)
        for (episode, redraft), advantage in zip(pairs, advantages, strict=True)
    ]
    return Objective({REDRAFTS: term}, tuple(examples))


def policy_gradient_on_turns(
    episodes: Sequence[Episode], gamma: float, *, coefficient: float = 1.0, normaliser: Normaliser,
    floor: Floor = ANYTHING, correction: Correction = UNCORRECTED,
) -> Objective:  # fmt: skip
    """Attempt and redraft, each under what it was written under, weighted by its centred discounted return."""
    pairs = redrafted(episodes)
    first, second = turn_advantages(*_rewards(pairs), gamma)
    term = Term("policy_gradient", coefficient, normaliser, floor, correction)
    examples: list[Example] = []
    for (episode, redraft), a0, a1 in zip(pairs, first, second, strict=True):
        examples.append(weighted(TURNS, episode.prompt, episode.attempt, a0))
        examples.append(weighted(TURNS, episode.redraft_context, redraft, a1))
    return Objective({TURNS: term}, tuple(examples))


def added_turns(episodes: Sequence[Episode], config: TwoTurns, floor: Floor = ANYTHING) -> Objective:
    """The policy gradient on both turns as a method adds it to what it is named for; nothing at a coefficient of 0."""
    if config.turns_coefficient == 0:
        return Objective({}, ())
    return policy_gradient_on_turns(
        episodes, config.gamma, coefficient=config.turns_coefficient, normaliser=config.normaliser, floor=floor
    )


def critiques_as_labels(episodes: Sequence[Episode], *, coefficient: float = 1.0, normaliser: Normaliser) -> Objective:
    """Cross-entropy on the critique of every attempt, after a request for one."""
    examples = [
        labelled(CRITIQUES, contexts.critique_request(episode.prompt, episode.attempt.text), episode.critique)
        for episode in episodes
        if episode.critique is not None
    ]
    return Objective({CRITIQUES: Term("cross_entropy", coefficient, normaliser)}, tuple(examples))


def matched(
    episodes: Sequence[Episode], config: Matching, divergences: Mapping[str, tuple[float, Divergence]],
    context: Context, *, redrafts: bool = False,
) -> Objective:  # fmt: skip
    """Each response under the prompt against the teacher under ``context``; without a context it has no part.

    ``divergences`` gives each term its coefficient; all share one pass over the response.
    """
    terms = {
        name: Term("divergence", coefficient, config.normaliser, correction=config.correction, divergence=measure)
        for name, (coefficient, measure) in divergences.items()
    }
    pairs = redrafted(episodes) if redrafts else [(episode, episode.attempt) for episode in episodes]
    examples = []
    for episode, turn in pairs:
        teacher = context(episode)
        if teacher is not None:
            weights = skip_first(config.skip_first, len(turn.token_ids))
            right = is_right(turn.reward) if turn.is_rated else None
            columns = dict.fromkeys(terms, weights)
            examples.append(Example(episode.prompt, turn.token_ids, columns, tuple(teacher), turn.logprobs, right))
    return Objective(terms, tuple(examples))


def joined(*parts: Objective) -> Objective:
    """All parts as one objective."""
    terms = {name: term for part in parts for name, term in part.terms.items()}
    return Objective(terms, tuple(example for part in parts for example in part.examples))


def with_drift(objective: Objective, config: MethodPart) -> Objective:
    """The objective with the divergence from the start checkpoint on every token of it; as it is at 0."""
    if config.drift_coefficient == 0:
        return objective
    term = Term("divergence", config.drift_coefficient, config.normaliser, divergence=REVERSE_KL, target="start")
    examples = tuple(
        replace(example, weights={**example.weights, DRIFT: (1.0,) * len(example.response_T)})
        for example in objective.examples
    )
    return Objective({**objective.terms, DRIFT: term}, examples)


def redrafted(episodes: Sequence[Episode]) -> list[tuple[Episode, Turn]]:
    """The episodes with a redraft, and it."""
    return [(episode, episode.redraft) for episode in episodes if episode.redraft is not None]


def weighted(term: str, prompt: Sequence[Message], turn: Turn, weight: float) -> Example:
    """A response with one weight for all of its tokens."""
    return Example(
        tuple(prompt), turn.token_ids, {term: (weight,) * len(turn.token_ids)}, sampled_logprobs_T=turn.logprobs
    )


def labelled(term: str, prompt: Sequence[Message], written: Written) -> Example:
    """A text to be learned word for word."""
    return Example(tuple(prompt), written.token_ids, {term: (1.0,) * len(written.token_ids)})


def _rewards(pairs: Sequence[tuple[Episode, Turn]]) -> tuple[list[Hashable], list[float], list[float]]:
    return (
        [(episode.group, episode.rated_by) for episode, _ in pairs],
        [episode.attempt.reward for episode, _ in pairs],
        [redraft.reward for _, redraft in pairs],
    )
