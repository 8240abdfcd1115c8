"""Between HTTP and the generation thread: a request becomes rows, and what they report becomes choices."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from worker.engine.answers import Choice, Formatter, Piece, Wanted
from worker.engine.generation import Model
from worker.engine.lora import Adapter, AdapterShelf
from worker.engine.requests import ChatMessage, ChatRequest, CompletionRequest, GenerationRequest
from worker.engine.rows import Progress, Row, RowRequest
from worker.engine.scheduler import Scheduler
from worker.engine.text import TextStream


class RefusedError(Exception):
    """The request cannot be served as it is; the message says why."""

    status = 400


class UnknownModelError(RefusedError):
    """Nothing is served under that name."""

    status = 404


class FailedError(Exception):
    """The generation thread ended before the answer did."""


@dataclass(frozen=True)
class Job:
    """A checked request: its rows, and what the client wants to see of them."""

    rows: tuple[RowRequest, ...]
    stops: tuple[str, ...]
    wanted: Wanted


class Service:
    """Serves one model and its adapters."""

    def __init__(self, name: str, model: Model, scheduler: Scheduler, shelf: AdapterShelf) -> None:
        self.name = name
        self.max_model_len = model.max_model_len
        self.shelf = shelf
        self.scheduler = scheduler
        self._tokenizer = model.tokenizer
        self._vocabulary = model.vocabulary
        self._end_ids = model.end_ids

    def adapter(self, model: str) -> Adapter | None:
        """The adapter behind a served name; None for the base model.

        Raises:
            UnknownModelError: nothing is served under that name.
        """
        found = self.shelf.find(model)
        if found is None and model != self.name:
            raise UnknownModelError(f"The model `{model}` does not exist.")
        return found

    def chat_ids(self, messages: Sequence[ChatMessage], *, open_answer: bool = True) -> tuple[int, ...]:
        """A chat as token ids.

        Raises:
            RefusedError: the model has no chat template.
        """
        if self._tokenizer.chat_template is None:
            raise RefusedError("This model has no chat template; use /v1/completions.")
        chat = [message.as_dict() for message in messages]
        found = self._tokenizer.apply_chat_template(chat, add_generation_prompt=open_answer, return_dict=False)
        return tuple(int(token) for token in found)

    def text_ids(self, text: str, *, special: bool = True) -> tuple[int, ...]:
        """A text as token ids."""
        return tuple(self._tokenizer.encode(text, add_special_tokens=special))

    def chat_job(self, asked: ChatRequest) -> Job:
        """Check a chat request.

        Raises:
            RefusedError: unknown model, or a prompt that leaves no room.
        """
        adapter = self.adapter(asked.model)
        prompt = self.chat_ids(asked.messages)
        room = self.max_model_len - len(prompt)
        limit = asked.max_completion_tokens or asked.max_tokens or max(room, 1)
        top = asked.top_logprobs if asked.logprobs else None
        wanted = Wanted(asked.model, chat=True, prompt=prompt, token_ids=asked.return_token_ids, top=top)
        return self._job(asked, wanted, adapter, limit, asked.prompt_logprobs)

    def completion_job(self, asked: CompletionRequest) -> Job:
        """Check a completion request.

        Raises:
            RefusedError: unknown model, or a prompt that is empty, leaves no room or holds unknown tokens.
        """
        adapter = self.adapter(asked.model)
        prompt = self.text_ids(asked.prompt) if isinstance(asked.prompt, str) else tuple(asked.prompt)
        if not all(0 <= token < self._vocabulary for token in prompt):
            raise RefusedError(f"The prompt holds a token id outside of 0 to {self._vocabulary - 1}.")
        prompt_top = asked.prompt_logprobs
        if asked.echo and asked.logprobs is not None:
            prompt_top = max(asked.logprobs, prompt_top or 0)
        wanted = Wanted(
            asked.model,
            chat=False,
            prompt=prompt,
            token_ids=asked.return_token_ids,
            top=asked.logprobs,
            echo=asked.echo,
        )
        return self._job(asked, wanted, adapter, asked.max_tokens, prompt_top)

    def _job(
        self, asked: GenerationRequest, wanted: Wanted, adapter: Adapter | None, limit: int, prompt_top: int | None
    ) -> Job:
        self._check_length(len(wanted.prompt), limit)
        rows = tuple(
            RowRequest(
                prompt=wanted.prompt,
                max_tokens=limit,
                adapter=adapter,
                draw=asked.draw,
                seed=None if asked.seed is None else asked.seed + number,
                end_ids=frozenset() if asked.ignore_eos else self._end_ids,
                top=wanted.top or 0,
                prompt_top=prompt_top,
                awaited=asked.stream,
            )
            for number in range(asked.n)
        )
        return Job(rows, tuple(asked.stop), wanted)

    def _check_length(self, prompt: int, limit: int) -> None:
        if prompt == 0:
            raise RefusedError("The prompt is empty.")
        if prompt + limit > self.max_model_len:
            raise RefusedError(
                f"This model's maximum context length is {self.max_model_len} tokens. The prompt has {prompt} tokens "
                f"and {limit} more were asked for; shorten the prompt or lower max_tokens."
            )

    def formatter(self, job: Job) -> Formatter:
        """Renders the answers to a job."""
        return Formatter(job.wanted, self._name_tokens)

    async def pieces(self, job: Job, choices: list[Choice]) -> AsyncGenerator[tuple[Choice, Piece], None]:
        """Fill ``choices`` while the rows of ``job`` are generated. Closing this frees the rows.

        Raises:
            FailedError: generation ended early.
        """
        loop = asyncio.get_running_loop()
        reports: asyncio.Queue[tuple[int, Progress]] = asyncio.Queue()

        def listen(index: int) -> "_Listener":
            return _Listener(index, loop, reports)

        rows = [self.scheduler.submit(request, listen(index)) for index, request in enumerate(job.rows)]
        try:
            async for choice, piece in self._collected(reports, choices, rows):
                yield choice, piece
        finally:
            for row in rows:
                self.scheduler.cancel(row)

    async def _collected(
        self, reports: "asyncio.Queue[tuple[int, Progress]]", choices: list[Choice], rows: list[Row]
    ) -> AsyncGenerator[tuple[Choice, Piece], None]:
        while any(choice.finish_reason is None for choice in choices):
            index, progress = await reports.get()
            choice = choices[index]
            if choice.finish_reason is not None:
                continue
            if progress.finish_reason == "abort":
                raise FailedError("The engine stopped before the answer was complete.")
            piece = choice.add(progress)
            if choice.finish_reason is not None:
                self.scheduler.cancel(rows[index])
            yield choice, piece

    def choices(self, job: Job) -> list[Choice]:
        """A job's choices before the first token."""
        return [Choice(index, TextStream(self._decode, job.stops)) for index in range(len(job.rows))]

    def _decode(self, token_ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(token_ids), skip_special_tokens=True))

    def _name_tokens(self, token_ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(token_ids), skip_special_tokens=False))


@dataclass(frozen=True)
class _Listener:
    """Hands a row's reports from the generation thread to the event loop."""

    index: int
    loop: asyncio.AbstractEventLoop
    reports: "asyncio.Queue[tuple[int, Progress]]"

    def __call__(self, progress: Progress) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.reports.put_nowait, (self.index, progress))
