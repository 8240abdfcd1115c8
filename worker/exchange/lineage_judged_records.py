"""The records of a lineage that refer to critiques and answers: known items, comparison sets, rules and snapshots."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from backend.domain.preferences import MAX_TEXT
from backend.models import KnownKind, PreferenceState, RuleState
from worker.exchange.lineage_fields import Count, Moment, Name, Place, Record, Sha256, Spans, Text, Unit


class KnownItemRecord(Record):
    """What a good critique of a rollout says; ``original`` is the rollout that a seeded one was made of."""

    kind: Literal["known-item"]
    rollout: Place
    original: Place | None
    known_kind: KnownKind
    is_practice: bool
    is_retired: bool
    rating_low: Unit | None
    rating_high: Unit | None
    tags: list[Text]
    spans: Spans
    words: list[Text]
    note: Text
    author_name: Name
    created_at: Moment

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        low, high = self.rating_low, self.rating_high
        if self.known_kind == KnownKind.gold and (low is None or high is None):
            raise ValueError("rating_low: a gold item has a range of right ratings")
        if low is not None and high is not None and low > high:
            raise ValueError("rating_low: the lowest right rating lies above the highest")
        return self


class ComparisonSetRecord(Record):
    """Pairs that people compare blind; they follow it."""

    kind: Literal["comparison-set"]
    name: Name
    checkpoint_a: Sha256 | None
    checkpoint_b: Sha256 | None
    overlap: Annotated[int, Field(ge=1, le=20)]
    reveals: bool
    is_open: bool
    identical: Place
    created_at: Moment

    @model_validator(mode="after")
    def _compares_two(self) -> Self:
        if (self.checkpoint_a is None) != (self.checkpoint_b is None):
            raise ValueError("checkpoint_a: a set compares two checkpoints or names none")
        return self


class PreferenceRecord(Record):
    """What one person said of a pair; ``choice`` is as it was shown: 1 the left one is much better, 7 the right."""

    author_name: Name
    a_is_left: bool
    state: Literal[PreferenceState.submitted, PreferenceState.skipped]
    choice: Annotated[int, Field(ge=1, le=7)] | None
    text: Annotated[Text, Field(max_length=MAX_TEXT)]
    reason: Text | None
    created_at: Moment
    submitted_at: Moment | None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.state == PreferenceState.submitted and self.choice is None:
            raise ValueError("choice: a submitted preference has one")
        return self


class PairRecord(Record):
    """A pair of the set before it: two rollouts of one prompt, with what people said of them."""

    kind: Literal["pair"]
    a: Place
    b: Place
    preferences: list[PreferenceRecord]


class RuleEditRecord(Record):
    """What a rule said before."""

    author_name: Name
    text_before: Text
    created_at: Moment


class RuleSourceRecord(Record):
    """The revision of a critique that a rule came from."""

    critique: Place
    revision: Count
    created_at: Moment


class RuleRecord(Record):
    """A rule with its history and sources."""

    kind: Literal["rule"]
    text: Text
    state: RuleState
    position: int
    proposed_by: Name | None = None
    author_name: Name
    edits: list[RuleEditRecord]
    sources: list[RuleSourceRecord]
    created_at: Moment


class SnapshotRecord(Record):
    """A snapshot; ``size`` items follow it. The prompts are places, in the order of the snapshot."""

    kind: Literal["snapshot"]
    sha256: Sha256
    size: Place
    rules: list[Text]
    train_prompts: list[Place]
    probe_prompts: list[Place]
    created_at: Moment


class ItemRecord(Record):
    """An item of the snapshot before it."""

    kind: Literal["item"]
    critique: Place
    revision: Count
    redraft: Place | None
    redraft_reward: Unit | None
