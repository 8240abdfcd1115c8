"""The records of a lineage file, one JSON object a line; ``docs/lineage.md`` describes them.

A reference is the place of the record among its kind, counted from 0; a checkpoint is named by its hash.
"""

import json
import math
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from backend.domain.critiques import MAX_TEXT
from backend.domain.spans import MAX_SPANS, Span
from backend.forms import Points, Tag
from backend.models import AuthorKind, CritiqueState, RolloutState, RuleState, Split, Verdict

VERSION = 1


def canonical(record: dict[str, object]) -> bytes:
    """A record as the one line that it can be: keys in order, no spaces, UTF-8."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text must not hold NUL characters")
    return text


def _storable(value: dict[str, object]) -> dict[str, object]:
    pending: list[object] = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, dict):
            pending += [*found, *found.values()]
        elif isinstance(found, list):
            pending += found
        elif isinstance(found, str):
            _without_nul(found)
        elif isinstance(found, float) and not math.isfinite(found):
            raise ValueError("numbers must be finite")
    return value


Text = Annotated[str, AfterValidator(_without_nul)]
Name = Annotated[Text, Field(max_length=200)]
Free = Annotated[dict[str, object], AfterValidator(_storable)]
Place = Annotated[int, Field(ge=0)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Unit = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """A line, or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Header(Record):
    """The first line."""

    kind: Literal["redraft-lineage"]
    version: Literal[1]


class ProjectRecord(Record):
    """How the project was set up."""

    kind: Literal["project"]
    guidelines: Text
    overlap: Annotated[int, Field(ge=1, le=20)]
    rating_levels: Points
    tags: Annotated[list[Annotated[Tag, AfterValidator(_without_nul)]], Field(max_length=20)]


class CheckpointRecord(Record):
    """Weights by their hash."""

    kind: Literal["checkpoint"]
    sha256: Sha256
    parent: Sha256 | None
    step: Place


class MessageRecord(Record):
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: Annotated[Text, Field(min_length=1)]


class PromptRecord(Record):
    """A prompt."""

    kind: Literal["prompt"]
    messages: Annotated[list[MessageRecord], Field(min_length=1)]
    reference: Text | None
    metadata: Free
    split: Split
    created_at: AwareDatetime


class RolloutRecord(Record):
    """An attempt, a known item, or a redraft with its ``parent`` and the critique and number of the revision read."""

    kind: Literal["rollout"]
    prompt: Place
    checkpoint: Sha256
    parent: Place | None
    revision: tuple[Place, Annotated[int, Field(ge=1)]] | None
    turn: Place
    text: Text
    token_ids: list[Place]
    logprobs: list[Number]
    sampling: Free
    finish_reason: Annotated[Text, Field(max_length=16)] | None
    state: Literal[RolloutState.complete, RolloutState.cancelled, RolloutState.failed]
    source: Literal["attempt", "redraft", "known"]
    created_at: AwareDatetime


class RevisionRecord(Record):
    """A frozen text of a critique."""

    text: Annotated[Text, Field(max_length=MAX_TEXT)]
    rating: Unit | None
    tags: list[Text]
    edit: Annotated[Text, Field(max_length=MAX_TEXT)] | None
    spans: Annotated[list[Span], Field(max_length=MAX_SPANS)]
    created_at: AwareDatetime


class ComparisonRecord(Record):
    """What the critique's author says of a redraft."""

    redraft: Place
    verdict: Verdict | None
    rating: Unit | None
    created_at: AwareDatetime


class CritiqueRecord(Record):
    """A critique with all its revisions, numbered from 1 in their order; the last is the one that counts."""

    kind: Literal["critique"]
    rollout: Place
    author_kind: AuthorKind
    author_name: Name
    state: CritiqueState
    reason: Text | None
    revisions: list[RevisionRecord]
    comparisons: list[ComparisonRecord]
    created_at: AwareDatetime
    submitted_at: AwareDatetime | None


class RuleEditRecord(Record):
    """What a rule said before."""

    author_name: Name
    text_before: Text
    created_at: AwareDatetime


class RuleSourceRecord(Record):
    """The revision of a critique that a rule came from."""

    critique: Place
    revision: Annotated[int, Field(ge=1)]
    created_at: AwareDatetime


class RuleRecord(Record):
    """A rule with its history and sources."""

    kind: Literal["rule"]
    text: Text
    state: RuleState
    position: int
    author_name: Name
    edits: list[RuleEditRecord]
    sources: list[RuleSourceRecord]
    created_at: AwareDatetime


class SnapshotRecord(Record):
    """A snapshot; ``size`` items follow it."""

    kind: Literal["snapshot"]
    sha256: Sha256
    size: Place
    rules: list[Text]
    created_at: AwareDatetime


class ItemRecord(Record):
    """An item of the snapshot before it."""

    kind: Literal["item"]
    critique: Place
    revision: Annotated[int, Field(ge=1)]
    redraft: Place | None
    redraft_reward: Unit | None


class EndRecord(Record):
    """The last line: a file without it was cut off."""

    kind: Literal["end"]
    lines: Place


AnyRecord = (
    Header | ProjectRecord | CheckpointRecord | PromptRecord | RolloutRecord | CritiqueRecord | RuleRecord
    | SnapshotRecord | ItemRecord | EndRecord
)  # fmt: skip
READ = TypeAdapter[AnyRecord](Annotated[AnyRecord, Field(discriminator="kind")])
SECTIONS: tuple[type[Record], ...] = (
    Header, ProjectRecord, CheckpointRecord, PromptRecord, RolloutRecord, CritiqueRecord, RuleRecord, SnapshotRecord,
    EndRecord,
)  # fmt: skip
