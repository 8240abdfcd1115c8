"""The baseline: TRL's own ``SDPOTrainer`` on the shared work. Runs in the environment of ``trl_environment.py``.

``--freeze FOLDER --work FILE``                     samples one step's rollouts and a start adapter
``--frozen FOLDER --mode MODE --gradients FILE``    trains on them and prints losses and gradient norms
``--timed --work FILE --mode MODE``                 times whole steps and prints seconds and peak memory

From the repository's root: ``.bench/trl/bin/python -m benchmarks.training.trl_side --timed --work FILE``.

One process does one measurement, so that its peak memory is its own. Everything that ``Work`` does not name stays as
TRL has it, above all micro-batches of 8 with gradient checkpointing; ``--micro-batch`` and ``--no-checkpointing`` try
others.
"""

import argparse
import json
import os
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from benchmarks.training.work import MODES, Frozen, Mode, Rollout, Scored, Timed, Work, as_json, resident_bytes

FEEDBACK = "\n\n{feedback_raw}"
REPROMPT = "{prompt}{solution}{feedback}"
NEVER = 2.0


def arguments() -> argparse.Namespace:
    """What to do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--freeze", type=Path, metavar="FOLDER")
    task.add_argument("--frozen", type=Path, metavar="FOLDER")
    task.add_argument("--timed", action="store_true")
    parser.add_argument("--work", type=Path, help="the work's JSON file; with --frozen the folder says it")
    parser.add_argument("--mode", choices=MODES, default="sampled_token")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--gradients", type=Path, default=Path("trl-gradients.safetensors"))
    parser.add_argument("--micro-batch", type=int, default=8)
    parser.add_argument("--checkpointing", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


given = arguments()
frozen = Frozen.read(given.frozen) if given.frozen else None
work = frozen.work if frozen else Work.read(given.work)
# Before torch is imported, which reads them once. Threads that wait do not spin, as in the product: on a machine that
# does something else too, spinning threads take many times as long.
os.environ.update(
    OMP_NUM_THREADS=str(work.threads), OMP_WAIT_POLICY="PASSIVE", TOKENIZERS_PARALLELISM="false",
    HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TRL_EXPERIMENTAL_SILENCE="1", TRANSFORMERS_VERBOSITY="error",
)  # fmt: skip

import torch  # noqa: E402
from datasets import Dataset  # noqa: E402
from peft import LoraConfig  # noqa: E402
from peft.utils import set_peft_model_state_dict  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from trl.experimental.sdpo import SDPOConfig  # noqa: E402

from benchmarks.training.trl_trainer import Clock, MeasuredTrainer  # noqa: E402


def no_reward(prompts: list[object], **_named: object) -> list[float]:
    """TRL wants a reward, which picks demonstrations; nothing here reaches its threshold, so feedback alone teaches."""
    return [0.0] * len(prompts)


def build(folder: str, mode: Mode, clock: Clock) -> MeasuredTrainer:
    """TRL's trainer for this work. Raises ``SystemExit`` when the step is not a whole number of micro-batches."""
    micro_batch = min(given.micro_batch, work.rollouts)
    if work.rollouts % micro_batch:
        raise SystemExit(f"{work.rollouts} rollouts are not a whole number of micro-batches of {micro_batch}.")
    config = SDPOConfig(
        output_dir=folder, use_cpu=True, report_to="none", save_strategy="no", disable_tqdm=True, logging_steps=10**9,
        seed=work.seed, data_seed=work.seed, max_steps=given.steps, shuffle_dataset=False,
        bf16=work.dtype == "bfloat16", model_init_kwargs={"dtype": work.dtype},
        per_device_train_batch_size=micro_batch, gradient_accumulation_steps=work.rollouts // micro_batch,
        gradient_checkpointing=given.checkpointing,
        learning_rate=work.learning_rate, lr_scheduler_type="constant", warmup_steps=0,
        adam_beta1=work.beta1, adam_beta2=work.beta2, adam_epsilon=work.epsilon,
        weight_decay=work.weight_decay, max_grad_norm=work.max_gradient_norm,
        num_generations=work.rollouts_per_prompt, max_completion_length=work.tokens, temperature=work.temperature,
        generation_kwargs={"min_new_tokens": work.tokens} if work.exact_length else None,
        distillation_mode=mode, distillation_topk=work.top_k if mode == "topk_logits" else None,
        distillation_add_tail=work.tail,
        # TRL's default mode knows reverse KL only.
        distillation_alpha=1.0 if mode == "sampled_token" else work.divergence_alpha,
        teacher_model_kind=work.teacher, include_environment_feedback=True, use_successful_as_teacher=False,
        success_reward_threshold=NEVER, feedback_template=FEEDBACK, reprompt_template=REPROMPT,
        diagnostics_warning_interval=0,
    )  # fmt: skip
    rows = [{"prompt": [{"role": "user", "content": one}], "privileged_context": work.critique} for one in work.prompts]
    trainer = MeasuredTrainer(
        model=work.model,
        reward_funcs=no_reward,
        args=config,
        train_dataset=Dataset.from_list(rows),
        callbacks=[clock],
        peft_config=LoraConfig(
            r=work.rank,
            lora_alpha=work.alpha,
            lora_dropout=0.0,
            bias="none",
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )
    trainer.begin_record()
    return trainer


def freeze(trainer: MeasuredTrainer, folder: Path) -> None:
    """Writes the start adapter and, from TRL's own sampling and templates, one step's rollouts."""
    trainer.model.save_pretrained(folder)
    batch = trainer.sample(work)
    width = batch["completion_ids"].shape[1]
    answered = [mask.bool() for mask in batch["completion_mask"]]
    rows = zip(
        zip(batch["prompt_ids"], batch["prompt_mask"].bool(), strict=True),
        zip(batch["teacher_input_ids"][:, :-width], batch["teacher_attention_mask"][:, :-width].bool(), strict=True),
        zip(batch["completion_ids"], answered, strict=True),
        strict=True,
    )
    rollouts = [Rollout(*(ids[mask].tolist() for ids, mask in row)) for row in rows]
    check_teacher_text(trainer, rollouts)
    Frozen(work, rollouts).write(folder)


def check_teacher_text(trainer: MeasuredTrainer, rollouts: list[Rollout]) -> None:
    """Raises ``AssertionError`` unless TRL's templates gave the teacher the very tokens of ``Work.teacher_text``."""
    for number, rollout in enumerate(rollouts):
        text = work.teacher_text(work.prompts[number // work.rollouts_per_prompt])
        wanted = trainer.processing_class.apply_chat_template(
            [{"role": "user", "content": text}], add_generation_prompt=True, return_dict=False
        )
        if rollout.teacher_prompt_ids != wanted:
            raise AssertionError(f"TRL's teacher reads something else than {text!r}.")


def main() -> None:
    """Do what was asked and print one line of JSON."""
    torch.set_num_threads(work.threads)
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
        trainer = build(folder, given.mode, clock)
        loaded = resident_bytes("VmRSS")
        if given.freeze:
            freeze(trainer, given.freeze)
            line = json.dumps({"frozen": str(given.freeze), "tokens": trainer.tokens[0]})
        elif frozen:
            trainer.frozen = frozen
            set_peft_model_state_dict(trainer.model, load_file(given.frozen / "adapter_model.safetensors"))
            trainer.train()
            save_file(trainer.gradients, given.gradients)
            line = as_json(
                Scored(
                    side="trl",
                    mode=given.mode,
                    losses=trainer.losses[:-1],
                    gradient_norms=trainer.gradient_norms,
                    trained_tokens=trainer.tokens[0],
                    gradients=str(given.gradients.resolve()),
                )
            )
        else:
            trainer.train()
            line = as_json(
                Timed(
                    side="trl",
                    mode=given.mode,
                    seconds=clock.seconds,
                    cpu_seconds=clock.cpu_seconds,
                    generation_seconds=trainer.generation_seconds,
                    tokens=trainer.tokens,
                    loaded_bytes=loaded,
                    peak_bytes=resident_bytes("VmHWM"),
                )
            )
    print(line)


if __name__ == "__main__":
    main()
