"""The laws of the losses, against naive loops in float64 written for these tests alone."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from worker.objective.fused import row_losses
from worker.objective.gates import floor_of, kept
from worker.objective.losses import entropy, reverse_divergence, weighted_likelihood
from worker.objective.types import Rows

seeds = st.integers(0, 10_000)
sizes = st.integers(1, 9)


def log_probs_of(logits: list[float]) -> list[float]:
    top = max(logits)
    total = top + math.log(sum(math.exp(z - top) for z in logits))
    return [z - total for z in logits]


def naive_loss(logits_RV: list[list[float]], rows: Rows, reference_RV: list[list[float]] | None = None) -> float:
    """Row by row, in plain Python: -w log p(target) where the gate lets it through, plus drift * KL(p || q)."""
    total = 0.0
    for r, logits in enumerate(logits_RV):
        log_p = log_probs_of(logits)
        weight = float(rows.weight_R[r])
        logprob = log_p[int(rows.target_R[r])]
        floor = float(rows.floor_positive_R[r] if weight > 0 else rows.floor_negative_R[r])
        if logprob >= floor:
            total -= weight * logprob
        if reference_RV is not None:
            log_q = log_probs_of(reference_RV[r])
            total += float(rows.drift_R[r]) * sum(math.exp(a) * (a - b) for a, b in zip(log_p, log_q, strict=True))
    return total


def random_rows(generator: torch.Generator, count: int, vocabulary: int, *, floor: float = -math.inf) -> Rows:
    return Rows(
        position_R=torch.arange(count),
        target_R=torch.randint(vocabulary, (count,), generator=generator),
        weight_R=torch.randn(count, generator=generator, dtype=torch.float64),
        floor_negative_R=torch.full((count,), floor, dtype=torch.float64),
        floor_positive_R=torch.full((count,), -math.inf, dtype=torch.float64),
        drift_R=torch.rand(count, generator=generator, dtype=torch.float64),
        term_R=torch.zeros(count, dtype=torch.long),
    )


def random_case(seed: int, count: int, *, floor: float = -math.inf) -> tuple[Tensor, Tensor, Tensor, Rows]:
    generator = torch.Generator().manual_seed(seed)
    hidden_RD = torch.randn(count, 4, generator=generator, dtype=torch.float64).requires_grad_()
    head_VD = torch.randn(7, 4, generator=generator, dtype=torch.float64)
    reference_RD = torch.randn(count, 4, generator=generator, dtype=torch.float64)
    return hidden_RD, head_VD, reference_RD, random_rows(generator, count, 7, floor=floor)


@given(seed=seeds, count=sizes, chunk=st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_the_fused_loss_is_the_naive_loop_whatever_the_chunk(seed: int, count: int, chunk: int) -> None:
    hidden, head, reference, rows = random_case(seed, count, floor=-2.0)
    found = row_losses(hidden, head, rows, reference, chunk=chunk)
    wanted = naive_loss((hidden @ head.T).tolist(), rows, (reference @ head.T).tolist())
    assert found.total.item() == pytest.approx(wanted, abs=1e-9)


@given(seed=seeds, count=sizes)
@settings(max_examples=20, deadline=None)
def test_the_gradient_made_in_the_forward_pass_is_the_finite_difference(seed: int, count: int) -> None:
    hidden, head, reference, rows = random_case(seed, count)
    torch.autograd.backward(row_losses(hidden, head, rows, reference, chunk=2).total)
    assert hidden.grad is not None
    step = 1e-6
    for r, d in [(0, 0), (count - 1, 3)]:
        moved = []
        for sign in (1, -1):
            shifted = hidden.detach().clone()
            shifted[r, d] += sign * step
            moved.append(naive_loss((shifted @ head.T).tolist(), rows, (reference @ head.T).tolist()))
        assert hidden.grad[r, d].item() == pytest.approx((moved[0] - moved[1]) / (2 * step), abs=1e-5)


@given(seed=seeds, count=st.integers(2, 9))
@settings(max_examples=20, deadline=None)
def test_a_token_of_weight_zero_is_as_if_it_were_not_there(seed: int, count: int) -> None:
    hidden, head, _, rows = random_case(seed, count)
    rows.weight_R[0] = 0.0
    all_rows = row_losses(hidden, head, rows)
    rest = Rows(*(values[1:] for values in vars(rows).values()))
    without = row_losses(hidden[1:], head, rest)
    assert all_rows.total.item() == pytest.approx(without.total.item(), abs=1e-12)
    (gradient,) = torch.autograd.grad(all_rows.total, hidden)
    assert gradient[0].abs().max().item() == 0.0


@given(seed=seeds, count=sizes)
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_changes_nothing(seed: int, count: int) -> None:
    hidden, head, reference, rows = random_case(seed, count)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    shuffled = Rows(*(values[order] for values in vars(rows).values()))
    one = row_losses(hidden, head, rows, reference).total.item()
    other = row_losses(hidden[order], head, shuffled, reference[order]).total.item()
    assert one == pytest.approx(other, abs=1e-10)


@given(seed=seeds, count=sizes)
@settings(max_examples=20, deadline=None)
def test_drift_is_never_negative_and_zero_against_itself(seed: int, count: int) -> None:
    hidden, head, reference, rows = random_case(seed, count)
    assert row_losses(hidden, head, rows, reference).kl_R.min().item() >= -1e-12
    still = replace(rows, weight_R=torch.zeros_like(rows.weight_R))
    itself = row_losses(hidden, head, still, hidden.detach())
    assert itself.kl_R.abs().max().item() < 1e-12
    (gradient,) = torch.autograd.grad(itself.total, hidden)
    assert gradient.abs().max().item() < 1e-12


def test_no_gradient_reaches_the_reference() -> None:
    hidden, head, reference, rows = random_case(1, 4)
    reference.requires_grad_()
    torch.autograd.backward(row_losses(hidden, head, rows, reference).total)
    assert reference.grad is None


def test_no_rows_give_no_loss() -> None:
    hidden, head, _, rows = random_case(1, 3)
    none = Rows(*(values[:0] for values in vars(rows).values()))
    assert row_losses(hidden[:0], head, none).total.item() == 0.0


def test_the_worked_likelihood() -> None:
    log_p = torch.tensor([[0.25, 0.75]]).log()
    loss, gradient = weighted_likelihood(log_p, torch.tensor([0]), torch.tensor([2.0]))
    assert loss.item() == pytest.approx(2 * math.log(4), abs=1e-5)
    assert gradient[0].tolist() == pytest.approx([-1.5, 1.5])


def test_the_worked_divergence() -> None:
    log_p, log_q = torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[0.25, 0.75]]).log()
    kl, loss, gradient = reverse_divergence(log_p, log_q, torch.tensor([3.0]))
    by_hand = 0.5 * math.log(2) + 0.5 * math.log(2 / 3)
    assert kl.item() == pytest.approx(by_hand, abs=1e-6)
    assert loss.item() == pytest.approx(3 * by_hand, abs=1e-6)
    assert gradient[0, 0].item() == pytest.approx(3 * 0.5 * (math.log(2) - by_hand), abs=1e-6)


def test_the_entropy_of_a_fair_coin_is_log_two() -> None:
    assert entropy(torch.tensor([[0.5, 0.5]]).log()).item() == pytest.approx(math.log(2))


def gated(logprobs: list[float], weights: list[float], floor: float | None, applies_to: str) -> list[bool]:
    found = floor_of(floor, "negative" if applies_to == "negative" else "all")
    count = len(logprobs)
    keep = kept(
        torch.tensor(logprobs), torch.tensor(weights),
        torch.full((count,), found.negative), torch.full((count,), found.positive),
    )  # fmt: skip
    return [bool(value) for value in keep]


def test_the_default_floor_spares_a_rare_wanted_token() -> None:
    assert gated([-6, -6, -4], [1, -1, -1], -5.0, "negative") == [True, False, True]


def test_a_floor_on_all_tokens_hides_the_rare_wanted_one() -> None:
    assert gated([-6, -6, -4], [1, -1, 1], -5.0, "all") == [False, False, True]


def test_no_floor_keeps_every_token() -> None:
    assert gated([-60, -60], [1, -1], None, "all") == [True, True]


def learn_a_rare_token(applies_to: str) -> float:
    """Its probability after 200 steps of ascent on the logits from log-prob -8, advantage +1."""
    logits = torch.tensor([[0.0, -8.0]], dtype=torch.float64)
    floor = floor_of(-5.0, "negative" if applies_to == "negative" else "all")
    head = torch.eye(2, dtype=torch.float64)
    rows = Rows(
        torch.zeros(1, dtype=torch.long), torch.ones(1, dtype=torch.long), torch.ones(1, dtype=torch.float64),
        torch.full((1,), floor.negative), torch.full((1,), floor.positive), torch.zeros(1), torch.zeros(1),
    )  # fmt: skip
    for _ in range(200):
        logits = logits.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(row_losses(logits, head, rows).total, logits)
        logits = logits - 0.2 * gradient
    return torch.softmax(logits.detach(), 1)[0, 1].item()


def test_a_rare_wanted_token_is_learned_with_the_default_floor_and_not_with_a_floor_on_all() -> None:
    assert learn_a_rare_token("negative") > 0.9
    assert learn_a_rare_token("all") < 0.001
