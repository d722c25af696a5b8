"""The cuts in which counts are kept, and the buckets of durations."""

from collections.abc import Iterable, Mapping
from math import log

BITS: Mapping[str, int] = {"unit": 8, "category": 4, "agency": 2, "channel": 1}
# All that is kept. Whoever wants more dimensions at once asks the cases themselves (hues.insights.exact).
KEPT: tuple[tuple[str, ...], ...] = (
    (),
    ("unit",),
    ("category",),
    ("agency",),
    ("channel",),
    ("unit", "category"),
    ("agency", "category"),
    ("agency", "unit"),
)
# Spans of time are kept where few rows carry them.
TIMED = tuple(cut for cut in KEPT if len(cut) < 2)


def number(dimensions: Iterable[str]) -> int:
    """The cut's number: PostgreSQL's grouping(unit, category, agency, channel), a 1 for each that is rolled up."""
    return 15 - sum(BITS[name] for name in set(dimensions))


def is_kept(dimensions: Iterable[str]) -> bool:
    return number(dimensions) in {number(cut) for cut in KEPT}


GROWTH = 1.25  # a bucket's end is a quarter more than its beginning: medians are right within a few per cent
BUCKETS = 62  # up to about two years
BUCKET = f"least({BUCKETS}, greatest(1, ceil(ln(greatest(minutes, 1)) / {log(GROWTH)!r})))::int"  # in SQL


def percentile(buckets: Mapping[int, int], part: float) -> float | None:
    """Minutes below which `part` of the cases lie; inside a bucket evenly on a logarithmic scale."""
    total = sum(buckets.values())
    if not total:
        return None
    wanted, seen = part * total, 0
    for bucket in sorted(buckets):
        count = buckets[bucket]
        if seen + count >= wanted:
            inside: float = (wanted - seen) / count
            return float(GROWTH ** (bucket - 1 + inside))
        seen += count
    return float(GROWTH**BUCKETS)
