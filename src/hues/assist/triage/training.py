"""Trains a model. The only module that needs scikit-learn; it runs in a process of its own or in a command, never in one that serves.

Two linear views of hashed pieces of words, added up: what tells the kinds apart in the sentences read (a support vector machine), and how much
oftener each piece is said of a kind than of the others (naive Bayes), which holds on to what only few sentences say. How good they are on people
not read is measured by leaving out one voice at a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

from hues.assist.triage.features import SIZE, Pieces, pieces, vector
from hues.assist.triage.material import CASES, KEYWORDS, Labelled, Material
from hues.assist.triage.measuring import Measured, measured, sharpest
from hues.assist.triage.model import Model
from hues.assist.triage.voices import variants
from hues.assist.triage.words import Places, words
from hues.kernel.text import vn_fold

SHARES = (1.0, 0.6, 0.5)  # of words, letters, accents: see features
SOFTNESS = 0.3  # C of the classifier
BLEND = 0.1  # of naive Bayes beside it
RARE = 0.1  # added to every count: how little one sentence proves
SHARPNESS = 4.8  # where it was not measured
HIDDEN = 3  # a piece that only cases hold must be in so many of them: what one person wrote is not learned


@dataclass(frozen=True)
class _Table:
    """Texts as numbers, with their classes and weights."""

    x: sparse.csr_matrix
    y: np.ndarray
    weight: np.ndarray


def train(material: Material, *, version: str = "", sharpness: float = SHARPNESS) -> Model:
    """A model of everything in `material`."""
    return _fit(material.texts, material.codes, Places(material.places), version, sharpness)


def train_and_measure(material: Material, *, version: str = "") -> tuple[Model, Measured]:
    """A model, and how good its like are on voices left out."""
    found = measure(material)
    return train(material, version=version, sharpness=found.sharpness or SHARPNESS), found


def measure(material: Material) -> Measured:
    """Every voice that wrote sentences is left out once, and asked of a model that has read all others."""
    places = Places(material.places)
    voices = [voice for voice in material.voices() if voice not in (KEYWORDS, CASES)]
    if len(material.voices()) < 2:
        voices = []
    asked: list[Labelled] = []
    plain: list[np.ndarray] = []
    folded: list[np.ndarray] = []
    for voice in voices:
        model = _fit([row for row in material.texts if row.voice != voice], material.codes, places, "", SHARPNESS)
        mine = [row for row in material.texts if row.voice == voice]
        asked += mine
        plain += [model.scores(row.text) for row in mine]
        folded += [model.scores(vn_fold(row.text)) for row in mine]
    if not asked:
        return Measured()
    scores = np.array(plain)
    return measured(asked, material.codes, scores, np.array(folded), sharpest(asked, material.codes, scores))


# ── fitting ──


def _fit(texts: Sequence[Labelled], codes: Sequence[str], places: Places, version: str, sharpness: float) -> Model:
    number = {code: i for i, code in enumerate(codes)}
    examples = [(text, number[row.code], weight, row) for row in texts for text, weight in variants(row)]
    read = [pieces(words(text, places)) for text, *_ in examples]
    allowed = _allowed([row for *_, row in examples], read)
    read = [found.only(allowed) for found in read]
    idf = _rarity(read)
    table = _table(read, idf, [y for _, y, _, _ in examples], [weight for _, _, weight, _ in examples])
    classifier = LinearSVC(C=SOFTNESS, max_iter=2000, random_state=0)
    classifier.fit(table.x, table.y, sample_weight=table.weight)
    used = np.unique(table.x.indices)
    weights = _apart(classifier, used) + BLEND * _leaning(table, used, classifier.classes_)
    return _packed(classifier, weights, codes, places, idf, used, version, sharpness)


def _allowed(rows: Iterable[Labelled], read: Iterable[Pieces]) -> np.ndarray:
    """The pieces that may be kept: of the pack's own texts, or of enough different cases."""
    ours = np.zeros(SIZE, bool)
    cases = np.zeros(SIZE, np.int32)
    seen: set[int] = set()
    last: Labelled | None = None
    for row, found in zip(rows, read, strict=True):
        if row.voice != CASES:
            ours[found.slot] = True
            continue
        if row is not last:
            seen, last = set(), row
        fresh = set(found.slot.tolist()) - seen
        seen |= fresh
        cases[list(fresh)] += 1
    return ours | (cases >= HIDDEN)


def _rarity(read: Sequence[Pieces]) -> np.ndarray:
    """The rarer a piece, the more it says."""
    frequency = np.zeros(SIZE, np.float32)
    for found in read:
        frequency[np.unique(found.slot)] += 1
    return np.asarray(np.log((1 + len(read)) / (1 + frequency)) + 1, np.float32)


def _table(read: Sequence[Pieces], idf: np.ndarray, y: Sequence[int], weight: Sequence[float]) -> _Table:
    slots, values, ends = [], [], [0]
    for found in read:
        one = vector(found, idf, SHARES)
        slots.append(one.slots)
        values.append(one.values)
        ends.append(ends[-1] + len(one.slots))
    x = sparse.csr_matrix((np.concatenate(values), np.concatenate(slots), np.array(ends)), shape=(len(read), SIZE))
    x.sum_duplicates()
    return _Table(x, np.array(y), np.array(weight, np.float64))


def _apart(classifier: LinearSVC, used: np.ndarray) -> np.ndarray:
    """What the classifier says of each piece, by class."""
    coefficients = classifier.coef_[:, used].T
    # Two classes are told apart by one line.
    return np.hstack([-coefficients, coefficients]) if coefficients.shape[1] == 1 else np.asarray(coefficients)


def _leaning(table: _Table, used: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """How much oftener each piece is said of a class than of all others (logarithm), above the mean of all classes."""
    of_class = sparse.csr_matrix((table.weight, (np.searchsorted(classes, table.y), np.arange(len(table.y)))))
    said = np.asarray((of_class @ table.x[:, used]).todense()).T
    others = said.sum(axis=1, keepdims=True) - said
    room = RARE * SIZE
    leaning = np.log((said + RARE) / (said.sum(axis=0) + room)) - np.log((others + RARE) / (others.sum(axis=0) + room))
    return np.asarray(leaning - leaning.mean(axis=1, keepdims=True))


def _packed(
    classifier: LinearSVC,
    told: np.ndarray,
    codes: Sequence[str],
    places: Places,
    idf: np.ndarray,
    used: np.ndarray,
    version: str,
    sharpness: float,
) -> Model:
    """In 8 bits a number; a category without a single text never comes first."""
    weights = np.zeros((len(used), len(codes)), np.float32)
    bias = np.full(len(codes), -9.0, np.float32)
    intercepts = classifier.intercept_
    if len(intercepts) == 1:
        intercepts = np.array([-intercepts[0], intercepts[0]])
    weights[:, classifier.classes_] = told
    bias[classifier.classes_] = intercepts
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9).astype(np.float32) / 127
    rows = np.full(SIZE, -1, np.int32)
    rows[used] = np.arange(len(used), dtype=np.int32)
    return Model(
        codes=tuple(codes), rows=rows, weights=np.rint(weights / scale).astype(np.int8), scale=scale, bias=bias, idf=idf[used],
        shares=SHARES, sharpness=sharpness, places=places, version=version,
    )  # fmt: skip
