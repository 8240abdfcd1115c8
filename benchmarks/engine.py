"""How fast the bundled local engine answers, beside plain ``transformers.generate`` in the same run.

``python benchmarks/engine.py [--model DIR] [--threads 2] [--dtype auto]`` prints one table. The engine is asked over
HTTP, as the product asks it; ``generate`` is called in this process.
"""

import argparse
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForCausalLM, AutoTokenizer

from backend.contexts import Message
from backend.engine import EngineClient, Sampling
from backend.settings import get_settings
from worker.base_model import prepare_default
from worker.precision import best_dtype

BATCHES = (1, 4, 16)
THINGS = ("a lung", "a violin", "an island", "rust", "a comet", "yeast", "a glacier", "a lever")
ATTEMPT = "It is a thing that many people know, and there is a lot to say about it, from its history to its uses. " * 3
CRITIQUE = "The answer has 66 words. Answer in one short sentence of at most 12 words."
REDRAFTS = 4
READY_SECONDS = 120.0


def question(number: int) -> list[Message]:
    """A short prompt, another one for each number."""
    return [{"role": "user", "content": f"What is {THINGS[number % len(THINGS)]}?"}]


def redraft(number: int) -> list[Message]:
    """What the model reads when it redrafts: about 150 tokens."""
    said: list[Message] = [{"role": "assistant", "content": ATTEMPT}, {"role": "user", "content": CRITIQUE}]
    return [*question(number), *said]


@contextmanager
def served(model: Path, dtype: str, threads: int) -> Iterator[EngineClient]:
    """The engine in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "worker.engine.server", "--model", str(model), "--served-model-name", "base",
        "--port", str(port), "--threads", str(threads), "--dtype", dtype,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=Path(__file__).parent.parent)
    client = EngineClient(f"http://127.0.0.1:{port}", None)
    try:
        until = time.monotonic() + READY_SECONDS
        while not client.healthy():
            if time.monotonic() > until or process.poll() is not None:
                raise SystemExit("The engine did not start.")
            time.sleep(0.2)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait()


def timed_engine(client: EngineClient, batch: int, tokens: int) -> float:
    """Tokens per second of a batch of requests that are sent at once."""
    with ThreadPoolExecutor(batch) as pool:
        begin = time.perf_counter()
        sampling = Sampling(temperature=1.0, max_tokens=tokens, seed=1)
        answers = list(pool.map(lambda n: client.chat("base", question(n), sampling), range(batch)))
        return sum(len(answer.token_ids) for answer in answers) / (time.perf_counter() - begin)


def timed_redrafts(client: EngineClient, tokens: int) -> tuple[float, float]:
    """Four redrafts at once: seconds until the last of them has begun, and tokens per second over all."""
    firsts: list[float] = []
    counts: list[int] = []
    begin = time.perf_counter()

    def read(number: int) -> None:
        stream = client.chat_stream("base", redraft(number), Sampling(temperature=0.7, max_tokens=tokens, seed=number))
        written = 0
        for delta in stream:
            if delta.token_ids and not written:
                firsts.append(time.perf_counter() - begin)
            written += len(delta.token_ids)
        counts.append(written)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(REDRAFTS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return max(firsts), sum(counts) / (time.perf_counter() - begin)


def timed_generate(model: Path, dtype: torch.dtype, tokens: int) -> list[float]:
    """Tokens per second of transformers' own ``generate``, per batch size."""
    tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    loaded = AutoModelForCausalLM.from_pretrained(model, dtype=dtype).eval()
    rates = []
    for batch in BATCHES:
        texts = [
            tokenizer.apply_chat_template(question(n), add_generation_prompt=True, tokenize=False) for n in range(batch)
        ]
        inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        torch.manual_seed(1)
        begin = time.perf_counter()
        with torch.inference_mode():
            made = loaded.generate(**inputs, max_new_tokens=tokens, do_sample=True, top_k=0, top_p=1.0)
        written = made[:, inputs["input_ids"].shape[1] :]
        ended = (written == tokenizer.eos_token_id).int().cumsum(-1)
        rates.append(
            float((ended - (written == tokenizer.eos_token_id).int() == 0).sum()) / (time.perf_counter() - begin)
        )
    return rates


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=None, help="default: the product's own base model")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--dtype", choices=["auto", "bfloat16", "float32"], default="auto")
    parser.add_argument("--tokens", type=int, default=96)
    given = parser.parse_args()
    model = given.model or prepare_default(get_settings().models_dir)
    dtype = best_dtype("cpu") if given.dtype == "auto" else getattr(torch, given.dtype)
    torch.set_num_threads(given.threads)
    plain = timed_generate(model, dtype, given.tokens)
    with served(model, given.dtype, given.threads) as client:
        timed_engine(client, 1, 8)
        engine = [timed_engine(client, batch, given.tokens) for batch in BATCHES]
        first, together = timed_redrafts(client, given.tokens)
    table = Table(title=f"{model.name}, {dtype}, {given.threads} threads, {given.tokens} tokens, sampled")
    for heading in ("tokens/s", *(f"batch {batch}" for batch in BATCHES), "4 redrafts: last begins", "4 redrafts"):
        table.add_column(heading, justify="right" if heading != "tokens/s" else "left")
    table.add_row("local engine, over HTTP", *(f"{rate:.0f}" for rate in engine), f"{first:.2f} s", f"{together:.0f}")
    table.add_row("transformers.generate", *(f"{rate:.0f}" for rate in plain), "", "")
    Console().print(table)


if __name__ == "__main__":
    main()
