"""From the files of a pack into the tables. What is gone from the pack is ended or deactivated, never deleted: cases refer to it."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.db.models import Model

from hues.city.models import Agency, AssetLayer, CalendarDay, Category, Place, Unit, UnitAlias
from hues.city.pack.files import Entry, Pack, durations, parse_date
from hues.kernel import clock
from hues.kernel.text import sort_key, vn_fold

FORMER = "-old"  # codes are used again: the former unit 19753 and the one of today are different units


def store(pack: Pack) -> dict[str, int]:
    """Bring the tables to what the pack says. Returns how many of each there are."""
    _store_units(pack)
    _store_agencies(pack)
    _store_categories(pack)
    _store_layers(pack)
    _store_days(pack)
    _store_places(pack)
    return {
        "units": len(pack.units),
        "former_units": len(pack.former_units),
        "agencies": len(pack.agencies) + len(pack.each_unit) * len(pack.units),
        "categories": len(pack.categories),
        "layers": len(pack.layers),
        "places": len(pack.places),
        "days": len(pack.days),
    }


# ── units ──


def _store_units(pack: Pack) -> None:
    rows = [_unit(pack, entry) for entry in pack.units] + _former_units(pack)
    # Boundaries that an operator imported stay.
    _upsert(Unit, rows, ["names", "folded", "sort_key", "kind", "lat", "lon", "area_km2", "population",
                         "valid_from", "valid_to", "box", "anchors"])  # fmt: skip
    gone = Unit.objects.exclude(code__in=[row.code for row in rows]).filter(valid_to=None)
    gone.update(valid_to=clock.now().date())
    by_code = {unit.code: unit for unit in Unit.objects.all()}
    UnitAlias.objects.all().delete()
    aliases = {
        (by_code[code].id, vn_fold(name)): name
        for entries, suffix in ((pack.units, ""), (pack.former_units, FORMER))
        for entry in entries
        for name in _split(entry.get("aliases"))
        for code in [entry["code"] + suffix]
    }
    UnitAlias.objects.bulk_create(
        UnitAlias(unit_id=unit_id, name=name, folded=folded) for (unit_id, folded), name in aliases.items()
    )
    link = Unit.successors.through
    link.objects.all().delete()
    link.objects.bulk_create(
        link(from_unit_id=by_code[entry["code"] + FORMER].id, to_unit_id=by_code[code].id)
        for entry in pack.former_units
        for code in entry["successors"].split()
    )


def _unit(pack: Pack, entry: Entry) -> Unit:
    return _named(
        Unit(
            code=entry["code"],
            kind=entry["kind"],
            lat=entry["lat"],
            lon=entry["lon"],
            area_km2=entry.get("area_km2"),
            population=entry.get("population"),
            valid_from=parse_date(entry.get("valid_from")),
            box=[entry[side] for side in ("west", "south", "east", "north")] if "west" in entry else None,
            anchors=[[float(part) for part in pair.split()] for pair in _split(entry.get("anchors"))],
        ),
        _full_names(pack, entry),
    )


def _former_units(pack: Pack) -> list[Unit]:
    """Units that were merged. Their points come from a public package, where the pack names one and gives none itself."""
    source = pack.city.get("former_points")
    points = _package_points(source) if source else {}
    successors = {unit["code"]: unit for unit in pack.units}
    rows = []
    for entry in pack.former_units:
        found = points.get(entry["code"])
        lat, lon, box = found or (None, None, None)
        if "lat" in entry:  # the pack knows better than the package
            lat, lon, box = entry["lat"], entry["lon"], None
        if lat is None or lon is None:
            heir = successors[entry["successors"].split()[0]]
            lat, lon, box = heir["lat"], heir["lon"], None
        names = _full_names(pack, entry)
        unit = Unit(
            code=entry["code"] + FORMER,
            kind=entry["kind"],
            lat=lat,
            lon=lon,
            box=box,
            valid_to=parse_date(entry["valid_to"]),
        )
        rows.append(_named(unit, names, entry.get("within", "")))
    return rows


def _package_points(source: Mapping[str, str]) -> dict[str, tuple[float, float, list[float]]]:
    """Code → point and box of the former units of a province, from the data file inside the package named by the pack."""
    spec = find_spec(source["package"])
    if spec is None or spec.origin is None:
        return {}
    path = Path(spec.origin).parent / source["file"]
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        rows = connection.execute(
            "select wardCode, wardLat, wardLon, wardBounds from admin_units_legacy where provinceCode = ?",
            [source["province"]],
        ).fetchall()
    finally:
        connection.close()
    return {code: (lat, lon, _box(bounds)) for code, lat, lon, bounds in rows}


def _box(bounds: str) -> list[float]:
    """`south,west – north,east` as west, south, east, north."""
    south, west, north, east = (float(part) for corner in bounds.split(" – ") for part in corner.split(","))
    return [west, south, east, north]


def _full_names(pack: Pack, entry: Entry) -> dict[str, str]:
    full = pack.city["unit_kinds"][entry["kind"]]["full"]
    return {language: pattern.format(name=entry["name"]) for language, pattern in full.items()}


# ── agencies ──


def _store_agencies(pack: Pack) -> None:
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=[entry["code"] for entry in pack.units])}
    rows, parents = [], {}
    for entry in pack.agencies:
        rows.append(
            _named(
                Agency(
                    code=entry["code"],
                    kind=entry.get("kind") or entry["code"],
                    phone=entry.get("phone", ""),
                    is_centre=entry.get("centre", False),
                    is_chair=entry.get("chair", False),
                ),
                entry["names"],
                *entry.get("also", []),
            )
        )
        parents[entry["code"]] = entry.get("parent")
    same_unit = {entry["kind"] for entry in pack.each_unit}
    for entry in pack.each_unit:
        for unit in units.values():
            names = {language: text.format(unit=unit.name(language)) for language, text in entry["names"].items()}
            code = f"{entry['kind']}-{unit.code}"
            rows.append(_named(Agency(code=code, kind=entry["kind"], unit=unit), names, entry["kind"]))
            parents[code] = f"{entry['parent']}-{unit.code}" if entry["parent"] in same_unit else entry["parent"]
    _upsert(Agency, rows, ["names", "folded", "sort_key", "kind", "unit", "phone", "is_centre", "is_chair", "valid_to"])
    gone = Agency.objects.exclude(code__in=parents).filter(valid_to=None)
    gone.update(valid_to=clock.now().date(), is_centre=False, is_chair=False)
    by_code = {agency.code: agency for agency in Agency.objects.all()}
    moved = []
    for code, parent in parents.items():
        parent_id = by_code[parent].id if parent else None
        if by_code[code].parent_id != parent_id:
            by_code[code].parent_id = parent_id
            moved.append(by_code[code])
    Agency.objects.bulk_update(moved, ["parent"])


# ── categories ──


def _store_categories(pack: Pack) -> None:
    rows = [_category(pack, position, entry) for position, entry in enumerate(pack.categories)]
    fields = [field.name for field in Category._meta.fields if field.name not in ("id", "code")]
    _upsert(Category, rows, fields)
    Category.objects.exclude(code__in=[row.code for row in rows]).update(active=False)


def _category(pack: Pack, position: int, entry: Entry) -> Category:
    keywords = entry["keywords"]
    duplicates = entry.get("duplicates", {})
    first = entry.get("first_target")
    category = Category(
        code=entry["code"],
        domain=entry["domain"],
        domain_names=pack.domains[entry["domain"]],
        process_group=entry["group"],
        process=entry.get("process") or entry["group"],
        priority=entry["priority"],
        visibility=entry["visibility"],
        triage=durations(entry["triage"]),
        target=durations(entry["target"]),
        first_target=durations(first) if first else None,
        routing=[_rule(pack, rule) for rule in entry["routing"]],
        supporting=entry.get("supporting", []),
        questions=entry.get("questions", []),
        evidence={"photos_required": False, "closing_photos": 1, **entry.get("evidence", {})},
        keywords=keywords,
        emergency_numbers=entry.get("emergency_numbers", []),
        duplicate_radius_m=duplicates.get("metres", 30),
        duplicate_days=duplicates.get("days", 14),
        icon=entry["icon"],
        position=position,
        active=True,
    )
    return _named(category, entry["names"], *(word for words in keywords.values() for word in words))


def _rule(pack: Pack, rule: Entry) -> Entry:
    """A routing rule with the named lists of city.yaml (`@alley`) written out."""
    when = dict(rule.get("when", {}))
    if "address" in when:
        when["address"] = [
            word
            for name in when["address"]
            for word in (pack.city["address_words"][name[1:]] if name.startswith("@") else [name])
        ]
    kept: Entry = {key: rule[key] for key in ("agency", "because") if key in rule}
    return {"when": when, **kept} if when else kept


# ── layers of assets ──

_REACH = {"point": 15, "line": 15, "area": 0}


def _store_layers(pack: Pack) -> None:
    rows = [_layer(pack, position, entry) for position, entry in enumerate(pack.layers)]
    kept = ("id", "code", "assets")
    _upsert(AssetLayer, rows, [field.name for field in AssetLayer._meta.fields if field.name not in kept])
    AssetLayer.objects.exclude(code__in=[row.code for row in rows]).update(active=False)


def _layer(pack: Pack, position: int, entry: Entry) -> AssetLayer:
    layer = AssetLayer(
        code=entry["code"],
        one=entry["one"],
        because=entry.get("because", {}),
        icon=entry["icon"],
        geometry=entry["geometry"],
        ground=entry.get("ground", False),
        public=entry.get("public", False),
        owner=[_rule(pack, rule) for rule in entry["owner"]],
        categories=entry.get("categories", []),
        attributes=[{"type": "text", "public": False, **attribute} for attribute in entry.get("attributes", [])],
        reach_m=entry.get("reach_m", _REACH[entry["geometry"]]),
        offer_m=entry.get("offer_m", 40),
        position=position,
    )
    return _named(layer, entry["names"], *entry["one"].values())


# ── days and places: nothing refers to them ──


def _store_days(pack: Pack) -> None:
    CalendarDay.objects.all().delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(date=date.fromisoformat(entry["date"]), working=entry.get("working", False), names=entry["names"])
        for entry in pack.days
    )


def _store_places(pack: Pack) -> None:
    units = dict(Unit.objects.values_list("code", "id"))
    Place.objects.all().delete()
    rows = []
    for entry in pack.places:
        name: str = entry["name"]
        names = dict.fromkeys(pack.city["languages"], name)
        if "name_en" in entry and "en" in names:
            names["en"] = entry["name_en"]
        also = _split(entry.get("also"))
        place = Place(
            kind=entry["kind"], lat=entry["lat"], lon=entry["lon"], unit_id=units.get(entry.get("unit", "")), words=also
        )
        rows.append(_named(place, names, *also))
    Place.objects.bulk_create(rows)


# ── common ──


def _named(row: Any, names: Mapping[str, str], *also: str) -> Any:
    row.names = dict(names)
    row.folded = vn_fold(" | ".join(dict.fromkeys([*names.values(), *filter(None, also)])))
    row.sort_key = sort_key(next(iter(names.values())))
    return row


def _upsert(model: type[Model], rows: Iterable[Any], fields: list[str]) -> None:
    model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(";") if part.strip()]
