"""The rows of each data set: exactly its columns, from what everybody may see. Nothing else of a case is ever read here."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import orjson
from django.db.models import Min, Q, Sum

from hues.cases import reference
from hues.cases.models import LISTED, Case
from hues.cases.queries.rows import stage_of
from hues.city import pack, routing
from hues.city.assets import geojson
from hues.city.assets.layers import layers
from hues.city.clock import city_zone
from hues.city.geography import current_units
from hues.city.models import Category, Unit
from hues.hotline.models import Call, CallTally
from hues.insights import board, cuts
from hues.insights.models import Tally
from hues.insights.opendata.datasets import samples
from hues.kernel import clock

Row = dict[str, Any]
CHUNK = 2000

# Read of a case, and nothing else.
REPORT_FIELDS = (
    "code", "process_id", "category_id", "unit_id", "agency_id", "group", "state", "phase", "is_open", "outcome", "public_body",
    "public_address", "answer", "public_lat", "public_lon", "visibility", "received_at", "first_read_at", "assigned_at", "answered_at",
    "published_at", "due_original_at", "due_final_at", "wake_on", "rating", "reopened", "merged_count", "support_count", "updated_at",
    "is_sample",
)  # fmt: skip


def partitions(name: str) -> list[str]:
    """The parts in which a data set is published: years, layers, or the whole."""
    if name == "reports":
        first = Case.objects.filter(LISTED).aggregate(at=Min("received_at"))["at"]
        this = clock.now().astimezone(city_zone()).year
        return [str(year) for year in range(first.astimezone(city_zone()).year, this + 1)] if first else []
    if name == "assets":
        return [layer.code for layer in layers() if layer.public and layer.assets]
    return [""]


def rows(name: str, partition: str = "") -> Iterator[Row]:
    """The rows of a part, in a stable order."""
    return _SOURCES[name](partition)


# ── reports ──


def listed() -> Any:
    """Reports that are published: what everybody can see on the public pages, sample data only in a sample city."""
    found = Case.objects.filter(LISTED)
    return found if samples() else found.filter(is_sample=False)


def _reports(year: str) -> Iterator[Row]:
    zone = city_zone()
    start, end = datetime(int(year), 1, 1, tzinfo=zone), datetime(int(year) + 1, 1, 1, tzinfo=zone)
    found = listed().filter(received_at__gte=start, received_at__lt=end).order_by("received_at", "id")
    for values in found.values_list(*REPORT_FIELDS, named=True).iterator(chunk_size=CHUNK):
        yield report(values)


def report(values: Any) -> Row:
    """One report as it is published; `values` has REPORT_FIELDS. An answer and an outcome only once the centre has published them."""
    language = _language()
    category = reference.categories()[values.category_id]
    unit, agency = reference.units().get(values.unit_id), reference.agencies().get(values.agency_id)
    told = (values.published_at is not None and values.phase == "done") or values.state == "planned"
    outcome = values.outcome if told else ""
    placed = values.public_lat is not None
    return {
        "code": values.code,
        "received_at": values.received_at,
        "category": category.code,
        "category_name": category.name(language),
        "domain": category.domain,
        "group": values.group,
        "unit": unit.code if unit else "",
        "unit_name": unit.name(language) if unit else "",
        "agency": agency.code if agency else "",
        "agency_name": agency.name(language) if agency else "",
        "stage": stage_of(values.process_id, values.state, values.phase),
        "open": values.is_open,
        "outcome": outcome,
        "text": values.public_body,
        "address": values.public_address,
        "answer": values.answer if outcome else "",
        "lat": values.public_lat,
        "lon": values.public_lon,
        "place": ("street" if values.visibility == Category.Visibility.MASKED else "exact") if placed else "",
        "first_read_at": values.first_read_at,
        "assigned_at": values.assigned_at,
        "answered_at": values.answered_at if told else None,
        "published_at": values.published_at,
        "due_original_at": values.due_original_at,
        "due_final_at": values.due_final_at,
        "promised_on": values.wake_on if told else None,
        "rating": values.rating if outcome else "",
        "reopened": values.reopened,
        "merged": values.merged_count,
        "supporters": values.support_count,
        "updated_at": values.updated_at,
        "sample": values.is_sample,
        "geometry": {"type": "Point", "coordinates": [values.public_lon, values.public_lat]} if placed else None,
    }


def _language() -> str:
    return str(pack.settings()["languages"][0])


# ── figures ──

_COUNTS = (
    "received", "still_open", "eligible", "rejected", "redirected", "duplicates", "answered", "resolved", "answered_with_date",
    "on_time_original", "on_time_final", "rated", "satisfied", "accepts", "not_satisfied", "reopened",
)  # fmt: skip


def _figures(_partition: str) -> Iterator[Row]:
    kinds = {cuts.number(()): "city"} | {cuts.number((by,)): by for by in ("unit", "category", "agency")}
    found = Tally.objects.filter(span=Tally.Span.MONTH, cut__in=kinds)
    if not samples():
        found = found.filter(is_sample=False)
    merged: dict[tuple[Any, ...], Row] = {}
    order = ("start", "-cut", "unit", "category", "agency", "is_sample")
    for tally in found.order_by(*order).only(
        "start", "cut", "unit", "category", "agency", "is_sample", "times", *_COUNTS
    ):
        by = kinds[tally.cut]
        code, name = _named(by, getattr(tally, by, 0), tally.received)
        row = merged.setdefault((tally.start, by, code, name), _empty(tally.start, by, code, name))
        for count in _COUNTS:
            row[count] += getattr(tally, count)
        row["sample"] |= tally.is_sample
        for bucket, number in tally.times.items():
            span, _colon, place = bucket.partition(":")
            if span == "answer":
                row["_times"][int(place)] = row["_times"].get(int(place), 0) + number
    yield from map(_with_spans, merged.values())


def _empty(start: date, by: str, code: str, name: str) -> Row:
    return {
        "month": start,
        "by": by,
        "code": code,
        "name": name,
        **dict.fromkeys(_COUNTS, 0),
        "sample": False,
        "_times": {},
    }


def _with_spans(row: Row) -> Row:
    times = row.pop("_times")
    for name, part in (("p50", 0.5), ("p90", 0.9)):
        minutes = cuts.percentile(times, part)
        row[f"hours_to_answer_{name}"] = round(minutes / 60, 1) if minutes is not None else None
    return row


def _named(by: str, key: int, received: int) -> tuple[str, str]:
    """Code and name of a row. Kinds that are never public are not told apart where they are few (insights.board)."""
    language = _language()
    if by == "unit":
        unit = _all_units().get(key)
        return (unit.code, unit.name(language)) if unit else ("", "")
    if by == "agency":
        agency = reference.agencies().get(key)
        return (agency.code, agency.name(language)) if agency else ("", "")
    if by == "category":
        kind = reference.categories()[key]
        if kind.visibility == Category.Visibility.RESTRICTED and received < board.SMALL:
            return "", ""
        return kind.code, kind.name(language)
    return "", ""


def _all_units() -> Mapping[int, Unit]:
    return reference.units()


# ── calls ──


def _calls(_partition: str) -> Iterator[Row]:
    incoming, outgoing = Q(direction=Call.Direction.IN), Q(direction=Call.Direction.OUT)
    sums = {
        "calls_in": Sum("calls", filter=incoming, default=0),
        "heard": Sum("answered", filter=incoming, default=0),
        "answered_fast": Sum("fast", filter=incoming, default=0),
        "given_up_at_once": Sum("early", filter=incoming, default=0),
        "wait_seconds": Sum("wait_s", filter=incoming, default=0),
        "with_number": Sum("known", filter=incoming, default=0),
        "called_again": Sum("again", filter=incoming, default=0),
        "calls_out": Sum("calls", filter=outgoing, default=0),
        "reached": Sum("answered", filter=outgoing, default=0),
    }
    for counted in CallTally.objects.values("day").annotate(**sums).order_by("day"):
        day: dict[str, Any] = dict(counted)
        answered = day.pop("heard")
        yield {**day, "answered": answered, "given_up": day["calls_in"] - answered, "sample": samples()}


# ── the city ──


def _assets(layer: str) -> Iterator[Row]:
    chosen, after = geojson.public_layers([layer]), 0
    while found := geojson.features(chosen, after=after, limit=CHUNK):
        after = found[-1]["id"]
        for one in found:
            if one["properties"]["sample"] and not samples():
                continue
            yield asset(one)


def asset(feature: Mapping[str, Any]) -> Row:
    """One asset as it is published."""
    given = feature["properties"]
    return {
        **{name: given[name] for name in ("layer", "code", "name", "street", "owner", "unit", "lat", "lon", "sample")},
        "valid_from": date.fromisoformat(given["valid_from"]) if given["valid_from"] else None,
        "attributes": orjson.dumps(given["attributes"], option=orjson.OPT_SORT_KEYS).decode(),
        "geometry": feature["geometry"],
    }


def _units(_partition: str) -> Iterator[Row]:
    boundaries = dict(Unit.objects.filter(boundary__isnull=False).values_list("pk", "boundary"))
    for one in sorted(current_units().values(), key=lambda unit: unit.code):
        yield unit_row(one, boundaries.get(one.pk))


def unit_row(one: Unit, boundary: Any) -> Row:
    return {
        "code": one.code,
        "name": one.name(_language()),
        "name_en": one.names.get("en", ""),
        "kind": one.kind,
        "area_km2": one.area_km2,
        "lat": one.lat,
        "lon": one.lon,
        "valid_from": one.valid_from,
        "geometry": boundary or {"type": "Point", "coordinates": [one.lon, one.lat]},
    }


def _agencies(_partition: str) -> Iterator[Row]:
    known, units = reference.agencies(), reference.units()
    for one in sorted(routing.current_agencies(), key=lambda agency: agency.code):
        above, home = known.get(one.parent_id or 0), units.get(one.unit_id or 0)
        yield {
            "code": one.code,
            "name": one.name(_language()),
            "name_en": one.names.get("en", ""),
            "kind": one.kind,
            "parent": above.code if above else "",
            "unit": home.code if home else "",
        }


def _categories(_partition: str) -> Iterator[Row]:
    language = _language()
    for one in sorted(reference.categories().values(), key=lambda category: (category.position, category.code)):
        yield {
            "code": one.code,
            "name": one.name(language),
            "name_en": one.names.get("en", ""),
            "domain": one.domain,
            "domain_name": one.domain_names.get(language, ""),
            "group": one.process_group,
            "priority": one.priority,
            "visibility": one.visibility,
            "target": " ".join(f"{name}={value:g}" for name, value in one.target.items()),
            "active": one.active,
        }


_SOURCES: Mapping[str, Callable[[str], Iterator[Row]]] = {
    "reports": _reports,
    "figures": _figures,
    "calls": _calls,
    "assets": _assets,
    "units": _units,
    "agencies": _agencies,
    "categories": _categories,
}


def as_utc(moment: datetime) -> str:
    """ "2026-11-22T03:04:05Z" """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
