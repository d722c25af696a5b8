"""How the columns of a city's file become cases: `import.yaml` of the city pack, as data. docs/integrators.md explains
each key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.conf import settings

from hues.kernel.text import clean
from hues.reports.imports.incoming import BadRow, Incoming

Row = Mapping[str, str]
LIMITS = {"body": 4_000, "answer": 4_000, "address": 300, "id": 64}
KEYS = frozenset(
    {"source", "language", "zone", "columns", "body", "category", "agency", "unit", "no_place", "status", "keep"}
)
COLUMNS = frozenset({"id", "received", "due", "closed", "updated", "address", "lat", "lon", "answer"})
FUTURE = timedelta(days=1)  # a clock may be a little fast; a year may not


class MappingError(ValueError):
    """The mapping itself is wrong, or does not belong to this file."""


@dataclass(frozen=True)
class Rule:
    """`when` names columns and what they hold (a text, a list of texts, or {starts: …}, {contains: …}); `then` is what
    follows.
    """

    when: tuple[tuple[str, re.Pattern[str]], ...]
    then: Mapping[str, str]

    def holds(self, row: Row) -> bool:
        return all(pattern.match(row.get(column) or "") for column, pattern in self.when)


@dataclass(frozen=True)
class Lookup:
    """A column whose values stand for something of ours: by a table, by patterns, else as they are (a code, or a name)."""

    column: str
    codes: Mapping[str, str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]
    default: str

    def find(self, row: Row) -> str:
        value = (row.get(self.column) or "").strip()
        if value in self.codes:
            return self.codes[value]
        for pattern, code in self.patterns if value else ():
            if match := pattern.fullmatch(value):
                return match.expand(code)
        return value or self.default


@dataclass(frozen=True)
class FileMapping:
    source: str
    zone: ZoneInfo
    columns: Mapping[str, str]
    body: tuple[str, ...]
    category: Lookup
    agency: Lookup | None
    unit: Lookup | None
    no_place: frozenset[tuple[float, float]]
    status: tuple[Rule, ...]
    keep: tuple[str, ...]
    language: str = ""
    wanted: frozenset[str] = field(default_factory=frozenset)  # every column that is read

    def check_header(self, header: list[str]) -> None:
        """Raises MappingError if the file is not the one this mapping was written for."""
        missing = sorted(self.wanted - set(header))
        if missing:
            raise MappingError(
                f"the file has no column {', '.join(missing)}: another file, or another mapping is needed"
            )

    def incoming(self, row: Row, now: datetime) -> Incoming:
        """The case of a row. Raises BadRow."""
        get = self._getter(row)
        source_id = _text("id", get("id"))
        if not source_id:
            raise BadRow("no number")
        received = self._moment("received", get("received"))
        if received is None:
            raise BadRow("no date of receipt")
        if received > now + FUTURE:
            raise BadRow(f"received in the future: {get('received')}")
        result: Mapping[str, str] = next((rule.then for rule in self.status if rule.holds(row)), {})
        lat, lon = self._point(get("lat"), get("lon"))
        return Incoming(
            source_id=source_id,
            category=self.category.find(row),
            received_at=received,
            due_at=self._moment("due", get("due")),
            closed_at=self._moment("closed", get("closed")),
            updated_at=self._moment("updated", get("updated")),
            agency=self.agency.find(row) if self.agency else "",
            unit=self.unit.find(row) if self.unit else "",
            lat=lat,
            lon=lon,
            address=_text("address", get("address")),
            body=_text("body", "\n".join(filter(None, (row.get(c, "") for c in self.body)))),
            answer=_text("answer", get("answer")),
            language=self.language,
            data={column: _text(column, row.get(column, "")) for column in self.keep if row.get(column)},
            state=result.get("state", ""),
            outcome=result.get("outcome", ""),
            reject_reason=result.get("reject_reason", ""),
        )

    def _getter(self, row: Row) -> Any:
        return lambda name: (row.get(self.columns.get(name, "")) or "").strip()

    def _moment(self, name: str, raw: str) -> datetime | None:
        """Dates without an offset are local times of `zone`; an hour that the autumn has twice is the first of the
        two.
        """
        if not raw:
            return None
        try:
            moment = datetime.fromisoformat(raw)
            return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise BadRow(f"{name}: {raw[:40]!r} is not a date") from error

    def _point(self, lat: str, lon: str) -> tuple[float | None, float | None]:
        if not lat or not lon:
            return None, None
        try:
            point = float(lat), float(lon)
        except ValueError as error:
            raise BadRow(f"{lat[:20]!r}, {lon[:20]!r} is not a place") from error
        if not (abs(point[0]) <= 90 and abs(point[1]) <= 180):  # NaN fails here too
            raise BadRow(f"{lat[:20]!r}, {lon[:20]!r} is not a place")
        return (None, None) if point in self.no_place else point


def load_mapping(path: Path | None = None) -> FileMapping:
    """The mapping at `path`, else the city pack's own `import.yaml`. Raises MappingError."""
    path = path or Path(settings.CITIES_DIR) / settings.CITY / "import.yaml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MappingError(f"{path} is missing: it says which column of the file means what") from error
    except (OSError, yaml.YAMLError) as error:
        raise MappingError(f"{path}: {error}") from error
    try:
        return parse_mapping(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MappingError(f"{path}: {error}") from error


def parse_mapping(raw: Mapping[str, Any]) -> FileMapping:
    unknown = sorted(set(raw) - KEYS) + sorted(set(raw["columns"]) - COLUMNS)
    if unknown:
        raise MappingError(f"unknown key {', '.join(map(str, unknown))}")
    for needed in ("id", "received"):
        if needed not in raw["columns"]:
            raise MappingError(f"columns.{needed} is missing")
    columns = {name: str(column) for name, column in raw["columns"].items()}
    lookups = {name: _lookup(raw[name]) for name in ("category", "agency", "unit") if name in raw}
    body = _list(raw.get("body"))
    keep = _list(raw.get("keep"))
    status = tuple(_rule(item) for item in raw.get("status") or ())
    wanted = {*columns.values(), *body, *keep, *(lookup.column for lookup in lookups.values())}
    wanted.update(column for rule in status for column, _pattern in rule.when)
    return FileMapping(
        source=str(raw["source"]),
        zone=ZoneInfo(raw["zone"]),
        columns=columns,
        body=body,
        category=lookups["category"],
        agency=lookups.get("agency"),
        unit=lookups.get("unit"),
        no_place=frozenset((float(lat), float(lon)) for lat, lon in raw.get("no_place") or ()),
        status=status,
        keep=keep,
        language=str(raw.get("language") or ""),
        wanted=frozenset(wanted),
    )


def _lookup(raw: Mapping[str, Any]) -> Lookup:
    unknown = set(raw) - {"column", "codes", "patterns", "default"}
    if unknown:
        raise MappingError(f"unknown key {', '.join(sorted(unknown))}")
    return Lookup(
        column=str(raw["column"]),
        codes={str(key): str(value) for key, value in (raw.get("codes") or {}).items()},
        patterns=tuple((re.compile(item["matches"]), str(item["code"])) for item in raw.get("patterns") or ()),
        default=str(raw.get("default") or ""),
    )


def _rule(raw: Mapping[str, Any]) -> Rule:
    when = tuple((str(column), _pattern(value)) for column, value in (raw.get("when") or {}).items())
    then = {key: str(value) for key, value in raw.items() if key != "when"}
    unknown = set(then) - {"state", "outcome", "reject_reason"}
    if unknown:
        raise MappingError(f"status: unknown key {', '.join(sorted(unknown))}")
    return Rule(when, then)


def _pattern(value: Any) -> re.Pattern[str]:
    """`text`, `[text, …]`, `{starts: [text, …]}` or `{matches: regular expression}`."""
    if isinstance(value, Mapping):
        if "matches" in value:
            return re.compile(value["matches"])
        return re.compile("|".join(map(re.escape, _list(value["starts"]))))
    return re.compile("(?:" + "|".join(map(re.escape, _list(value))) + r")\Z")


def _list(value: Any) -> tuple[str, ...]:
    return (str(value),) if isinstance(value, str | int) else tuple(map(str, value or ()))


def _text(name: str, raw: str) -> str:
    """A cell's text, cut to what a case can hold: a published file is what it is, and one odd character is no reason to
    lose a case.
    """
    limit = LIMITS.get(name, 1_000)
    raw = raw.replace("\x00", "").strip()
    if name == "id" and len(raw) > limit:
        raise BadRow(f"the number {raw[:20]}… is too long")
    return clean(raw[:limit], max_length=limit, multiline=name in {"body", "answer"})
