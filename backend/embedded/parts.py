"""The processes of an installation: their commands, and their share of the processor."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from backend.embedded.folder import environment
from backend.settings import Settings

TRAIN_NICENESS = 10
IO_THREADS = 4


@dataclass
class Part:
    """One process of the installation."""

    name: str
    command: list[str]
    env: dict[str, str]
    child: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    started_at: float = 0.0
    restart_at: float | None = None


def parts_of(settings: Settings, *, local_engine: Path | None) -> list[Part]:
    """Every process, in the order of starting; ``local_engine`` is the bundled engine's model folder, if it runs.

    Engine and training may both use every core: training is niced, so it gives way to serving, and both wait
    passively, so neither spins on a core that the other could use. While a prompt is read for somebody who waits,
    training stands still (`worker/courtesy.py`).
    """
    cores = settings.cpu_threads or os.cpu_count() or 2
    shared = environment(settings)
    parts = []
    if local_engine is not None:
        command = _engine_command(settings, local_engine, cores)
        parts.append(Part("engine", command, {**shared, **thread_limits(cores)}))
    web = [
        sys.executable, "-m", "uvicorn", "backend.app:create_app", "--factory", "--host", settings.host,
        "--port", str(settings.port), "--log-level", "warning", "--timeout-graceful-shutdown", "5",
    ]  # fmt: skip
    parts.append(Part("web", web, {**shared, **thread_limits(1)}))
    io = {**shared, **thread_limits(1), "REDRAFT_WORKER_QUEUE": "io"}
    parts.append(Part("worker-io", _worker_command("io", threads=IO_THREADS), io))
    train = {**shared, **thread_limits(cores), "REDRAFT_WORKER_QUEUE": "train"}
    nice = ["nice", "-n", str(TRAIN_NICENESS)]
    parts.append(Part("worker-train", [*nice, *_worker_command("train", threads=1)], train))
    return parts


def thread_limits(threads: int) -> dict[str, str]:
    """Environment that keeps numeric libraries to their share, waiting instead of spinning."""
    return {
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "TQDM_DISABLE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _engine_command(settings: Settings, model_folder: Path, threads: int) -> list[str]:
    port = (settings.engine_url or "").rsplit(":", 1)[-1]
    return [
        sys.executable, "-m", "worker.engine.server", "--model", str(model_folder), "--served-model-name",
        settings.base_model, "--host", "127.0.0.1", "--port", port, "--threads", str(threads),
        "--adapter-root", str(settings.checkpoints_dir), "--reading-lock", str(settings.reading_lock),
    ]  # fmt: skip


def _worker_command(queue: str, *, threads: int) -> list[str]:
    return [
        sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-Q", queue, "-P", "threads", "-c", str(threads),
        "-n", f"{queue}@%h", "--loglevel", "WARNING", "--without-mingle", "--without-gossip",
    ]  # fmt: skip
