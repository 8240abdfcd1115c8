"""The queries for a lineage's known items, comparison sets, rules and snapshots."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql import ColumnElement

from backend.models import (
    Checkpoint,
    ComparisonSet,
    CritiqueRevision,
    KnownItem,
    Pair,
    Preference,
    PreferenceState,
    Rule,
    RuleCritique,
    RuleEdit,
    Snapshot,
    SnapshotItem,
)  # fmt: skip
from worker.exchange.lineage_sql import author_name, gathered, moment, stream
from worker.exchange.numbering import CRITIQUES, PROMPTS, ROLLOUTS
from worker.exchange.reading import Fields, Query


def known_items() -> Query:
    """Known items, oldest first."""
    original = ROLLOUTS.alias()
    return (
        select(
            ROLLOUTS.c.place.label("rollout"), original.c.place.label("original"), KnownItem.kind.label("known_kind"),
            KnownItem.is_practice, KnownItem.is_retired, KnownItem.rating_low, KnownItem.rating_high, KnownItem.tags,
            KnownItem.spans, KnownItem.words, KnownItem.note, author_name(KnownItem),
            moment(KnownItem.created_at).label("created_at"),
        )
        .join(ROLLOUTS, ROLLOUTS.c.id == KnownItem.rollout_id)
        .outerjoin(original, original.c.id == KnownItem.original_id)
        .order_by(KnownItem.id)
    )  # fmt: skip


def comparison_sets(session: Session, project_id: int) -> Iterator[Fields]:
    """Comparison sets, oldest first, each with its pairs behind it."""
    a, b = aliased(Checkpoint), aliased(Checkpoint)
    query = (
        select(
            ComparisonSet.id, ComparisonSet.name, a.sha256.label("checkpoint_a"), b.sha256.label("checkpoint_b"),
            ComparisonSet.overlap, ComparisonSet.reveals, ComparisonSet.is_open, ComparisonSet.identical,
            moment(ComparisonSet.created_at).label("created_at"),
        )
        .outerjoin(a, a.id == ComparisonSet.checkpoint_a_id)
        .outerjoin(b, b.id == ComparisonSet.checkpoint_b_id)
        .where(ComparisonSet.project_id == project_id)
        .order_by(ComparisonSet.id)
    )  # fmt: skip
    for fields in list(stream(session, "comparison-set", query)):
        set_id = fields.pop("id")
        yield fields
        yield from stream(session, "pair", _pairs(set_id))


def _pairs(set_id: int) -> Query:
    a, b = ROLLOUTS.alias(), ROLLOUTS.alias()
    given = (
        gathered(
            Preference.id,
            author_name=author_name(Preference), a_is_left=Preference.a_is_left, state=Preference.state,
            choice=Preference.choice, text=Preference.text, reason=Preference.reason,
            created_at=moment(Preference.created_at), submitted_at=moment(Preference.submitted_at),
        )
        .where(Preference.pair_id == Pair.id, Preference.state != PreferenceState.draft)
        .correlate(Pair)
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(a.c.place.label("a"), b.c.place.label("b"), given.label("preferences"))
        .select_from(Pair)
        .join(a, a.c.id == Pair.rollout_a_id)
        .join(b, b.c.id == Pair.rollout_b_id)
        .where(Pair.set_id == set_id)
        .order_by(Pair.id)
    )


def rules(project_id: int) -> Query:
    """Rules, oldest first."""
    edits = (
        gathered(
            RuleEdit.id,
            author_name=author_name(RuleEdit), text_before=RuleEdit.text_before, created_at=moment(RuleEdit.created_at),
        )
        .where(RuleEdit.rule_id == Rule.id)
        .correlate(Rule)
        .scalar_subquery()
    )  # fmt: skip
    sources = (
        gathered(
            RuleCritique.id,
            critique=CRITIQUES.c.place, revision=CritiqueRevision.number, created_at=moment(RuleCritique.created_at),
        )
        .select_from(RuleCritique)
        .join(CritiqueRevision, CritiqueRevision.id == RuleCritique.critique_revision_id)
        .join(CRITIQUES, CRITIQUES.c.id == CritiqueRevision.critique_id)
        .where(RuleCritique.rule_id == Rule.id)
        .correlate(Rule)
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(
            Rule.text, Rule.state, Rule.position, Rule.proposed_by, author_name(Rule),
            edits.label("edits"), sources.label("sources"),
            moment(Rule.created_at).label("created_at"),
        )
        .where(Rule.project_id == project_id)
        .order_by(Rule.id)
    )  # fmt: skip


def snapshots(session: Session, project_id: int) -> Iterator[Fields]:
    """Snapshots, oldest first, each with its items behind it."""
    query = (
        select(
            Snapshot.id, Snapshot.sha256, Snapshot.size, Snapshot.rules,
            _places(Snapshot.train_prompt_ids).label("train_prompts"),
            _places(Snapshot.probe_prompt_ids).label("probe_prompts"), moment(Snapshot.created_at).label("created_at"),
        )
        .where(Snapshot.project_id == project_id)
        .order_by(Snapshot.id)
    )  # fmt: skip
    for fields in list(stream(session, "snapshot", query)):
        snapshot_id = fields.pop("id")
        yield fields
        yield from stream(session, "item", _items(snapshot_id))


def _places(ids: InstrumentedAttribute[list[int]]) -> ColumnElement[list[int]]:
    """A list of prompts' ids as the list of their places, in the same order."""
    listed = func.jsonb_array_elements_text(ids).table_valued("id", with_ordinality="number").render_derived()
    places = func.jsonb_agg(aggregate_order_by(PROMPTS.c.place, listed.c.number))
    return (
        select(func.coalesce(places, cast([], JSONB)))
        .select_from(listed)
        .join(PROMPTS, PROMPTS.c.id == cast(listed.c.id, BigInteger))
        .correlate(Snapshot)
        .scalar_subquery()
    )


def _items(snapshot_id: int) -> Query:
    return (
        select(
            CRITIQUES.c.place.label("critique"), CritiqueRevision.number.label("revision"),
            ROLLOUTS.c.place.label("redraft"), SnapshotItem.redraft_reward,
        )
        .join(CritiqueRevision, CritiqueRevision.id == SnapshotItem.critique_revision_id)
        .join(CRITIQUES, CRITIQUES.c.id == CritiqueRevision.critique_id)
        .outerjoin(ROLLOUTS, ROLLOUTS.c.id == SnapshotItem.redraft_id)
        .where(SnapshotItem.snapshot_id == snapshot_id)
        .order_by(SnapshotItem.position)
    )  # fmt: skip
