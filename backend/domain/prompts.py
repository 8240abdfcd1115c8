"""Prompts: import from JSON lines, listing, counting."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import ScalarSelect, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.errors import InvalidError, NotFoundError
from backend.models import Critique, CritiqueState, Prompt, Rollout, RolloutSource, Split

INSERT_BATCH = 1000


class Message(BaseModel):
    """One chat message."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str = Field(min_length=1)


class PromptLine(BaseModel):
    """One line of an import: plain text (``prompt``) or chat (``messages``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str | None = Field(None, min_length=1)
    messages: list[Message] | None = Field(None, min_length=1)
    reference: str | None = None
    metadata: dict[str, object] = Field(default_factory=dict)
    split: Split = Split.train

    @model_validator(mode="after")
    def _one_form(self) -> "PromptLine":
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("give either 'prompt' (text) or 'messages' (chat), not both")
        if self.messages and self.messages[-1].role != "user":
            raise ValueError("the last message must be the user's: it is what the model answers")
        return self

    def chat(self) -> list[dict[str, str]]:
        """The prompt as chat messages."""
        if self.messages is not None:
            return [{"role": message.role, "content": message.content} for message in self.messages]
        return [{"role": "user", "content": self.prompt or ""}]


@dataclass(frozen=True)
class LineError:
    """A line that was refused, counted from 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class ImportResult:
    """What an import did."""

    imported: int
    duplicates: int
    errors: list[LineError]


def parse(lines: Iterable[str]) -> tuple[list[PromptLine], list[LineError]]:
    """Read JSON lines; blank lines are passed over, each bad one is reported with its number and reason."""
    good, errors = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            good.append(PromptLine.model_validate_json(line))
        except ValidationError as error:
            reasons = "; ".join(_reason(e["loc"], e["msg"]) for e in error.errors())
            errors.append(LineError(line=number, reason=reasons))
    return good, errors


def _reason(location: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in location)
    return f"{where}: {message}" if where else message


def import_lines(session: Session, *, project_id: int, lines: Iterable[str], keep_good: bool) -> ImportResult:
    """Import JSON lines; what is known already is passed over, so importing twice changes nothing.

    Raises:
        InvalidError: a line is bad and ``keep_good`` was not asked for; nothing is kept then.
    """
    good, errors = parse(lines)
    if errors and not keep_good:
        raise InvalidError(
            f"{len(errors)} of {len(good) + len(errors)} lines are not prompts; nothing was imported. "
            "Mend them, or import again and keep the good ones.",
            errors=[{"line": e.line, "reason": e.reason} for e in errors[:100]],
        )
    imported = sum(
        _insert(session, project_id, good[start : start + INSERT_BATCH]) for start in range(0, len(good), INSERT_BATCH)
    )
    return ImportResult(imported=imported, duplicates=len(good) - imported, errors=errors)


# One parameter for a whole batch: a parameter for each value would cost more than all the rest of an import.
_INSERT = text("""
    INSERT INTO prompts (project_id, messages, reference, metadata, split, content_hash)
    SELECT :project_id, messages, reference, metadata, split, content_hash
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS line(messages jsonb, reference text, metadata jsonb, split text, content_hash text)
    ON CONFLICT DO NOTHING
    RETURNING id
""")


def _insert(session: Session, project_id: int, batch: Sequence[PromptLine]) -> int:
    rows = json.dumps([_row(line, line.chat()) for line in batch])
    return len(session.execute(_INSERT, {"project_id": project_id, "rows": rows}).all())


def _row(line: PromptLine, messages: list[dict[str, str]]) -> dict[str, object]:
    return {
        "messages": messages,
        "reference": line.reference,
        "metadata": line.metadata,
        "split": line.split,
        "content_hash": content_hash(messages),
    }


def content_hash(messages: Sequence[dict[str, str]]) -> str:
    """SHA-256 over the messages alone: the same question twice is one prompt, whatever its metadata."""
    return hashlib.sha256(json.dumps(messages, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def get(session: Session, prompt_id: int) -> Prompt:
    """One prompt."""
    prompt = session.get(Prompt, prompt_id)
    if prompt is None:
        raise NotFoundError(f"There is no prompt {prompt_id}.")
    return prompt


def page(
    session: Session, *, project_id: int, split: Split | None, after: int, limit: int
) -> list[tuple[Prompt, int, int]]:
    """Prompts after an id, with their number of first attempts and of submitted critiques."""
    query = (
        select(Prompt, *collected_by(Prompt.id))
        .where(Prompt.project_id == project_id, Prompt.id > after)
        .order_by(Prompt.id)
        .limit(limit)
    )
    if split is not None:
        query = query.where(Prompt.split == split)
    return [(prompt, n_attempts, n_critiques) for prompt, n_attempts, n_critiques in session.execute(query)]


def collected(session: Session, *, prompt_id: int) -> tuple[int, int]:
    """How many first attempts and submitted critiques a prompt has."""
    attempts, critiques = session.execute(select(*collected_by(prompt_id))).one()
    return attempts, critiques


def collected_by(prompt_id: InstrumentedAttribute[int] | int) -> tuple[ScalarSelect[int], ScalarSelect[int]]:
    """The number of first attempts and of submitted critiques, as columns of a query."""
    attempts = select(func.count()).where(Rollout.prompt_id == prompt_id, Rollout.source == RolloutSource.attempt)
    critiques = select(func.count()).where(Critique.prompt_id == prompt_id, Critique.state == CritiqueState.submitted)
    return attempts.scalar_subquery(), critiques.scalar_subquery()


def ids_of(session: Session, *, project_id: int, split: Split) -> list[int]:
    """The ids of all prompts of a split in import order."""
    query = select(Prompt.id).where(Prompt.project_id == project_id, Prompt.split == split)
    return list(session.scalars(query.order_by(Prompt.id)))


def by_ids(session: Session, ids: Sequence[int]) -> Sequence[Prompt]:
    """The prompts with these ids in import order."""
    return session.scalars(select(Prompt).where(Prompt.id.in_(ids)).order_by(Prompt.id)).all()


def references(session: Session, *, project_id: int) -> int:
    """How many train prompts have a reference answer."""
    query = select(func.count()).where(
        Prompt.project_id == project_id, Prompt.split == Split.train, Prompt.reference != ""
    )
    return session.scalar(query) or 0


def counts(session: Session, *, project_id: int) -> dict[Split, int]:
    """Number of prompts by split."""
    query = select(Prompt.split, func.count()).where(Prompt.project_id == project_id).group_by(Prompt.split)
    found = dict(session.execute(query).all())
    return {split: found.get(split, 0) for split in Split}
