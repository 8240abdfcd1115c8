"""TRL's ``SDPOTrainer`` that writes down what it does; it computes what TRL computes. For ``trl_side.py``."""

import time
from itertools import pairwise

import torch
from transformers import TrainerCallback
from trl.experimental.sdpo import SDPOTrainer
from trl.trainer.utils import pad

from benchmarks.training.work import Frozen, Work, watched


class Clock(TrainerCallback):
    """Seconds from the beginning of a step to the beginning of the next, or to the end of training."""

    def __init__(self) -> None:
        self._marks: list[float] = []
        self._cpu_marks: list[float] = []

    def on_step_begin(self, *_given: object, **_named: object) -> None:
        """A step begins."""
        self._marks.append(time.perf_counter())
        self._cpu_marks.append(time.process_time())

    def on_train_end(self, *given: object, **named: object) -> None:
        """The last step has ended."""
        self.on_step_begin(*given, **named)

    @property
    def seconds(self) -> list[float]:
        """One figure a step."""
        return [end - begin for begin, end in pairwise(self._marks)]

    @property
    def cpu_seconds(self) -> list[float]:
        """One figure a step, over all threads."""
        return [end - begin for begin, end in pairwise(self._cpu_marks)]


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

    def sample(self, work: Work) -> dict[str, torch.Tensor]:
        """The first step's rollouts by TRL's own sampling and templates, without training on them."""
        rows = [self.train_dataset[n // work.rollouts_per_prompt] for n in range(work.rollouts)]
        self.model.train()
        made: dict[str, torch.Tensor] = self._prepare_training_batch(rows)
        return made

    def _generate(self, prompt_ids: list[list[int]]) -> tuple[list[list[int]], list[list[int]]]:
        begin = time.perf_counter()
        made: tuple[list[list[int]], list[list[int]]] = super()._generate(prompt_ids)
        self.generation_seconds.append(time.perf_counter() - begin)
        return made

    def _prepare_training_batch(self, inputs: list[dict[str, str]]) -> dict[str, torch.Tensor]:
        batch = frozen_batch(self.frozen, self._tokenizer.pad_token_id) if self.frozen else None
        batch = batch or super()._prepare_training_batch(inputs)
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
