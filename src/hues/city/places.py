"""Finding a place that somebody typed: streets with house numbers and lanes, landmarks, units by their names of today and of before."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from hues.city import pack
from hues.city.geography import current_units, successors, unit_at
from hues.city.memory import remembered
from hues.city.models import Place, Unit, UnitAlias
from hues.city.phrases import Phrase, Word, phrase_of, word
from hues.kernel.text import sort_key, vn_fold

_HOUSE = re.compile(r"\d{1,4}[a-z]?(?:/\d{1,4}[a-z]?)*")
_WORD = re.compile(r"\w+(?:/\w+)*")
_LONGEST = 200


@dataclass(frozen=True)
class PlaceHit:
    """A suggestion. `label` keeps the house number or lane as typed; the point is that of the street or unit, so approximate."""

    label: str
    kind: str  # a place kind of the pack, "unit" or "former_unit"
    lat: float
    lon: float
    unit_id: int | None
    unit_code: str
    unit_name: str
    note: str = ""


@dataclass
class _Entry:
    kind: str
    names: Mapping[str, str]
    lat: float
    lon: float
    unit_id: int | None
    weight: float
    keys: list[list[str]] = field(default_factory=list)  # every name, as folded words
    grams: frozenset[str] = frozenset()
    marked: frozenset[str] = frozenset()  # the words of its names with their diacritics, in one tone style
    former: bool = False


@dataclass
class _Book:
    entries: list[_Entry] = field(default_factory=list)
    by_word: dict[str, list[int]] = field(default_factory=dict)  # first letter of a word → entries that have one
    unit_words: list[tuple[list[str], int]] = field(default_factory=list)  # names of units, longest first
    lane: list[Phrase] = field(default_factory=list)  # forms of address, longest first
    street: list[Phrase] = field(default_factory=list)
    number: list[Phrase] = field(default_factory=list)
    near: list[Phrase] = field(default_factory=list)


@dataclass
class _Query:
    prefix: str = ""  # "27", "Kiệt 22", "Đối diện số nhà 15": as typed, before the name
    words: list[str] = field(default_factory=list)
    wants_street: bool = False
    marked: frozenset[str] = frozenset()  # the typed words that carry diacritics
    unit_ids: frozenset[int] = frozenset()
    open_end: bool = True  # the last word may be half typed


def find_places(text: str, language: str = "vi", limit: int = 8) -> list[PlaceHit]:
    """Places that fit what was typed so far, the likeliest first. No statement.

    Diacritics and tone style do not matter, except to tell apart what they tell apart; names of before lead to the unit of today.
    """
    book = _book()
    best: dict[int, tuple[float, _Query]] = {}
    for query in _readings(book, unicodedata.normalize("NFC", text[:_LONGEST])):
        for score, number in _scored(book, query) if query.words else ():
            if score > best.get(number, (0.0, query))[0]:
                best[number] = score, query
    order = sorted(best, key=lambda number: (-best[number][0], number))  # equals stay in Vietnamese order
    with override(language):
        return [_hit(book.entries[number], best[number][1], language) for number in order[: max(0, min(limit, 50))]]


# ── what was typed ──


def _readings(book: _Book, text: str) -> list[_Query]:
    """What was typed, understood. "cho dong ba" may be a market (chợ) or "near" (chỗ): then both ways."""
    bold, timid = _understood(book, text, timid=False), _understood(book, text, timid=True)
    return [bold] if bold == timid else [bold, timid]


def _understood(book: _Book, text: str, *, timid: bool) -> _Query:
    """ "đối diện 27/3 kiệt 22 Lê Lợi, phường Vĩnh Ninh" → prefix, words of the name, units named behind the comma."""
    head, *tail = re.split(r"\s*[,;–]\s*|\s+-\s+", text.strip())
    while tail and not _WORD.search(head):
        head, *tail = tail
    typed = _WORD.findall(head)
    written = [word(part) for part in typed]
    start, is_street = _skip_prefix(book, written, timid)
    name = written[start:]
    query = _Query(wants_street=is_street, open_end=not tail and not text.endswith(" "))
    query.words = [part for found in name for part in found.plain.split("/")]
    query.marked = frozenset(found.spelled for found in name if found.spelled)
    query.prefix = _prefix_text(head, typed, start)
    query.unit_ids = frozenset(unit for part in tail for unit in _units_named(book, vn_fold(part).split()))
    if not query.words and tail:  # a number alone before the comma: "27, Lê Lợi"
        rest = _understood(book, ", ".join(tail), timid=timid)
        rest.prefix = " ".join(filter(None, [query.prefix, rest.prefix]))
        return rest
    return query


def _skip_prefix(book: _Book, written: list[Word], timid: bool) -> tuple[int, bool]:
    """How many words come before the name (near, number, lane, "đường"), and whether they speak of a street."""
    position, street = 0, False
    while position < len(written):
        step, speaks_of_street = _prefix_step(book, written, position, timid)
        if not step:
            break
        street = street or speaks_of_street
        position += step
    if position == len(written) and not any(found.plain[:1].isdigit() for found in written):
        return 0, False  # nothing but such words: they are the name ("Ngã Sáu")
    return position, street


def _prefix_step(book: _Book, written: list[Word], at: int, timid: bool) -> tuple[int, bool]:
    """How many words at `at` belong to the prefix, and whether what follows must be a street."""
    if _HOUSE.fullmatch(written[at].plain):
        return 1, True
    left = len(written) - at - 1
    numbered = left > 0 and written[at + 1].plain[:1].isdigit()
    for phrases, wants_number, is_street in (
        (book.number, True, True),
        (book.lane, True, True),
        (book.street, False, True),
        (book.near, False, False),
    ):
        for phrase in phrases:
            length = len(phrase.words)
            follows = left >= length and written[at + length].plain[:1].isdigit() if wants_number else left >= length
            if follows and phrase.found_at(written, at) and not (timid and phrase.is_unclear(written, at)):
                return length + (1 if wants_number and phrases is book.lane and numbered else 0), is_street
    return 0, False


def _prefix_text(head: str, typed: list[str], count: int) -> str:
    """The part of `head` before word number `count`, as it was typed."""
    position = 0
    for part in typed[:count]:
        position = head.index(part, position) + len(part)
    prefix = head[:position].strip(" .,:")
    return prefix[:1].upper() + prefix[1:]


def _units_named(book: _Book, words: list[str]) -> list[int]:
    for name, unit_id in book.unit_words:
        for start in range(len(words) - len(name) + 1):
            if words[start : start + len(name)] == name:
                return [unit_id]
    return []


# ── how well an entry fits ──


def _scored(book: _Book, query: _Query) -> list[tuple[float, int]]:
    """(score, number of the entry) for all that fit; if nothing does, for what is spelled much like it."""
    candidates: set[int] = set()
    for typed in query.words:
        candidates.update(book.by_word.get(typed[:2], ()))
    found = []
    for number in candidates:
        entry = book.entries[number]
        score = max((_fit(key, query) for key in entry.keys), default=0.0)
        if score > 0:
            found.append((score * entry.weight * _context(entry, query), number))
    return found or _similar(book, query)


def _context(entry: _Entry, query: _Query) -> float:
    factor = 1.0
    if query.wants_street:
        factor *= 1.3 if entry.kind == "street" else 0.6
    if query.unit_ids:
        factor *= 1.4 if entry.unit_id in query.unit_ids else 0.7
    if query.marked and not query.marked <= entry.marked:  # "Thuận Hòa" is not "Thuận Hóa"
        factor *= 0.8
    return factor


def _fit(key: list[str], query: _Query) -> float:
    """0 to 1: all typed words in order from the start is best; then in order anywhere; then all there; the last may be half typed."""
    typed = query.words
    if key == typed:
        return 1.0
    for start in range(len(key)):
        if _runs(key[start:], typed, query.open_end):
            covered = sum(map(len, typed)) / max(1, sum(map(len, key)))
            return (0.62 if start == 0 else 0.45) + 0.3 * covered
    if _contains_run(typed, key):  # more was typed than the name: "Lê Lợi gần cầu"
        return 0.55 + 0.05 * len(key) if len(key) > 1 else 0.2
    hits = sum(1 for word in typed if word in key)
    return 0.3 * hits / len(typed) if hits == len(typed) else 0.0


def _runs(key: list[str], typed: list[str], open_end: bool) -> bool:
    if len(typed) > len(key):
        return False
    *full, last = typed
    return key[: len(full)] == full and (key[len(full)].startswith(last) if open_end else key[len(full)] == last)


def _contains_run(words: list[str], key: list[str]) -> bool:
    return any(words[i : i + len(key)] == key for i in range(len(words) - len(key) + 1))


def _similar(book: _Book, query: _Query) -> list[tuple[float, int]]:
    """A misspelt name: enough three-letter runs in common."""
    wanted = _grams(query.words)
    found = []
    for number, entry in enumerate(book.entries):
        shared = len(wanted & entry.grams)
        likeness = 2 * shared / (len(wanted) + len(entry.grams)) if shared else 0.0
        if likeness >= 0.5:
            found.append((0.4 * likeness * entry.weight * _context(entry, query), number))
    return found


def _grams(words: Iterable[str]) -> frozenset[str]:
    text = f" {' '.join(words)} "
    return frozenset(text[i : i + 3] for i in range(len(text) - 2))


def _hit(entry: _Entry, query: _Query, language: str) -> PlaceHit:
    name = entry.names.get(language) or next(iter(entry.names.values()))
    unit = current_units().get(entry.unit_id) if entry.unit_id else None
    unit_name = unit.name(language) if unit else ""
    note = ""
    if entry.former and unit:
        note = _("Former name; now part of %(unit)s") % {"unit": unit_name}
    prefixed = bool(query.prefix) and (entry.kind == "street" or not query.wants_street)
    label = f"{query.prefix} {name}" if prefixed else name
    return PlaceHit(label, entry.kind, entry.lat, entry.lon, entry.unit_id, unit.code if unit else "", unit_name, note)


# ── the book ──


@remembered
def _book() -> _Book:
    forms: dict[str, list[Phrase]] = {
        kind: sorted(map(phrase_of, texts), key=lambda phrase: -len(phrase.words))
        for kind, texts in pack.settings()["address_forms"].items()
    }
    book = _Book(lane=forms["lane"], street=forms["street"], number=forms["number"], near=forms["near"])
    _add_places(book)
    _add_units(book)
    for number, entry in enumerate(book.entries):
        for start in {part[:size] for key in entry.keys for part in key for size in (1, 2)}:
            book.by_word.setdefault(start, []).append(number)
        entry.grams = _grams(entry.keys[0])
    book.unit_words.sort(key=lambda pair: -len(pair[0]))
    return book


def _add_places(book: _Book) -> None:
    for place in Place.objects.order_by("sort_key"):
        hit = unit_at(place.lat, place.lon)
        # The pack's own word on the unit beats an approximate guess; imported boundaries beat both.
        unit_id = hit.unit_id if hit and (not hit.approximate or not place.unit_id) else place.unit_id
        weight = 1.0 if place.kind == "street" else 1.05
        entry = _Entry(place.kind, place.names, place.lat, place.lon, unit_id, weight)
        _name(entry, [*place.names.values(), *place.words])
        book.entries.append(entry)


def _add_units(book: _Book) -> None:
    """Units of today with all their names; former units and their older names each as a thing of its own that leads to the unit of today."""
    kinds = pack.settings()["unit_kinds"]
    units, heirs = current_units(), successors()
    aliases: dict[int, list[str]] = {}
    for unit_id, name in UnitAlias.objects.values_list("unit_id", "name"):
        aliases.setdefault(unit_id, []).append(name)
    for unit in Unit.objects.defer("boundary").order_by("sort_key"):
        kind, also = kinds.get(unit.kind, {}), aliases.get(unit.id, [])
        if unit.id in units:
            _add_unit(book, unit, unit.id, _unit_names(unit.names, kind, also))
            continue
        home = next((heir for heir in heirs.get(unit.id, ()) if heir in units), None)
        if home is not None:
            if unit.names != units[home].names:
                _add_unit(book, unit, home, _unit_names(unit.names, kind, []), unit.names)
            for name in also:
                _add_unit(book, unit, home, [name, *_bare_names(name, kinds)], {"": name})


def _add_unit(book: _Book, unit: Unit, home: int, names: list[str], former: Mapping[str, str] | None = None) -> None:
    kind, weight = ("former_unit", 0.97) if former else ("unit", 1.1)
    entry = _Entry(kind, former or unit.names, unit.lat, unit.lon, home, weight, former=bool(former))
    _name(entry, names)
    book.entries.append(entry)
    book.unit_words += [(key, home) for key in entry.keys if len(key) > 1 or len(key[0]) > 2]


def _name(entry: _Entry, names: list[str]) -> None:
    entry.keys = _keys(names)
    entry.marked = frozenset(sort_key(word) for name in names for word in _WORD.findall(name))


def _unit_names(names: Mapping[str, str], kind: Mapping[str, Any], aliases: list[str]) -> list[str]:
    """The full name, the name alone, and the name behind the short forms of its kind ("p Thuận Hóa")."""
    bare = list(dict.fromkeys(alone for name in names.values() if (alone := _alone(name, kind))))
    return [*names.values(), *bare, *(f"{short} {bare[0]}" for short in kind.get("typed", ()) if bare), *aliases]


def _bare_names(name: str, kinds: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [alone for kind in kinds.values() if (alone := _alone(name, kind))]


def _alone(name: str, kind: Mapping[str, Any]) -> str:
    """The name without the word for its kind; nothing if that word is not there."""
    for kind_word in kind.get("names", {}).values():
        if name.startswith(f"{kind_word} "):
            return name[len(kind_word) + 1 :]
        if name.endswith(f" {kind_word}"):
            return name[: -len(kind_word) - 1]
    return ""


def _keys(names: Iterable[str]) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        words = [part for word in _WORD.findall(vn_fold(name)) for part in word.split("/")]
        if words:
            found[" ".join(words)] = words
    return list(found.values())
