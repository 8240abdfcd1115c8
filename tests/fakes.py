"""Stand-ins for what lives outside of the process."""

import json
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

Json = dict[str, object]


class FakeEngine:
    """An engine without a model: it answers word by word, the same each time, over real HTTP on a free port.

    The base model says "answer to: " and the last user message; a loaded adapter puts its name before that. Every
    token is a word with the log-prob -1.0. While ``broken``, all it says is 500. Where ``says`` is set, it
    decides; what ``refuses`` holds is the reason for which every chat is refused; the next ``busy`` chats are put off.
    """

    def __init__(self, base: str = "base", delay: float = 0.0, key: str | None = None) -> None:
        self.base = base
        self.delay = delay
        self.key = key
        self.broken = False
        self.refuses: str | None = None
        self.busy = 0
        self.says: Callable[[list[dict[str, str]]], str | None] = lambda _messages: None
        self.adapters: dict[str, str] = {}
        self.loads: list[str] = []
        self.requests: list[tuple[str, Json]] = []
        self.cut_off = 0
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def restart(self) -> None:
        """Forget all adapters, as a new process would."""
        self.adapters.clear()

    def names(self) -> list[str]:
        """What it serves."""
        return [self.base, *self.adapters]

    def words(self, model: str, messages: list[dict[str, str]], max_tokens: int) -> list[str]:
        """The answer's tokens."""
        if (told := self.says(messages)) is not None:
            return [word for word in re.split(r"(?<=\S)(?=\s)", told) if word][:max_tokens]
        last = [message["content"] for message in messages if message["role"] == "user"][-1]
        said = f"answer to: {last}" if model == self.base else f"{model} answer to: {last}"
        words = said.split()[:max_tokens]
        return [word if position == 0 else f" {word}" for position, word in enumerate(words)]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.engine = engine


class _Refusal(Exception):  # noqa: N818 - an answer rather than an error
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, payload: Json) -> None:
        engine = self.server.engine
        engine.requests.append((self.path, payload))
        try:
            self._admit()
            answer = self._route(payload)
        except _Refusal as refusal:
            self._send(refusal.status, {"error": {"message": str(refusal), "code": int(refusal.status)}})
            return
        if answer is not None:
            self._send(HTTPStatus.OK, answer)

    def _admit(self) -> None:
        engine = self.server.engine
        if engine.broken:
            raise _Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "broken on purpose")
        if engine.key and self.path != "/health" and self.headers["Authorization"] != f"Bearer {engine.key}":
            raise _Refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized")

    def _route(self, payload: Json) -> Json | None:
        engine = self.server.engine
        match self.path:
            case "/health":
                return {}
            case "/v1/models":
                return {"object": "list", "data": [{"id": name} for name in engine.names()]}
            case "/v1/load_lora_adapter":
                return self._load(str(payload["lora_name"]), str(payload["lora_path"]))
            case "/v1/unload_lora_adapter":
                engine.adapters.pop(str(payload["lora_name"]), None)
                return {}
            case _:
                return self._ask(payload)

    def _ask(self, payload: Json) -> Json | None:
        engine = self.server.engine
        if payload.get("model") not in engine.names():
            raise _Refusal(HTTPStatus.NOT_FOUND, f"The model `{payload.get('model')}` does not exist.")
        match self.path:
            case "/v1/chat/completions":
                return self._chat(payload)
            case "/v1/completions":
                return self._complete(payload)
            case "/tokenize":
                text = payload.get("prompt")
                return {"tokens": _ids([{"content": text}] if isinstance(text, str) else _messages(payload))}
        raise _Refusal(HTTPStatus.NOT_FOUND, "Not Found")

    def _load(self, name: str, path: str) -> Json:
        engine = self.server.engine
        if name in engine.names():
            raise _Refusal(HTTPStatus.BAD_REQUEST, f"The lora adapter '{name}' has already been loaded.")
        engine.adapters[name] = path
        engine.loads.append(name)
        return {}

    def _chat(self, payload: Json) -> Json | None:
        engine = self.server.engine
        if engine.busy > 0:
            engine.busy -= 1
            raise _Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too many requests")
        if engine.refuses:
            raise _Refusal(HTTPStatus.BAD_REQUEST, engine.refuses)
        limit = payload.get("max_tokens", 10_000)
        words = engine.words(str(payload["model"]), _messages(payload), limit if isinstance(limit, int) else 10_000)
        if payload.get("stream"):
            self._stream(words)
            return None
        time.sleep(engine.delay * len(words))
        content = [{"token": word, "logprob": -1.0} for word in words]
        choice = {
            "index": 0, "message": {"role": "assistant", "content": "".join(words)},
            "token_ids": [len(word) for word in words], "logprobs": {"content": content}, "finish_reason": "stop",
        }  # fmt: skip
        return {"choices": [choice], "prompt_token_ids": _ids(_messages(payload))}

    def _stream(self, words: list[str]) -> None:
        engine = self.server.engine
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for position, word in enumerate(words, 1):
                time.sleep(engine.delay)
                choice = {
                    "index": 0, "delta": {"content": word}, "token_ids": [len(word)],
                    "logprobs": {"content": [{"token": word, "logprob": -1.0}]},
                    "finish_reason": "stop" if position == len(words) else None,
                }  # fmt: skip
                self._event(json.dumps({"choices": [choice]}))
            self._event("[DONE]")
        except (BrokenPipeError, ConnectionResetError):
            engine.cut_off += 1

    def _event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def _complete(self, payload: Json) -> Json:
        prompt = payload["prompt"]
        ids = prompt if isinstance(prompt, list) else [len(word) for word in str(prompt).split()]
        known: list[object] = [
            {str(token): {"logprob": -1.0, "rank": 1, "decoded_token": f"t{token}"}} for token in ids[1:]
        ]
        return {"choices": [{"index": 0, "text": "", "finish_reason": "length", "prompt_logprobs": [None, *known]}]}

    def _send(self, status: HTTPStatus, answer: Json) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _messages(payload: Json) -> list[dict[str, str]]:
    messages = payload["messages"]
    if not isinstance(messages, list):
        raise _Refusal(HTTPStatus.BAD_REQUEST, "messages is a list")
    return messages


def _ids(messages: list[dict[str, str]]) -> list[int]:
    return [len(word) for message in messages for word in message["content"].split()]
