"""Which short texts say much the same: TF-IDF over words and pairs of words, cosine, greedy clusters. Pure.

A text is read as its words (NFKC, case-folded; each ideograph or kana is a word of its own, since those scripts set
no spaces). Texts of the same words are one text from then on, so they always stay together.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

THRESHOLD = 0.3
# A critique says its point early, and its rarest words say most; more of either would cost time and blur it.
MOST_WORDS = 60
MOST_FEATURES = 24

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+")

Words = tuple[str, ...]
Vector = dict[str, float]
Key = TypeVar("Key")


def groups(texts: Mapping[int, str], *, threshold: float = THRESHOLD) -> list[list[int]]:
    """The ids of ``texts`` grouped by similarity, largest group first; the order of the input does not matter.

    The most frequent texts lead, among equals the shortest; every other text joins the most similar leader whose
    cosine reaches ``threshold``, or leads a group of its own. Each id is in exactly one group; ids ascend within it.
    """
    ids_by_words = defaultdict(list)
    for number, text in texts.items():
        ids_by_words[words_of(text)].append(number)
    order = sorted(ids_by_words, key=lambda said: (-len(ids_by_words[said]), len(said), said))
    found: dict[Words, list[int]] = defaultdict(list)
    for words, leader in zip(order, _leaders(order, threshold), strict=True):
        found[leader] += ids_by_words[words]
    return sorted((sorted(ids) for ids in found.values()), key=lambda ids: (-len(ids), ids))


def vectors(texts: Mapping[Key, str]) -> dict[Key, Vector]:
    """Every text as a unit vector among the others."""
    return dict(zip(texts, _vectors([words_of(text) for text in texts.values()]), strict=True))


def cosine(one: Vector, other: Vector) -> float:
    """The similarity of two texts, from 0 to 1."""
    return sum(weight * other.get(feature, 0.0) for feature, weight in one.items())


def nearest(texts: Mapping[int, str], others: Sequence[str]) -> dict[int, float]:
    """For each of ``texts`` the cosine to the most similar of ``others``, in [0, 1]; 0 when there are none."""
    found = _vectors([words_of(text) for text in (*texts.values(), *others)])
    found_by_feature: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, vector in enumerate(found[len(texts) :]):
        for feature, weight in vector.items():
            found_by_feature[feature].append((place, weight))
    return {number: _best(vector, found_by_feature) for number, vector in zip(texts, found, strict=False)}


def _best(vector: Vector, found_by_feature: Mapping[str, list[tuple[int, float]]]) -> float:
    scores: dict[int, float] = defaultdict(float)
    for feature, weight in vector.items():
        for place, other in found_by_feature.get(feature, ()):
            scores[place] += weight * other
    return max(scores.values(), default=0.0)


def words_of(text: str) -> Words:
    """The words that are compared; a text without any (only signs) is one word."""
    normal = unicodedata.normalize("NFKC", text).casefold()
    return tuple(_WORD.findall(normal)[:MOST_WORDS]) or (normal.strip(),)


def _leaders(order: list[Words], threshold: float) -> list[Words]:
    """For each text, in order, the leader of its group (itself, when it leads)."""
    chosen: list[Words] = []
    led_by_feature: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, vector in enumerate(_vectors(order)):
        scores: dict[int, float] = defaultdict(float)
        for feature, weight in vector.items():
            for leader, other in led_by_feature[feature]:
                scores[leader] += weight * other
        best = min(scores, key=lambda leader: (-scores[leader], leader), default=None)
        if best is not None and scores[best] >= threshold:
            chosen.append(order[best])
            continue
        chosen.append(order[place])
        for feature, weight in vector.items():
            led_by_feature[feature].append((place, weight))
    return chosen


def _vectors(texts: list[Words]) -> list[Vector]:
    """Unit vectors of term frequency times smoothed inverse document frequency, ``ln((1 + n) / (1 + df)) + 1``.

    Only the ``MOST_FEATURES`` heaviest features of a text are kept.
    """
    counts = [Counter(_features(words)) for words in texts]
    documents = Counter(feature for count in counts for feature in count)
    rarity = {feature: math.log((1 + len(texts)) / (1 + df)) + 1 for feature, df in documents.items()}
    return [_unit({feature: n * rarity[feature] for feature, n in count.items()}) for count in counts]


def _features(words: Words) -> list[str]:
    # Words count twice as much as pairs: the same point is made in many orders.
    return [*words, *words, *(f"{first} {second}" for first, second in pairwise(words))]


def _unit(vector: Vector) -> Vector:
    heaviest = sorted(vector.items(), key=lambda item: (-item[1], item[0]))[:MOST_FEATURES]
    length = math.hypot(*(weight for _, weight in heaviest))
    return {feature: weight / length for feature, weight in heaviest}
