"""What the rows of an update say, as metrics."""

from collections.abc import Sequence

import torch

from backend.recipes import Correction, Divergence
from worker.objective.diagnostics import effective_share, favour_metrics
from worker.objective.fused import RowLosses
from worker.objective.types import Batch, Floor, Objective


def loss_metrics(objective: Objective, found: Sequence[tuple[Batch, RowLosses]]) -> dict[str, float]:
    """Losses by term as they enter the total, divergences in nats a token, what gates and ratios do."""
    names = list(objective.terms)
    metrics = {f"loss/{name}": 0.0 for name in names}
    for place, (name, term) in enumerate(objective.terms.items()):
        columns = [(batch.rows.weight_RJ[:, place] != 0, losses, place) for batch, losses in found]
        metrics[f"loss/{name}"] = sum(losses.loss_RJ[:, place].sum().item() for _, losses in found)
        count = sum(int(chosen_R.sum()) for chosen_R, _, _ in columns)
        if not count:
            continue
        if term.kind == "divergence":
            value = sum(losses.value_RJ[chosen_R, place].sum().item() for chosen_R, losses, place in columns)
            metrics[f"divergence/{name}"] = value / count
            metrics |= _far_metrics(term.divergence, columns, count)
        elif term.floor != Floor():
            kept = sum(losses.kept_RJ[chosen_R, place].sum().item() for chosen_R, losses, place in columns)
            metrics["mask/kept_frac"] = kept / count
    metrics["loss/total"] = sum(metrics[f"loss/{name}"] for name in names)
    if found:
        logprob_R, ratio_R, favour_R = (
            torch.cat([getattr(one, fact) for _, one in found]) for fact in ("logprob_R", "ratio_R", "favour_R")
        )
        metrics["policy/logprob_mean"] = logprob_R.mean().item()
        metrics["ratio/effective_sample_frac"] = effective_share(ratio_R)
        metrics |= _clip_metrics(objective, found)
        metrics |= favour_metrics(favour_R, torch.cat([batch.rows.right_R for batch, _ in found]))
    return metrics


def _far_metrics(
    measure: Divergence, columns: Sequence[tuple[torch.Tensor, RowLosses, int]], count: int
) -> dict[str, float]:
    """The share of tokens left out because teacher and policy are too far apart there; nothing without a limit."""
    limit = measure.token_limit
    if limit is None:
        return {}
    far = sum(int((losses.value_RJ[chosen_R, place] >= limit).sum()) for chosen_R, losses, place in columns)
    return {"mask/far_frac": far / count}


def _clip_metrics(objective: Objective, found: Sequence[tuple[Batch, RowLosses]]) -> dict[str, float]:
    """The share of tokens whose ratio is outside the limits of their term; nothing where no term has limits."""
    outside = [
        _outside(losses.ratio_R[batch.rows.weight_RJ[:, place] != 0], term.correction)
        for place, term in enumerate(objective.terms.values())
        if term.correction.kind in {"capped", "clipped"}
        for batch, losses in found
    ]
    count = sum(map(len, outside))
    return {"ratio/clipped_frac": sum(int(part_R.sum()) for part_R in outside) / count} if count else {}


def _outside(ratio_R: torch.Tensor, correction: Correction) -> torch.Tensor:
    above_R = ratio_R > correction.high
    return above_R | (ratio_R < correction.low) if correction.kind == "clipped" else above_R
