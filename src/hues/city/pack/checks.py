"""What the schemas cannot see: whether the entries of a pack fit each other."""

from collections import Counter
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from hues.city.pack.files import Entry, Pack, walk_texts


def contradictions(pack: Pack) -> list[str]:
    """Every mistake, each with its file and entry; nothing if the pack holds together."""
    return [
        *_city(pack),
        *_texts(pack),
        *_twins("units.csv", pack.units),
        *_twins("former_units.csv", pack.former_units),
        *_twins("agencies.yaml", pack.agencies),
        *_twins("categories.yaml", pack.categories),
        *_twins("layers.yaml", pack.layers),
        *_twins("calendar.yaml", pack.days, "date"),
        *_units(pack),
        *_agencies(pack),
        *_categories(pack),
        *_layers(pack),
        *_places(pack),
    ]


def _twins(file: str, entries: list[Entry], key: str = "code") -> Iterator[str]:
    for value, times in Counter(entry[key] for entry in entries).items():
        if times > 1:
            yield f"{file}: '{value}' is given {times} times"


def _city(pack: Pack) -> Iterator[str]:
    city = pack.city
    try:
        ZoneInfo(city["zone"])
    except (KeyError, ValueError, OSError):
        yield f"city.yaml: zone: '{city['zone']}' is not a time zone"
    bounds = city["bounds"]
    if bounds["west"] >= bounds["east"] or bounds["south"] >= bounds["north"]:
        yield "city.yaml: bounds: west must be less than east, south less than north"
    elif not _inside(pack, city["center"]):
        yield "city.yaml: center: it lies outside the bounds"
    last = ""
    for start, end in city["hours"]["periods"]:
        if not last <= start < end:
            yield f"city.yaml: hours, periods: {start}-{end} must end after it starts, and start after the one before it"
        last = end
    numbers = {row["number"] for row in city["emergency_numbers"]}
    for row in city["danger"]:
        for number in _unknown(row["numbers"], numbers):
            yield f"city.yaml: danger, entry {row['code']}: {number} is not among the emergency numbers"


def _texts(pack: Pack) -> Iterator[str]:
    """Every text is there in every language of the city."""
    languages = set(pack.city["languages"])
    files = {
        "city.yaml": pack.city,
        "agencies.yaml": [*pack.agencies, *pack.each_unit],
        "categories.yaml": [*pack.domains.values(), *pack.categories],
        "layers.yaml": pack.layers,
        "calendar.yaml": pack.days,
    }
    for file, content in files.items():
        for where, texts in walk_texts(content):
            for language in sorted(languages - set(texts)):
                yield f"{file}: {where}: the text in '{language}' is missing"


def _units(pack: Pack) -> Iterator[str]:
    kinds, codes = set(pack.city["unit_kinds"]), {unit["code"] for unit in pack.units}
    for file, units in (("units.csv", pack.units), ("former_units.csv", pack.former_units)):
        for unit in units:
            if unit["kind"] not in kinds:
                yield f"{file}: {unit['code']}: kind '{unit['kind']}' is not among unit_kinds in city.yaml"
            if "lat" in unit and not _inside(pack, unit):
                yield f"{file}: {unit['code']}: its point lies outside the city's bounds"
    for unit in pack.former_units:
        for code in _unknown(unit["successors"].split(), codes):
            yield f"former_units.csv: {unit['code']}: its successor '{code}' is not in units.csv"


def _agencies(pack: Pack) -> Iterator[str]:
    parents = {agency["code"]: agency.get("parent") for agency in pack.agencies}
    each = {agency["kind"] for agency in pack.each_unit}
    for agency in pack.agencies:
        if agency.get("parent") and agency["parent"] not in parents:
            yield f"agencies.yaml: {agency['code']}: its parent '{agency['parent']}' is not an agency"
        elif _goes_round(agency["code"], parents):
            yield f"agencies.yaml: {agency['code']}: it is above itself"
    for number, agency in enumerate(pack.each_unit):
        if agency["parent"] not in parents and agency["parent"] not in [a["kind"] for a in pack.each_unit[:number]]:
            yield f"agencies.yaml: each_unit, {agency['kind']}: its parent '{agency['parent']}' is not an agency"
    for role in ("centre", "chair"):
        holders = [agency["code"] for agency in pack.agencies if agency.get(role)]
        if len(holders) != 1:
            yield f"agencies.yaml: exactly one agency is the {role}, not {len(holders)} ({', '.join(holders) or 'none'})"
    for kind in each & {agency.get("kind", agency["code"]) for agency in pack.agencies}:
        yield f"agencies.yaml: '{kind}' is both a single agency and one of each unit"


def _goes_round(code: str, parents: dict[str, str | None]) -> bool:
    above = parents.get(code)
    for _step in parents:
        if above is None or above == code:
            return above == code
        above = parents.get(above)
    return True


def _categories(pack: Pack) -> Iterator[str]:
    kinds = _agency_kinds(pack)
    numbers = {row["number"] for row in pack.city["emergency_numbers"]}
    for category in pack.categories:
        at = f"categories.yaml: {category['code']}"
        if category["domain"] not in pack.domains:
            yield f"{at}: domain '{category['domain']}' is not among the domains"
        for kind in _unknown(category.get("supporting", []), kinds):
            yield f"{at}: no agency is of the kind '{kind}'"
        if category["routing"][-1].get("when"):
            yield f"{at}: the last routing rule must hold always"
        yield from _rules(pack, at, category["routing"], kinds)
        for number in _unknown(category.get("emergency_numbers", []), numbers):
            yield f"{at}: {number} is not among the emergency numbers in city.yaml"
        yield from _questions(at, category.get("questions", []))


def _agency_kinds(pack: Pack) -> set[str]:
    return {a.get("kind") or a["code"] for a in pack.agencies} | {a["kind"] for a in pack.each_unit}


def _rules(pack: Pack, at: str, rules: list[Entry], kinds: set[str]) -> Iterator[str]:
    """Mistakes in routing rules: words that the rest of the pack does not know."""
    units, unit_kinds = {unit["code"] for unit in pack.units}, set(pack.city["unit_kinds"])
    layers = {layer["code"] for layer in pack.layers}
    for rule in rules:
        when = rule.get("when", {})
        if rule["agency"] == "@owner" and "on" not in when:
            yield f"{at}: routing: '@owner' needs `on`: the layers whose owner is meant"
        for kind in _unknown([rule["agency"]], kinds | {"@owner"}):
            yield f"{at}: no agency is of the kind '{kind}'"
        for word in _unknown(when.get("on", []), layers):
            yield f"{at}: routing: there is no layer '{word}'"
        for word in _unknown(when.get("unit", []), units):
            yield f"{at}: routing: there is no unit '{word}'"
        for word in _unknown(when.get("unit_kind", []), unit_kinds):
            yield f"{at}: routing: there is no kind of unit '{word}'"
        for word in when.get("address", []):
            if word.startswith("@") and word[1:] not in pack.city["address_words"]:
                yield f"{at}: routing: '{word}' is not among address_words in city.yaml"


def _layers(pack: Pack) -> Iterator[str]:
    kinds, categories = _agency_kinds(pack), {category["code"] for category in pack.categories}
    for layer in pack.layers:
        at = f"layers.yaml: {layer['code']}"
        for code in _unknown(layer.get("categories", []), categories):
            yield f"{at}: there is no category '{code}'"
        for code, times in Counter(attribute["code"] for attribute in layer.get("attributes", [])).items():
            if times > 1:
                yield f"{at}: attribute '{code}' is given {times} times"
        for rule in layer["owner"]:
            if rule["agency"] == "@owner" or rule.get("when", {}).keys() & {"on", "hours"}:
                yield f"{at}: owner: a rule names an agency by unit, kind of unit or address"
        yield from _rules(pack, at, layer["owner"], kinds)


def _questions(at: str, questions: list[Entry]) -> Iterator[str]:
    for code, times in Counter(question["code"] for question in questions).items():
        if times > 1:
            yield f"{at}: question '{code}' is asked {times} times"
    for question in questions:
        if question["type"] in ("choice", "multichoice") and not question.get("options"):
            yield f"{at}: question '{question['code']}' offers nothing to choose from"


def _places(pack: Pack) -> Iterator[str]:
    codes = {unit["code"] for unit in pack.units}
    for place in pack.places:
        if not _inside(pack, place):
            yield f"places.csv: {place['name']}: its point lies outside the city's bounds"
        if place["kind"] not in pack.city["place_kinds"]:
            yield f"places.csv: {place['name']}: kind '{place['kind']}' is not among place_kinds in city.yaml"
        if place.get("unit") and place["unit"] not in codes:
            yield f"places.csv: {place['name']}: there is no unit '{place['unit']}'"


def _inside(pack: Pack, point: Entry) -> bool:
    bounds = pack.city["bounds"]
    return bool(bounds["west"] <= point["lon"] <= bounds["east"] and bounds["south"] <= point["lat"] <= bounds["north"])


def _unknown(values: Iterable[str], known: set[str]) -> list[str]:
    return sorted(set(values) - known)
