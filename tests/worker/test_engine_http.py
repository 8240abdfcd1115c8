"""The engine as its clients see it: Redraft's own, OpenAI's package, and plain HTTP."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import openai
import pytest
import torch
import uvicorn
from pydantic import SecretStr

from backend.engine import EngineClient, Generated, Sampling
from backend.errors import InvalidError
from tests.tiny_model import make_tiny_adapter, make_tiny_model
from worker.engine.server import create_app, create_service
from worker.engine.service import Service

KEY = "a-key"
BASE = "tiny"
ASK = [{"role": "user", "content": "What is a lung?"}]
GREEDY = Sampling(temperature=0.0, max_tokens=24)


class Running:
    """A served engine, and what tests need to know of it."""

    def __init__(self, service: Service, root: Path) -> None:
        self.service = service
        self.root = root
        self._socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(service, KEY), log_level="warning", timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.client = EngineClient(self.url, SecretStr(KEY))
        self.http = httpx2.Client(base_url=self.url, headers={"Authorization": f"Bearer {KEY}"}, timeout=30)

    def start(self) -> None:
        """Serve, and return when it answers."""
        self._thread.start()
        until_true(self.client.healthy)

    def stop(self) -> None:
        """End serving."""
        self.http.close()
        self.client.close()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def refusal(self, path: str, payload: object) -> tuple[int, str]:
        """Status and message of a request that is refused in OpenAI's shape."""
        answer = self.http.post(path, json=payload)
        problem = answer.json()["error"]
        assert problem["code"] == answer.status_code
        return answer.status_code, problem["message"]


def until_true(check: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that is about to happen."""
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = make_tiny_model(tmp_path_factory.mktemp("model"))
    root = tmp_path_factory.mktemp("checkpoints")
    make_tiny_adapter(folder, root / "one", seed=1)
    make_tiny_adapter(folder, root / "two", seed=2)
    running = Running(create_service(folder, BASE, adapter_root=root, dtype=torch.float32), root)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def adapter(engine: Running) -> Iterator[str]:
    engine.client.ensure_adapter("one@1", str(engine.root / "one"))
    yield "one@1"
    engine.client.unload_adapter("one@1")


def test_a_chat_streams_what_it_answers_whole(engine: Running, adapter: str) -> None:
    for model in (BASE, adapter):
        whole = engine.client.chat(model, ASK, GREEDY)
        deltas = list(engine.client.chat_stream(model, ASK, GREEDY))
        assert "".join(delta.text for delta in deltas) == whole.text
        assert tuple(token for delta in deltas for token in delta.token_ids) == whole.token_ids
        assert [p for d in deltas for p in d.logprobs] == pytest.approx(whole.logprobs, abs=1e-4)
        assert deltas[-1].finish_reason == whole.finish_reason
        assert len(deltas) > 10
        assert whole.prompt_token_ids == tuple(engine.client.tokenize_chat(model, ASK))
        assert len(whole.logprobs) == len(whole.token_ids)


def test_an_adapter_changes_answers_and_leaves_the_base_as_it_was(engine: Running) -> None:
    before = engine.client.chat(BASE, ASK, GREEDY)
    engine.client.ensure_adapter("two@1", str(engine.root / "two"))
    tuned = engine.client.chat("two@1", ASK, GREEDY)
    assert engine.client.models() == [BASE, "two@1"]
    engine.client.unload_adapter("two@1")
    assert engine.client.models() == [BASE]
    assert engine.client.chat(BASE, ASK, GREEDY) == before
    assert tuned.token_ids != before.token_ids
    with pytest.raises(InvalidError, match="`two@1` does not exist"):
        engine.client.chat("two@1", ASK, GREEDY)


def test_an_answer_under_way_is_finished_with_its_unloaded_adapter(engine: Running) -> None:
    engine.client.ensure_adapter("two@2", str(engine.root / "two"))
    long = Sampling(temperature=0.0, max_tokens=200)
    expected = engine.client.chat("two@2", ASK, long)
    stream = engine.client.chat_stream("two@2", ASK, long)
    tokens = [*next(stream).token_ids]
    engine.client.unload_adapter("two@2")
    tokens += [token for delta in stream for token in delta.token_ids]
    assert tuple(tokens) == expected.token_ids


def test_sampling_with_a_seed_repeats_itself_among_others(engine: Running, adapter: str) -> None:
    def ask(number: int) -> Generated:
        model = adapter if number % 2 else BASE
        return engine.client.chat(model, ASK, Sampling(temperature=1.0, top_p=0.9, max_tokens=30, seed=number))

    alone = [ask(number) for number in range(4)]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(ask, [0, 1, 2, 3] * 6))
    assert [answer.token_ids for answer in together] == [answer.token_ids for answer in alone] * 6
    assert len({answer.token_ids for answer in alone}) == 4


def test_scores_are_the_log_probs_of_writing(engine: Running, adapter: str) -> None:
    for model in (BASE, adapter):
        answer = engine.client.chat(model, ASK, Sampling(temperature=0.8, max_tokens=40, seed=5))
        scored = engine.client.score(model, list(answer.prompt_token_ids), list(answer.token_ids))
        assert scored == pytest.approx(answer.logprobs, abs=1e-4)


def test_a_reader_who_leaves_frees_the_row(engine: Running) -> None:
    stream = engine.client.chat_stream(BASE, ASK, Sampling(temperature=1.0, max_tokens=1900, seed=1))
    next(stream)
    assert engine.service.scheduler.busy == 1
    del stream
    until_true(lambda: engine.service.scheduler.busy == 0, seconds=3)


def test_a_caller_who_gives_up_waiting_frees_the_row(engine: Running) -> None:
    payload = {"model": BASE, "messages": ASK, "max_tokens": 1900, "ignore_eos": True}
    with pytest.raises(httpx2.TimeoutException):
        engine.http.post("/v1/chat/completions", json=payload, timeout=0.3)
    until_true(lambda: engine.service.scheduler.busy == 0, seconds=3)


def test_a_stop_word_ends_the_answer_before_it(engine: Running) -> None:
    whole = engine.client.chat(BASE, ASK, GREEDY).text
    word = whole[6:8]
    payload = {"model": BASE, "messages": ASK, "max_tokens": 24, "temperature": 0, "stop": word}
    choice = engine.http.post("/v1/chat/completions", json=payload).json()["choices"][0]
    assert choice["message"]["content"] == whole[: whole.index(word)]
    assert (choice["finish_reason"], choice["stop_reason"]) == ("stop", word)


def test_max_tokens_cuts_an_answer_off(engine: Running) -> None:
    answer = engine.client.chat(BASE, ASK, Sampling(temperature=0.0, max_tokens=3))
    assert (len(answer.token_ids), answer.finish_reason) == (3, "length")


def test_the_openai_package_is_a_client(engine: Running, adapter: str) -> None:
    with openai.OpenAI(base_url=f"{engine.url}/v1", api_key=KEY, max_retries=0) as client:
        assert {model.id for model in client.models.list()} == {BASE, adapter}
        whole = client.chat.completions.create(
            model=adapter, messages=[{"role": "user", "content": "hi"}], temperature=0, max_completion_tokens=9, n=2,
            logprobs=True, top_logprobs=2,
        )  # fmt: skip
        assert [choice.index for choice in whole.choices] == [0, 1]
        assert whole.choices[0].message.content == whole.choices[1].message.content
        assert whole.usage is not None
        assert whole.usage.completion_tokens == 18
        logprobs = whole.choices[0].logprobs
        assert logprobs is not None
        assert logprobs.content is not None
        assert all(token.top_logprobs[0].logprob == pytest.approx(token.logprob) for token in logprobs.content)
        stream = client.chat.completions.create(
            model=adapter, messages=[{"role": "user", "content": "hi"}], temperature=0, max_tokens=9, stream=True,
            stream_options={"include_usage": True},
        )  # fmt: skip
        chunks = list(stream)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert text == whole.choices[0].message.content
        assert chunks[0].choices[0].delta.role == "assistant"
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens == 9
        with pytest.raises(openai.NotFoundError, match="does not exist"):
            client.completions.create(model="nobody", prompt="x")


def test_completions_score_with_echo_as_with_prompt_logprobs(engine: Running) -> None:
    payload = {"model": BASE, "prompt": "The sky is blue", "max_tokens": 0, "logprobs": 1, "echo": True}
    echoed = engine.http.post("/v1/completions", json=payload).json()["choices"][0]
    ids = engine.http.post("/tokenize", json={"model": BASE, "prompt": "The sky is blue"}).json()["tokens"]
    asked = {"model": BASE, "prompt": ids, "max_tokens": 1, "prompt_logprobs": 0, "return_token_ids": True}
    scored = engine.http.post("/v1/completions", json=asked).json()["choices"][0]
    assert echoed["text"] == "The sky is blue"
    assert scored["prompt_token_ids"] == ids
    entries = [entry[str(token)] for entry, token in zip(scored["prompt_logprobs"][1:], ids[1:], strict=True)]
    assert echoed["logprobs"]["token_logprobs"][0] is None
    assert echoed["logprobs"]["token_logprobs"][1:] == pytest.approx([e["logprob"] for e in entries], abs=1e-5)
    assert echoed["logprobs"]["tokens"][1:] == [entry["decoded_token"] for entry in entries]
    assert "".join(echoed["logprobs"]["tokens"]) == "The sky is blue"


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"model": "nobody"}, 404, "`nobody` does not exist"),
        ({"temperature": -1}, 400, "temperature"),
        ({"top_p": 0}, 400, "top_p"),
        ({"n": 0}, 400, "n:"),
        ({"max_tokens": 0}, 400, "max_tokens"),
        ({"max_tokens": 5000}, 400, "maximum context length is 2048"),
        ({"messages": []}, 400, "messages"),
        ({"messages": [{"role": "user", "content": "word " * 3000}]}, 400, "shorten the prompt"),
        ({"top_logprobs": 3}, 400, "needs logprobs"),
        ({"tools": []}, 400, "'tools' is not supported"),
        ({"presence_penalty": 1.0}, 400, "presence_penalty"),
        ({"stop": [""]}, 400, "must not be empty"),
        ({"stream": True, "prompt_logprobs": 0}, 400, "cannot be streamed"),
    ],
)
def test_a_bad_request_is_refused_and_says_why(
    engine: Running, change: dict[str, object], status: int, words: str
) -> None:
    found, message = engine.refusal("/v1/chat/completions", {"model": BASE, "messages": ASK, "max_tokens": 4} | change)
    assert found == status
    assert words in message


def test_a_completion_refuses_tokens_it_does_not_have(engine: Running) -> None:
    assert engine.refusal("/v1/completions", {"model": BASE, "prompt": [1, 99999]})[0] == 400
    assert engine.refusal("/v1/completions", {"model": BASE, "prompt": []}) == (400, "The prompt is empty.")


def test_null_means_unset(engine: Running) -> None:
    payload = {"model": BASE, "messages": ASK, "max_tokens": 2, "temperature": None, "stop": None, "seed": None}
    assert engine.http.post("/v1/chat/completions", json=payload).status_code == 200


def test_without_the_key_only_health_answers(engine: Running) -> None:
    with httpx2.Client(base_url=engine.url) as stranger:
        assert stranger.get("/health").status_code == 200
        assert stranger.get("/v1/models").status_code == 401
        assert stranger.post("/v1/load_lora_adapter", json={"lora_name": "x", "lora_path": "y"}).status_code == 401


def _load(engine: Running, path: Path, name: str = "new") -> tuple[int, str]:
    return engine.refusal("/v1/load_lora_adapter", {"lora_name": name, "lora_path": str(path)})


def test_an_adapter_outside_of_the_root_is_refused(engine: Running, tmp_path: Path) -> None:
    shutil.copytree(engine.root / "one", tmp_path / "one")
    (engine.root / "link").symlink_to(tmp_path / "one")
    for path in (tmp_path / "one", engine.root / ".." / "elsewhere", engine.root / "link"):
        status, message = _load(engine, path)
        assert status == 400
        assert "--adapter-root" in message
    (engine.root / "link").unlink()


def test_a_pickled_adapter_is_refused(engine: Running) -> None:
    shutil.copytree(engine.root / "one", engine.root / "pickled")
    (engine.root / "pickled" / "adapter_model.safetensors").rename(engine.root / "pickled" / "adapter_model.bin")
    status, message = _load(engine, engine.root / "pickled")
    assert status == 400
    assert "pickle" in message


def test_a_damaged_adapter_is_refused(engine: Running) -> None:
    shutil.copytree(engine.root / "one", engine.root / "damaged")
    (engine.root / "damaged" / "adapter_model.safetensors").write_bytes(b"not weights")
    status, message = _load(engine, engine.root / "damaged")
    assert status == 400
    assert "damaged" in message


def test_an_adapter_of_another_model_is_refused(engine: Running, tmp_path: Path) -> None:
    make_tiny_adapter(make_tiny_model(tmp_path, hidden_size=96), engine.root / "foreign")
    status, message = _load(engine, engine.root / "foreign")
    assert status == 400
    assert "does not fit" in message


def test_a_name_is_loaded_once_and_a_missing_path_is_404(engine: Running, adapter: str) -> None:
    assert _load(engine, engine.root / "two", adapter) == (
        400,
        f"The lora adapter '{adapter}' has already been loaded.",
    )
    assert _load(engine, engine.root / "two", BASE)[0] == 400
    assert _load(engine, engine.root / "nothing")[0] == 404
    assert engine.refusal("/v1/unload_lora_adapter", {"lora_name": "nobody"})[0] == 404
