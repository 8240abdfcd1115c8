"""The teacher of a run: whose weights read the teacher's context, and how they follow the student."""

from collections.abc import Sequence

import torch
from torch import Tensor

from backend.recipes import Matching, MethodPart, Teacher
from worker.objective.fused import Target
from worker.objective.types import Batch, Term
from worker.training.policy import Policy, View

VIEWS: dict[str, View] = {
    "live": "student",
    "start": "start",
    "base": "base",
    "ema": "teacher",
    "synchronised": "teacher",
    "trust_region": "start",
}


def teacher_of(method: MethodPart) -> Teacher | None:
    """The teacher's settings; None for a method without one."""
    return method.teacher if isinstance(method, Matching) else None


class Teaching:
    """Gives divergences what they are from: hidden states under the teacher's context, and under the start checkpoint.

    No gradient ever reaches them. A teacher's response ids are the student's own; only what stands before differs.
    """

    def __init__(self, policy: Policy, settings: Teacher | None) -> None:
        self._policy, self._settings = policy, settings
        if settings is not None and settings.weights in {"ema", "synchronised"}:
            policy.add_teacher()

    def targets(self, batch: Batch, terms: Sequence[Term]) -> dict[str, Target]:
        """The targets that the terms name, row by row of the batch."""
        wanted = {term.target for term in terms if term.kind == "divergence"}
        found = {}
        if "start" in wanted:
            found["start"] = Target(self._hidden("start", batch.ids_BT, batch.rows.position_R))
        if "teacher" in wanted and batch.teacher_BT is not None and self._settings is not None:
            found["teacher"] = self._taught(self._settings, batch.teacher_BT, batch.rows.teacher_R)
        return found

    def after_step(self, step: int) -> None:
        """Let the teacher follow the student, after an update."""
        if self._settings is None:
            return
        if self._settings.weights == "ema":
            self._policy.move_teacher(self._settings.rate)
        elif self._settings.weights == "synchronised" and step % self._settings.every == 0:
            self._policy.move_teacher(1.0)

    def _taught(self, settings: Teacher, ids_BT: Tensor, position_R: Tensor) -> Target:
        first_RD = self._hidden(VIEWS[settings.weights], ids_BT, position_R)
        if settings.weights != "trust_region":
            return Target(first_RD)
        return Target(first_RD, self._hidden("student", ids_BT, position_R), settings.mixture)

    @torch.no_grad()
    def _hidden(self, view: View, ids_BT: Tensor, position_R: Tensor) -> Tensor:
        with self._policy.viewed_as(view):
            return self._policy.hidden(ids_BT).flatten(0, 1)[position_R]
