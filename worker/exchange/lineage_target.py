"""Where a lineage is written: the empty project, and what is known of it so far."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.domain import spans
from backend.domain.spans import Span
from backend.errors import MismatchError
from backend.forms import Form
from backend.models import Project, Rollout, RolloutSource
from backend.models.base import Base
from worker.exchange.lineage_check import BadLinesError
from worker.exchange.lineage_places import Places
from worker.exchange.lineage_records import AnyRecord

Fields = dict[str, object]
Kind = TypeVar("Kind", bound=AnyRecord)
Found = TypeVar("Found")


@dataclass(frozen=True)
class Line:
    """A record with the number of its line."""

    number: int
    record: AnyRecord

    def of(self, kind: type[Kind]) -> Kind:
        """Its record, which is of this kind."""
        if not isinstance(self.record, kind):
            raise TypeError(f"line {self.number} is no {kind.__name__}")
        return self.record

    def looked_up(self, look: Callable[[], Found]) -> Found:
        """What ``look`` finds.

        Raises:
            BadLinesError: the line refers to what is not there.
        """
        try:
            return look()
        except LookupError as error:
            raise self.bad(str(error.args[0])) from error

    def bad(self, reason: str) -> BadLinesError:
        """The error that refuses the file for this line."""
        return BadLinesError([(self.number, reason)])

    def refuse_misplaced(self, marked: Iterable[list[Span]], answer: str) -> None:
        """Check that spans stand in the answer that they are said to be of.

        Raises:
            BadLinesError: one does not.
        """
        for found in marked:
            try:
                spans.refuse_misplaced(found, answer)
            except MismatchError as error:
                raise self.bad(error.message) from error


@dataclass(frozen=True)
class Answer:
    """What later records need to know of a rollout."""

    text: str
    source: RolloutSource


@dataclass
class Target:
    """The project that is written, what places have become, checkpoints by hash, forms, and how many guidelines."""

    session: Session
    project: Project
    places: Places = field(default_factory=Places)
    checkpoints: dict[str, int] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)
    guidelines: int = 0

    def insert(self, table: type[Base], made: list[Fields]) -> None:
        """Write rows."""
        if made:
            self.session.execute(insert(table), made)

    def checkpoint(self, sha256: str) -> int:
        """The id of a checkpoint."""
        if sha256 not in self.checkpoints:
            raise LookupError("there is no checkpoint of this hash before this line")
        return self.checkpoints[sha256]

    def answers(self, places: set[int]) -> dict[int, Answer]:
        """What is known of these rollouts, by id; places that are not there are passed over."""
        ids = [self.places.rollouts[place] for place in places if place < len(self.places.rollouts)]
        query = select(Rollout.id, Rollout.text, Rollout.source).where(Rollout.id.in_(ids))
        return {row_id: Answer(text, source) for row_id, text, source in self.session.execute(query)}
