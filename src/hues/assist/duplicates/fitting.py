"""Where the weights come from: fitted on known duplicates, checked on areas that the fitting has not seen.

Run it again when there are more pairs, and take over round numbers:
    from hues.assist.duplicates import fitting
    print(fitting.cross_validate(cases_path, pairs_path))
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hues.assist.duplicates.evaluate import hits, read_pairs
from hues.assist.duplicates.scoring import CHOICE, WEIGHTS, Floats, Ints, Weights, choose, vector
from hues.assist.duplicates.table import Table, read

FITTED = ("place", "address", "family", "related", "unrelated", "time", "closed")  # of Weights; no texts or photos here
START = replace(
    WEIGHTS, place=1.0, address=0.0, family=1.0, related=1.0, unrelated=1.0, time=0.0, closed=1.0
)  # knowing nothing
PRIOR = 0.05  # how firmly weights stay there, in pairs
STEPS = 50


class Pairs:
    """All pairs worth weighing, sorted by report, and where each known duplicate's earlier report is among them."""

    def __init__(self, table: Table, known: Ints) -> None:
        self.table, self.known = table, known
        self.later, self.earlier, evidence = table.pairs()
        self.columns = evidence.columns()
        self.begins = np.searchsorted(self.later, np.arange(len(table) + 1))

    def fit(self, which: Sequence[int]) -> Weights:
        """The weights under which the known pairs `which` are likeliest. Newton's method: the likelihood has one summit."""
        weights, start = vector(START), vector(START)
        free = [list(Weights.__dataclass_fields__).index(name) for name in FITTED]
        choices = [found for one in which if (found := self._choice(*self.known[one])) is not None]
        for _step in range(STEPS):
            slope = PRIOR * (weights - start)[free]
            curve = PRIOR * np.eye(len(free))
            for columns, hit in choices:
                force = columns @ weights
                share = np.exp(force - force.max())
                share /= share.sum()
                mean = share @ columns[:, free]
                slope += mean - columns[hit, free]
                curve += (columns[:, free] * share[:, None]).T @ columns[:, free] - np.outer(mean, mean)
            move = np.linalg.solve(curve, slope)
            weights[free] -= np.clip(move, -1, 1)
            if np.abs(move).max() < 1e-6:
                break
        return replace(
            WEIGHTS, **{name: max(0.0, float(weights[index])) for name, index in zip(FITTED, free, strict=True)}
        )

    def _choice(self, later: int, earlier: int) -> tuple[Floats, int] | None:
        begin, end = self.begins[later], self.begins[later + 1]
        hit = np.flatnonzero(self.earlier[begin:end] == earlier)
        return (self.columns[begin:end], int(hit[0])) if len(hit) else None

    def offered(self, weights: Weights) -> tuple[Ints, Ints]:
        chosen, _share = choose(self.columns @ vector(weights), self.later, self.earlier, CHOICE)
        return self.later[chosen], self.earlier[chosen]


def cross_validate(cases_path: Path | str, pairs_path: Path | str, folds: int = 5) -> dict[str, Any]:
    """Recall and candidates in areas left out of the fitting, by neighbourhood and by ward; and the weights fitted on everything."""
    table = read(cases_path)
    known, _unknown = read_pairs(pairs_path, table)
    pairs = Pairs(table, known)
    return {
        "weights": {name: round(getattr(pairs.fit(range(len(known))), name), 2) for name in FITTED},
        "neighbourhoods": _held_out(pairs, _folds(table.area, folds)),
        "wards": _held_out(pairs, _folds(table.ward, folds)),
        "each_ward": _held_out(pairs, _folds(table.ward, len(set(table.ward)))),
    }


def _folds(areas: Sequence[str], folds: int) -> Ints:
    """A fold for each report: whole areas, dealt out like cards."""
    fold = {area: index % folds for index, area in enumerate(sorted(set(areas)))}
    return np.array([fold[area] for area in areas], dtype=np.int64)


def _held_out(pairs: Pairs, fold: Ints) -> dict[str, float]:
    found = offered_there = 0
    of_pair = fold[pairs.known[:, 0]]
    for left_out in range(int(fold.max()) + 1):
        weights = pairs.fit(np.flatnonzero(of_pair != left_out).tolist())
        later, earlier = pairs.offered(weights)
        found += int(hits(pairs.table, pairs.known[of_pair == left_out], later, earlier).sum())
        offered_there += int((fold[later] == left_out).sum())
    return {
        "recall": round(found / len(pairs.known), 4),
        "mean_candidates": round(offered_there / len(pairs.table), 3),
    }
