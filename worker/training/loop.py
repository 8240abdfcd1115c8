"""The training loop: episodes, examples, loss, step, look, save. It does not know which method it runs.

Everything it touches beyond the policy is behind ``Recorder``, ``ProbeScorer`` and a folder of its own.
"""

import math
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from backend.recipes import Recipe
from worker.objective.batching import encode
from worker.objective.diagnostics import feedback_metrics
from worker.objective.methods import METHODS
from worker.objective.types import Objective
from worker.training import ranks
from worker.training.feedback import Data, StoppedWhilePreparingError
from worker.training.guards import Look, best, stop_reason
from worker.training.metrics import loss_metrics
from worker.training.policy import Policy
from worker.training.probes import look, look_metrics
from worker.training.recording import ProbeScorer, Recorder, StopRequest
from worker.training.sources import source_for
from worker.training.state import Saved, load_last, prune, save, step_folder
from worker.training.teaching import Teaching, kept_for, teacher_of
from worker.training.updating import Updater, learning_rate

NO_SIGNAL = (
    "No answer of this run carried any signal: every weight was 0. Look at the ratings (a group needs different ones), "
    "at the control, and at what the method learns from."
)


class TrainingError(Exception):
    """Training cannot go on; the message is for the person who launched the run."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended. ``best_step`` names the checkpoint to keep, in ``folder``; None when there is none to trust.

    ``ending`` is ``finished`` (all steps, or a guard said stop: then ``stop_reason`` says why), ``cancel`` or
    ``hand_back``.
    """

    ending: Literal["finished", "cancel", "hand_back"]
    step: int
    best_step: int | None
    best_score: float | None
    folder: Path | None
    stop_reason: str | None
    usage: dict[str, int]
    actual: dict[str, float]


class Training:
    """One run in progress."""

    def __init__(
        self, policy: Policy, recipe: Recipe, data: Data, scorer: ProbeScorer, recorder: Recorder, folder: Path
    ) -> None:
        self._policy, self._recipe, self._scorer = policy, recipe, scorer
        self._recorder, self._folder = recorder, folder
        self._probes = data.probe_prompts[: recipe.guards.probe_prompts] if recipe.guards.enabled else ()
        self._source = source_for(recipe, data, policy, recorder, folder)
        self._build = METHODS[recipe.method.name]
        teaching = Teaching(policy, teacher_of(recipe.method), kept_for(recipe))
        self._updater = Updater(policy, teaching, recipe.optimiser)
        self._looks: list[Look] = []
        self._has_learned = False
        self._step = 0
        self._tokens = 0
        self._started = time.monotonic()

    def run(self) -> Outcome:
        """Train from where the folder says the run stood, to its end or until it is told to stop."""
        saved = load_last(self._folder, self._policy, self._updater.optimiser)
        ranks.meet()  # nobody writes a state while another looks for the last one
        if saved is not None:
            self._step, self._looks, self._tokens = saved.step, list(saved.looks), saved.tokens
            self._source.usage = saved.usage
            self._has_learned = self._step > 0
            self._started -= saved.seconds
            self._recorder.event(self._step, "resumed", f"Going on from step {self._step}.")
        try:
            self._source.prepare()
        except StoppedWhilePreparingError:
            return self._end(self._recorder.stop_requested() or "hand_back")
        if not self._looks:
            self._look_and_save()
        while self._step < self._recipe.optimiser.steps and stop_reason(self._looks, self._recipe.guards) is None:
            request = self._recorder.stop_requested()
            if request is not None:
                self._save()
                return self._end(request)
            self._advance()
        return self._end("finished")

    def _advance(self) -> None:
        step, started = self._step + 1, time.monotonic()
        episodes = self._source.episodes(step)
        sampled = time.monotonic()
        objective = self._build(episodes, self._recipe.method)
        metrics = self._update(step, objective) | feedback_metrics(episodes)
        metrics |= {"time/sample": sampled - started, "time/train": time.monotonic() - sampled}
        self._step = step
        self._recorder.metrics(step, metrics)
        self._recorder.step_done(step)
        if step % self._recipe.guards.every == 0 or step == self._recipe.optimiser.steps:
            self._look_and_save()

    def _update(self, step: int, objective: Objective) -> dict[str, float]:
        """One optimiser update; its losses and gradient as metrics."""
        encoded = encode(objective, self._policy.encode_chat)
        self._has_learned |= any(example.is_trained for example in encoded)
        self._tokens += sum(len(example.ids) + len(example.teacher_ids) for example in encoded)
        updated = self._updater.gradient(encoded, list(objective.terms.values()))
        rate = learning_rate(self._recipe.optimiser, step)
        metrics = loss_metrics(objective, updated.found) | {"optim/lr": rate, "optim/grad_norm": updated.grad_norm}
        if not all(math.isfinite(metrics[name]) for name in ("loss/total", "optim/grad_norm")):
            raise TrainingError(
                f"The loss is no longer a number at step {step}. Lower the learning rate and run again."
            )
        self._updater.apply(step)
        return metrics

    def _look_and_save(self) -> None:
        if self._probes:
            started = time.monotonic()
            seen = look(self._policy, self._scorer, self._recipe, self._probes, step=self._step)
            found, answers = ranks.same_everywhere(seen)
            self._looks.append(found)
            metrics = look_metrics(found, answers) | {"time/look": time.monotonic() - started}
            self._recorder.metrics(self._step, metrics)
            self._recorder.probe(self._step, answers)
            reason = stop_reason(self._looks, self._recipe.guards)
            if reason is not None:
                self._recorder.event(self._step, "guard", reason)
        self._save()

    def _save(self) -> None:
        if ranks.is_first():
            self._write_state()
        ranks.meet()

    def _write_state(self) -> None:
        seconds = time.monotonic() - self._started
        stood = Saved(self._step, tuple(self._looks), self._source.usage, self._tokens, seconds)
        folder = save(self._folder, self._policy, self._updater.optimiser, stood)
        chosen = best(self._looks, self._recipe.guards)
        prune(self._folder, keep=[self._step, *([] if chosen is None else [chosen.step])])
        self._recorder.saved(self._step, folder)

    def _end(self, ending: Literal["finished"] | StopRequest) -> Outcome:
        chosen = best(self._looks, self._recipe.guards)
        best_step = chosen.step if chosen else self._step if not self._probes and self._step else None
        reason = stop_reason(self._looks, self._recipe.guards)
        if ending == "finished" and not self._has_learned:
            best_step, reason = None, NO_SIGNAL
        return Outcome(
            ending=ending,
            step=self._step,
            best_step=best_step,
            best_score=chosen.score if chosen else None,
            folder=None if best_step is None else step_folder(self._folder, best_step),
            stop_reason=reason,
            usage=asdict(self._source.usage),
            actual={
                "seconds": time.monotonic() - self._started,
                "peak_memory_bytes": sum(ranks.gathered(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)),
                "tokens": self._tokens,
            },
        )
