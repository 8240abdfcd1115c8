"""The records of a lineage file, one JSON object a line; ``docs/lineage.md`` describes them.

A reference is the place of the record among its kind, counted from 0; a checkpoint is named by its hash.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from backend.models import (
    AuthorKind,
    CritiqueState,
    QueueOrder,
    ReviewState,
    RolloutSource,
    RolloutState,
    Routing,
    Split,
    Verdict,
)  # fmt: skip
from worker.exchange.lineage_fields import (
    Answers,
    Body,
    Count,
    FormContent,
    Free,
    Moment,
    Name,
    Number,
    Place,
    Record,
    Sha256,
    Spans,
    Text,
    Unit,
)  # fmt: skip
from worker.exchange.lineage_judged_records import (
    ComparisonSetRecord,
    ItemRecord,
    KnownItemRecord,
    PairRecord,
    RuleRecord,
    SnapshotRecord,
)  # fmt: skip

VERSION = 1


class Header(Record):
    """The first line."""

    kind: Literal["redraft-lineage"]
    version: Literal[1]


class ProjectRecord(Record):
    """How the project was set up."""

    kind: Literal["project"]
    overlap: Annotated[int, Field(ge=1, le=100)]
    practice_items: Annotated[int, Field(ge=0, le=50)]
    known_every: Annotated[int, Field(ge=0, le=1000)]
    queue_order: QueueOrder
    routing: Routing
    skill_field: Annotated[Text, Field(min_length=1, max_length=64)]
    open_critiques: bool


class FormRecord(Record):
    """A version of the critique form, numbered from 1 in their order; the last is in force."""

    kind: Literal["form"]
    content: FormContent
    author_name: Name | None
    created_at: Moment


class GuidelinesRecord(Record):
    """A version of the guidelines, numbered from 1 in their order; the last is in force."""

    kind: Literal["guidelines"]
    text: Text
    author_name: Name | None
    created_at: Moment


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
    tags: list[Text]
    created_at: Moment


class RolloutRecord(Record):
    """An answer; a redraft has its ``parent`` and the critique and number of the revision in view."""

    kind: Literal["rollout"]
    prompt: Place
    checkpoint: Sha256
    parent: Place | None
    revision: tuple[Place, Count] | None
    turn: Place
    text: Text
    token_ids: list[Place]
    logprobs: list[Number]
    sampling: Free
    finish_reason: Annotated[Text, Field(max_length=16)] | None
    state: Literal[RolloutState.complete, RolloutState.cancelled, RolloutState.failed]
    source: RolloutSource
    created_at: Moment


class RevisionRecord(Record):
    """A frozen text of a critique, by its author or by a corrector, with the versions it was written under."""

    text: Body
    rating: Unit | None
    tags: list[Text]
    edit: Body | None
    spans: Spans
    answers: Answers
    form_version: Count | None
    guideline_version: Count | None
    corrector_name: Name | None
    created_at: Moment


class ReviewRecord(Record):
    """What a reviewer said of a revision."""

    revision: Count
    reviewer_name: Name
    verdict: Literal[ReviewState.accepted, ReviewState.returned, ReviewState.corrected]
    note: Text
    created_at: Moment


class ComparisonRecord(Record):
    """What the critique's author says of a redraft."""

    redraft: Place
    verdict: Verdict | None
    rating: Unit | None
    created_at: Moment


class CritiqueRecord(Record):
    """A critique with all its revisions, numbered from 1 in their order; the last is the one that counts."""

    kind: Literal["critique"]
    rollout: Place
    author_kind: AuthorKind
    author_name: Name
    state: CritiqueState
    state_before_deletion: CritiqueState | None
    review: ReviewState
    reason: Text | None
    revisions: list[RevisionRecord]
    reviews: list[ReviewRecord]
    comparisons: list[ComparisonRecord]
    created_at: Moment
    submitted_at: Moment | None
    first_submitted_at: Moment | None

    @property
    def state_but_for_deletion(self) -> CritiqueState:
        """The state it has, or would have again if it were restored."""
        return self.state_before_deletion or self.state

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.state == CritiqueState.deleted) != (self.state_before_deletion is not None):
            raise ValueError("state_before_deletion: a deleted critique has one, and no other")
        if self.state_before_deletion == CritiqueState.deleted:
            raise ValueError("state_before_deletion: it was something else before it was deleted")
        if self.review == ReviewState.returned and self.state_but_for_deletion != CritiqueState.draft:
            raise ValueError("review: a returned critique is a draft")
        if not self.revisions and self.state_but_for_deletion in (CritiqueState.submitted, CritiqueState.draft):
            raise ValueError(f"revisions: a {self.state_but_for_deletion} critique has at least one")
        if any(review.revision > len(self.revisions) for review in self.reviews):
            raise ValueError("reviews: there is no revision of this number")
        return self


class EndRecord(Record):
    """The last line: a file without it was cut off."""

    kind: Literal["end"]
    lines: Place


AnyRecord = (
    Header | ProjectRecord | FormRecord | GuidelinesRecord | CheckpointRecord | PromptRecord | RolloutRecord
    | CritiqueRecord | KnownItemRecord | ComparisonSetRecord | PairRecord | RuleRecord | SnapshotRecord | ItemRecord
    | EndRecord
)  # fmt: skip
READ = TypeAdapter[AnyRecord](Annotated[AnyRecord, Field(discriminator="kind")])
SECTIONS: tuple[type[Record], ...] = (
    Header, ProjectRecord, FormRecord, GuidelinesRecord, CheckpointRecord, PromptRecord, RolloutRecord, CritiqueRecord,
    KnownItemRecord, ComparisonSetRecord, RuleRecord, SnapshotRecord, EndRecord,
)  # fmt: skip
FOLLOWS: dict[type[Record], type[Record]] = {PairRecord: ComparisonSetRecord, ItemRecord: SnapshotRecord}
