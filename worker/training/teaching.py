"""The teacher of a run: whose weights read the teacher's context, and how they follow the student."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from backend.recipes import Matching, MethodPart, Recipe, Teacher
from worker.objective.fused import Target
from worker.objective.types import Batch, Term
from worker.training.keeping import KeptStates
from worker.training.policy import Policy, View

VIEWS: dict[str, View] = {
    "live": "student",
    "start": "start",
    "base": "base",
    "ema": "teacher",
    "synchronised": "teacher",
    "trust_region": "start",
}
UNCHANGING: frozenset[View] = frozenset({"start", "base"})


def teacher_of(method: MethodPart) -> Teacher | None:
    """The teacher's settings; None for a method without one."""
    return method.teacher if isinstance(method, Matching) else None


def kept_for(recipe: Recipe) -> KeptStates | None:
    """Room for what an unchanging teacher makes of answers that come again; None where none does.

    Divided weights keep nothing: all processes must make every pass together.
    """
    return KeptStates() if recipe.answers_recur and recipe.sharding == "none" else None


class Teaching:
    """Gives divergences what they are from: hidden states under the teacher's context, and under the start checkpoint.

    No gradient ever reaches them. A teacher's response ids are the student's own; only what stands before differs.
    What an unchanging teacher reads is kept in ``kept``: it then reads one sequence at a time, so that its states
    depend on nothing else, and are the same bits whether they were kept or not. Where it reads what the student reads,
    it goes through the student's very pass, and says the same to the last bit.
    """

    def __init__(self, policy: Policy, settings: Teacher | None, kept: KeptStates | None = None) -> None:
        self._policy, self._settings, self._kept = policy, settings, kept
        if settings is not None and settings.weights in {"ema", "synchronised"}:
            policy.add_teacher()

    def targets(self, batch: Batch, terms: Sequence[Term]) -> dict[str, Target]:
        """The targets that the terms name, row by row of the batch."""
        wanted = {term.target for term in terms if term.kind == "divergence"}
        found = {}
        if "start" in wanted:
            found["start"] = Target(self._hidden("start", batch.ids_BT, batch.rows.position_R))
        if "teacher" in wanted and batch.teacher_BT is not None and self._settings is not None:
            found["teacher"] = self._taught(self._settings, batch, batch.teacher_BT)
        return found

    def after_step(self, step: int) -> None:
        """Let the teacher follow the student, after an update."""
        if self._settings is None:
            return
        if self._settings.weights == "ema":
            self._policy.move_teacher(self._settings.rate)
        elif self._settings.weights == "synchronised" and step % self._settings.every == 0:
            self._policy.move_teacher(1.0)

    def _taught(self, settings: Teacher, batch: Batch, ids_BT: Tensor) -> Target:
        view, position_R = VIEWS[settings.weights], batch.rows.teacher_R
        if self._kept is not None and view in UNCHANGING and not torch.equal(ids_BT, batch.ids_BT):
            first_RD = self._line_by_line(self._kept, view, ids_BT, position_R)
        else:
            first_RD = self._hidden(view, ids_BT, position_R)
        if settings.weights != "trust_region":
            return Target(first_RD)
        return Target(first_RD, self._hidden("student", ids_BT, position_R), settings.mixture)

    def _line_by_line(self, kept: KeptStates, view: View, ids_BT: Tensor, position_R: Tensor) -> Tensor:
        head_VD, width = self._policy.head_VD, ids_BT.shape[1]
        line_R = position_R // width
        found_RD = head_VD.new_empty(len(position_R), head_VD.shape[1])
        for line in sorted(set(line_R.tolist())):
            chosen_R = line_R == line
            at_R = position_R[chosen_R] % width
            ids_T = ids_BT[line, : int(at_R.max()) + 1]  # no state looks beyond its own position
            key = (view, tuple(ids_T.tolist()), tuple(at_R.tolist()))
            states_RD = kept.find(key, partial(self._hidden, view, ids_T[None], at_R))
            found_RD[chosen_R] = states_RD.to(found_RD.device)
        return found_RD

    @torch.no_grad()
    def _hidden(self, view: View, ids_BT: Tensor, position_R: Tensor) -> Tensor:
        with self._policy.viewed_as(view):
            return self._policy.hidden(ids_BT).flatten(0, 1)[position_R]
