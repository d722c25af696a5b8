"""Where things happen in the sample city: real wards and street names, invented points on them."""

import math
import random
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from hues.cases import reference
from hues.city import queries as city
from hues.city.models import Place, Unit
from hues.kernel.text import vn_fold

_KM = 1 / 111.2  # degrees of latitude
_REACH = 3.2  # km: people of a large ward live around its middle
_TRIES = 12


@dataclass(frozen=True, slots=True)
class Street:
    name: str
    lat: float
    lon: float
    along: tuple[float, float]  # from its middle to its end, in degrees


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that somebody could report from, and the words for it."""

    unit: int
    lat: float
    lon: float
    address: str
    words: dict[str, Any]  # slots of the texts
    village: bool


class Ward:
    """A unit with its streets and landmarks."""

    def __init__(self, unit: Unit, shape: dict[str, Any]) -> None:
        self.unit = unit
        self.title = f"{'phường' if unit.kind == 'phuong' else 'xã'} {_bare(unit.name('vi'))}"
        names = shape["streets"].get(unit.code)
        self.village = names is None
        self.landmarks: list[str] = shape["landmarks"].get(unit.code, shape["common_landmarks"])
        rng = random.Random(f"streets {unit.code}")  # noqa: S311 - sample data, not a secret
        self.reach = min(math.sqrt((unit.area_km2 or 10) / math.pi) * 0.6, _REACH)
        known = {place.folded: place for place in Place.objects.filter(unit=unit, kind="street")}
        self.streets = [self._street(name, known.get(vn_fold(name)), rng) for name in names or shape["villages"]]

    def _street(self, name: str, known: Place | None, rng: random.Random) -> Street:
        for _ in range(_TRIES):
            angle, away = rng.uniform(0, 2 * math.pi), self.reach * math.sqrt(rng.random())
            lat, lon = (
                self.unit.lat + math.sin(angle) * away * _KM,
                self.unit.lon + math.cos(angle) * away * _KM * 1.043,
            )
            if known:
                lat, lon = known.lat, known.lon
            turn, half = rng.uniform(0, math.pi), rng.uniform(0.1, 0.4) * min(1.0, self.reach)
            along = (math.sin(turn) * half * _KM, math.cos(turn) * half * _KM * 1.043)
            ends = ((lat, lon), (lat + along[0], lon + along[1]), (lat - along[0], lon - along[1]))
            if all(self._ours(*end) for end in ends):
                return Street(name, lat, lon, along)
        return Street(name, self.unit.lat, self.unit.lon, (0.0004, 0.0004))

    def _ours(self, lat: float, lon: float) -> bool:
        hit = city.unit_at(lat, lon)
        return hit is not None and hit.unit_id == self.unit.pk

    def spot(self, rng: random.Random) -> Spot:
        street, other = rng.choice(self.streets), rng.choice(self.streets)
        t = rng.uniform(-1, 1)
        lat = street.lat + street.along[0] * t + rng.gauss(0, 0.00012)
        lon = street.lon + street.along[1] * t + rng.gauss(0, 0.00012)
        number, alley = rng.randrange(1, 190), rng.randrange(1, 120)
        road = street.name if self.village or street.name.startswith("Tỉnh lộ") else f"đường {street.name}"
        words = {
            "duong": road, "duong2": other.name, "so": number, "kiet": alley, "moc": rng.choice(self.landmarks),
            "phuong": self.title, "ten_duong": street.name,
        }  # fmt: skip
        if self.village:
            address = f"{street.name}, {self.title}"
        elif rng.random() < 0.3:
            address = f"kiệt {alley} {street.name}, {self.title}"
        else:
            address = f"{number} {street.name}, {self.title}"
        return Spot(self.unit.pk, round(lat, 6), round(lon, 6), address, words, self.village)


class Geography:
    """All wards, by how much is reported from them: population × how dense and connected they are (synthetic)."""

    def __init__(self, shape: dict[str, Any]) -> None:
        today = {unit.code: unit for unit in reference.units().values() if unit.valid_to is None}
        self.wards = {code: Ward(today[code], shape) for code in shape["population"] if code in today}
        density = {
            code: shape["density"][kind] for kind in ("core", "urban", "town", "mountain") for code in shape[kind]
        }
        self.weights = [shape["population"][code] * density.get(code, shape["density"]["rural"]) for code in self.wards]
        self._sums = list(accumulate(self.weights))
        self._all = list(self.wards.values())

    def spot(self, rng: random.Random, *, among: tuple[str, ...] = ()) -> Spot:
        """A place; with `among`, mostly in one of these wards (the worst flooded ones)."""
        if among and rng.random() < 0.6:
            return self.wards[rng.choice(among)].spot(rng)
        return rng.choices(self._all, cum_weights=self._sums)[0].spot(rng)


def _bare(name: str) -> str:
    for kind in ("Phường ", "Xã ", "phường ", "xã "):
        name = name.removeprefix(kind)
    return name
