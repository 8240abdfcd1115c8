"""Scorers on recorded answers of the base model and on small ones made by hand.

``golden/answers`` holds four kinds of answers to the prompts of the eval split, each with the log-probs that
SmolLM2-135M-Instruct gives its tokens under its own prompt and under the three prompts it is compared with:
``base`` sampled at temperature 1, ``short`` written by hand or chosen from redrafts, ``echo`` of the question or of
its own subject, ``collapsed`` word salad sampled at temperature 1.8, good answers to other prompts, empty phrases.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from worker.evaluation.scorers import (
    SCORED_TOKENS,
    SCORERS,
    Answer,
    Pair,
    compared_prompts,
    on_topic_score,
    repetition,
    score_on_topic,
)

RECORDED = Path(__file__).parents[1] / "golden" / "answers"


@dataclass(frozen=True)
class Recorded:
    """A recorded answer with the log-probs of its tokens."""

    prompt: str
    answer: str
    finish_reason: str
    own: list[float]
    others: list[list[float]]

    def on_topic(self) -> float:
        scored = slice(SCORED_TOKENS)
        return on_topic_score(self.own[scored], [other[scored] for other in self.others], self.prompt, self.answer)


def recorded(kind: str) -> list[Recorded]:
    lines = (RECORDED / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Recorded(**json.loads(line)) for line in lines]


def share(kind: str) -> float:
    answers = recorded(kind)
    assert len(answers) >= 20
    return sum(answer.on_topic() for answer in answers) / len(answers)


def wins_by_rank(answer: Recorded) -> bool:
    return all(sum(answer.own) > sum(other) for other in answer.others)


def question(text: str) -> tuple[dict[str, str], ...]:
    return ({"role": "user", "content": text},)


@dataclass
class FakeBase:
    """Finds a token likely when it is the number of the prompt's last word, else unlikely."""

    asked: list[Pair] = field(default_factory=list)

    def score(self, pairs: Sequence[Pair]) -> list[list[float]]:
        self.asked.extend(pairs)
        return [
            [
                -1.0 if str(token) == pair.messages[-1]["content"].split()[-1] else -4.0
                for token in pair.answer_token_ids
            ]
            for pair in pairs
        ]


def answers_about(topics: Sequence[int]) -> list[Answer]:
    """One answer per prompt of a suite; the prompt in place i asks about i, the answer is about ``topics[i]``."""
    return [
        Answer(question(f"What is number {place}"), "A whole good sentence.", (topic,) * 4, "stop")
        for place, topic in enumerate(topics)
    ]


def test_answers_of_the_base_model_are_on_topic() -> None:
    assert share("base") == 1.0


def test_good_short_answers_are_on_topic() -> None:
    assert share("short") >= 0.95


def test_echoes_are_not_on_topic_although_their_log_probs_are_best_under_their_own_prompt() -> None:
    assert share("echo") == 0.0
    assert all(wins_by_rank(answer) for answer in recorded("echo"))


def test_collapsed_answers_are_not_on_topic_although_half_of_them_win_by_rank() -> None:
    answers = recorded("collapsed")
    assert share("collapsed") <= 0.05
    assert sum(wins_by_rank(answer) for answer in answers) / len(answers) > 0.4


def test_the_four_kinds_are_answers_to_prompts_of_the_eval_split() -> None:
    lines = (Path(__file__).parents[2] / "examples" / "prompts.jsonl").read_text(encoding="utf-8").splitlines()
    prompts = [json.loads(line) for line in lines]
    held_out = {
        prompt.get("prompt") or prompt["messages"][-1]["content"] for prompt in prompts if prompt["split"] == "eval"
    }
    kinds = ("base", "short", "echo", "collapsed")
    assert {answer.prompt for kind in kinds for answer in recorded(kind)} <= held_out


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("What is a lung?", "What is a lung?"),
        ("What is a lung?", "what is a lung"),
        ("What is a lung?", "A lung is a lung."),
        ("What is a lung?", "It is a kind of lung."),
        ("What is a lung?", "Breathing organ."),
        ("What is a lung?", "Is it an organ? Do we breathe with it?"),
        ("How do muscles work?", "A tendon is a tendon."),
        ("Why do leaves change colour?", "Leaves changed colours because they are changing colour."),
        ("What is a lung?", ""),
        ("What is a lung?", "?!"),
    ],
)
def test_an_answer_that_says_nothing_fails_whatever_its_log_probs(prompt: str, answer: str) -> None:
    assert on_topic_score([-0.1] * 10, [[-9.0] * 10] * 3, prompt, answer) == 0.0


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("What is a lung?", "A lung is an organ for breathing."),
        ("What is a lung?", "It takes in air. Did you know that we have two?"),
        ("Why do leaves change colour?", "Leaves change colour because chlorophyll fades."),
        ("What is ice made of?", "Water that froze."),
        ("What does a thermometer measure?", "A thermometer measures how hot or cold something is."),
    ],
)
def test_an_answer_that_says_something_new_passes_with_the_same_log_probs(prompt: str, answer: str) -> None:
    assert on_topic_score([-0.1] * 10, [[-9.0] * 10] * 3, prompt, answer) == 1.0


def test_an_answer_must_be_clearly_likelier_under_its_own_prompt_than_under_every_other() -> None:
    def score(*others: float) -> float:
        return on_topic_score(
            [-2.0, -2.0], [[other, other] for other in others], "What is fog?", "A cloud near ground."
        )

    assert score(-5.0, -5.0, -5.0) == 1.0
    assert score(-5.0, -5.0, -4.0) == 0.0
    assert score(-1.0, -5.0, -5.0) == 0.0


def test_an_answer_that_is_wildly_unlikely_everywhere_is_word_salad() -> None:
    assert on_topic_score([-8.0] * 9, [[-12.0] * 9] * 3, "What is fog?", "Gas operations Hondan job.") == 0.0


def test_an_answer_without_a_token_is_not_on_topic() -> None:
    assert on_topic_score([], [[], [], []], "What is fog?", "A cloud near the ground.") == 0.0


def test_a_suite_is_scored_in_one_call_and_each_answer_by_its_own_prompt() -> None:
    base = FakeBase()
    scores = score_on_topic(answers_about([0, 1, 2, 9, 4, 0]), base)
    assert scores == [1.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    assert len(base.asked) == 6 * 4


@pytest.mark.parametrize("count", [4, 5, 7, 32])
def test_an_answer_is_compared_with_three_different_other_prompts(count: int) -> None:
    for index in range(count):
        others = compared_prompts(index, count)
        assert len({index, *others}) == 4
        assert all(0 <= other < count for other in others)


def test_a_suite_too_small_to_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        score_on_topic(answers_about([0, 1, 2]), FakeBase())


def test_concise_scores_each_answer_by_the_rule_of_its_verifier() -> None:
    answers = [
        Answer(question("What is fog?"), text, (1,), reason)
        for text, reason in (("Fog is a low cloud.", "stop"), ("Fog is a low", "length"), ("fog " * 21, "stop"))
    ]
    assert SCORERS["concise"].score(answers, FakeBase()) == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("text", "share_repeated"),
    [
        ("one two three four", 0.0),
        ("rain", 0.0),
        ("", 0.0),
        ("A: A: A: A: A: A:", 3 / 4),
        ("the cell the cell The cell", 2 / 4),
    ],
)
def test_repetition_is_the_share_of_word_triples_said_before(text: str, share_repeated: float) -> None:
    assert repetition(text) == pytest.approx(share_repeated)
    answer = Answer(question("What is a cell?"), text, (1,), "stop")
    assert SCORERS["repetition"].score([answer], FakeBase()) == [pytest.approx(share_repeated)]


def test_every_scorer_is_listed_under_its_own_name_and_only_repetition_is_better_low() -> None:
    assert all(name == scorer.name and scorer.description for name, scorer in SCORERS.items())
    assert [name for name, scorer in SCORERS.items() if not scorer.higher_is_better] == ["repetition"]
