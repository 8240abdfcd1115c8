"""The loss stage alone: hidden states and output embedding in, loss and gradient of the hidden states out.

``python -m benchmarks.training.loss_stage`` measures the product's fused loss beside the plain formulation, in which
all logits of student and teacher exist at once and autograd keeps what it needs of them, as in TRL's trainers. Both
must find the same loss and gradient. Memory is resident memory above the inputs.
"""

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import kl_div

from backend.recipes import Divergence
from benchmarks.training.children import Case, Measured, answer, in_turn, machine, parser, peak_above
from benchmarks.training.table import aligned, relative_error
from worker.objective.fused import Target, row_losses
from worker.objective.types import Rows, Term

LOSSES = ("full divergence", "top-k divergence", "policy gradient")
SIDES = ("redraft", "plain")
TOP_K = 100
WARM_UP_TOKENS = 16
SAME = 1e-3
MEMORY_GOAL, TIME_GOAL = 1 / 8, 1.0
FULL = Divergence(name="reverse_kl", support="full")
TOP = Divergence(name="reverse_kl", support="student_topk_renormalised", top_k=TOP_K)


class Inputs:
    """Hidden states of student and teacher ``[R, D]``, the embedding ``[V, D]``, written tokens and weights ``[R]``."""

    def __init__(self, case: Case, tokens: int) -> None:
        generator = torch.Generator().manual_seed(0)
        size, vocabulary = int(case["hidden"]), int(case["vocabulary"])
        dtype = getattr(torch, str(case["dtype"]))
        self.head_VD = torch.randn(vocabulary, size, generator=generator).mul_(2 / size**0.5).to(dtype)
        self.student_RD = torch.randn(tokens, size, generator=generator).to(dtype).requires_grad_()
        self.teacher_RD = self.student_RD.detach() + torch.randn(tokens, size, generator=generator).to(dtype) / 4
        self.target_R = torch.randint(vocabulary, (tokens,), generator=generator)
        self.weight_R = torch.full((tokens,), 1 / tokens)


def fused(inputs: Inputs, loss: str) -> Tensor:
    """The product's own."""
    weight_RJ = inputs.weight_R[:, None]
    unknown_R = torch.full_like(inputs.weight_R, float("nan"))
    rows = Rows(inputs.target_R, inputs.target_R, weight_RJ, inputs.target_R, unknown_R, unknown_R)
    if loss == "policy gradient":
        return row_losses(inputs.student_RD, inputs.head_VD, rows, [Term("policy_gradient")]).total
    term = Term("divergence", divergence=FULL if loss == "full divergence" else TOP)
    return row_losses(inputs.student_RD, inputs.head_VD, rows, [term], {"teacher": Target(inputs.teacher_RD)}).total


def plain(inputs: Inputs, loss: str) -> Tensor:
    """All logits at once, in float32 as under accelerate's mixed precision; autograd does the rest."""
    log_p_RV = (inputs.student_RD @ inputs.head_VD.T).float().log_softmax(-1)
    if loss == "policy gradient":
        logprob_R = log_p_RV.gather(1, inputs.target_R[:, None]).squeeze(1)
        return -(inputs.weight_R * logprob_R).sum()
    with torch.no_grad():
        log_q_RV = (inputs.teacher_RD @ inputs.head_VD.T).float().log_softmax(-1)
    if loss == "top-k divergence":
        ids_RK = log_p_RV.detach().topk(TOP_K, dim=-1).indices
        log_p_RV, log_q_RV = (found.gather(1, ids_RK).log_softmax(-1) for found in (log_p_RV, log_q_RV))
    value_R = kl_div(log_q_RV, log_p_RV, reduction="none", log_target=True).sum(-1)
    return (inputs.weight_R * value_R).sum()


FORMULATIONS: dict[str, Callable[[Inputs, str], Tensor]] = {"redraft": fused, "plain": plain}


def measure(case: Case) -> Measured:
    """One loss and gradient, after a small one that warms up."""
    formulation, loss = FORMULATIONS[str(case["side"])], str(case["loss"])
    formulation(Inputs(case, WARM_UP_TOKENS), loss).backward()  # type: ignore[no-untyped-call]
    inputs = Inputs(case, int(case["tokens"]))
    found: list[float] = []

    def work() -> None:
        total = formulation(inputs, loss)
        total.backward()  # type: ignore[no-untyped-call]
        found.append(total.item())

    begin = time.perf_counter()
    peak = peak_above(work)
    seconds = time.perf_counter() - begin
    gradient = inputs.student_RD.grad
    if gradient is None:
        raise RuntimeError("The loss has no gradient.")
    return Measured(seconds, peak, (found[0], float(gradient.float().norm())))


def rows(loss: str, ours: Measured | None, theirs: Measured | None) -> list[tuple[str, ...]]:
    """Both sides and their ratio."""
    made = [(loss, side, *_cells(found), "") for side, found in (("redraft", ours), ("plain", theirs))]
    if ours and theirs:
        memory, seconds = ours.peak_bytes / theirs.peak_bytes, ours.seconds / theirs.seconds
        same = all(relative_error(a, b) <= SAME for a, b in zip(ours.facts, theirs.facts, strict=True))
        met = memory <= MEMORY_GOAL and seconds <= TIME_GOAL
        verdict = "NOT the same result" if not same else f"goal {'met' if met else 'NOT met'}"
        made.append((loss, "ratio", f"{memory:.3f}", f"{seconds:.2f}", verdict))
    return made


def _cells(found: Measured | None) -> tuple[str, str]:
    return ("did not end", "") if found is None else (f"{found.peak_bytes / 1e6:,.0f}", f"{found.seconds:.2f}")


def main() -> None:
    """Measure and print one table."""
    options = parser(__doc__, rounds=3)
    options.add_argument("--tokens", type=int, default=4096)
    options.add_argument("--vocabulary", type=int, default=151_936)
    options.add_argument("--hidden", type=int, default=576)
    options.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    given = options.parse_args()
    if given.case:
        answer(measure, given.case)
        return
    shape = {name: getattr(given, name) for name in ("tokens", "vocabulary", "hidden", "dtype")}
    cases = [{**shape, "loss": loss, "side": side} for loss in LOSSES for side in SIDES]
    found = in_turn("benchmarks.training.loss_stage", cases, rounds=given.rounds, threads=given.threads)
    head = ("loss", "side", "MB above inputs", "seconds", "")
    pairs = zip(LOSSES, found[::2], found[1::2], strict=True)
    body = [row for loss, ours, theirs in pairs for row in rows(loss, ours, theirs)]
    print(f"{machine(given.threads)}\n{shape}, medians of {given.rounds}\n\n{aligned([head, *body])}")


if __name__ == "__main__":
    main()
