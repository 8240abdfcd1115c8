"""Scorers: how good the answers of an evaluation are, each in [0, 1] per answer, with no larger model.

``on_topic`` asks the frozen base model how likely an answer is under its own prompt and under three other prompts of
the suite. Being likeliest under its own is too weak a test: unrelated answers win one time in four by chance, and
word salad sampled from the right prompt wins more often. So the answer must be e⁵ times likelier under its own prompt
than under any other, and not wildly unlikely there. What passes that without saying anything (an echo of the question,
"a lung is a lung", a word or two) fails by rules of its own in ``substance``.
Left out: whether the answer is true; no scorer here knows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.verifiers import is_concise
from worker.evaluation.substance import says_something

COMPARED_PROMPTS = 3
# Set on recorded answers of SmolLM2-135M-Instruct: nearly all good answers are above 10 nats, foreign ones below 2.
LEAST_ADVANTAGE_NATS = 5.0
# Same answers: good ones have a mean above -4.4 a token, most word salad one below -5.
LEAST_MEAN_LOGPROB = -5.0
# The start of a long answer tells its topic as well as the whole (same answers), in a fraction of the time.
SCORED_TOKENS = 20


@dataclass(frozen=True)
class Answer:
    """An answer to one prompt of a suite: its text and its token ids as sampled."""

    messages: tuple[dict[str, str], ...]
    text: str
    token_ids: tuple[int, ...]
    finish_reason: str | None

    @property
    def prompt_text(self) -> str:
        """The last message of the prompt: the question that the answer answers."""
        return self.messages[-1]["content"]


@dataclass(frozen=True)
class Pair:
    """A prompt and the token ids of an answer, to be scored together."""

    messages: tuple[dict[str, str], ...]
    answer_token_ids: tuple[int, ...]


class LogProbs(Protocol):
    """The frozen base model: how likely it finds an answer under a prompt."""

    def score(self, pairs: Sequence[Pair]) -> list[list[float]]:
        """Give for each pair the log-prob of each token of its answer (natural logarithm, temperature 1)."""
        ...


@dataclass(frozen=True)
class Scorer:
    """A named measure. Its version stands in ``backend.suites``: whoever changes its numbers raises it there."""

    name: str
    description: str
    higher_is_better: bool
    score: Callable[[Sequence[Answer], LogProbs], list[float]]


def score_concise(answers: Sequence[Answer], _base: LogProbs) -> list[float]:
    """1 for an answer that ends by itself and has 3 to 20 words, else 0."""
    return [float(is_concise(answer.text, answer.finish_reason)) for answer in answers]


def score_repetition(answers: Sequence[Answer], _base: LogProbs) -> list[float]:
    """The share of an answer's word triples that it has said before; 0 is best."""
    return [repetition(answer.text) for answer in answers]


def repetition(text: str, *, size: int = 3) -> float:
    """Give the share of word n-grams that occurred before in the text; 0 for a text shorter than one n-gram.

    The measure "seq-rep-n" of Welleck et al., "Neural text generation with unlikelihood training", 2019.
    """
    words = text.lower().split()
    grams = list(zip(*(words[start:] for start in range(size)), strict=False))
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0


def score_on_topic(answers: Sequence[Answer], base: LogProbs) -> list[float]:
    """1 for an answer that says something and belongs to its own prompt, else 0.

    ``answers`` are one per prompt in the suite's order, for the prompts compared with are chosen by position.
    Raises ValueError for fewer than four answers.
    """
    pairs = [
        Pair(answers[prompt].messages, answer.token_ids[:SCORED_TOKENS])
        for index, answer in enumerate(answers)
        for prompt in (index, *compared_prompts(index, len(answers)))
    ]
    logprobs = base.score(pairs)
    width = COMPARED_PROMPTS + 1
    rows = [logprobs[start : start + width] for start in range(0, len(logprobs), width)]
    return [
        on_topic_score(own, others, answer.prompt_text, answer.text)
        for answer, (own, *others) in zip(answers, rows, strict=True)
    ]


def compared_prompts(index: int, count: int) -> tuple[int, ...]:
    """Give the positions of the three other prompts that an answer is compared with: evenly spread over the suite."""
    if count <= COMPARED_PROMPTS:
        raise ValueError(f"on_topic compares prompts: a suite needs at least {COMPARED_PROMPTS + 1}, this has {count}")
    return tuple((index + step * count // (COMPARED_PROMPTS + 1)) % count for step in range(1, COMPARED_PROMPTS + 1))


def on_topic_score(
    own_logprobs: Sequence[float], other_logprobs: Sequence[Sequence[float]], prompt_text: str, answer: str
) -> float:
    """1 when the answer says something and is clearly likelier under its own prompt, else 0.

    ``own_logprobs`` and each of ``other_logprobs`` hold the log-prob of every token of the answer under one prompt.
    """
    if not own_logprobs or not says_something(prompt_text, answer):
        return 0.0
    own = sum(own_logprobs)
    plausible = own / len(own_logprobs) >= LEAST_MEAN_LOGPROB
    return float(plausible and all(own - sum(other) >= LEAST_ADVANTAGE_NATS for other in other_logprobs))


SCORERS: dict[str, Scorer] = {
    "concise": Scorer(
        name="concise",
        description="The answer ends by itself and has 3 to 20 words.",
        higher_is_better=True,
        score=score_concise,
    ),
    "on_topic": Scorer(
        name="on_topic",
        description="The answer says something and is clearly likelier after its own prompt than after three others.",
        higher_is_better=True,
        score=score_on_topic,
    ),
    "repetition": Scorer(
        name="repetition",
        description="The share of word triples that the answer has said before.",
        higher_is_better=False,
        score=score_repetition,
    ),
}
