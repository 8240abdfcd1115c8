"""The processes of one run, each with its rank. In a run of one process, every function here changes nothing.

All of them hold the same adapter and take the same decisions; what they divide is the examples of a step. An adapter is
small, so its gradients are summed once per step; that is what DistributedDataParallel does, without its wrapper, which
knows neither adapters that come and go nor passes that end at the hidden states.
"""

import logging
import os
import sys
from collections.abc import Iterable
from typing import TypeVar

import torch
from torch import Tensor, distributed, nn

from worker.training.group import RENDEZVOUS

Found = TypeVar("Found")


class RanksError(Exception):
    """The processes that a recipe asks for cannot be had; the message says why."""


def join() -> torch.device:
    """Meet the run's other processes, if it has any, and say which device this one computes on.

    The environment names rank and number as torchrun and ``accelerate launch`` do; ``REDRAFT_RENDEZVOUS`` is the file
    they meet at, so that no port is opened for it.

    Raises:
        RanksError: there are fewer accelerators than processes on this machine.
    """
    has_cuda = torch.cuda.is_available()
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return torch.device("cuda" if has_cuda else "cpu")
    if has_cuda and torch.cuda.device_count() < int(os.environ.get("LOCAL_WORLD_SIZE", count)):
        raise RanksError(
            f"The recipe asks for {count} processes, and this machine has {torch.cuda.device_count()} GPU(s). "
            "Lower processes to that number and run again."
        )
    from accelerate import PartialState  # noqa: PLC0415

    file = os.environ.get(RENDEZVOUS)
    where = {"init_method": f"file://{file}", "rank": int(os.environ["RANK"]), "world_size": count} if file else {}
    device: torch.device = PartialState(cpu=not has_cuda, **where).device
    return device


def leave() -> None:
    """Part from the others and end this process, after the last thing done together.

    The interpreter is not torn down: gloo's threads can outlive their group there, and abort a process that is done.
    """
    if world() > 1:
        meet()
        distributed.destroy_process_group()
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def world() -> int:
    """How many processes the run has."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Which of them this one is, from 0."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def is_first() -> bool:
    """Whether this process is the one that writes rows and files."""
    return rank() == 0


def meet() -> None:
    """Wait until all have come here."""
    if world() > 1:
        distributed.barrier()


def same_everywhere(found: Found) -> Found:
    """The first process's value, in all of them."""
    if world() == 1:
        return found
    holder = [found]
    distributed.broadcast_object_list(holder, src=0)
    return holder[0]


def first_ones(values: Tensor) -> Tensor:
    """The first process's tensor, in place, in all of them."""
    if world() > 1:
        distributed.broadcast(values, src=0)
    return values


def gathered(found: Found) -> list[Found]:
    """Every process's value by rank, in all of them; tensors in it must be on the CPU."""
    if world() == 1:
        return [found]
    held: list[Found | None] = [None] * world()
    distributed.all_gather_object(held, found)
    return held  # type: ignore[return-value]


def sum_gradients(weights: Iterable[nn.Parameter]) -> None:
    """Give every process the sum of all gradients. A weight without one must be without one everywhere."""
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    if world() == 1 or not gradients:
        return
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    parts = torch.split(flat, [gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))
