"""What clients may ask: the subset of vLLM's OpenAI-compatible requests that this engine honours, and nothing else.

A field that would change the answer and is not honoured is refused, never ignored.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from worker.engine.sampling import Draw

MAX_CHOICES = 32
MAX_TOP = 20


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class StreamOptions(_Request):
    """``include_usage``: token counts in a last event of their own."""

    include_usage: bool = False
    continuous_usage_stats: Literal[False] = False


class GenerationRequest(_Request):
    """What chat and text completions share."""

    model: str
    n: int = Field(1, ge=1, le=MAX_CHOICES)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    temperature: float = Field(1.0, ge=0, le=100)
    top_p: float = Field(1.0, gt=0, le=1)
    top_k: int = Field(0, ge=-1)
    stop: list[str] = Field([], max_length=16)
    stream: bool = False
    stream_options: StreamOptions | None = None
    prompt_logprobs: int | None = Field(None, ge=0, le=MAX_TOP)
    return_token_ids: bool = False
    ignore_eos: bool = False
    user: str | None = None
    frequency_penalty: float = Field(0.0, ge=0, le=0)
    presence_penalty: float = Field(0.0, ge=0, le=0)

    @model_validator(mode="before")
    @classmethod
    def _null_is_unset(cls, values: object) -> object:
        return (
            {key: value for key, value in values.items() if value is not None} if isinstance(values, dict) else values
        )

    @field_validator("stop", mode="before")
    @classmethod
    def _one_stop(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("stop")
    @classmethod
    def _stops_say_something(cls, value: list[str]) -> list[str]:
        if "" in value:
            raise ValueError("a stop word must not be empty")
        return value

    @model_validator(mode="after")
    def _check_stream(self) -> Self:
        if self.stream and self.prompt_logprobs is not None:
            raise ValueError("prompt_logprobs cannot be streamed")
        if self.stream_options and not self.stream:
            raise ValueError("stream_options needs stream")
        return self

    @property
    def draw(self) -> Draw:
        """How tokens are drawn."""
        return Draw(self.temperature, self.top_p, max(self.top_k, 0))


class TextPart(_Request):
    """A part of a message."""

    type: Literal["text"]
    text: str


class ChatMessage(_Request):
    """One message of a chat."""

    role: str = Field(min_length=1)
    content: str | list[TextPart]
    name: str | None = None

    def as_dict(self) -> dict[str, str]:
        """For the chat template."""
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return {"role": self.role, "content": text}


class ChatRequest(GenerationRequest):
    """POST /v1/chat/completions. Without a limit the answer may fill the context."""

    messages: list[ChatMessage] = Field(min_length=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    logprobs: bool = False
    top_logprobs: int = Field(0, ge=0, le=MAX_TOP)

    @model_validator(mode="after")
    def _check_logprobs(self) -> Self:
        if self.top_logprobs and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs")
        return self


class CompletionRequest(GenerationRequest):
    """POST /v1/completions. The prompt is text or token ids; with ``echo`` the answer begins with the prompt."""

    prompt: str | list[int]
    max_tokens: int = Field(16, ge=0)
    logprobs: int | None = Field(None, ge=0, le=MAX_TOP)
    echo: bool = False

    @model_validator(mode="after")
    def _check_echo(self) -> Self:
        if self.echo and self.stream:
            raise ValueError("echo cannot be streamed")
        return self


class TokenizeRequest(_Request):
    """POST /tokenize, of a chat or of a text."""

    model: str | None = None
    messages: list[ChatMessage] | None = Field(None, min_length=1)
    prompt: str | None = None
    add_generation_prompt: bool = True
    add_special_tokens: bool = True

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.messages is None) == (self.prompt is None):
            raise ValueError("give either messages or prompt")
        return self


class LoadAdapterRequest(_Request):
    """POST /v1/load_lora_adapter."""

    lora_name: str = Field(min_length=1)
    lora_path: str = Field(min_length=1)


class UnloadAdapterRequest(_Request):
    """POST /v1/unload_lora_adapter."""

    lora_name: str = Field(min_length=1)
    lora_int_id: int | None = None
