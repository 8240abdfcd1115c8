"""The laws of the losses, against naive loops in float64 written for these tests alone."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from backend.recipes import Correction, Divergence
from tests.worker.naive_losses import divergence_of, naive_loss
from worker.objective.divergences import divergence
from worker.objective.fused import Target, row_losses
from worker.objective.gates import floor_of, kept, skip_first
from worker.objective.losses import entropy, likelihood
from worker.objective.types import Floor, Rows, Term

V, D = 7, 4
NAMES = ("forward_kl", "reverse_kl", "jensen_shannon")
SUPPORTS = ("full", "student_topk_tail", "student_topk_renormalised", "teacher_topk_renormalised")
CORRECTIONS = ("none", "capped", "clipped", "differentiable")
seeds = st.integers(0, 10_000)
sizes = st.integers(1, 9)

divergences = st.builds(
    Divergence,
    name=st.sampled_from(NAMES),
    mixture=st.sampled_from([0.1, 0.5, 0.9]),
    support=st.sampled_from(SUPPORTS),
    top_k=st.integers(1, V + 2),
)
corrections = st.builds(Correction, kind=st.sampled_from(CORRECTIONS), low=st.just(0.8), high=st.just(1.2))
terms_of_any_kind = st.one_of(
    st.builds(
        Term, kind=st.sampled_from(["policy_gradient", "cross_entropy"]), correction=corrections,
        floor=st.sampled_from([Floor(), Floor(-2.0), Floor(-2.0, -3.0)]),
    ),
    st.builds(
        Term, kind=st.just("divergence"), correction=corrections, divergence=divergences,
        target=st.sampled_from(["teacher", "start"]),
    ),
)  # fmt: skip


class Case:
    """Random hidden states of student and targets, rows with a weight per term, in float64."""

    def __init__(self, seed: int, count: int, terms: int = 1) -> None:
        generator = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        self.hidden_RD = normal(count, D).requires_grad_()
        self.head_VD = normal(V, D)
        self.targets = {"teacher": Target(normal(count, D)), "start": Target(normal(count, D))}
        self.rows = Rows(
            position_R=torch.arange(count),
            target_R=torch.randint(V, (count,), generator=generator),
            weight_RJ=normal(count, terms),
            teacher_R=torch.arange(count),
            sampled_R=normal(count) - 2,
            right_R=torch.full((count,), math.nan),
        )

    def logits(self, hidden_RD: Tensor) -> list[list[float]]:
        return (hidden_RD.detach() @ self.head_VD.T).tolist()

    def naive(self, terms: list[Term], hidden_RD: Tensor | None = None) -> float:
        moved = self.hidden_RD if hidden_RD is None else hidden_RD
        targets = {name: self.logits(target.hidden_RD) for name, target in self.targets.items()}
        return naive_loss(self.logits(moved), self.rows, terms, targets, frozen=self.logits(self.hidden_RD))


@given(seed=seeds, count=sizes, chunk=st.integers(1, 12), terms=st.lists(terms_of_any_kind, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_the_fused_loss_is_the_naive_loop_whatever_the_terms_and_the_chunk(
    seed: int, count: int, chunk: int, terms: list[Term]
) -> None:
    case = Case(seed, count, len(terms))
    found = row_losses(case.hidden_RD, case.head_VD, case.rows, terms, case.targets, chunk=chunk)
    assert found.total.item() == pytest.approx(case.naive(terms), rel=1e-9, abs=1e-9)


@given(seed=seeds, terms=st.lists(terms_of_any_kind, min_size=1, max_size=3))
@settings(max_examples=80, deadline=None)
def test_the_gradient_made_in_the_forward_pass_is_the_finite_difference(seed: int, terms: list[Term]) -> None:
    case = Case(seed, 3, len(terms))
    torch.autograd.backward(row_losses(case.hidden_RD, case.head_VD, case.rows, terms, case.targets, chunk=2).total)
    assert case.hidden_RD.grad is not None
    step = 1e-6
    for r, d in [(0, 0), (1, 2), (2, 3)]:
        moved = []
        for sign in (1, -1):
            shifted = case.hidden_RD.detach().clone()
            shifted[r, d] += sign * step
            moved.append(case.naive(terms, shifted))
        wanted = (moved[0] - moved[1]) / (2 * step)
        assert case.hidden_RD.grad[r, d].item() == pytest.approx(wanted, rel=1e-5, abs=1e-6)


@given(seed=seeds, measure=divergences, chunks=st.tuples(st.integers(1, 9), st.integers(1, 9)))
@settings(max_examples=40, deadline=None)
def test_in_float32_value_and_gradient_keep_five_digits_and_six_between_chunk_sizes(
    seed: int, measure: Divergence, chunks: tuple[int, int]
) -> None:
    case = Case(seed, 6)
    term = [Term("divergence", divergence=measure)]
    exact = row_losses(case.hidden_RD, case.head_VD, case.rows, term, case.targets)
    (wanted,) = torch.autograd.grad(exact.total, case.hidden_RD)
    single = {name: Target(target.hidden_RD.float()) for name, target in case.targets.items()}
    gradients = []
    for chunk in chunks:
        hidden_RD = case.hidden_RD.detach().float().requires_grad_()
        found = row_losses(hidden_RD, case.head_VD.float(), case.rows, term, single, chunk=chunk)
        assert found.total.item() == pytest.approx(exact.total.item(), rel=1e-5, abs=1e-5)
        gradients += torch.autograd.grad(found.total, hidden_RD)
    assert (gradients[0] - wanted).norm() <= 1e-5 * wanted.norm() + 1e-6
    assert (gradients[0] - gradients[1]).norm() <= 1e-6 * wanted.norm() + 1e-7


@given(seed=seeds, measure=divergences)
@settings(max_examples=60, deadline=None)
def test_a_divergence_is_never_negative_and_nothing_against_itself_to_the_last_bit(
    seed: int, measure: Divergence
) -> None:
    case = Case(seed, 5)
    log_p, log_q = (torch.log_softmax(h.float() @ case.head_VD.T.float(), 1).detach()
                    for h in (case.hidden_RD, case.targets["teacher"].hidden_RD))  # fmt: skip
    value, _ = divergence(log_p, log_q, case.rows.target_R, measure)
    assert value.min().item() >= -1e-6
    nothing, gradient = divergence(log_p, log_p.clone(), case.rows.target_R, measure)
    assert nothing.abs().max().item() == 0.0
    assert gradient.at_RK.abs().max().item() == 0.0


@pytest.mark.parametrize("correction", CORRECTIONS)
@pytest.mark.parametrize("support", [*SUPPORTS, "sampled"])
def test_a_teacher_that_says_the_same_pushes_nothing(support: str, correction: str) -> None:
    case = Case(3, 6)
    measure = Divergence(name="reverse_kl", support=support, top_k=3)
    term = Term("divergence", divergence=measure, correction=Correction(kind=correction))
    hidden_RD = case.hidden_RD.detach().float().requires_grad_()
    same = {"teacher": Target(hidden_RD.detach())}
    (gradient,) = torch.autograd.grad(
        row_losses(hidden_RD, case.head_VD.float(), case.rows, [term], same, chunk=4).total, hidden_RD
    )
    assert gradient.abs().max().item() == 0.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("support", SUPPORTS)
def test_a_top_k_of_the_whole_vocabulary_is_the_full_divergence(name: str, support: str) -> None:
    case = Case(5, 8)
    log_p, log_q = (torch.log_softmax(h.detach() @ case.head_VD.T, 1)
                    for h in (case.hidden_RD, case.targets["teacher"].hidden_RD))  # fmt: skip
    whole = divergence(log_p, log_q, case.rows.target_R, Divergence(name=name))
    found = divergence(log_p, log_q, case.rows.target_R, Divergence(name=name, support=support, top_k=V))
    for one, other in ((found[0], whole[0]), (found[1].on_hidden(case.head_VD), whole[1].on_hidden(case.head_VD))):
        assert torch.isfinite(one).all()
        assert torch.allclose(one, other, atol=1e-12)


def test_a_top_k_with_tail_sees_what_the_naive_top_k_does_not() -> None:
    """The naive sum over the top k alone has a gradient even where both sides agree on all that is in it."""
    log_p = torch.tensor([[0.5, 0.3, 0.1, 0.1]], dtype=torch.float64).log()
    log_q = torch.tensor([[0.5, 0.3, 0.15, 0.05]], dtype=torch.float64).log()
    value, gradient = divergence(
        log_p, log_q, torch.tensor([0]), Divergence(name="reverse_kl", support="student_topk_tail", top_k=2)
    )
    assert value.item() == pytest.approx(0, abs=1e-12)
    assert gradient.at_RK.abs().max().item() == pytest.approx(0, abs=1e-12)
    logits = log_p.clone().requires_grad_()
    own = torch.log_softmax(logits, 1)
    half_right = log_q + 0.1
    naive = (own.exp() * (own - half_right))[:, :2].sum()
    (biased,) = torch.autograd.grad(naive, logits)
    assert biased.abs().max().item() > 0.01


@pytest.mark.parametrize("b", [1e-4, 1 - 1e-4])
def test_jensen_shannon_runs_into_both_kls_without_a_jump(b: float) -> None:
    p, q = [0.3, -0.2, 1.1], [0.9, 0.1, -0.4]
    name, scale = ("forward_kl", b) if b < 0.5 else ("reverse_kl", 1 - b)
    mixed = divergence_of(p, q, 0, Divergence(name="jensen_shannon", mixture=b))
    assert mixed / scale == pytest.approx(divergence_of(p, q, 0, Divergence(name=name)), rel=1e-3)
    log_p, log_q = (torch.log_softmax(torch.tensor([z], dtype=torch.float64), 1) for z in (p, q))
    found, _ = divergence(log_p, log_q, torch.tensor([0]), Divergence(name="jensen_shannon", mixture=b))
    assert found.item() == pytest.approx(mixed, rel=1e-9)


def test_jensen_shannon_stays_bounded_where_the_two_share_nothing() -> None:
    log_p, log_q = (torch.log_softmax(torch.tensor([z]), 1) for z in ([200.0, 0.0], [0.0, 200.0]))
    value, gradient = divergence(log_p, log_q, torch.tensor([0]), Divergence(name="jensen_shannon"))
    assert value.item() == pytest.approx(math.log(2), abs=1e-5)
    assert torch.isfinite(gradient.at_RK).all()


def test_the_sampled_estimate_has_the_gradient_of_the_reverse_kl_and_not_of_the_forward() -> None:
    """k3 alone would go down the forward KL; the ratio of the sample has to be differentiated with it."""
    case = Case(8, 1)
    log_p, log_q = (torch.log_softmax(h.detach() @ case.head_VD.T, 1)
                    for h in (case.hidden_RD, case.targets["teacher"].hidden_RD))  # fmt: skip
    measure = Divergence(name="reverse_kl", support="sampled")
    expected = sum(log_p[0, v].exp() * divergence(log_p, log_q, torch.tensor([v]), measure)[1].at_RK for v in range(V))
    value = sum(log_p[0, v].exp() * divergence(log_p, log_q, torch.tensor([v]), measure)[0] for v in range(V))
    full = divergence(log_p, log_q, torch.tensor([0]), Divergence(name="reverse_kl"))
    assert torch.allclose(torch.as_tensor(expected), full[1].at_RK, atol=1e-12)
    assert torch.allclose(torch.as_tensor(value), full[0], atol=1e-12)
    forward = divergence(log_p, log_q, torch.tensor([0]), Divergence(name="forward_kl"))[1].at_RK
    assert not torch.allclose(torch.as_tensor(expected), forward, atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_on_entries_cuts_value_and_gradient_as_the_naive_loop_does(name: str) -> None:
    case = Case(21, 6)
    measure = Divergence(name=name, entry_limit=0.05)
    term = [Term("divergence", divergence=measure)]
    found = row_losses(case.hidden_RD, case.head_VD, case.rows, term, case.targets)
    assert found.total.item() == pytest.approx(case.naive(term), abs=1e-9)
    (gradient,) = torch.autograd.grad(found.total, case.hidden_RD)
    step, moved = 1e-6, []
    for sign in (1, -1):
        shifted = case.hidden_RD.detach().clone()
        shifted[2, 1] += sign * step
        moved.append(case.naive(term, shifted))
    assert gradient[2, 1].item() == pytest.approx((moved[0] - moved[1]) / (2 * step), abs=1e-5)


def test_a_token_too_far_from_its_teacher_is_not_learned() -> None:
    log_p, log_q = (torch.log_softmax(torch.tensor(z), 1) for z in ([[3.0, 0.0], [0.1, 0.0]], [[0.0, 3.0], [0.0, 0.0]]))
    value, gradient = divergence(log_p, log_q, torch.tensor([0, 0]), Divergence(name="reverse_kl", token_limit=0.5))
    assert value[0].item() == 0.5
    assert gradient.at_RK[0].abs().max().item() == 0.0
    assert gradient.at_RK[1].abs().max().item() > 0.0


def test_a_trust_region_teacher_lies_between_start_and_policy() -> None:
    case = Case(2, 4)
    start, policy = case.targets["start"].hidden_RD, case.hidden_RD.detach()
    part = slice(0, 4)
    ends = [Target(start, policy, share).log_probs(part, case.head_VD) for share in (0.0, 1.0)]
    assert torch.allclose(ends[0], Target(start).log_probs(part, case.head_VD))
    assert torch.allclose(ends[1], Target(policy).log_probs(part, case.head_VD))
    same = Target(policy, policy, 0.3).log_probs(part, case.head_VD)
    assert torch.equal(same, Target(policy).log_probs(part, case.head_VD))


def test_no_gradient_reaches_the_teacher() -> None:
    case = Case(1, 4)
    teacher = case.targets["teacher"].hidden_RD.requires_grad_()
    term = Term("divergence", divergence=Divergence(name="jensen_shannon"))
    torch.autograd.backward(row_losses(case.hidden_RD, case.head_VD, case.rows, [term], case.targets).total)
    assert teacher.grad is None


@given(seed=seeds, count=st.integers(2, 9), term=terms_of_any_kind)
@settings(max_examples=40, deadline=None)
def test_a_token_of_weight_zero_is_as_if_it_were_not_there(seed: int, count: int, term: Term) -> None:
    case = Case(seed, count)
    case.rows.weight_RJ[0] = 0.0
    all_rows = row_losses(case.hidden_RD, case.head_VD, case.rows, [term], case.targets)
    rest = slice(1, None)
    fewer = {name: Target(target.hidden_RD[rest]) for name, target in case.targets.items()}
    without = row_losses(case.hidden_RD[rest], case.head_VD, case.rows.part(rest), [term], fewer)
    assert all_rows.total.item() == pytest.approx(without.total.item(), abs=1e-12)
    (gradient,) = torch.autograd.grad(all_rows.total, case.hidden_RD)
    assert gradient[0].abs().max().item() == 0.0


@given(seed=seeds, count=sizes, term=terms_of_any_kind)
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_changes_nothing(seed: int, count: int, term: Term) -> None:
    case = Case(seed, count)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    shuffled = {name: Target(target.hidden_RD[order]) for name, target in case.targets.items()}
    one = row_losses(case.hidden_RD, case.head_VD, case.rows, [term], case.targets).total.item()
    other = row_losses(case.hidden_RD[order], case.head_VD, case.rows.part(order), [term], shuffled).total.item()
    assert one == pytest.approx(other, abs=1e-10)


def test_no_rows_give_no_loss() -> None:
    case = Case(1, 3)
    assert row_losses(case.hidden_RD[:0], case.head_VD, case.rows.part(slice(0)), [Term("cross_entropy")]).total == 0.0


def test_a_response_whose_sampling_is_unknown_has_the_ratio_one() -> None:
    case = Case(4, 3)
    unknown = Rows(**{**vars(case.rows), "sampled_R": torch.full((3,), math.nan)})
    clipped = Term("policy_gradient", correction=Correction(kind="capped", high=2.0))
    found = row_losses(case.hidden_RD, case.head_VD, unknown, [clipped])
    plain = row_losses(case.hidden_RD, case.head_VD, unknown, [Term("policy_gradient")])
    assert found.ratio_R.tolist() == [1.0, 1.0, 1.0]
    assert found.total.item() == plain.total.item()


def test_the_worked_likelihoods() -> None:
    logprob, weight = torch.tensor([0.25]).log(), torch.tensor([2.0])
    loss, slope = likelihood(logprob, weight, torch.tensor([1.5]), Correction())
    assert (loss.item(), slope.item()) == (pytest.approx(2 * math.log(4)), 2.0)
    loss, slope = likelihood(logprob, weight, torch.tensor([1.5]), Correction(kind="clipped", low=0.8, high=1.2))
    assert (loss.item(), slope.item()) == (pytest.approx(-2.4), 0.0)


def test_the_worked_divergences() -> None:
    log_p, log_q = torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[0.25, 0.75]]).log()
    value, gradient = divergence(log_p, log_q, torch.tensor([0]), Divergence(name="reverse_kl"))
    by_hand = 0.5 * math.log(2) + 0.5 * math.log(2 / 3)
    assert value.item() == pytest.approx(by_hand, abs=1e-6)
    assert gradient.at_RK[0, 0].item() == pytest.approx(0.5 * (math.log(2) - by_hand), abs=1e-6)
    value, gradient = divergence(log_p, log_q, torch.tensor([0]), Divergence(name="forward_kl"))
    assert value.item() == pytest.approx(0.25 * math.log(1 / 2) + 0.75 * math.log(3 / 2), abs=1e-6)
    assert gradient.at_RK[0, 0].item() == pytest.approx(0.25, abs=1e-6)


def test_the_entropy_of_a_fair_coin_is_log_two() -> None:
    p_RV = torch.tensor([[0.5, 0.5]])
    assert entropy(p_RV, p_RV.log()).item() == pytest.approx(math.log(2))


def gated(logprobs: list[float], weights: list[float], floor: float | None, applies_to: str) -> list[bool]:
    found = floor_of(floor, "negative" if applies_to == "negative" else "all")
    return [bool(value) for value in kept(torch.tensor(logprobs), torch.tensor(weights), found)]


def test_the_default_floor_spares_a_rare_wanted_token() -> None:
    assert gated([-6, -6, -4], [1, -1, -1], -5.0, "negative") == [True, False, True]


def test_a_floor_on_all_tokens_hides_the_rare_wanted_one() -> None:
    assert gated([-6, -6, -4], [1, -1, 1], -5.0, "all") == [False, False, True]


def test_no_floor_keeps_every_token() -> None:
    assert gated([-60, -60], [1, -1], None, "all") == [True, True]


def test_skipped_tokens_are_never_more_than_there_are() -> None:
    assert skip_first(2, 3) == (0.0, 0.0, 1.0)
    assert skip_first(9, 2) == (0.0, 0.0)


def learn_a_rare_token(applies_to: str) -> float:
    """Its probability after 200 steps of ascent on the logits from log-prob -8, advantage +1."""
    logits = torch.tensor([[0.0, -8.0]], dtype=torch.float64)
    term = Term("policy_gradient", floor=floor_of(-5.0, "negative" if applies_to == "negative" else "all"))
    head = torch.eye(2, dtype=torch.float64)
    one, nought = torch.ones(1, dtype=torch.long), torch.zeros(1, dtype=torch.long)
    unknown = torch.full((1,), math.nan)
    rows = Rows(nought, one, torch.ones(1, 1, dtype=torch.float64), nought, unknown, unknown)
    for _ in range(200):
        logits = logits.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(row_losses(logits, head, rows, [term]).total, logits)
        logits = logits - 0.2 * gradient
    return torch.softmax(logits.detach(), 1)[0, 1].item()


def test_a_rare_wanted_token_is_learned_with_the_default_floor_and_not_with_a_floor_on_all() -> None:
    assert learn_a_rare_token("negative") > 0.9
    assert learn_a_rare_token("all") < 0.001
