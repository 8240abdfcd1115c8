"""The product's own side of the training benchmark: its sampler, its fused loss, its update, on the shared work.

``--frozen FOLDER --mode MODE --gradients FILE``    trains on frozen rollouts and prints losses and gradient norms
``--timed --work FILE --mode MODE``                 times whole steps and prints seconds and peak memory

One process does one measurement, so that its peak memory is its own. Nothing here computes a loss: examples go through
``worker.training.updating``, as in a run. As in TRL, an answer's tokens are averaged first and answers then.
"""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.training.work import MODES, Frozen, Mode, Rollout, Scored, Timed, Work, as_json, resident_bytes, watched


def arguments() -> argparse.Namespace:
    """What to do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--frozen", type=Path, metavar="FOLDER")
    task.add_argument("--timed", action="store_true")
    parser.add_argument("--work", type=Path, help="the work's JSON file; with --frozen the folder says it")
    parser.add_argument("--mode", choices=MODES, default="full_logits")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--gradients", type=Path, default=Path("redraft-gradients.safetensors"))
    return parser.parse_args()


given = arguments()
frozen = Frozen.read(given.frozen) if given.frozen else None
work = frozen.work if frozen else Work.read(given.work)
# Before torch is imported, which reads them once.
os.environ.update(OMP_NUM_THREADS=str(work.threads), OMP_WAIT_POLICY="PASSIVE", TOKENIZERS_PARALLELISM="false")

import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from backend.recipes import Adapter, Divergence, Optimiser, Teacher  # noqa: E402
from worker.objective.batching import Encoded  # noqa: E402
from worker.objective.types import Term  # noqa: E402
from worker.training.policy import Policy  # noqa: E402
from worker.training.sampler import sample  # noqa: E402
from worker.training.teaching import Teaching  # noqa: E402
from worker.training.updating import Updated, Updater  # noqa: E402

NAMES = {0.0: "forward_kl", 1.0: "reverse_kl"}


def term(mode: Mode) -> Term:
    """The divergence that TRL calls by this mode and alpha."""
    name = "reverse_kl" if mode == "sampled_token" else NAMES.get(work.divergence_alpha, "jensen_shannon")
    top = "student_topk_tail" if work.tail else "student_topk_renormalised"
    support = {"sampled_token": "sampled", "topk_logits": top, "full_logits": "full"}[mode]
    measure = {"name": name, "support": support, "top_k": work.top_k}
    if name == "jensen_shannon":
        measure["mixture"] = 1 - work.divergence_alpha
    return Term("divergence", divergence=Divergence.model_validate(measure))


def settings() -> Optimiser:
    """The optimiser of the work; micro-batches as the product ships them."""
    return Optimiser(
        learning_rate=work.learning_rate, weight_decay=work.weight_decay, max_grad_norm=work.max_gradient_norm,
        pairs_per_step=work.rollouts,
    )  # fmt: skip


def encoded(rollouts: Sequence[Rollout]) -> list[Encoded]:
    """Each answer after both prompts, its tokens weighing one answer's share together."""
    return [
        Encoded(
            ids=(*one.student_prompt_ids, *one.attempt_ids),
            response_length=len(one.attempt_ids),
            weights=((1 / (len(rollouts) * len(one.attempt_ids)),),) * len(one.attempt_ids),
            teacher_ids=(*one.teacher_prompt_ids, *one.attempt_ids),
        )
        for one in rollouts
    ]


def loss(updated: Updated, mode: Mode, policy: Policy) -> float:
    """The step's loss in TRL's terms: for the sampled token that is (log p - log q) log p, where ours reports k3."""
    if mode != "sampled_token":
        return sum(losses.loss_RJ.sum().item() for _, losses in updated.found)
    teaching = Teaching(policy, Teacher(weights=work.teacher))
    total = 0.0
    for batch, losses in updated.found:
        log_q_RV = teaching.targets(batch, [term(mode)])["teacher"].log_probs(slice(None), policy.head_VD)
        logprob_R = log_q_RV.gather(1, batch.rows.target_R[:, None]).squeeze(1)
        total += (batch.rows.weight_RJ[:, 0] * (losses.logprob_R - logprob_R) * losses.logprob_R).sum().item()
    return total


def score(rollouts: Frozen, folder: Path) -> Scored:
    """Train on the frozen rollouts from their adapter."""
    policy = Policy.load(Path(work.model), start=folder, dtype=getattr(torch, work.dtype))
    updater = Updater(policy, Teaching(policy, Teacher(weights=work.teacher)), settings())
    examples, terms = encoded(rollouts.rollouts), [term(given.mode)]
    found: list[float] = []
    norms: list[float] = []
    gradients: dict[str, torch.Tensor] = {}
    for step in range(given.steps):
        updated = updater.gradient(examples, terms)
        scale = max(1.0, updated.grad_norm / work.max_gradient_norm)
        found.append(loss(updated, given.mode, policy))
        norms.append(updated.grad_norm)
        for matrix in watched(policy.layers):
            name = next(name for name in policy.trained() if f"model.{matrix}." in name)
            gradient = policy.trained()[name].grad
            if gradient is not None:
                gradients[f"{step}.{matrix}"] = gradient.float() * scale
        updater.apply(step + 1)
    save_file(gradients, given.gradients)
    return Scored("redraft", given.mode, found, norms, rollouts.trained_tokens, str(given.gradients.resolve()))


def timed() -> Timed:
    """Whole steps: sample, score under both contexts, update."""
    adapter = Adapter(rank=work.rank, alpha=work.alpha)
    policy = Policy.load(Path(work.model), adapter=adapter, seed=work.seed, dtype=getattr(torch, work.dtype))
    updater = Updater(policy, Teaching(policy, Teacher(weights=work.teacher)), settings())
    loaded = resident_bytes("VmRSS")
    seconds: list[float] = []
    cpu: list[float] = []
    generating: list[float] = []
    tokens: list[int] = []
    for step in range(given.steps):
        begin, cpu_begin = time.perf_counter(), time.process_time()
        rollouts = sampled(policy, step)
        generating.append(time.perf_counter() - begin)
        updater.gradient(encoded(rollouts), [term(given.mode)])
        updater.apply(step + 1)
        seconds.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - cpu_begin)
        tokens.append(sum(len(one.attempt_ids) for one in rollouts))
    return Timed("redraft", given.mode, seconds, cpu, generating, tokens, loaded, resident_bytes("VmHWM"))


def sampled(policy: Policy, step: int) -> list[Rollout]:
    """The step's answers by the product's sampler."""
    first = step * work.prompts_per_step
    chosen = [work.prompts[(first + number) % len(work.prompts)] for number in range(work.prompts_per_step)]
    asked = [text for text in chosen for _ in range(work.rollouts_per_prompt)]
    students = [[{"role": "user", "content": text}] for text in asked]
    answers = sample(
        policy, students, view="student", temperature=work.temperature, max_tokens=work.tokens, seed=work.seed + step
    )
    return [
        Rollout(
            policy.encode_chat(student),
            policy.encode_chat([{"role": "user", "content": work.teacher_text(text)}]),
            list(answer.token_ids),
        )
        for student, text, answer in zip(students, asked, answers, strict=True)
    ]


def main() -> None:
    """Do what was asked and print one line of JSON."""
    torch.set_num_threads(work.threads)
    print(as_json(score(frozen, given.frozen) if frozen else timed()))


if __name__ == "__main__":
    main()
