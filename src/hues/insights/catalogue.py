"""The catalogue of indicators: every figure with its meaning, formula and denominator, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.utils.translation import get_language

FILE = Path(__file__).parent / "indicators.yaml"
# What every indicator is taken from, unless it says otherwise.
SOURCE, OWNER, REFRESH = "cases", "centre", "1 minute"


@dataclass(frozen=True)
class Indicator:
    id: str
    kind: str  # count, share, minutes, hours, number
    formula: str
    names: dict[str, str]
    meaning: dict[str, str]
    better: str = ""  # up, down; empty: neither is good in itself
    target: float | None = None
    source: str = SOURCE
    owner: str = OWNER
    refresh: str = REFRESH

    @property
    def name(self) -> str:
        return _said(self.names)

    @property
    def definition(self) -> str:
        return _said(self.meaning)


@cache
def indicators() -> Sequence[Indicator]:
    return tuple(Indicator(**row) for row in yaml.safe_load(FILE.read_text()))


def indicator(identity: str) -> Indicator:
    return next(one for one in indicators() if one.id == identity)


def _said(texts: dict[str, str]) -> str:
    return texts.get(get_language() or "vi") or next(iter(texts.values()))
