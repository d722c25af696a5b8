"""The catalogue of indicators as data (indicators.yaml), with the city's own targets (cities/<city>/indicators.yaml)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import get_language

from hues.city import pack

FILE = Path(__file__).parent / "indicators.yaml"


@dataclass(frozen=True)
class Indicator:
    """A figure. What is not said otherwise comes from the cases, is the centre's to answer for, and a minute old."""

    id: str
    group: str
    kind: str  # count, share, minutes, hours, number
    formula: str
    names: dict[str, str]
    meaning: dict[str, str]
    of: list[str] = field(default_factory=list)  # measures: what it counts, or the numerator
    over: str = ""  # the measure that it is a share of
    better: str = ""  # up, down; empty: neither is good in itself
    source: str = "cases"
    owner: str = "centre"
    refresh: str = "minute"
    ripens: bool = False  # moves on for weeks, while the reports of a period are still being handled

    @property
    def name(self) -> str:
        return said(self.names)

    @property
    def definition(self) -> str:
        return said(self.meaning)

    @property
    def denominator(self) -> str:
        return measure_name(self.over) if self.over else ""

    @property
    def target(self) -> float | None:
        """A share, minutes or hours; None where the city has set none."""
        return city_settings(settings.CITY)["targets"].get(self.id)

    @property
    def owned_by(self) -> str:
        return said(_file()["owners"][self.owner])

    @property
    def taken_from(self) -> str:
        return said(_file()["sources"][self.source])

    @property
    def refreshed(self) -> str:
        return said(_file()["refresh"][self.refresh])


@cache
def _file() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@cache
def indicators() -> Sequence[Indicator]:
    return tuple(Indicator(**row) for row in _file()["indicators"])


@cache
def _by_id() -> Mapping[str, Indicator]:
    return {one.id: one for one in indicators()}


def indicator(identity: str) -> Indicator:
    """Raises KeyError."""
    return _by_id()[identity]


def groups() -> list[tuple[str, str, list[Indicator]]]:
    """(id, name, indicators) in the order of the catalogue."""
    return [
        (key, said(names), [one for one in indicators() if one.group == key])
        for key, names in _file()["groups"].items()
    ]


def measure_name(measure: str) -> str:
    return said(_file()["measures"][measure]["names"])


def symbols() -> list[tuple[str, str]]:
    """The letters of the formulas, with what they stand for."""
    return [(row["symbol"], said(row["names"])) for row in _file()["measures"].values() if row["symbol"]]


@cache
def city_settings(city: str) -> dict[str, Any]:
    """The city's targets, and what is to be said about its figures of population; empty where the pack has no such file."""
    path = pack.folder_of(city) / "indicators.yaml"
    found = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    targets = {str(key): float(value) for key, value in (found.get("targets") or {}).items()}
    if unknown := set(targets) - set(_by_id()):
        raise ValueError(f"{path}: no such indicator: {', '.join(sorted(unknown))}")
    told_at = time.fromisoformat(found.get("brief_at") or "06:30")
    return {"targets": targets, "population": found.get("population") or {}, "brief_at": told_at}


def brief_at(city: str) -> time:
    """When leaders are told of their morning brief, on the city's clocks."""
    at: time = city_settings(city)["brief_at"]
    return at


def population_note() -> str:
    """Where the figures of population come from, and how far they can be trusted."""
    return said(city_settings(settings.CITY)["population"])


def said(texts: Mapping[str, str]) -> str:
    return texts.get(get_language() or "vi") or next(iter(texts.values()), "")
