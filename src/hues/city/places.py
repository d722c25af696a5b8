"""Finding a place that somebody typed: streets with house numbers and lanes, landmarks, units by their names of today and of before."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import override

from hues.city import pack
from hues.city.geography import current_units, successors, unit_at
from hues.city.memory import remembered
from hues.city.models import Place, Unit, UnitAlias
from hues.kernel.text import vn_fold

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
    former: bool = False


@dataclass
class _Book:
    entries: list[_Entry] = field(default_factory=list)
    by_word: dict[str, list[int]] = field(default_factory=dict)  # first letter of a word → entries that have one
    unit_words: list[tuple[list[str], int]] = field(default_factory=list)  # names of units, longest first
    lane: frozenset[str] = frozenset()
    street: frozenset[str] = frozenset()
    number: frozenset[str] = frozenset()
    near: tuple[list[str], ...] = ()


@dataclass
class _Query:
    prefix: str = ""  # "27", "Kiệt 22", "Đối diện số nhà 15": as typed, before the name
    words: list[str] = field(default_factory=list)
    wants_street: bool = False
    unit_ids: frozenset[int] = frozenset()
    open_end: bool = True  # the last word may be half typed


def find_places(text: str, language: str = "vi", limit: int = 8) -> list[PlaceHit]:
    """Places that fit what was typed so far, the likeliest first. Without diacritics, in either tone style, by old names too. No statement."""
    book = _book()
    query = _understood(book, text[:_LONGEST])
    if not query.words:
        return []
    scored = sorted(_scored(book, query), key=lambda pair: (-pair[0], pair[1].names["vi"] if "vi" in pair[1].names else ""))
    with override(language):
        return [_hit(entry, query, language) for _score, entry in scored[: max(0, min(limit, 50))]]


# ── what was typed ──


def _understood(book: _Book, text: str) -> _Query:
    """ "đối diện 27/3 kiệt 22 Lê Lợi, phường Vĩnh Ninh" → prefix, words of the name, units named behind the comma."""
    head, *tail = re.split(r"\s*[,;–]\s*|\s+-\s+", text.strip())
    while tail and not _WORD.search(head):
        head, *tail = tail
    typed = _WORD.findall(head)
    folded = [vn_fold(word) for word in typed]
    start, is_street = _skip_prefix(book, folded)
    words = folded[start:]
    query = _Query(wants_street=is_street, open_end=not tail and not text.endswith(" "))
    query.words = [part for word in words for part in word.split("/")]
    query.prefix = _prefix_text(head, typed, start)
    query.unit_ids = frozenset(unit for part in tail for unit in _units_named(book, vn_fold(part).split()))
    if not query.words and tail:  # a number alone before the comma: "27, Lê Lợi"
        rest = _understood(book, ", ".join(tail))
        rest.prefix = " ".join(filter(None, [query.prefix, rest.prefix]))
        return rest
    return query


def _skip_prefix(book: _Book, words: list[str]) -> tuple[int, bool]:
    """How many words come before the name (near, number, lane, "đường"), and whether they speak of a street."""
    position, street = 0, False
    while position < len(words):
        step = _prefix_step(book, words, position)
        if not step:
            break
        street = street or words[position] not in {word for phrase in book.near for word in phrase}
        position += step
    if position == len(words) and not any(word[0].isdigit() for word in words):
        return 0, False  # nothing but such words: they are the name ("Ngã Sáu")
    return position, street


def _prefix_step(book: _Book, words: list[str], at: int) -> int:
    follows = words[at + 1] if at + 1 < len(words) else ""
    if _HOUSE.fullmatch(words[at]):
        return 1
    if words[at] in book.lane and follows[:1].isdigit():
        return 2
    for phrase in book.near:
        if words[at : at + len(phrase)] == phrase and at + len(phrase) < len(words):
            return len(phrase)
    for phrase in (["so", "nha"], ["nha", "so"]):
        if words[at : at + 2] == phrase:
            return 2
    if words[at] in book.number and follows[:1].isdigit():
        return 1
    return 1 if words[at] in book.street and follows else 0


def _prefix_text(head: str, typed: list[str], count: int) -> str:
    """The part of `head` before word number `count`, as it was typed."""
    position = 0
    for word in typed[:count]:
        position = head.index(word, position) + len(word)
    prefix = head[:position].strip(" .,:")
    return prefix[:1].upper() + prefix[1:]


def _units_named(book: _Book, words: list[str]) -> list[int]:
    for name, unit_id in book.unit_words:
        for start in range(len(words) - len(name) + 1):
            if words[start : start + len(name)] == name:
                return [unit_id]
    return []


# ── how well an entry fits ──


def _scored(book: _Book, query: _Query) -> Iterable[tuple[float, _Entry]]:
    candidates = set(book.by_word.get(query.words[0][:2], ())) if query.words[0] else set()
    for word in query.words[1:]:
        candidates |= set(book.by_word.get(word[:2], ()))
    found = []
    for number in candidates:
        entry = book.entries[number]
        score = max((_fit(key, query) for key in entry.keys), default=0.0)
        if score > 0:
            found.append((score * entry.weight * _context(entry, query), entry))
    return found if found else _similar(book, query)


def _context(entry: _Entry, query: _Query) -> float:
    factor = 1.0
    if query.wants_street:
        factor *= 1.3 if entry.kind == "street" else 0.6
    if query.unit_ids:
        factor *= 1.4 if entry.unit_id in query.unit_ids else 0.7
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


def _similar(book: _Book, query: _Query) -> list[tuple[float, _Entry]]:
    """A misspelt name: enough three-letter runs in common."""
    wanted = _grams(query.words)
    found = []
    for entry in book.entries:
        shared = len(wanted & entry.grams)
        likeness = 2 * shared / (len(wanted) + len(entry.grams)) if shared else 0.0
        if likeness >= 0.5:
            found.append((0.4 * likeness * entry.weight * _context(entry, query), entry))
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
    forms = pack.settings()["address_forms"]
    book = _Book(
        lane=frozenset(map(vn_fold, forms["lane"])),
        street=frozenset(map(vn_fold, forms["street"])),
        number=frozenset(vn_fold(form) for form in forms["number"]),
        near=tuple(sorted((vn_fold(form).split() for form in forms["near"]), key=len, reverse=True)),
    )
    _add_places(book)
    _add_units(book)
    for number, entry in enumerate(book.entries):
        for word in {word[:2] for key in entry.keys for word in key} | {word[:1] for key in entry.keys for word in key}:
            book.by_word.setdefault(word, []).append(number)
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
        entry.keys = _keys([*place.names.values(), *place.words])
        book.entries.append(entry)


def _add_units(book: _Book) -> None:
    kinds = pack.settings()["unit_kinds"]
    units, heirs = current_units(), successors()
    aliases: dict[int, list[str]] = {}
    for unit_id, name in UnitAlias.objects.values_list("unit_id", "name"):
        aliases.setdefault(unit_id, []).append(name)
    for unit in Unit.objects.defer("boundary").order_by("sort_key"):
        home = unit.id if unit.id in units else next((heir for heir in heirs.get(unit.id, ()) if heir in units), None)
        if home is None:
            continue
        former = home != unit.id
        entry = _Entry("former_unit" if former else "unit", unit.names, unit.lat, unit.lon, home, 0.97 if former else 1.1)
        entry.former = former
        entry.keys = _keys(_unit_names(unit, kinds.get(unit.kind, {}), aliases.get(unit.id, [])))
        book.entries.append(entry)
        book.unit_words += [(key, home) for key in entry.keys if len(key) > 1 or len(key[0]) > 2]


def _unit_names(unit: Unit, kind: Mapping[str, object], aliases: list[str]) -> list[str]:
    """The full name, the name alone, and the name behind the short forms of its kind ("p Thuận Hóa")."""
    bare = [alone for name in [*unit.names.values(), *aliases] for alone in [_alone(name, kind)] if alone]
    typed = [f"{short} {name}" for short in kind.get("typed", ()) for name in bare[:1]]  # type: ignore[attr-defined]
    return [*unit.names.values(), *bare, *aliases, *typed]


def _alone(name: str, kind: Mapping[str, object]) -> str:
    for word in kind.get("names", {}).values():  # type: ignore[attr-defined]
        if name.startswith(f"{word} "):
            return name[len(word) + 1 :]
        if name.endswith(f" {word}"):
            return name[: -len(word) - 1]
    return ""


def _keys(names: Iterable[str]) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        words = [part for word in _WORD.findall(vn_fold(name)) for part in word.split("/")]
        if words:
            found[" ".join(words)] = words
    return list(found.values())
