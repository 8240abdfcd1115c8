"""Answers in OpenAI's shapes, with the fields that vLLM adds: token ids and the prompt's log-probs."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from worker.engine.rows import Progress
from worker.engine.sampling import ScoredToken
from worker.engine.text import TextStream

Json = dict[str, object]
Decode = Callable[[Sequence[int]], str]


@dataclass(frozen=True)
class Wanted:
    """What of an answer the client asked to see. ``top`` is None when it wants no log-probs."""

    model: str
    chat: bool
    prompt: tuple[int, ...]
    token_ids: bool
    top: int | None
    echo: bool = False
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))

    def envelope(self, *, chunk: bool) -> Json:
        """What stands around the choices."""
        if self.chat:
            kind = "chat.completion.chunk" if chunk else "chat.completion"
            return {"id": f"chatcmpl-{self.id}", "object": kind, "created": self.created, "model": self.model}
        return {"id": f"cmpl-{self.id}", "object": "text_completion", "created": self.created, "model": self.model}

    def usage(self, written: int) -> Json:
        """Token counts."""
        read = len(self.prompt)
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


@dataclass(frozen=True)
class Piece:
    """What a step added to a choice."""

    text: str
    tokens: tuple[ScoredToken, ...]
    finish_reason: str | None = None
    stop_reason: str | None = None


@dataclass
class Choice:
    """One answer while it grows."""

    index: int
    stream: TextStream
    text: str = ""
    tokens: list[ScoredToken] = field(default_factory=list)
    prompt: tuple[ScoredToken | None, ...] | None = None
    finish_reason: str | None = None
    stop_reason: str | None = None

    def add(self, progress: Progress) -> Piece:
        """Take in what a step did; a stop word ends the choice though its row may not know yet."""
        tokens = () if progress.token is None else (progress.token,)
        text = "".join(self.stream.add(token.token_id) for token in tokens)
        self.finish_reason = progress.finish_reason
        if self.finish_reason:
            text += self.stream.end()
        if self.stream.stopped_by is not None:
            self.finish_reason, self.stop_reason = "stop", self.stream.stopped_by
        self.text += text
        self.tokens += tokens
        self.prompt = progress.prompt or self.prompt
        return Piece(text, tokens, self.finish_reason, self.stop_reason)


class Formatter:
    """Renders choices and pieces for one request."""

    def __init__(self, wanted: Wanted, decode: Decode) -> None:
        self._wanted = wanted
        self._decode = decode
        self._offset = 0

    def whole(self, choices: Sequence[Choice]) -> Json:
        """The answer that is not streamed."""
        wanted = self._wanted
        written = sum(len(choice.tokens) for choice in choices)
        answer = wanted.envelope(chunk=False) | {
            "choices": [self._choice(choice) for choice in choices],
            "usage": wanted.usage(written),
        }
        if wanted.chat:
            answer["prompt_logprobs"] = self._prompt_logprobs(choices[0])
            answer["prompt_token_ids"] = list(wanted.prompt) if wanted.token_ids else None
        return answer

    def opening(self, index: int) -> Json:
        """The first event of a chat's choice: who speaks, and the prompt's token ids if asked."""
        choice: Json = {"index": index, "delta": {"role": "assistant", "content": ""}, "logprobs": None,
                        "finish_reason": None}  # fmt: skip
        event = self._wanted.envelope(chunk=True) | {"choices": [choice]}
        if self._wanted.token_ids:
            event["prompt_token_ids"] = list(self._wanted.prompt)
        return event

    def event(self, index: int, piece: Piece, *, first: bool) -> Json:
        """One event of a stream."""
        wanted = self._wanted
        content: Json = {"delta": {"content": piece.text}} if wanted.chat else {"text": piece.text}
        choice = {"index": index, **content, "logprobs": self._logprobs(piece.tokens)} | _ending(piece)
        if wanted.token_ids:
            choice["token_ids"] = [token.token_id for token in piece.tokens]
            if first and not wanted.chat:
                choice["prompt_token_ids"] = list(wanted.prompt)
        return wanted.envelope(chunk=True) | {"choices": [choice]}

    def closing(self, written: int) -> Json:
        """The last event, with token counts and no choice."""
        return self._wanted.envelope(chunk=True) | {"choices": [], "usage": self._wanted.usage(written)}

    def _choice(self, choice: Choice) -> Json:
        wanted = self._wanted
        ids = [token.token_id for token in choice.tokens] if wanted.token_ids else None
        if wanted.chat:
            content: Json = {"message": {"role": "assistant", "content": choice.text}}
            return {"index": choice.index, **content, "logprobs": self._logprobs(choice.tokens), "token_ids": ids,
                    **_ending(choice)}  # fmt: skip
        text = self._decode(wanted.prompt) + choice.text if wanted.echo else choice.text
        tokens = [*(choice.prompt or ()), *choice.tokens] if wanted.echo else choice.tokens
        return {
            "index": choice.index, "text": text, "logprobs": self._logprobs(tokens), "token_ids": ids,
            "prompt_token_ids": list(wanted.prompt) if wanted.token_ids else None,
            "prompt_logprobs": self._prompt_logprobs(choice), **_ending(choice),
        }  # fmt: skip

    def _logprobs(self, tokens: Sequence[ScoredToken | None]) -> Json | None:
        if self._wanted.top is None:
            return None
        if self._wanted.chat:
            return {"content": [self._chat_entry(token) for token in tokens if token]}
        return self._completion_logprobs(tokens)

    def _chat_entry(self, token: ScoredToken) -> Json:
        top = [self._named(token_id, logprob) for token_id, logprob in token.top]
        return self._named(token.token_id, token.logprob) | {"top_logprobs": top}

    def _named(self, token_id: int, logprob: float) -> Json:
        text = self._decode([token_id])
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}

    def _completion_logprobs(self, tokens: Sequence[ScoredToken | None]) -> Json:
        # A first prompt token has no log-prob; its text is that of the prompt's first token.
        texts = [self._decode([token.token_id if token else self._wanted.prompt[0]]) for token in tokens]
        offsets = []
        for text in texts:
            offsets.append(self._offset)
            self._offset += len(text)
        return {
            "tokens": texts,
            "token_logprobs": [token.logprob if token else None for token in tokens],
            "top_logprobs": [self._top_of(token) for token in tokens],
            "text_offset": offsets,
        }

    def _top_of(self, token: ScoredToken | None) -> Json | None:
        if token is None:
            return None
        pairs = ((token.token_id, token.logprob), *token.top)
        return {self._decode([token_id]): logprob for token_id, logprob in pairs}

    def _prompt_logprobs(self, choice: Choice) -> list[Json | None] | None:
        if choice.prompt is None:
            return None
        return [self._prompt_entry(token) if token else None for token in choice.prompt]

    def _prompt_entry(self, token: ScoredToken) -> Json:
        ranked = [(token_id, logprob, rank) for rank, (token_id, logprob) in enumerate(token.top, 1)]
        return {
            str(token_id): {"logprob": logprob, "rank": rank, "decoded_token": self._decode([token_id])}
            for token_id, logprob, rank in ((token.token_id, token.logprob, token.rank), *ranked)
        }


def _ending(ended: Piece | Choice) -> Json:
    return {"finish_reason": ended.finish_reason, "stop_reason": ended.stop_reason}
