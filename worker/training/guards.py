"""Stop rules and the choice of the best checkpoint: pure functions of what was seen on the probe prompts."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.recipes import Guards

ON_TOPIC = "on_topic"


@dataclass(frozen=True)
class Look:
    """What the probe prompts showed after a step.

    ``scores`` are means in [0, 1], ``drift`` and ``entropy`` in nats a token, ``hedging`` the mass on hedging words.
    """

    step: int
    scores: dict[str, float]
    drift: float
    entropy: float
    length: float
    repetition: float
    hedging: float = 0.0

    @property
    def score(self) -> float:
        """The mean of the scores: what is trained, and what is not, count the same."""
        return sum(self.scores.values()) / len(self.scores) if self.scores else 0.0


def violations(look: Look, first: Look, guards: Guards) -> list[str]:
    """What is wrong with a look, compared with the one before training; a phrase with its numbers each."""
    found = []
    if look.drift > guards.max_drift:
        found.append(f"drift {look.drift:.2f} > {guards.max_drift:g} nats a token")
    ratio = look.length / first.length if first.length else 1.0
    if ratio < guards.min_length_ratio:
        found.append(f"answers shrank to {ratio:.2f} < {guards.min_length_ratio:g} of their length")
    if ratio > guards.max_length_ratio:
        found.append(f"answers grew to {ratio:.2f} > {guards.max_length_ratio:g} times their length")
    if look.repetition > max(guards.max_repetition, first.repetition):
        found.append(f"repetition {look.repetition:.2f} > {guards.max_repetition:g}")
    change = abs(look.entropy - first.entropy) / first.entropy if first.entropy else 0.0
    if change > guards.max_entropy_change:
        found.append(f"entropy changed by {change:.2f} > {guards.max_entropy_change:g}")
    drop = first.scores.get(ON_TOPIC, 0.0) - look.scores.get(ON_TOPIC, 0.0)
    if drop > guards.max_on_topic_drop:
        found.append(f"on_topic fell by {drop:.2f} > {guards.max_on_topic_drop:g}")
    return found


def best(looks: Sequence[Look], guards: Guards) -> Look | None:
    """The healthy look after training with the highest score, the later one of equals; None without a healthy one."""
    healthy = [look for look in looks[1:] if not violations(look, looks[0], guards)]
    return max(healthy, key=lambda look: (look.score, look.step), default=None)


def stop_reason(looks: Sequence[Look], guards: Guards) -> str | None:
    """Why the run should stop after its last look, in words; None when it should go on."""
    if len(looks) < 2:
        return None
    wrong = violations(looks[-1], looks[0], guards)
    chosen = best(looks, guards)
    if wrong:
        kept = "no healthy checkpoint before it" if chosen is None else f"best is step {chosen.step}"
        return f"Stopped at step {looks[-1].step}: {', '.join(wrong)}; {kept}."
    if chosen is not None and sum(look.step > chosen.step for look in looks) >= guards.patience:
        return f"Stopped at step {looks[-1].step}: no better probe score since step {chosen.step}."
    return None
