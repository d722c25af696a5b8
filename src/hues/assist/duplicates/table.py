"""Many reports at once, as columns, and the pairs of them that are worth weighing. For evaluation and fitting."""

import csv
import gzip
import math
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hues.assist.duplicates import places
from hues.assist.duplicates.scoring import REACH_M, RECENT_DAYS, Evidence, Floats, Ints

DAY_S = 86_400.0
MANY_ADDRESSES = 30  # a point that carries more different addresses than this is where a map puts what it cannot find
COLUMNS = frozenset(
    ("case_enquiry_id", "open_dt", "closed_dt", "subject", "reason", "type", "location", "latitude", "longitude")
)
_CHUNK = 2_000_000
_DEGREE_M = 111_320.0


@dataclass(frozen=True)
class Table:
    """Reports in the order in which they came, known as they were then."""

    ids: Sequence[str]
    opened: Floats  # seconds
    closed: Floats  # inf while open
    x: Floats  # metres
    y: Floats
    placed: NDArray[np.bool_]  # the point means something
    kinds: tuple[Ints, Ints, Ints]  # kind, family, wider family
    address: Ints  # the same number is the same address; -1 without
    number: Ints
    streets: Ints  # two a report, -1 where there is none
    area: Sequence[str]
    ward: Sequence[str]

    def __len__(self) -> int:
        return len(self.ids)

    def evidence(self, later: Ints, earlier: Ints) -> Evidence:
        """What is known of each pair when the later report comes."""
        apart = np.hypot(self.x[later] - self.x[earlier], self.y[later] - self.y[earlier])
        apart[~(self.placed[later] & self.placed[earlier])] = np.inf
        same = (self.address[later] == self.address[earlier]) & (self.address[later] >= 0)
        kind, family, wider = (column[later] == column[earlier] for column in self.kinds)
        return Evidence(
            metres=np.where(same, 0.0, np.minimum(apart, self._along(later, earlier))),
            same_address=same,
            kin=np.where(kind, 0, np.where(family, 1, np.where(wider, 2, 3))),
            days=(self.opened[later] - self.opened[earlier]) / DAY_S,
            closed=self.closed[earlier] <= self.opened[later],
        )

    def _along(self, later: Ints, earlier: Ints) -> Floats:
        """`places.metres_along`, of many."""
        common = np.zeros(len(later), dtype=np.bool_)
        for one in (0, 1):
            for other in (0, 1):
                street = self.streets[later, one]
                common |= (street == self.streets[earlier, other]) & (street >= 0)
        a, b = self.number[later], self.number[earlier]
        between = np.maximum(places.BESIDE_M, places.NUMBER_M * np.abs(a - b))
        return np.where(common, np.where((a >= 0) & (b >= 0), between, places.ALONG_M), np.inf)

    def pairs(self) -> tuple[Ints, Ints, Evidence]:
        """Every report with each earlier one that was open, or closed a moment ago, within reach by point or by address."""
        keys = np.sort(np.concatenate([np.zeros(0, np.int64), *(self._alive(a, b) for a, b in self._together())]))
        keys = keys[np.diff(keys, prepend=-1) > 0]
        later, earlier = keys // len(self), keys % len(self)
        evidence = self.evidence(later, earlier)
        near = evidence.metres <= REACH_M
        return later[near], earlier[near], evidence.only(near)

    def _alive(self, a: Ints, b: Ints) -> Ints:
        """The pairs of which the earlier was alive when the later came, as later × n + earlier. Rows are in order of time."""
        later, earlier = np.maximum(a, b), np.minimum(a, b)
        kept = self.closed[earlier] + RECENT_DAYS * DAY_S > self.opened[later]
        found: Ints = later[kept] * len(self) + earlier[kept]
        return found

    def _together(self) -> Iterator[tuple[Ints, Ints]]:
        """Pairs in the same or a neighbouring square of the grid, at the same address, in the same street; some more than once."""
        placed = np.flatnonzero(self.placed)
        column, row = (np.floor(axis[placed] / REACH_M).astype(np.int64) for axis in (self.x, self.y))
        cells = (row - row.min(initial=0) + 1) * 1_000_003 + column - column.min(initial=0) + 1
        for step in (0, 1, 1_000_002, 1_000_003, 1_000_004):
            yield from _meetings(placed, cells, step)
        reports = np.repeat(np.arange(len(self)), 2)
        for members, keys in ((np.arange(len(self)), self.address), (reports, self.streets.ravel())):
            yield from _meetings(members[keys >= 0], keys[keys >= 0], 0)


def _meetings(members: Ints, keys: Ints, step: int) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of different members of which the second's key is the first's plus `step`, each once, in chunks."""
    order = np.argsort(keys, kind="stable")
    members, keys = members[order], keys[order]
    end = np.searchsorted(keys, keys + step, side="right")
    begin = np.arange(1, len(keys) + 1) if step == 0 else np.searchsorted(keys, keys + step)
    many = np.cumsum(np.maximum(end - begin, 0))
    start = 0
    while start < len(keys):
        stop = int(np.searchsorted(many, (many[start - 1] if start else 0) + _CHUNK, side="right"))
        stop = max(stop, start + 1)
        count = np.maximum(end[start:stop] - begin[start:stop], 0)
        first = np.repeat(np.arange(start, stop), count)
        offset = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
        a, b = members[first], members[np.repeat(begin[start:stop], count) + offset]
        yield a[a != b], b[a != b]
        start = stop


# Reading


def read(path: Path | str) -> Table:
    """A table of service requests as cities publish them: `case_enquiry_id, open_dt, closed_dt, subject, reason, type, location, latitude,
    longitude, neighborhood, ward`; other columns are not looked at, above all none that tells how a request ended.

    Raises ValueError where a column is missing or a moment cannot be read.
    """
    path = Path(path)
    with (
        gzip.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".gz" else path.open(encoding="utf-8-sig") as file
    ):
        rows = list(csv.DictReader(file))
    if missing := COLUMNS.difference(rows[0] if rows else COLUMNS):
        raise ValueError(f"{path}: there is no column {', '.join(sorted(missing))}")
    rows.sort(key=lambda row: (_moment(row["open_dt"]), row["case_enquiry_id"]))
    return _table(rows)


def _table(rows: list[dict[str, Any]]) -> Table:
    addresses = [places.parse(row["location"]) for row in rows]
    lat, lon = (np.array([float(row[name] or "nan") for row in rows]) for name in ("latitude", "longitude"))
    shrink = math.cos(math.radians(float(np.nanmean(lat)))) if np.isfinite(lat).any() else 1.0
    streets = _numbered([name for one in addresses for name in (*one.streets, "", "")[:2]]).reshape(-1, 2)
    return Table(
        ids=[row["case_enquiry_id"] for row in rows],
        opened=np.array([_moment(row["open_dt"]) for row in rows]),
        closed=np.array([_moment(row["closed_dt"]) if row["closed_dt"] else math.inf for row in rows]),
        x=lon * _DEGREE_M * shrink,
        y=lat * _DEGREE_M,
        placed=_placed(lat, lon, addresses),
        kinds=(
            _numbered([(row["subject"], row["reason"], row["type"]) for row in rows]),
            _numbered([(row["subject"], row["reason"]) for row in rows]),
            _numbered([row["subject"] for row in rows]),
        ),
        address=_numbered([one.whole for one in addresses]),
        number=np.array([one.number for one in addresses], dtype=np.int64),
        streets=streets,
        area=[row.get("neighborhood") or "" for row in rows],
        ward=[(row.get("ward") or "").removeprefix("Ward ").lstrip("0") for row in rows],
    )


def _placed(lat: Floats, lon: Floats, addresses: Sequence[places.Address]) -> NDArray[np.bool_]:
    """False where the point is only where the map puts what it could not find: many addresses share it."""
    points = list(zip(lat.round(4).tolist(), lon.round(4).tolist(), strict=True))
    seen: dict[Hashable, set[str]] = defaultdict(set)
    without: dict[Hashable, int] = defaultdict(int)
    for point, address in zip(points, addresses, strict=True):
        seen[point].add(address.whole)
        without[point] += not address.whole
    vague = {point for point in seen if len(seen[point]) > MANY_ADDRESSES or without[point] > MANY_ADDRESSES}
    return np.isfinite(lat) & np.isfinite(lon) & np.array([point not in vague for point in points], dtype=np.bool_)


def _numbered(names: Sequence[Hashable]) -> Ints:
    """A number for each different name; -1 for ""."""
    numbers: dict[Hashable, int] = {"": -1}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
