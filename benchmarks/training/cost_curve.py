"""What a step costs with more tokens: whole steps of the product, and its loss stage alone.

``python -m benchmarks.training.cost_curve`` trains on 1, 2, 4 and 8 times as many tokens a step. Seconds should grow
with the tokens, a step's memory not at all (micro-batches keep their size), the loss stage's by no more than the
gradient it returns.
"""

import time
from pathlib import Path

import torch

from backend.recipes import Divergence, Optimiser, Teacher
from backend.settings import get_settings
from benchmarks.training import loss_stage
from benchmarks.training.children import Case, Measured, answer, in_turn, machine, parser, peak_above
from benchmarks.training.table import aligned
from worker.base_model import prepare_default
from worker.objective.batching import Encoded
from worker.objective.types import Term
from worker.training.policy import Policy
from worker.training.teaching import Teaching
from worker.training.updating import Updater

FACTORS = (1, 2, 4, 8)
PROMPT, CRITIQUE, RESPONSE = 32, 32, 64
TERM = Term("divergence", divergence=Divergence(name="reverse_kl"))


def examples(count: int, vocabulary: int) -> list[Encoded]:
    """Random answers of one length, each after its prompt, and for the teacher after prompt and critique."""
    generator = torch.Generator().manual_seed(0)
    made = []
    for _ in range(count):
        ids = torch.randint(vocabulary, (PROMPT + CRITIQUE + RESPONSE,), generator=generator).tolist()
        weights = ((1 / (count * RESPONSE),),) * RESPONSE
        made.append(Encoded((*ids[:PROMPT], *ids[-RESPONSE:]), RESPONSE, weights, teacher_ids=tuple(ids)))
    return made


def measure(case: Case) -> Measured:
    """One step, after one on a single example."""
    policy = Policy.load(Path(str(case["model"])), dtype=getattr(torch, str(case["dtype"])))
    updater = Updater(policy, Teaching(policy, Teacher(weights="start")), Optimiser())
    encoded = examples(int(case["examples"]), policy.head_VD.shape[0])

    def step(chosen: list[Encoded]) -> None:
        updater.gradient(chosen, [TERM])
        updater.apply(1)

    step(encoded[:1])
    begin = time.perf_counter()
    peak = peak_above(lambda: step(encoded))
    return Measured(time.perf_counter() - begin, peak)


def curve(sizes: list[int], steps: list[Measured | None], losses: list[Measured | None]) -> str:
    """A row for each number of tokens; seconds also as multiples of what they would be in proportion."""
    head = ("tokens", "s/step", "to linear", "step MB", "loss stage s", "to linear", "loss stage MB")
    rows: list[tuple[str, ...]] = [head]
    for size, step, loss in zip(sizes, steps, losses, strict=True):
        cells = [*_cells(step, steps[0], size / sizes[0]), *_cells(loss, losses[0], size / sizes[0])]
        rows.append((f"{size:,}", *cells))
    return aligned(rows)


def _cells(found: Measured | None, first: Measured | None, factor: float) -> tuple[str, str, str]:
    if found is None or first is None:
        return ("did not end", "", "")
    share = found.seconds / (factor * first.seconds)
    return (f"{found.seconds:.2f}", f"{share:.2f}", f"{found.peak_bytes / 1e6:,.0f}")


def main() -> None:
    """Measure and print one table."""
    options = parser(__doc__, rounds=3)
    options.add_argument("--model", type=Path, default=None, help="default: the product's own base model")
    options.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    options.add_argument("--examples", type=int, default=8, help="of 64 response tokens, at 1x")
    given = options.parse_args()
    if given.case:
        answer(measure, given.case)
        return
    model = (given.model or prepare_default(get_settings().models_dir)).resolve()
    counts = [given.examples * factor for factor in FACTORS]
    shape = {"vocabulary": 151_936, "hidden": 576, "dtype": given.dtype, "side": "redraft", "loss": "full divergence"}
    whole: list[Case] = [{"model": str(model), "dtype": given.dtype, "examples": count} for count in counts]
    alone: list[Case] = [{**shape, "tokens": count * RESPONSE} for count in counts]
    steps = in_turn("benchmarks.training.cost_curve", whole, rounds=given.rounds, threads=given.threads)
    losses = in_turn(loss_stage.__name__, alone, rounds=given.rounds, threads=given.threads)
    print(f"{machine(given.threads)}\n{model.name}, {given.dtype}, medians of {given.rounds}\n")
    print(curve([count * RESPONSE for count in counts], steps, losses))


if __name__ == "__main__":
    main()
