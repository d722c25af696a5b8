"""The files of a city pack, read strictly: a mistake is named by file, entry and field, all mistakes at once."""

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from hues.city.pack import schemas

Entry = dict[str, Any]

# Changes with what the loader makes of a pack, so that a newer program loads an unchanged pack again.
LOADER = "2"
# Kept in the pack's folder by other rooms, which load them themselves.
_NOT_OURS = ("processes", "demo")
_FORMATS = FormatChecker(["date"])


class PackError(Exception):
    """A city pack that cannot be used; says each mistake with its file and entry."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass
class Pack:
    """A whole city pack as its files say it."""

    folder: Path
    city: Entry = field(default_factory=dict)
    units: list[Entry] = field(default_factory=list)
    former_units: list[Entry] = field(default_factory=list)
    agencies: list[Entry] = field(default_factory=list)
    each_unit: list[Entry] = field(default_factory=list)
    domains: dict[str, Entry] = field(default_factory=dict)
    categories: list[Entry] = field(default_factory=list)
    days: list[Entry] = field(default_factory=list)
    places: list[Entry] = field(default_factory=list)
    layers: list[Entry] = field(default_factory=list)
    map: Entry = field(default_factory=dict)


class _Strict(yaml.CSafeLoader):
    """YAML with two mends: a key may be given once, and dates and times stay text."""


def _no_twins(loader: Any, node: Any) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"'{key}' is given twice", problem_mark=key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


def _as_text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _no_twins)
_Strict.add_constructor("tag:yaml.org,2002:timestamp", _as_text)
# YAML 1.1 reads 17:00 as 1020 and "no" as False; in a pack of texts that is never meant.
_Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag not in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:bool")]
    for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Strict.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
_Strict.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))


def fingerprint(folder: Path) -> str:
    """SHA-256 over all that the loader reads from `folder`."""
    digest = hashlib.sha256(LOADER.encode())
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and inside.parts[0] not in _NOT_OURS:
            content = path.read_bytes()
            digest.update(f"{inside.as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def read_pack(folder: Path) -> Pack:
    """Read and check every file. Raises PackError."""
    reader = _Reader(folder)
    pack = Pack(folder, city=reader.yaml("city.yaml", schemas.CITY))
    pack.units = reader.csv("units.csv", schemas.UNITS)
    pack.former_units = reader.csv("former_units.csv", schemas.FORMER_UNITS, optional=True)
    pack.places = reader.csv("places.csv", schemas.PLACES, optional=True)
    agencies = reader.yaml("agencies.yaml", schemas.AGENCIES)
    pack.agencies, pack.each_unit = agencies.get("agencies", []), agencies.get("each_unit", [])
    categories = reader.yaml("categories.yaml", schemas.CATEGORIES)
    pack.domains, pack.categories = categories.get("domains", {}), categories.get("categories", [])
    pack.days = reader.yaml("calendar.yaml", schemas.CALENDAR).get("days", [])
    pack.layers = reader.yaml("layers.yaml", schemas.LAYERS, optional=True).get("layers", [])
    pack.map = reader.json("map.geojson")
    if reader.problems:
        raise PackError(reader.problems)
    return pack


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        if not (folder / "city.yaml").is_file():
            raise PackError([f"{folder}: there is no city pack here (no city.yaml)"])

    def yaml(self, name: str, schema: schemas.Schema, optional: bool = False) -> Entry:
        try:
            content = yaml.load(self._text(name), _Strict)  # noqa: S506 - built on the safe loader
        except OSError:
            return {} if optional else self._missing(name)
        except yaml.YAMLError as error:
            self.problems.append(f"{name}: {_where(error)}")
            return {}
        return content if self._valid(name, content, schema) else {}

    def json(self, name: str) -> Entry:
        try:
            content = json.loads(self._text(name))
        except OSError:
            return {}
        except ValueError as error:
            self.problems.append(f"{name}: {error}")
            return {}
        if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
            self.problems.append(f"{name}: this is not a GeoJSON FeatureCollection")
        return content

    def csv(self, name: str, schema: schemas.Schema, optional: bool = False) -> list[Entry]:
        try:
            rows = list(csv.DictReader(line for line in self._text(name).splitlines() if not line.startswith("#")))
        except OSError:
            if not optional:
                self._missing(name)
            return []
        entries = [_typed(row, schema) for row in rows]
        good = [self._valid(f"{name}: row {i} ({_label(entry)})", entry, schema) for i, entry in enumerate(entries, 1)]
        return entries if all(good) else []

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def _missing(self, name: str) -> Entry:
        self.problems.append(f"{name}: the file is missing")
        return {}

    def _valid(self, name: str, content: Any, schema: schemas.Schema) -> bool:
        errors = sorted(
            Draft202012Validator(schema, format_checker=_FORMATS).iter_errors(content),
            key=lambda e: list(map(str, e.path)),
        )
        self.problems += [f"{name}: {_said(error, content)}" for error in errors]
        return not errors


def _typed(row: Mapping[str, str | None], schema: schemas.Schema) -> Entry:
    """A CSV row with numbers as numbers and without its empty cells; what does not fit stays text, for the schema to refuse."""
    entry: Entry = {}
    for column, cell in row.items():
        text = (cell or "").strip()
        if not text:
            continue
        kind = schema["properties"].get(column, {}).get("type")
        try:
            entry[column] = float(text) if kind == "number" else int(text) if kind == "integer" else text
        except ValueError:
            entry[column] = text
    return entry


def _said(error: ValidationError, content: Any) -> str:
    """`entry 3 (GT03), priority: 9 is greater than the maximum of 4`."""
    steps: list[str] = []
    here = content
    for step in error.absolute_path:
        here = here[step]
        steps.append(f"entry {step + 1} ({_label(here)})" if isinstance(step, int) else str(step))
    message = error.message
    hint = error.schema.get("description") if isinstance(error.schema, Mapping) else None
    if len(message) > 200:
        message = f"{message[:80]} … {message[-100:]}"
    return f"{', '.join(steps) or 'the file'}: {message}" + (f" ({hint})" if hint else "")


def _label(entry: Any) -> str:
    if isinstance(entry, Mapping):
        return str(entry.get("code") or entry.get("date") or entry.get("number") or entry.get("name") or "?")
    return str(entry)[:40]


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "this is not YAML"
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


def durations(text: str) -> dict[str, float]:
    """`5 working days` → {"working_days": 5}; hours become minutes; without "working" it is the clock on the wall."""
    amount, *rest = text.split()
    value = float(amount)
    unit = rest[-1].rstrip("s")
    working = rest[0] == "working"
    if working and unit == "day":
        return {"working_days": _whole(value)}
    minutes = value * {"minute": 1, "hour": 60, "day": 1440}[unit]
    return {"working_minutes" if working else "minutes": _whole(minutes)}


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value


def parse_date(text: str | None) -> date | None:
    return datetime.fromisoformat(text).date() if text else None


def walk_texts(entry: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every text by language inside an entry: (where, {"vi": …, "en": …})."""
    if isinstance(entry, Mapping):
        if entry and all(len(key) == 2 and key.islower() and isinstance(text, str) for key, text in entry.items()):
            yield path, entry
            return
        for key, value in entry.items():
            yield from walk_texts(value, f"{path}, {key}" if path else str(key))
    elif isinstance(entry, list):
        for number, value in enumerate(entry, 1):
            yield from walk_texts(value, f"{path}, entry {number} ({_label(value)})")
