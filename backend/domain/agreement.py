"""Agreement between those who critique the same answers, and what each of them does.

Compared is what authors wrote themselves: where a reviewer corrected a critique, its author's last own words count.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from backend.agreement import coefficients, overlap
from backend.agreement.figures import Figure, figure, percent_figure
from backend.agreement.overlap import Overlap
from backend.domain import similarity, spans
from backend.models import AuthorKind, Critique, CritiqueRevision, CritiqueState, Project

NEWEST_ANSWERS = 500
MOST_PAIRS = 40


@dataclass(frozen=True)
class Author:
    """Who critiques; ``user_id`` is None for code and models."""

    kind: AuthorKind
    name: str
    user_id: int | None


@dataclass(frozen=True)
class Said:
    """What an author says of an answer: its rating in [0, 1], marked stretches in code points, and its points."""

    rating: float | None
    stretches: tuple[overlap.Stretch, ...]
    points: tuple["Point", ...]


@dataclass(frozen=True)
class Point:
    """One thing that a critique says: its text, or a span with its note; ``words`` is None without any."""

    stretch: overlap.Stretch | None
    words: similarity.Vector | None


@dataclass(frozen=True)
class PairFigures:
    """Two authors over the answers that both critiqued. Precision and recall are of the first against the second."""

    first: Author
    second: Author
    answers: int
    percent: Figure
    kappa: Figure
    tau_b: Figure
    span_f1: Figure
    precision: Figure
    recall: Figure


@dataclass(frozen=True)
class Agreement:
    """The agreement of a project's people, and of each pair of authors."""

    alpha_nominal: Figure
    alpha_interval: Figure
    pairs: list[PairFigures]
    left_out: int  # pairs beyond the most that are computed


Answers = Mapping[int, Mapping[Author, Said]]


def of(session: Session, *, project: Project) -> Agreement:
    """Over the newest answers with at least two submitted critiques."""
    answers = _answers(session, project_id=project.id)
    rated = [_ratings_of_people(said) for said in answers.values()]
    units = [ratings for ratings in rated if len(ratings) > 1]
    level = _levels(project.rating_levels)
    shared = _shared(answers)
    return Agreement(
        alpha_nominal=figure([[level(rating) for rating in unit] for unit in units], coefficients.alpha_nominal),
        alpha_interval=figure(units, coefficients.alpha_interval),
        pairs=[_compare(first, second, both, level) for (first, second), both in shared[:MOST_PAIRS]],
        left_out=max(0, len(shared) - MOST_PAIRS),
    )


def _ratings_of_people(said: Mapping[Author, Said]) -> list[float]:
    return [
        one.rating for author, one in said.items() if author.kind == AuthorKind.annotator and one.rating is not None
    ]


def _levels(count: int) -> Callable[[float], int]:
    return lambda rating: round(rating * (count - 1))


def _shared(answers: Answers) -> list[tuple[tuple[Author, Author], list[tuple[Said, Said]]]]:
    """Each pair of authors with what both say of the answers that both critiqued; people first, then most shared."""
    found: dict[tuple[Author, Author], list[tuple[Said, Said]]] = defaultdict(list)
    for said in answers.values():
        for first, second in combinations(sorted(said, key=_order), 2):
            if AuthorKind.annotator in (first.kind, second.kind):
                found[first, second].append((said[first], said[second]))
    return sorted(found.items(), key=lambda item: (item[0][1].kind, -len(item[1]), _order(item[0][0])))


def _order(author: Author) -> tuple[str, str, int]:
    # "annotator" is the first by name, so a person is always the first of a pair with code or a model.
    return author.kind, author.name, author.user_id or 0


def _compare(
    first: Author, second: Author, both: Sequence[tuple[Said, Said]], level: Callable[[float], int]
) -> PairFigures:
    ratings = [(a.rating, b.rating) for a, b in both if a.rating is not None and b.rating is not None]
    levels = [(level(a), level(b)) for a, b in ratings]
    marked = [overlap.of_stretches(a.stretches, b.stretches) for a, b in both if a.stretches or b.stretches]
    points = [_matched(a.points, b.points) for a, b in both if a.points or b.points]
    return PairFigures(
        first=first,
        second=second,
        answers=len(both),
        percent=percent_figure(levels),
        kappa=figure(levels, coefficients.kappa),
        tau_b=figure(ratings, coefficients.tau_b),
        span_f1=figure(marked, overlap.f1),
        precision=figure(points, overlap.precision),
        recall=figure(points, overlap.recall),
    )


def _matched(first: Sequence[Point], second: Sequence[Point]) -> Overlap:
    return overlap.of_points(len(first), len(second), lambda i, j: same_point(first[i], second[j]))


def same_point(one: Point, other: Point) -> bool:
    """Whether two points of critiques mark the same stretch, or say much the same."""
    if one.stretch and other.stretch and overlap.share_alike(one.stretch, other.stretch):
        return True
    if one.words is None or other.words is None:
        return False
    return similarity.cosine(one.words, other.words) >= similarity.THRESHOLD


def last_own_revision() -> ScalarSelect[int]:
    """The newest revision that a critique's author wrote, as part of a query over critiques."""
    return (
        select(func.max(CritiqueRevision.id))
        .where(
            CritiqueRevision.critique_id == Critique.id,
            CritiqueRevision.corrector_id.is_(None),
            CritiqueRevision.corrector_name.is_(None),
        )
        .correlate(Critique)
        .scalar_subquery()
    )


def _answers(session: Session, *, project_id: int) -> Answers:
    compared = (
        select(Critique.rollout_id)
        .where(Critique.project_id == project_id, Critique.state == CritiqueState.submitted)
        .group_by(Critique.rollout_id)
        .having(func.count() > 1)
        .order_by(Critique.rollout_id.desc())
        .limit(NEWEST_ANSWERS)
    )
    query = (
        select(Critique, CritiqueRevision)
        .join(CritiqueRevision, CritiqueRevision.id == last_own_revision())
        .where(Critique.state == CritiqueState.submitted, Critique.rollout_id.in_(compared))
        .order_by(Critique.rollout_id, Critique.id)
    )
    rows = [(critique, revision) for critique, revision in session.execute(query)]
    vectors = similarity.vectors(_texts([revision for _, revision in rows]))
    found: dict[int, dict[Author, Said]] = defaultdict(dict)
    for critique, revision in rows:
        author = Author(critique.author_kind, critique.author_name, critique.author_id)
        found[critique.rollout_id][author] = _said(revision, vectors)
    return found


TextKey = tuple[int, int]  # the revision, and the place of its span; -1 is its text


def _texts(revisions: Sequence[CritiqueRevision]) -> dict[TextKey, str]:
    texts: dict[TextKey, str] = {}
    for revision in revisions:
        notes = {(revision.id, place): span.note for place, span in enumerate(spans.of(revision))}
        texts |= {(revision.id, -1): revision.text, **notes}
    return {key: text for key, text in texts.items() if text.strip()}


def _said(revision: CritiqueRevision, vectors: Mapping[TextKey, similarity.Vector]) -> Said:
    stretches = tuple((span.anchor.start, span.anchor.end) for span in spans.of(revision))
    points = [Point(stretch, vectors.get((revision.id, place))) for place, stretch in enumerate(stretches)]
    if text := vectors.get((revision.id, -1)):
        points.append(Point(None, text))
    return Said(rating=revision.rating, stretches=stretches, points=tuple(points))
