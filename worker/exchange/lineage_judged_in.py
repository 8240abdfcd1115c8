"""Known items, comparison sets with their pairs, and snapshots with their items, from a lineage."""

from backend.domain import feedback
from backend.domain.preferences import PreferenceDraft
from backend.models import ComparisonSet, KnownItem, Pair, Preference, RolloutSource, Snapshot, SnapshotItem
from worker.exchange.lineage_judged_records import (
    ComparisonSetRecord,
    ItemRecord,
    KnownItemRecord,
    PairRecord,
    PreferenceRecord,
    SnapshotRecord,
)  # fmt: skip
from worker.exchange.lineage_places import draw_ids
from worker.exchange.lineage_target import Answer, Fields, Line, Target


def take_known_items(target: Target, lines: list[Line]) -> None:
    """Write known items, each of a rollout that is known."""
    answers = target.answers({line.of(KnownItemRecord).rollout for line in lines})
    target.insert(KnownItem, [_known_item(target, line, answers) for line in lines])


def _known_item(target: Target, line: Line, answers: dict[int, Answer]) -> Fields:
    record = line.of(KnownItemRecord)
    rollout_id = line.looked_up(lambda: target.places.rollout(record.rollout))
    original = record.original
    if answers[rollout_id].source != RolloutSource.known:
        raise line.bad(f"rollout: the source of rollout {record.rollout} is not 'known'")
    line.refuse_misplaced([record.spans], answers[rollout_id].text)
    return {
        **record.model_dump(exclude={"kind", "known_kind", "rollout", "original"}),
        "project_id": target.project.id, "kind": record.known_kind, "rollout_id": rollout_id,
        "original_id": None if original is None else line.looked_up(lambda: target.places.rollout(original)),
    }  # fmt: skip


class ComparisonSets:
    """Writes sets and the pairs that follow each."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._set_id = 0

    def take_sets(self, lines: list[Line]) -> None:
        """Write sets; the pairs of the last one follow."""
        for line, row_id in zip(lines, draw_ids(self._target.session, ComparisonSet, len(lines)), strict=True):
            self._target.insert(ComparisonSet, [self._set(line, row_id)])
            self._set_id = row_id

    def _set(self, line: Line, row_id: int) -> Fields:
        record = line.of(ComparisonSetRecord)
        return {
            **record.model_dump(exclude={"kind", "checkpoint_a", "checkpoint_b"}),
            "id": row_id, "project_id": self._target.project.id,
            "checkpoint_a_id": self._side(line, record.checkpoint_a),
            "checkpoint_b_id": self._side(line, record.checkpoint_b),
        }  # fmt: skip

    def _side(self, line: Line, sha256: str | None) -> int | None:
        return None if sha256 is None else line.looked_up(lambda: self._target.checkpoint(sha256))

    def take_pairs(self, lines: list[Line]) -> None:
        """Write pairs with what people said of them."""
        pairs: list[Fields] = []
        preferences: list[Fields] = []
        for line, row_id in zip(lines, draw_ids(self._target.session, Pair, len(lines)), strict=True):
            record = line.of(PairRecord)
            prompt_id, a, b = line.looked_up(lambda: self._target.places.pair(record.a, record.b))  # noqa: B023 - called at once
            pairs.append(
                {"id": row_id, "set_id": self._set_id, "prompt_id": prompt_id, "rollout_a_id": a, "rollout_b_id": b}
            )
            preferences += [_preference(found, pair_id=row_id) for found in record.preferences]
        self._target.insert(Pair, pairs)
        self._target.insert(Preference, preferences)


def _preference(record: PreferenceRecord, *, pair_id: int) -> Fields:
    draft = PreferenceDraft(choice=record.choice, text=record.text)
    return {**record.model_dump(), "pair_id": pair_id, "draft": draft.model_dump()}


class Snapshots:
    """Writes snapshots and the items that follow each."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._taken: list[tuple[Line, int]] = []
        self._position = 0

    def take_snapshots(self, lines: list[Line]) -> None:
        """Write snapshots; the items of the last one follow."""
        for line, row_id in zip(lines, draw_ids(self._target.session, Snapshot, len(lines)), strict=True):
            self._target.insert(Snapshot, [self._snapshot(line, row_id)])
            self._taken.append((line, row_id))
            self._position = 0

    def _snapshot(self, line: Line, row_id: int) -> Fields:
        record = line.of(SnapshotRecord)
        return {
            **record.model_dump(exclude={"kind", "train_prompts", "probe_prompts"}),
            "id": row_id, "project_id": self._target.project.id,
            "train_prompt_ids": self._prompts(line, record.train_prompts),
            "probe_prompt_ids": self._prompts(line, record.probe_prompts),
        }  # fmt: skip

    def _prompts(self, line: Line, places: list[int]) -> list[int]:
        return line.looked_up(lambda: [self._target.places.prompt(place) for place in places])

    def take_items(self, lines: list[Line]) -> None:
        """Write items of the last snapshot, in their order."""
        self._target.insert(SnapshotItem, [line.looked_up(lambda: self._item(line)) for line in lines])  # noqa: B023 - called at once

    def _item(self, line: Line) -> Fields:
        record = line.of(ItemRecord)
        self._position += 1
        places = self._target.places
        return {
            "snapshot_id": self._taken[-1][1], "position": self._position - 1,
            "critique_revision_id": places.revision(record.critique, record.revision),
            "redraft_id": None if record.redraft is None else places.rollout(record.redraft),
            "redraft_reward": record.redraft_reward,
        }  # fmt: skip

    def compare(self) -> None:
        """Check that every snapshot hashes to what the file says; call when all is written.

        Raises:
            BadLinesError: one does not.
        """
        for line, snapshot_id in self._taken:
            record = line.of(SnapshotRecord)
            items = feedback.load(self._target.session, snapshot_id=snapshot_id)
            if (len(items), feedback.snapshot_hash(items, record.rules)) != (record.size, record.sha256):
                raise line.bad("sha256: the snapshot's items are not what was hashed")
            self._target.session.expunge_all()
