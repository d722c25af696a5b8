"""Reading the city: units, places, categories, emergency words. All from memory; a call makes no statement once warm."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from hues.city import pack, routing
from hues.city.assets.near import assets_near
from hues.city.geography import UnitHit, current_units, unit_at
from hues.city.memory import remembered
from hues.city.models import Agency, Category, Unit
from hues.city.phrases import PhraseBook, words
from hues.city.places import PlaceHit, find_places
from hues.city.questions import text as text_in
from hues.city.routing import owner_at
from hues.kernel.errors import NotFound
from hues.kernel.text import vn_fold

__all__ = [
    "Document",
    "EmergencyNumber",
    "PlaceHit",
    "UnitHit",
    "agencies",
    "assets_near",
    "categories",
    "categories_json",
    "category",
    "city_json",
    "danger",
    "emergency_numbers",
    "find_places",
    "map_json",
    "owner_at",
    "search_categories",
    "unit",
    "unit_at",
    "units",
    "units_json",
]


@dataclass(frozen=True)
class Document:
    """JSON that is the same for every reader of a language, written once."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class EmergencyNumber:
    number: str
    names: dict[str, str]
    texts: dict[str, str]  # when to call it
    because: dict[str, str]  # what in the text spoke of danger

    def name(self, language: str) -> str:
        return text_in(self.names, language)

    def text(self, language: str) -> str:
        return text_in(self.texts, language)

    def reason(self, language: str) -> str:
        return text_in(self.because, language)


# ── categories ──


@remembered
def _categories() -> dict[str, Category]:
    return {category.code: category for category in Category.objects.order_by("position", "code")}


def category(code: str) -> Category:
    """A category by code, also one that is no longer offered. Shared: never change it. Raises NotFound."""
    try:
        return _categories()[code]
    except (KeyError, TypeError):
        raise NotFound(_("There is no such category.")) from None


def category_by_id(category_id: int) -> Category:
    """A category by id. Raises KeyError."""
    return _categories_by_id()[category_id]


@remembered
def _categories_by_id() -> dict[int, Category]:
    return {category.id: category for category in _categories().values()}


def categories(language: str) -> list[dict[str, Any]]:
    """What a report can be about, by family, for pickers: [{"code", "name", "categories": [{"code", "name", …}]}]. Never change it."""
    return _pickers()[_known(language)]


@remembered
def _pickers() -> dict[str, list[dict[str, Any]]]:
    return {language: _picker(language) for language in pack.settings()["languages"]}


def _picker(language: str) -> list[dict[str, Any]]:
    families: dict[str, dict[str, Any]] = {}
    for row in _categories().values():
        if row.active:
            family = {"code": row.domain, "name": text_in(row.domain_names, language), "categories": []}
            families.setdefault(row.domain, family)["categories"].append(_shown(row, language))
    return list(families.values())


def _shown(row: Category, language: str) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name(language),
        "group": row.process_group,
        "priority": row.priority,
        "icon": row.icon,
        "target": row.target,
        "visibility": row.visibility,
        "emergency_numbers": row.emergency_numbers,
        "photos_required": bool(row.evidence.get("photos_required")),
        "keywords": row.keywords.get(language, []),
        "questions": [_question(question, language) for question in row.questions],
    }


def _question(question: dict[str, Any], language: str) -> dict[str, Any]:
    """A question in one language."""
    kept: dict[str, Any] = {key: question[key] for key in ("min", "max", "max_length") if key in question}
    options = [{"value": o["value"], "label": text_in(o["labels"], language)} for o in question.get("options", ())]
    return {
        "code": question["code"],
        "type": question["type"],
        "label": text_in(question["labels"], language),
        "hint": text_in(question.get("hints") or {}, language),
        "required": bool(question.get("required")),
        "private": bool(question.get("private")),
        **({"options": options} if options else {}),
        **kept,
    }


def categories_json(language: str) -> Document:
    """`categories` as JSON bytes, ready to send."""
    return _category_documents()[_known(language)]


@remembered
def _category_documents() -> dict[str, Document]:
    return {language: document({"groups": rows}) for language, rows in _pickers().items()}


def search_categories(text: str, language: str, limit: int = 8) -> list[Category]:
    """Categories that what somebody wrote may be about, the likeliest first.

    By the keywords of every language that occur in it; a short text also by how names and keywords begin, those of `language` first.
    """
    text = text[:2000]
    scores: dict[str, float] = {}
    seen: set[tuple[str, str]] = set()
    for _at, phrase, code in _keyword_book().found(text):
        if (code, phrase.text) not in seen:
            seen.add((code, phrase.text))
            scores[code] = scores.get(code, 0.0) + len(phrase.words) ** 1.5
    typed = vn_fold(text).split()
    if typed and len(typed) <= 6:
        for code, score in _by_beginning(typed, language):
            scores[code] = scores.get(code, 0.0) + score
    rows = _categories()
    best = sorted(scores, key=lambda code: (-scores[code], rows[code].position))
    return [rows[code] for code in best[:limit]]


@remembered
def _keyword_book() -> PhraseBook[str]:
    entries = [
        (text, row.code)
        for row in _categories().values()
        if row.active
        for texts in [*row.keywords.values(), _name_parts(row)]
        for text in texts
    ]
    return PhraseBook(entries, strict=False)


def _name_parts(row: Category) -> list[str]:
    """`Rác tồn đọng, thùng rác đầy` names two things."""
    return [part.strip(" ()") for name in row.names.values() for part in name.split(",") if part.strip(" ()")]


@remembered
def _folded_names() -> list[tuple[str, str, list[str]]]:
    """(code, language, names and keywords folded)."""
    return [
        (row.code, language, [vn_fold(text) for text in [row.code, name, *row.keywords.get(language, ())]])
        for row in _categories().values()
        if row.active
        for language, name in row.names.items()
    ]


def _by_beginning(typed: list[str], language: str) -> list[tuple[str, float]]:
    """Categories with a name or keyword in which every typed word begins a word."""
    whole = " ".join(typed)
    best: dict[str, float] = {}
    for code, spoken, names in _folded_names():
        score = max(_beginning(name, whole, typed) for name in names) * (1.0 if spoken == language else 0.6)
        if score > best.get(code, 0.0):
            best[code] = score
    return list(best.items())


def _beginning(name: str, whole: str, typed: list[str]) -> float:
    if name.startswith(whole):
        return 1.0 + len(whole) / len(name)
    if f" {whole}" in name:
        return 0.8
    return 0.5 if all(any(part.startswith(start) for part in name.split()) for start in typed) else 0.0


# ── units and agencies ──


def units(language: str) -> list[dict[str, Any]]:
    """The units of today in Vietnamese order: code, name, kind, point, area. Never change it."""
    return _unit_lists()[_known(language)]


def unit(code: str) -> Unit:
    """A unit of today by code. Shared: never change it. Raises NotFound."""
    try:
        return _units_by_code()[code]
    except (KeyError, TypeError):
        raise NotFound(_("There is no such unit.")) from None


def unit_by_id(unit_id: int) -> Unit:
    """A unit of today by id. Raises KeyError."""
    return current_units()[unit_id]


@remembered
def _units_by_code() -> dict[str, Unit]:
    return {unit.code: unit for unit in current_units().values()}


@remembered
def _unit_lists() -> dict[str, list[dict[str, Any]]]:
    rows = sorted(current_units().values(), key=lambda unit: unit.sort_key)
    return {
        language: [
            {
                "code": unit.code,
                "name": unit.name(language),
                "kind": unit.kind,
                "lat": unit.lat,
                "lon": unit.lon,
                "area_km2": unit.area_km2,
            }
            for unit in rows
        ]
        for language in pack.settings()["languages"]
    }


def units_json(language: str) -> Document:
    """`units` as JSON bytes, ready to send."""
    return _unit_documents()[_known(language)]


@remembered
def _unit_documents() -> dict[str, Document]:
    return {language: document({"units": rows}) for language, rows in _unit_lists().items()}


def agencies(language: str) -> list[dict[str, Any]]:
    """Every agency that works today, for pickers: id, code, kind, name, unit code. The city's own first."""
    by_id = current_units()
    return [_agency(agency, language, by_id) for agency in routing.current_agencies()]


def _agency(row: Agency, language: str, by_id: dict[int, Unit]) -> dict[str, Any]:
    home = by_id.get(row.unit_id) if row.unit_id else None
    return {
        "id": row.id,
        "code": row.code,
        "kind": row.kind,
        "name": row.name(language),
        "unit": home.code if home else "",
        "phone": row.phone,
    }


# ── danger ──


def danger(text: str) -> list[EmergencyNumber]:
    """The emergency numbers to show first when a text speaks of danger to life, in the order of what was said; nothing is blocked by it."""
    alarms, unless = _danger_books()
    written = words(text[:10_000])
    excused = {(at + i, code) for at, phrase, code in unless.found(written) for i in range(len(phrase.words))}
    found: dict[str, EmergencyNumber] = {}
    rows = {row["code"]: row for row in pack.settings()["danger"]}
    for at, phrase, code in alarms.found(written):
        if all((at + i, code) not in excused for i in range(len(phrase.words))):
            for number in rows[code]["numbers"]:
                found.setdefault(number, _emergency(number, rows[code]["names"]))
    return list(found.values())


def emergency_numbers() -> list[EmergencyNumber]:
    """All emergency numbers of the land, in the pack's order."""
    return [_emergency(row["number"], {}) for row in pack.settings()["emergency_numbers"]]


def _emergency(number: str, because: dict[str, str]) -> EmergencyNumber:
    row = next(row for row in pack.settings()["emergency_numbers"] if row["number"] == number)
    return EmergencyNumber(number, row["names"], row["texts"], because)


@remembered
def _danger_books() -> tuple[PhraseBook[str], PhraseBook[str]]:
    """Phrases of danger, and those that only sound like it."""
    rows = pack.settings()["danger"]
    return tuple(  # type: ignore[return-value]
        PhraseBook([(text, row["code"]) for row in rows for texts in row.get(key, {}).values() for text in texts])
        for key in ("phrases", "unless")
    )


# ── the city as a whole ──

_PUBLIC_SETTINGS = ("zone", "languages", "bounds", "center", "zoom", "hours", "hotline", "jurisdiction")
_PUBLIC_TEXTS = ("names", "short_names", "app_names", "texts", "attribution")


def city_json(language: str) -> Document:
    """What a client must know of the city before anything else, as JSON bytes."""
    return _city_documents()[_known(language)]


@remembered
def _city_documents() -> dict[str, Document]:
    settings = pack.settings()
    return {
        language: document(
            {key: settings[key] for key in _PUBLIC_SETTINGS if key in settings}
            | {key: _in_language(settings.get(key), language) for key in _PUBLIC_TEXTS}
            | {"emergency_numbers": _in_language(settings["emergency_numbers"], language)}
        )
        for language in settings["languages"]
    }


@remembered
def map_json() -> Document:
    """The pack's own drawing of the city (GeoJSON, schematic), as bytes."""
    return document(pack.settings()["map"] or {"type": "FeatureCollection", "features": []})


def document(content: Any) -> Document:
    body = orjson.dumps(content)
    return Document(body, f'"{hashlib.sha256(body).hexdigest()[:24]}"')


def _in_language(value: Any, language: str) -> Any:
    """Texts by language anywhere inside `value` become the text in one language."""
    if isinstance(value, dict):
        if value and all(len(key) == 2 and isinstance(text, str) for key, text in value.items()):
            return text_in(value, language)
        return {key: _in_language(item, language) for key, item in value.items()}
    return [_in_language(item, language) for item in value] if isinstance(value, list) else value


def _known(language: str) -> str:
    languages = pack.settings()["languages"]
    return language if language in languages else languages[0]
