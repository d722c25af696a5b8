"""What is published: each data set with its columns, their meaning, and its version. From datasets.yaml, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.city import pack
from hues.kernel.errors import NotFound

FORMATS = ("csv", "geojson", "parquet")
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}
CC_BY: Mapping[str, Any] = {
    "names": {"vi": "Creative Commons Ghi công 4.0", "en": "Creative Commons Attribution 4.0"},
    "url": "https://creativecommons.org/licenses/by/4.0/",
}


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    meanings: Mapping[str, str]
    csv: bool = True

    @property
    def meaning(self) -> str:
        return pick(self.meanings)


@dataclass(frozen=True)
class DataSet:
    id: str
    version: str
    icon: str
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    keywords: Mapping[str, list[str]]
    themes: list[str]  # of the EU's data themes (DCAT-AP)
    partition: str  # year, layer, all
    geometry: str  # point, any, none
    columns: tuple[Column, ...]

    @property
    def title(self) -> str:
        return pick(self.titles)

    @property
    def text(self) -> str:
        return pick(self.texts)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def formats(self) -> tuple[str, ...]:
        return FORMATS if self.geometry != "none" else ("csv", "parquet")


def pick(texts: Mapping[str, str]) -> str:
    """In the reader's language, else in whichever there is."""
    return texts.get(get_language() or "vi") or next(iter(texts.values()), "")


@cache
def _all() -> dict[str, DataSet]:
    content = yaml.safe_load((Path(__file__).parent / "datasets.yaml").read_text(encoding="utf-8"))
    return {name: _data_set(name, given) for name, given in content.items()}


def _data_set(name: str, given: Mapping[str, Any]) -> DataSet:
    columns = tuple(Column(column, **facts) for column, facts in given["columns"].items())
    return DataSet(id=name, **{**given, "columns": columns})


def data_sets() -> list[DataSet]:
    return list(_all().values())


def data_set(name: str) -> DataSet:
    """Raises NotFound."""
    try:
        return _all()[name]
    except KeyError:
        raise NotFound(_("There is no such data set.")) from None


@dataclass(frozen=True)
class Publisher:
    """Who publishes, and what others may do with it: from the city pack."""

    name: str
    licence: str
    licence_url: str
    contact: str


def publisher() -> Publisher:
    city = pack.settings()
    given = city.get("open_data") or {}
    licence = given.get("licence") or CC_BY
    return Publisher(
        name=pick(given.get("publisher") or city["names"]),
        licence=pick(licence["names"]),
        licence_url=licence["url"],
        contact=given.get("contact", ""),
    )


def samples() -> bool:
    """Sample data are published only where the whole city is a sample; each row says so."""
    return bool(settings.SANDBOX)
