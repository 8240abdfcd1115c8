"""The client of the inference engine: any server that speaks vLLM's OpenAI-compatible interface.

Adapters are loaded when they are first needed and again after the engine restarted.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from threading import Lock
from typing import TypeVar

import httpx2
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from backend.engine_trouble import kind_of
from backend.engine_wire import (
    ChatAnswer,
    ModelsAnswer,
    ScoreAnswer,
    TokenizeAnswer,
    error_message,
    names_missing_model,
    sse_events,
)  # fmt: skip
from backend.errors import EngineUnavailableError, InvalidError

Message = dict[str, str]
Payload = dict[str, object]
AnswerT = TypeVar("AnswerT", bound=BaseModel)
ChoiceT = TypeVar("ChoiceT")

CHAT = "/v1/chat/completions"
TIMEOUT = httpx2.Timeout(300.0, connect=5.0)
HEALTH_SECONDS = 2.0
NOT_THE_REQUEST = {401, 402, 403, 404, 408, 429}  # a wrong key or model, or too much at once: any request would fail
_TRANSPORT_ERRORS = (httpx2.RequestError, httpx2.StreamError)


@dataclass(frozen=True)
class Sampling:
    """How an answer is drawn; ``max_tokens`` counts generated tokens and no seed means a new draw each time."""

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 96
    seed: int | None = None

    def as_json(self) -> dict[str, object]:
        """The settings as they are stored and sent; an unset seed is left out.

        >>> Sampling(temperature=0.0).as_json()
        {'temperature': 0.0, 'top_p': 1.0, 'max_tokens': 96}
        """
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> "Sampling":
        """The settings back from ``as_json``; unknown keys are passed over.

        >>> Sampling.from_json({"temperature": 0.5, "seed": 3})
        Sampling(temperature=0.5, top_p=1.0, max_tokens=96, seed=3)
        """
        known = {field.name for field in fields(cls)}
        return _SAMPLING.validate_python({name: value for name, value in values.items() if name in known})


_SAMPLING = TypeAdapter(Sampling)
_JSON: TypeAdapter[object] = TypeAdapter(object)


@dataclass(frozen=True)
class Generated:
    """A finished answer; ``logprobs`` are raw (temperature 1, natural logarithm), one per token."""

    text: str
    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish_reason: str
    prompt_token_ids: tuple[int, ...]


@dataclass(frozen=True)
class ScoredToken:
    """A token of a given answer: its text, and its raw log-prob after what stands before it."""

    text: str
    logprob: float


@dataclass(frozen=True)
class Delta:
    """A piece of an answer; a token may come before the text that it completes. The last has a finish reason."""

    text: str
    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish_reason: str | None


class EngineClient:
    """Synchronous and safe to share between threads.

    Every method but ``healthy`` raises ``EngineUnavailableError`` when the engine does not answer or fails, and
    ``InvalidError`` with the engine's words when it refuses the request.

    With ``plain`` it is a client of any OpenAI-compatible server, ``called`` so in messages: token ids and log-probs,
    which only engines know, are not asked for.
    """

    def __init__(self, base_url: str, key: SecretStr | None, *, called: str = "engine", plain: bool = False) -> None:
        self._plain = plain
        # Whoever reads of a failure may see where our engine is, but not where an operator's other server is.
        self._named = f"The {called}" if plain else f"The {called} at {base_url.rstrip('/')}"
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=32)
        self._url = base_url.rstrip("/").removesuffix("/v1")
        self._http = httpx2.Client(base_url=self._url, headers=headers, timeout=TIMEOUT, limits=limits)
        self._lock = Lock()
        self._served: set[str] = set()
        self._paths: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections that are kept open; nothing may be asked afterwards."""
        self._http.close()

    def healthy(self) -> bool:
        """Whether the engine answers within two seconds."""
        try:
            return self._http.get("/health", timeout=HEALTH_SECONDS).is_success
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return False

    def models(self) -> list[str]:
        """All names that the engine serves now."""
        with self._translated():
            response = self._http.get("/v1/models")
        self._check(response.status_code, response.content)
        return [model.id for model in self._parsed(ModelsAnswer, response.content).data]

    def ensure_adapter(self, name: str, path: str) -> None:
        """Have ``name`` served: nothing to do when it is, else the adapter in folder ``path`` is loaded."""
        with self._lock:
            self._paths[name] = path
            if name in self._served:
                return
            if name not in self.models():
                self._load(name, path)
            self._served.add(name)

    def unload_adapter(self, name: str) -> None:
        """Stop serving an adapter."""
        with self._lock:
            self._served.discard(name)
            self._paths.pop(name, None)
        self._check(*self._post("/v1/unload_lora_adapter", {"lora_name": name}))

    def chat(self, model: str, messages: list[Message], sampling: Sampling) -> Generated:
        """One whole answer."""
        answer = self._ask(ChatAnswer, CHAT, self._chat_payload(model, messages, sampling))
        choice = self._only(answer.choices)
        return Generated(
            text=choice.text,
            token_ids=tuple(choice.token_ids or ()),
            logprobs=choice.values,
            finish_reason=choice.finish_reason or "stop",
            prompt_token_ids=tuple(answer.prompt_token_ids or ()),
        )

    def chat_stream(self, model: str, messages: list[Message], sampling: Sampling) -> Iterator[Delta]:
        """The pieces of an answer as they come; closing the iterator ends the generation too."""
        payload = {**self._chat_payload(model, messages, sampling), "stream": True}
        with self._streamed(CHAT, payload) as response, self._translated():
            for data in sse_events(response.iter_lines()):
                event = self._parsed(ChatAnswer, data.encode())
                if event.error:
                    raise EngineUnavailableError(f"{self._named} stopped: {event.error.message}")
                for choice in event.choices:
                    yield Delta(choice.text, tuple(choice.token_ids or ()), choice.values, choice.finish_reason)

    def tokenize_chat(self, model: str, messages: list[Message]) -> list[int]:
        """The token ids that a chat becomes, up to where the answer begins."""
        payload: Payload = {"model": model, "messages": messages, "add_generation_prompt": True}
        return self._ask(TokenizeAnswer, "/tokenize", payload).tokens

    def tokenize_text(self, model: str, text: str) -> list[int]:
        """The token ids that an answer's text becomes, without special ones around it."""
        payload: Payload = {"model": model, "prompt": text, "add_special_tokens": False}
        return self._ask(TokenizeAnswer, "/tokenize", payload).tokens

    def score(self, model: str, prompt_token_ids: list[int], response_token_ids: list[int]) -> list[float]:
        """The raw log-prob of each response token after the prompt and the response tokens before it."""
        return [token.logprob for token in self.scored_tokens(model, prompt_token_ids, response_token_ids)]

    def scored_tokens(
        self, model: str, prompt_token_ids: list[int], response_token_ids: list[int]
    ) -> list[ScoredToken]:
        """Each response token with its raw log-prob after the prompt and the response tokens before it."""
        if not response_token_ids:
            return []
        payload: Payload = {
            "model": model, "prompt": [*prompt_token_ids, *response_token_ids],
            "max_tokens": 1, "temperature": 0.0, "prompt_logprobs": 0,
        }  # fmt: skip
        entries = self._only(self._ask(ScoreAnswer, "/v1/completions", payload).choices).prompt_logprobs
        pairs = zip(entries[-len(response_token_ids) :], response_token_ids, strict=True)
        try:
            found = [(entry or {})[str(token)] for entry, token in pairs]
        except KeyError:
            raise InvalidError("The engine left out a token's log-prob; score at least one prompt token.") from None
        return [ScoredToken(entry.decoded_token or "", entry.logprob) for entry in found]

    def forward(self, path: str, payload: Payload) -> tuple[int, object]:
        """Status and body of any request; a refusal by the engine (4xx) is an answer like another here."""
        status, body = self._post_to_model(path, payload)
        if status >= 500:
            self._check(status, body)
        return status, _JSON.validate_json(body)

    def forward_stream(self, path: str, payload: Payload) -> Generator[bytes, None, None]:
        """The bytes of a streamed answer; an error status is raised before the first byte."""
        with self._streamed(path, payload) as response, self._translated():
            yield from response.iter_bytes()

    def _chat_payload(self, model: str, messages: list[Message], sampling: Sampling) -> Payload:
        wanted = {} if self._plain else {"logprobs": True, "return_token_ids": True}
        return {"model": model, "messages": messages, **sampling.as_json(), **wanted}

    def _ask(self, shape: type[AnswerT], path: str, payload: Payload) -> AnswerT:
        status, body = self._post_to_model(path, payload)
        self._check(status, body)
        return self._parsed(shape, body)

    def _post(self, path: str, payload: Payload) -> tuple[int, bytes]:
        with self._translated():
            response = self._http.post(path, json=payload)
        return response.status_code, response.content

    def _post_to_model(self, path: str, payload: Payload) -> tuple[int, bytes]:
        status, body = self._post(path, payload)
        if names_missing_model(status, body) and self._loaded_again(payload):
            return self._post(path, payload)
        return status, body

    @contextmanager
    def _streamed(self, path: str, payload: Payload) -> Iterator[httpx2.Response]:
        for last in (False, True):
            request = self._http.build_request("POST", path, json=payload)
            with self._translated():
                response = self._http.send(request, stream=True)
            try:
                if response.is_success:
                    yield response
                    return
                with self._translated():
                    body = response.read()
            finally:
                response.close()
            retry = not last and names_missing_model(response.status_code, body) and self._loaded_again(payload)
            if not retry:
                self._check(response.status_code, body)

    def _loaded_again(self, payload: Payload) -> bool:
        """Load the adapter of a request that an engine restarted meanwhile no longer knows."""
        name = payload.get("model")
        path = self._paths.get(name) if isinstance(name, str) else None
        if not isinstance(name, str) or path is None:
            return False
        with self._lock:
            self._served.discard(name)
        self.ensure_adapter(name, path)
        return True

    def _load(self, name: str, path: str) -> None:
        status, body = self._post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": path})
        loaded_by_another_process = status == 400 and name in self.models()
        if not loaded_by_another_process:
            self._check(status, body)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx2.TimeoutException:
            raise EngineUnavailableError(
                f"{self._named} did not answer in time; it may be overloaded. Try again shortly."
            ) from None
        except _TRANSPORT_ERRORS as error:
            raise EngineUnavailableError(
                f"{self._named} cannot be reached: {kind_of(error)}; check that it runs."
            ) from None

    def _check(self, status: int, body: bytes) -> None:
        if status >= 500 or (self._plain and status in NOT_THE_REQUEST):
            raise EngineUnavailableError(f"{self._named} failed: {error_message(body, status)}", status=status)
        if status >= 400:
            raise InvalidError(error_message(body, status))

    def _parsed(self, shape: type[AnswerT], body: bytes) -> AnswerT:
        try:
            return shape.model_validate_json(body)
        except ValidationError:
            raise EngineUnavailableError(
                f"{self._named} answers, but not as a server of models does; check its URL in the settings."
            ) from None

    def _only(self, choices: list[ChoiceT]) -> ChoiceT:
        if len(choices) != 1:
            raise EngineUnavailableError(f"{self._named} gave {len(choices)} answers where one was asked for.")
        return choices[0]
