"""How likely it is that two reports are about the same thing. One scorer: the product and the evaluation both use it.

A report that comes in chooses among the earlier ones still open around it (a conditional logit, McFadden 1974): each candidate has a weight,
the sum of what speaks for and against it, and its share is that weight among all that stand there. So ten open reports of one kind in one
street make each of them less likely: the measure is stricter where much is open, without a rule for it.

The numbers are few and each has a meaning. Those of place, kind and time were fitted on duplicates that clerks of a city of 650,000 found,
and checked on neighbourhoods left out of the fitting (`fitting.cross_validate`); those of text and photo are judgement.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME_KIND, SAME_FAMILY, RELATED, UNRELATED = range(4)

REACH_M = 250.0  # nothing further away is looked at
RECENT_DAYS = 3.0  # a report closed so recently may still be what somebody means
GRAIN_M = 10.0  # how exactly people point: nearer than this, distance says little


@dataclass(frozen=True)
class Weights:
    """What each piece of evidence counts, as a logarithm (1 means 2.7 times as likely)."""

    place: float = 2.2  # power with which likelihood falls with distance
    address: float = 0.5  # the same address to the letter
    family: float = 2.0  # against another kind of the same family …
    related: float = 3.9  # … a kind related to it …
    unrelated: float = 5.8  # … and any other
    time: float = 0.05  # power with which it falls with the days between: almost not at all while it is open
    closed: float = 3.3  # against a report that was closed already
    text: float = 2.0  # for the same words, by the share that they have in common
    photo: float = 6.0  # for the same photo


@dataclass(frozen=True)
class Choice:
    """What is offered of what was weighed."""

    floor: float = -8.0  # a weight below is no candidate
    most: int = 8
    first: int = 3  # so many are offered whatever their share …
    share: float = 0.02  # … and further ones from this share on
    nothing: float = -3.0  # weight of "it is something new"


WEIGHTS, CHOICE = Weights(), Choice()


@dataclass(frozen=True)
class Evidence:
    """What is known of pairs of reports, one entry a pair: a report and an earlier one."""

    metres: Floats  # between the places, by the better of point and address; inf where nothing says
    same_address: NDArray[np.bool_]
    kin: Ints  # SAME_KIND … UNRELATED
    days: Floats  # from the earlier report to the later one
    closed: NDArray[np.bool_]  # the earlier one was closed when the later one came
    grain: Floats | float = GRAIN_M
    text: Floats | float = 0.0  # share of words in common, 0 … 1
    photo: Floats | float = 0.0  # 1 where a photo is the same

    def only(self, chosen: NDArray[np.bool_]) -> "Evidence":
        """The chosen pairs. Not for evidence of text or photo."""
        names = ("metres", "same_address", "kin", "days", "closed")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def columns(self) -> Floats:
        """One row a pair, one column for each of `Weights` in their order, so that a weight is their product."""
        count = len(self.metres)
        columns = [
            -np.log1p(self.metres / self.grain),
            self.same_address,
            -(self.kin == SAME_FAMILY).astype(np.float64),
            -(self.kin == RELATED).astype(np.float64),
            -(self.kin == UNRELATED).astype(np.float64),
            -np.log1p(np.maximum(self.days, 0.0)),
            -self.closed.astype(np.float64),
            np.broadcast_to(self.text, count),
            np.broadcast_to(self.photo, count),
        ]
        return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def vector(weights: Weights) -> Floats:
    """The weights in the order of `Evidence.columns`."""
    return np.array([getattr(weights, name) for name in Weights.__dataclass_fields__], dtype=np.float64)


def weigh(evidence: Evidence, weights: Weights = WEIGHTS) -> Floats:
    """The weight of each pair, as a logarithm."""
    return evidence.columns() @ vector(weights)


def choose(weight: Floats, report: Ints, rank_ties: Ints, choice: Choice = CHOICE) -> tuple[Ints, Floats]:
    """Which pairs are offered, the best of each report first, and the share of each of them.

    `report` says to which report a pair belongs, counted from 0. Of two equal weights the higher of `rank_ties` goes first, so the order in
    which pairs come does not matter.
    """
    if not len(weight):
        return np.zeros(0, np.int64), np.zeros(0)
    force = np.exp(weight)
    share = force / (np.bincount(report, force) + np.exp(choice.nothing))[report]
    kept = np.flatnonzero(weight >= choice.floor)
    kept = kept[np.lexsort((-rank_ties[kept], -weight[kept], report[kept]))]
    rank = np.arange(len(kept)) - np.searchsorted(report[kept], report[kept])
    offered = kept[(rank < choice.most) & ((rank < choice.first) | (share[kept] >= choice.share))]
    return offered, share[offered]
