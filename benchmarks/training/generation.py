"""Tokens per second of the trainer's own sampler beside ``transformers.generate`` with the PEFT adapter attached.

``python -m benchmarks.training.generation`` answers 1, 4 and 16 prompts at once, each with the same number of tokens;
no answer may end early. The product's side also returns log-probs, which ``generate`` is not asked for.
"""

import time
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from backend.recipes import Adapter
from backend.settings import get_settings
from benchmarks.training.children import Case, Measured, answer, in_turn, machine, parser
from benchmarks.training.table import aligned
from benchmarks.training.work import example_prompts
from worker.base_model import prepare_default
from worker.training.policy import Policy
from worker.training.sampler import sample

BATCHES = (1, 4, 16)
SIDES = ("redraft", "generate")
RANK = 16
WARM_UP_TOKENS = 4


def conversations(count: int) -> list[list[dict[str, str]]]:
    """Different prompts of the examples."""
    return [[{"role": "user", "content": text}] for text in example_prompts(count)]


def ours(case: Case, tokens: list[int]) -> float:
    """Seconds that the product's sampler takes for the last of ``tokens``."""
    policy = Policy.load(Path(str(case["model"])), adapter=Adapter(rank=RANK), dtype=getattr(torch, str(case["dtype"])))
    policy.end_ids = frozenset()
    seconds = 0.0
    for count in tokens:
        begin = time.perf_counter()
        sample(policy, conversations(int(case["batch"])), view="student", temperature=1.0, max_tokens=count, seed=0)
        seconds = time.perf_counter() - begin
    return seconds


def theirs(case: Case, tokens: list[int]) -> float:
    """Seconds that ``generate`` takes for the last of ``tokens``."""
    folder = str(case["model"])
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, str(case["dtype"])))
    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(base, config).eval()
    asked = tokenizer.apply_chat_template(
        conversations(int(case["batch"])), add_generation_prompt=True, padding=True, return_tensors="pt",
        return_dict=True,
    )  # fmt: skip
    seconds = 0.0
    for count in tokens:
        settings = GenerationConfig(
            do_sample=True, temperature=1.0, top_k=0, top_p=1.0, min_new_tokens=count, max_new_tokens=count,
            eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        )  # fmt: skip
        begin = time.perf_counter()
        with torch.inference_mode():
            model.generate(**asked, generation_config=settings)
        seconds = time.perf_counter() - begin
    return seconds


def measure(case: Case) -> Measured:
    """One batch of answers, after a short one that warms up."""
    torch.manual_seed(0)
    side = ours if case["side"] == "redraft" else theirs
    return Measured(side(case, [WARM_UP_TOKENS, int(case["tokens"])]))


def main() -> None:
    """Measure and print one table."""
    options = parser(__doc__, rounds=3)
    options.add_argument("--model", type=Path, default=None, help="default: the product's own base model")
    options.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    options.add_argument("--tokens", type=int, default=96)
    given = options.parse_args()
    if given.case:
        answer(measure, given.case)
        return
    model = (given.model or prepare_default(get_settings().models_dir)).resolve()
    common = {"model": str(model), "dtype": given.dtype, "tokens": given.tokens}
    cases = [{**common, "batch": batch, "side": side} for batch in BATCHES for side in SIDES]
    found = in_turn("benchmarks.training.generation", cases, rounds=given.rounds, threads=given.threads)
    rows: list[tuple[str, ...]] = [("batch", "redraft tokens/s", "generate tokens/s", "ratio")]
    for batch, one, other in zip(BATCHES, found[::2], found[1::2], strict=True):
        if one and other:
            speeds = [batch * given.tokens / side.seconds for side in (one, other)]
            rows.append((str(batch), *(f"{speed:.1f}" for speed in speeds), f"{speeds[0] / speeds[1]:.2f}"))
    print(f"{machine(given.threads)}\n{model.name}, {common['dtype']}, medians of {given.rounds}\n\n{aligned(rows)}")


if __name__ == "__main__":
    main()
