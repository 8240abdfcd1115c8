"""What the places in a lineage have become: ids of rows, a few numbers per record."""

from array import array
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.models.base import Base

NOTHING = -1


class Places:
    """Ids by place; looking up what is not there says so."""

    def __init__(self) -> None:
        self.prompts, self.rollouts, self.critiques = array("q"), array("q"), array("q")
        self._prompt_of = array("q")
        self._revisions, self._first_revision = array("q"), array("q", [0])
        self._under_critique, self._under_number = array("q"), array("q")

    def prompt(self, place: int) -> int:
        """The id of a prompt."""
        return _at(self.prompts, place, "prompt")

    def rollout(self, place: int) -> int:
        """The id of a rollout."""
        return _at(self.rollouts, place, "rollout")

    def critique(self, place: int) -> int:
        """The id of a critique."""
        return _at(self.critiques, place, "critique")

    def revision(self, critique: int, number: int) -> int:
        """The id of a critique's revision, numbered from 1."""
        self.critique(critique)
        first, after = self._first_revision[critique], self._first_revision[critique + 1]
        if not 1 <= number <= after - first:
            raise LookupError(f"critique {critique} has no revision {number}")
        return self._revisions[first + number - 1]

    def add_rollout(self, row_id: int, *, prompt: int, under: tuple[int, int] | None) -> None:
        """Keep a rollout, the place of its prompt, and which revision it was written under, if any."""
        critique, number = under or (NOTHING, NOTHING)
        self.rollouts.append(row_id)
        self._prompt_of.append(prompt)
        self._under_critique.append(critique)
        self._under_number.append(number)

    def add_critique(self, row_id: int, revisions: list[int]) -> None:
        """Keep a critique and its revisions."""
        self.critiques.append(row_id)
        self._revisions.extend(revisions)
        self._first_revision.append(len(self._revisions))

    def redraft(self, place: int, *, critique: int) -> int:
        """The id of a redraft that was written under the critique."""
        row_id = self.rollout(place)
        if self._under_critique[place] != critique:
            raise LookupError(f"rollout {place} was not written under critique {critique}")
        return row_id

    def pair(self, a: int, b: int) -> tuple[int, int, int]:
        """The ids of a prompt and of two different answers to it."""
        first, second = self.rollout(a), self.rollout(b)
        if a == b or self._prompt_of[a] != self._prompt_of[b]:
            raise LookupError(f"rollouts {a} and {b} are not two answers to one prompt")
        return self.prompt(self._prompt_of[a]), first, second

    def written_under(self) -> Iterator[tuple[int, int]]:
        """Every redraft's id with the id of the revision it was written under.

        Raises:
            LookupError: there is no such revision.
        """
        for row_id, critique, number in zip(self.rollouts, self._under_critique, self._under_number, strict=True):
            if critique != NOTHING:
                yield row_id, self.revision(critique, number)


def _at(ids: "array[int]", place: int, kind: str) -> int:
    if place >= len(ids):
        raise LookupError(f"there is no {kind} {place} before this line")
    return ids[place]


def draw_ids(session: Session, table: type[Base], count: int) -> list[int]:
    """So many new ids of a table, in order."""
    query = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return list(session.scalars(query, {"name": table.__tablename__, "count": count}))
