"""How well duplicates are found, measured on a city's reports and the pairs that its clerks closed as duplicates.

- A report's candidates are earlier reports (received before it) that were open when it came, or closed at most three days before: at most
  eight (`scoring.Choice`), weighed by the scorer of the product. Nothing is used that was known only later.
- `recall`: the share of pairs where the report that came second is offered the one that came first. Which of the two the clerks let stand is
  their choice (a quarter let the later one): whoever reads the second sees both.
- `mean_candidates`: over all reports, of the number of candidates; `mean_candidates_placed`: over those with a point that means something
  or an address.
"""

import csv
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from hues.assist.duplicates.scoring import CHOICE, WEIGHTS, Choice, Ints, Weights, choose, weigh
from hues.assist.duplicates.table import Table, read


def run(
    cases_path: Path | str, pairs_path: Path | str, *, weights: Weights = WEIGHTS, choice: Choice = CHOICE
) -> dict[str, Any]:
    """Recall and candidates, all in all and by neighbourhood, as JSON. Raises ValueError where a file is not as expected."""
    began = time.process_time()
    table = read(cases_path)
    found, unknown = read_pairs(pairs_path, table)
    offered_to, offered = candidates(table, weights, choice)
    hit = hits(table, found, offered_to, offered)
    count = np.bincount(offered_to, minlength=len(table))
    located = table.placed | (table.address >= 0)
    return {
        "recall": round(float(hit.mean()), 4) if len(hit) else None,
        "mean_candidates": round(float(count.mean()), 3) if len(count) else 0.0,
        "mean_candidates_placed": round(float(count[located].mean()), 3) if located.any() else 0.0,
        "cases": len(table),
        "pairs": len(found),
        "pairs_unknown": unknown,
        "by_area": _by_area(table, found, hit, count),
        "cpu_seconds": round(time.process_time() - began, 1),
    }


def read_pairs(path: Path | str, table: Table) -> tuple[Ints, int]:
    """Rows of the pairs' reports, (later, earlier), and how many pairs name a report that is not there."""
    row = {name: index for index, name in enumerate(table.ids)}
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        named = [(row.get(pair["duplicate"]), row.get(pair["original"])) for pair in csv.DictReader(file)]
    known = [(max(a, b), min(a, b)) for a, b in named if a is not None and b is not None and a != b]
    return np.array(known, dtype=np.int64).reshape(-1, 2), len(named) - len(known)


def candidates(table: Table, weights: Weights = WEIGHTS, choice: Choice = CHOICE) -> tuple[Ints, Ints]:
    """What is offered: (report, candidate), as rows."""
    later, earlier, evidence = table.pairs()
    offered, _share = choose(weigh(evidence, weights), later, earlier, choice)
    return later[offered], earlier[offered]


def hits(table: Table, pairs: Ints, offered_to: Ints, offered: Ints) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Of each pair, whether it was found."""
    return np.isin(pairs[:, 0] * len(table) + pairs[:, 1], offered_to * len(table) + offered)


def _by_area(table: Table, pairs: Ints, hit: np.ndarray[Any, Any], count: Ints) -> dict[str, dict[str, Any]]:
    cases, candidates_of, pairs_of, hits_of = Counter(table.area), Counter[str](), Counter[str](), Counter[str]()
    for area, many in zip(table.area, count.tolist(), strict=True):
        candidates_of[area] += many
    for (later, _earlier), found in zip(pairs.tolist(), hit.tolist(), strict=True):
        pairs_of[table.area[later]] += 1
        hits_of[table.area[later]] += found
    return {
        area or "-": {
            "cases": many,
            "mean_candidates": round(candidates_of[area] / many, 2),
            "pairs": pairs_of[area],
            "recall": round(hits_of[area] / pairs_of[area], 3) if pairs_of[area] else None,
        }
        for area, many in sorted(cases.items())
    }
