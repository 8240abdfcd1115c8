"""The losses as naive loops in plain Python floats, written from the formulas for the tests alone."""

import math
from collections.abc import Mapping, Sequence

from backend.recipes import Correction, Divergence
from worker.objective.types import Rows, Term


def log_probs_of(logits: Sequence[float]) -> list[float]:
    top = max(logits)
    total = top + math.log(sum(math.exp(z - top) for z in logits))
    return [z - total for z in logits]


def kl(p: Sequence[float], q: Sequence[float]) -> list[float]:
    """The entries of KL(p || q)."""
    return [a * (math.log(a) - math.log(b)) if a > 0 else 0.0 for a, b in zip(p, q, strict=True)]


def entries(p: Sequence[float], q: Sequence[float], settings: Divergence) -> list[float]:
    """What each entry of the support adds."""
    if settings.name == "forward_kl":
        return kl(q, p)
    if settings.name == "reverse_kl":
        return kl(p, q)
    b = settings.mixture
    middle = [b * teacher + (1 - b) * student for student, teacher in zip(p, q, strict=True)]
    return [b * x + (1 - b) * y for x, y in zip(kl(q, middle), kl(p, middle), strict=True)]


def on_support(p: Sequence[float], q: Sequence[float], settings: Divergence) -> tuple[list[float], list[float]]:
    """Student and teacher on the support of the divergence."""
    if settings.support == "full":
        return list(p), list(q)
    by = q if settings.support == "teacher_topk_renormalised" else p
    top = sorted(range(len(p)), key=lambda v: by[v], reverse=True)[: settings.top_k]
    p_top, q_top = [p[v] for v in top], [q[v] for v in top]
    if settings.support == "student_topk_tail":
        rest = [v for v in range(len(p)) if v not in top]
        if rest:
            return [*p_top, sum(p[v] for v in rest)], [*q_top, sum(q[v] for v in rest)]
        return p_top, q_top
    return [x / sum(p_top) for x in p_top], [x / sum(q_top) for x in q_top]


def divergence_of(p_logits: Sequence[float], q_logits: Sequence[float], target: int, settings: Divergence) -> float:
    """The divergence of one row."""
    log_p, log_q = log_probs_of(p_logits), log_probs_of(q_logits)
    if settings.support == "sampled":
        delta = log_p[target] - log_q[target]
        value = math.exp(-delta) - 1 + delta
    else:
        sides = on_support([math.exp(z) for z in log_p], [math.exp(z) for z in log_q], settings)
        limit = math.inf if settings.entry_limit is None else settings.entry_limit
        value = sum(min(entry, limit) for entry in entries(*sides, settings))
    return value if settings.token_limit is None else min(value, settings.token_limit)


def corrected(ratio: float, correction: Correction) -> float:
    """What a ratio becomes where no sign matters."""
    return {
        "none": 1.0,
        "capped": min(ratio, correction.high),
        "clipped": min(max(ratio, correction.low), correction.high),
        "differentiable": ratio,
    }[correction.kind]


def naive_loss(
    logits_RV: Sequence[Sequence[float]], rows: Rows, terms: Sequence[Term],
    targets: Mapping[str, Sequence[Sequence[float]]], *, frozen: Sequence[Sequence[float]] | None = None,
) -> float:  # fmt: skip
    """Row by row and term by term. ``frozen`` logits stand where no gradient flows: gates, and ratios held constant."""
    total = 0.0
    fixed = logits_RV if frozen is None else frozen
    for r, logits in enumerate(logits_RV):
        target = int(rows.target_R[r])
        logprob = log_probs_of(logits)[target]
        held = log_probs_of(fixed[r])[target]
        sampled = float(rows.sampled_R[r])
        for j, term in enumerate(terms):
            weight = float(rows.weight_RJ[r, j])
            if held < (term.floor.positive if weight > 0 else term.floor.negative):
                continue
            moving = math.exp(logprob - sampled) if not math.isnan(sampled) else math.exp(logprob - held)
            constant = math.exp(held - sampled) if not math.isnan(sampled) else 1.0
            kind = term.correction.kind
            if term.kind == "divergence":
                ratio = moving if kind == "differentiable" else constant
                value = divergence_of(logits, targets[term.target][r], target, term.divergence)
                total += weight * corrected(ratio, term.correction) * value
            elif kind == "clipped":
                total -= min(weight * moving, weight * corrected(moving, term.correction))
            elif kind == "differentiable":
                total -= weight * moving
            else:
                total -= weight * corrected(constant, term.correction) * logprob
    return total
