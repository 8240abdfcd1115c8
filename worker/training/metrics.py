"""What the rows of an update say, as metrics."""

from collections.abc import Sequence

import torch

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
        metrics |= favour_metrics(favour_R, torch.cat([batch.rows.right_R for batch, _ in found]))
    return metrics
