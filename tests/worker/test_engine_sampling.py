"""Tokens are drawn as often as they should be, and never when they must not be."""

from collections import Counter

import pytest
import torch

from worker.engine.sampling import Draw, draw_tokens, generator, score_tokens

LOGITS = torch.tensor([2.0, 1.0, 0.0, -1.0, float("-inf")])


def frequencies(draw: Draw, count: int = 4000) -> list[float]:
    source = generator(0)
    drawn = Counter(draw_tokens(LOGITS[None], [draw], [source])[0] for _ in range(count))
    return [drawn[token] / count for token in range(len(LOGITS))]


def expected(temperature: float, allowed: list[int]) -> list[float]:
    weights = [float((LOGITS[token] / temperature).exp()) if token in allowed else 0.0 for token in range(len(LOGITS))]
    return [weight / sum(weights) for weight in weights]


@pytest.mark.parametrize(
    ("draw", "allowed"),
    [
        (Draw(1.0), [0, 1, 2, 3]),
        (Draw(0.5), [0, 1, 2, 3]),
        (Draw(1.0, top_p=0.8), [0, 1]),  # 0.64, 0.24, 0.09, 0.03
        (Draw(1.0, top_p=0.64), [0]),
        (Draw(1.0, top_k=3), [0, 1, 2]),
        (Draw(2.0, top_p=0.7, top_k=2), [0, 1]),
        (Draw(1.0, top_p=1e-9), [0]),
        (Draw(0.0), [0]),
    ],
)
def test_tokens_come_as_often_as_their_share(draw: Draw, allowed: list[int]) -> None:
    shares = expected(draw.temperature or 1.0, allowed)
    assert frequencies(draw) == pytest.approx(shares, abs=0.025)


def test_a_row_draws_the_same_beside_others() -> None:
    logits_RV = torch.randn(6, 50, generator=torch.Generator().manual_seed(1))
    draws = [Draw(1.0), Draw(0.0), Draw(0.7, 0.9), Draw(1.3, top_k=5), Draw(1.0), Draw(0.8, 0.5)]
    together = draw_tokens(logits_RV, draws, [generator(seed) for seed in range(6)])
    alone = [draw_tokens(logits_RV[r : r + 1], [draws[r]], [generator(r)])[0] for r in range(6)]
    assert together == alone


def test_a_wide_distribution_is_cut_where_it_should_be() -> None:
    logits = torch.zeros(1, 2000)
    drawn = {draw_tokens(logits, [Draw(1.0, top_p=0.9)], [generator(seed)])[0] for seed in range(3000)}
    assert 1000 < len(drawn) <= 1800


def test_scores_are_raw_log_probs_with_rank_and_likeliest() -> None:
    scored = score_tokens(LOGITS[None].repeat(2, 1), [2, 0], [2, 0], ranked=True)
    logs = LOGITS.log_softmax(-1).tolist()
    assert [token.logprob for token in scored] == pytest.approx([logs[2], logs[0]])
    assert [token.rank for token in scored] == [3, 1]
    assert [token_id for token_id, _ in scored[0].top] == [0, 1]
    assert [value for _, value in scored[0].top] == pytest.approx(logs[:2])
    assert scored[1].top == ()
