"""How well annotators see what is known: feedback on practice, and shares on gold and seeded items."""

from dataclasses import dataclass, field

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from backend.domain import known_verdicts, spans
from backend.domain.known_verdicts import Expected, Said, Verdict
from backend.errors import NotFoundError
from backend.intervals import Interval, wilson
from backend.models import Critique, CritiqueRevision, CritiqueState, KnownItem, KnownKind, User


@dataclass(frozen=True)
class Feedback:
    """A practice item with what its critique said and how that stands to what was expected."""

    item: KnownItem
    revision: CritiqueRevision
    verdict: Verdict


@dataclass(frozen=True)
class Share:
    """``passed`` of ``n``, with Wilson's 95 % interval; no interval without items."""

    passed: int
    n: int

    @property
    def interval(self) -> Interval | None:
        """The share with its interval."""
        return wilson(self.passed, self.n) if self.n else None


@dataclass(frozen=True)
class Quality:
    """A person's shares: ratings in range on gold items, mistakes found in seeded ones, and practice passed."""

    user_id: int
    name: str
    gold: Share
    seeded: Share
    practice: Share


@dataclass
class _Tally:
    name: str
    passed: dict[str, list[bool]] = field(default_factory=lambda: {"gold": [], "seeded": [], "practice": []})

    def share(self, what: str) -> Share:
        return Share(passed=sum(self.passed[what]), n=len(self.passed[what]))


def verdict_on(item: KnownItem, revision: CritiqueRevision) -> Verdict:
    """How a frozen critique stands to what was expected of it."""
    expected = Expected(
        is_seeded=item.kind == KnownKind.seeded,
        rating_low=item.rating_low,
        rating_high=item.rating_high,
        tags=item.tags,
        spans=[spans.Span.model_validate(span) for span in item.spans],
        words=item.words,
    )
    said = Said(text=revision.text, rating=revision.rating, tags=revision.tags, spans=spans.of(revision))
    return known_verdicts.judge(expected, said)


def feedback(session: Session, *, critique: Critique) -> Feedback:
    """What was expected of a practice item, once its critique is submitted.

    Raises:
        NotFoundError: it is no practice item, or not submitted: nothing is told of items that measure.
    """
    found = session.execute(
        select(KnownItem, CritiqueRevision)
        .join(CritiqueRevision, CritiqueRevision.id == critique.current_revision_id)
        .where(KnownItem.rollout_id == critique.rollout_id, KnownItem.is_practice)
    ).first()
    if found is None or critique.state != CritiqueState.submitted:
        raise NotFoundError("There is no feedback on this critique.")
    item, revision = found
    return Feedback(item=item, revision=revision, verdict=verdict_on(item, revision))


def of_annotators(session: Session, *, project_id: int) -> list[Quality]:
    """Everybody who was handed a known item, by name. A critique older than its item does not count."""
    query = (
        select(KnownItem, CritiqueRevision, User.id, User.name)
        .join(Critique, Critique.rollout_id == KnownItem.rollout_id)
        .join(CritiqueRevision, CritiqueRevision.id == _as_first_submitted())
        .join(User, User.id == Critique.author_id)
        .where(
            KnownItem.project_id == project_id,
            Critique.state == CritiqueState.submitted,
            Critique.first_submitted_at > KnownItem.created_at,
        )
        .order_by(User.name, User.id)
    )
    tallies: dict[int, _Tally] = {}
    for item, revision, user_id, name in session.execute(query):
        tally = tallies.setdefault(user_id, _Tally(name))
        tally.passed["practice" if item.is_practice else item.kind].append(verdict_on(item, revision).passed)
    return [
        Quality(user_id, tally.name, tally.share("gold"), tally.share("seeded"), tally.share("practice"))
        for user_id, tally in tallies.items()
    ]


def _as_first_submitted() -> ScalarSelect[int]:
    """What the author said before any feedback: a correction, or what was mended after it, measures nobody's eye."""
    return (
        select(func.max(CritiqueRevision.id))
        .where(
            CritiqueRevision.critique_id == Critique.id,
            CritiqueRevision.corrector_id.is_(None),
            CritiqueRevision.created_at <= Critique.first_submitted_at,
        )
        .correlate(Critique)
        .scalar_subquery()
    )
