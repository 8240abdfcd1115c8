"""The baseline: TRL's own ``SDPOTrainer`` on the shared work. Runs in the environment of ``trl_environment.py``.

``trl_side.py --freeze FOLDER --work FILE``                    samples one step's rollouts and a start adapter
``trl_side.py --frozen FOLDER --mode MODE --gradients FILE``   trains on them and prints losses and gradient norms
``trl_side.py --timed --work FILE --mode MODE``                times whole steps and prints seconds and peak memory

One process does one measurement, so that its peak memory is its own. Everything that ``Work`` does not name stays as
TRL has it, above all micro-batches of 8 with gradient checkpointing; ``--micro-batch`` and ``--no-checkpointing`` try
others.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from work import MODES, Frozen, Mode, Rollout, Scored, Timed, Work, as_json, resident_bytes, watched

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
# Before torch is imported, which reads them once.
os.environ.update(
    OMP_NUM_THREADS=str(work.threads), HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TRL_EXPERIMENTAL_SILENCE="1",
    TOKENIZERS_PARALLELISM="false", TRANSFORMERS_VERBOSITY="error",
)  # fmt: skip

import torch  # noqa: E402
from datasets import Dataset  # noqa: E402
from peft import LoraConfig  # noqa: E402
from peft.utils import set_peft_model_state_dict  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from transformers import TrainerCallback  # noqa: E402
from trl.experimental.sdpo import SDPOConfig, SDPOTrainer  # noqa: E402
from trl.trainer.utils import pad  # noqa: E402


class Clock(TrainerCallback):
    """Seconds from the beginning of a step to the beginning of the next, or to the end of training."""

    def __init__(self) -> None:
        self.marks: list[float] = []

    def on_step_begin(self, *_given: object, **_named: object) -> None:
        """A step begins."""
        self.marks.append(time.perf_counter())

    def on_train_end(self, *_given: object, **_named: object) -> None:
        """The last step has ended."""
        self.marks.append(time.perf_counter())

    @property
    def seconds(self) -> list[float]:
        """One figure a step."""
        return [end - begin for begin, end in zip(self.marks, self.marks[1:], strict=False)]


class MeasuredTrainer(SDPOTrainer):
    """TRL's trainer, unchanged in what it computes, that writes down what it does."""

    frozen: Frozen | None = None

    def begin_record(self) -> None:
        """Nothing is recorded yet."""
        self.losses: list[float] = [0.0]
        self.gradient_norms: list[float] = []
        self.gradients: dict[str, torch.Tensor] = {}
        self.generation_seconds: list[float] = []
        self.tokens: list[int] = []
        self.last_batch: dict[str, torch.Tensor] = {}

    def _generate(self, prompt_ids: list[list[int]]) -> tuple[list[list[int]], list[list[int]]]:
        begin = time.perf_counter()
        made: tuple[list[list[int]], list[list[int]]] = super()._generate(prompt_ids)
        self.generation_seconds.append(time.perf_counter() - begin)
        return made

    def _prepare_training_batch(self, inputs: list[dict[str, str]]) -> dict[str, torch.Tensor]:
        batch = frozen_batch(self.frozen, self._tokenizer.pad_token_id) if self.frozen else None
        batch = batch or super()._prepare_training_batch(inputs)
        self.last_batch = batch
        self.tokens.append(int((batch["completion_mask"] * batch["self_distillation_mask"].unsqueeze(1)).sum()))
        return batch

    def training_step(self, model: torch.nn.Module, inputs: object, num_items_in_batch: object = None) -> torch.Tensor:
        """One micro-batch; after the step's last one the gradients are whole and not yet clipped."""
        loss: torch.Tensor = super().training_step(model, inputs, num_items_in_batch)
        self.losses[-1] += float(loss)
        if self.accelerator.sync_gradients and self.frozen:
            self._record_gradients(model)
            self.losses.append(0.0)
        return loss

    def _record_gradients(self, model: torch.nn.Module) -> None:
        found = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
        step = len(self.gradient_norms)
        self.gradient_norms.append(sum(float(gradient.double().square().sum()) for gradient in found.values()) ** 0.5)
        for matrix in watched(model.config.num_hidden_layers):
            whole = next(name for name in found if f"model.{matrix}." in name)
            self.gradients[f"{step}.{matrix}"] = found[whole].float().clone()


def frozen_batch(frozen: Frozen, filler: int) -> dict[str, torch.Tensor]:
    """The rollouts in the form that TRL's trainer makes of its own."""
    sides = {"prompt": "left", "teacher": "left", "completion": "right"}
    ids = {
        "prompt": [torch.tensor(one.student_prompt_ids) for one in frozen.rollouts],
        "teacher": [torch.tensor(one.teacher_prompt_ids) for one in frozen.rollouts],
        "completion": [torch.tensor(one.attempt_ids) for one in frozen.rollouts],
    }
    padded = {name: pad(rows, padding_value=filler, padding_side=sides[name]) for name, rows in ids.items()}
    masks = {
        name: pad([torch.ones_like(row) for row in rows], padding_value=0, padding_side=sides[name])
        for name, rows in ids.items()
    }
    return {
        "prompt_ids": padded["prompt"],
        "prompt_mask": masks["prompt"],
        "completion_ids": padded["completion"],
        "completion_mask": masks["completion"],
        "teacher_input_ids": torch.cat([padded["teacher"], padded["completion"]], dim=1),
        "teacher_attention_mask": torch.cat([masks["teacher"], masks["completion"]], dim=1),
        "self_distillation_mask": torch.ones(len(frozen.rollouts)),
    }


def no_reward(prompts: list[object], **_named: object) -> list[float]:
    """TRL wants a reward, which picks demonstrations; nothing here reaches its threshold, so feedback alone teaches."""
    return [0.0] * len(prompts)


def build(folder: str, mode: Mode, clock: Clock) -> MeasuredTrainer:
    """TRL's trainer for this work."""
    config = SDPOConfig(
        output_dir=folder, use_cpu=True, report_to="none", save_strategy="no", disable_tqdm=True, logging_steps=10**9,
        seed=work.seed, data_seed=work.seed, max_steps=given.steps, shuffle_dataset=False,
        bf16=work.dtype == "bfloat16", model_init_kwargs={"dtype": work.dtype},
        per_device_train_batch_size=given.micro_batch, gradient_accumulation_steps=work.rollouts // given.micro_batch,
        gradient_checkpointing=given.checkpointing,
        learning_rate=work.learning_rate, lr_scheduler_type="constant", warmup_steps=0,
        adam_beta1=work.betas[0], adam_beta2=work.betas[1], adam_epsilon=work.epsilon,
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
            r=work.rank, lora_alpha=work.alpha, lora_dropout=0.0, bias="none", target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )  # fmt: skip
    trainer.begin_record()
    return trainer


def freeze(trainer: MeasuredTrainer, folder: Path) -> None:
    """Writes the start adapter and, from TRL's own sampling and templates, one step's rollouts."""
    trainer.model.save_pretrained(folder)
    trainer.train()
    batch = trainer.last_batch
    width = batch["completion_ids"].shape[1]
    answered = [mask.bool() for mask in batch["completion_mask"]]
    rows = zip(
        zip(batch["prompt_ids"], batch["prompt_mask"].bool(), strict=True),
        zip(batch["teacher_input_ids"][:, :-width], batch["teacher_attention_mask"][:, :-width].bool(), strict=True),
        zip(batch["completion_ids"], answered, strict=True),
        strict=True,
    )
    Frozen(work, [Rollout(*(ids[mask].tolist() for ids, mask in row)) for row in rows]).write(folder)


def main() -> None:
    """Do what was asked and print one line of JSON."""
    torch.set_num_threads(work.threads)
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
        if given.freeze:
            given.steps = 1
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
                Scored("trl", given.mode, trainer.losses[:-1], trainer.gradient_norms, trainer.tokens[0],
                       str(given.gradients.resolve()))
            )  # fmt: skip
        else:
            trainer.train()
            line = as_json(
                Timed("trl", given.mode, clock.seconds, trainer.generation_seconds, trainer.tokens, loaded,
                      resident_bytes("VmHWM"))
            )  # fmt: skip
    print(line)


if __name__ == "__main__":
    main()
