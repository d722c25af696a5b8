"""Who handles: the routing rules of a category, the agencies in memory, the ladder above an agency.

owner = f(category, unit, what the place lies on, time of day, words of the address): rules are data (categories.yaml), the first that holds decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.city import clock as city_clock
from hues.city.assets import near
from hues.city.assets.near import Found
from hues.city.geography import current_units, unit_at
from hues.city.memory import remembered
from hues.city.models import Agency, Category, Unit
from hues.city.phrases import PhraseBook
from hues.city.questions import text as text_in
from hues.kernel import clock


@dataclass
class _Agencies:
    by_id: dict[int, Agency] = field(default_factory=dict)
    by_kind: dict[tuple[str, int | None], Agency] = field(default_factory=dict)
    centre: Agency | None = None
    chair: Agency | None = None


@remembered
def _agencies() -> _Agencies:
    found = _Agencies()
    for agency in Agency.objects.order_by("code"):
        found.by_id[agency.id] = agency
        if agency.valid_to is not None and agency.valid_to <= clock.now().date():
            continue
        found.by_kind.setdefault((agency.kind, agency.unit_id), agency)
        found.centre = agency if agency.is_centre else found.centre
        found.chair = agency if agency.is_chair else found.chair
    return found


OWNER = "@owner"  # of a rule: whoever owns what the place lies on


@dataclass(frozen=True)
class Route:
    """Who gets a case, and by which rule."""

    agency: Agency
    rule: Mapping[str, Any] = field(default_factory=dict)
    on: Found | None = None  # the asset that decided
    unit: Unit | None = None

    @property
    def because(self) -> str:
        """The reason in the reader's language, "" where a rule holds always: "đường do thành phố quản lý (đường Lê Lợi)"."""
        language = get_language() or "vi"
        when = self.rule.get("when") or {}
        if self.rule.get("because"):
            return text_in(self.rule["because"], language)
        if self.on:
            return f"{text_in(self.on.layer.because, language)} ({self.on.label})"
        if "hours" in when:
            return _("between %(start)s and %(end)s") % {"start": when["hours"][0], "end": when["hours"][1]}
        if "address" in when:
            return _("by the words of the address")
        if ("unit" in when or "unit_kind" in when) and self.unit:
            return _("in %(unit)s") % {"unit": self.unit.name(language)}
        return ""


def agency_for(
    category: Category,
    unit: Unit | None,
    *,
    address: str = "",
    at: datetime | None = None,
    lat: float | None = None,
    lon: float | None = None,
    asset: str = "",
) -> Agency:
    """The agency that a new case goes to: `route` without its reason."""
    return route(category, unit, address=address, at=at, lat=lat, lon=lon, asset=asset).agency


def route(
    category: Category,
    unit: Unit | None,
    *,
    address: str = "",
    at: datetime | None = None,
    lat: float | None = None,
    lon: float | None = None,
    asset: str = "",
) -> Route:
    """Who gets a new case: of the first rule of the category that holds and whose body there is.

    A kind with one body in each unit means the body of `unit`. `on` holds where the point lies on an asset of these layers, or `asset` names one.
    If no rule leads anywhere (a point without a unit), the centre has it. No statement, unless a layer that the rules name holds anything: then one
    (two with an asset).
    """
    ground = _Ground(category, lat, lon, asset)
    for rule in category.routing:
        when = rule.get("when") or {}
        if not _holds(when, unit, address, at):
            continue
        hit = ground.first(when["on"]) if "on" in when else None
        if "on" in when and hit is None:
            continue
        agency = _owner(hit) if rule["agency"] == OWNER else of_kind(rule["agency"], unit)
        if agency:
            return Route(agency, rule, hit, unit)
    return Route(centre())


class _Ground:
    """What a place lies on, looked up once when the first rule asks."""

    def __init__(self, category: Category, lat: float | None, lon: float | None, asset: str) -> None:
        self.layers = [code for rule in category.routing for code in (rule.get("when") or {}).get("on", ())]
        self.point = (lat, lon) if lat is not None and lon is not None else None
        self.asset = asset
        self.found: list[Found] | None = None

    def first(self, layers: Sequence[str]) -> Found | None:
        """The thing that was named, else the first area of these layers in their order, else the nearest road or thing."""
        if self.found is None:
            self.found = self._look()
        hits = [one for one in self.found if one.layer.code in layers]
        return min(hits, key=lambda one: self._rank(one, layers), default=None)

    def _rank(self, one: Found, layers: Sequence[str]) -> tuple[float, ...]:
        if one.distance_m < 0:  # named
            return (0, 0)
        if one.layer.geometry == "area":
            return (1, layers.index(one.layer.code))
        return (2, one.distance_m)

    def _look(self) -> list[Found]:
        layers = list(dict.fromkeys(self.layers))
        named = near.named(self.asset, layers) if self.asset else None
        on = near.lying_on(*self.point, layers) if self.point else []
        return [replace(named, distance_m=-1.0), *on] if named else on


def _owner(hit: Found | None) -> Agency | None:
    """Who owns an asset today, None where that is not known."""
    found = _agencies().by_id.get(hit.owner_id or 0) if hit else None
    return found if found is not None and found.valid_to is None else None


def supporting_agencies(category: Category, unit: Unit | None) -> list[Agency]:
    """The agencies that help with a case of this category in `unit`, as far as they exist."""
    return [agency for kind in category.supporting if (agency := of_kind(kind, unit))]


def of_kind(kind: str, unit: Unit | None) -> Agency | None:
    """The body of a kind ("UBX", "SXD"): the unit's own, else the city's only one."""
    agencies = _agencies().by_kind
    return (agencies.get((kind, unit.id)) if unit else None) or agencies.get((kind, None))


def agency(agency_id: int) -> Agency:
    """An agency by id, also one that has ended. Raises KeyError."""
    return _agencies().by_id[agency_id]


def centre() -> Agency:
    """The operations centre."""
    found = _agencies().centre
    if found is None:
        raise LookupError("the city pack names no centre")
    return found


def superior(of: Agency) -> Agency | None:
    """One step up the ladder; None above the chairman's office."""
    return _agencies().by_id.get(of.parent_id) if of.parent_id else None


def ladder(of: Agency) -> list[Agency]:
    """The agency and all above it, up to the chairman's office."""
    found = [of]
    while (above := superior(found[-1])) and above not in found:
        found.append(above)
    return found


def owner_at(lat: float, lon: float, *, category: Category, at: datetime | None = None) -> Route | None:
    """Who has a place by what it lies on, for this category at this time; None where no layer says so. `Route.because` says why."""
    hit = near_unit(lat, lon)
    found = route(category, hit, at=at, lat=lat, lon=lon)
    return found if found.on else None


def near_unit(lat: float, lon: float) -> Unit | None:
    """The unit of a point."""
    hit = unit_at(lat, lon)
    return current_units().get(hit.unit_id) if hit else None


def rule_holds(rule: Mapping[str, Any], unit: Unit | None, address: str) -> bool:
    """Whether a rule holds by unit and address alone."""
    return _holds(rule.get("when") or {}, unit, address, None)


def current_agencies() -> list[Agency]:
    """Every agency that works today, the city's own first, then those of the units, in Vietnamese order."""
    return sorted(_agencies().by_kind.values(), key=lambda a: (a.unit_id is not None, a.sort_key))


def _holds(when: dict[str, Any], unit: Unit | None, address: str, at: datetime | None) -> bool:
    return (
        ("unit" not in when or (unit is not None and unit.code in when["unit"]))
        and ("unit_kind" not in when or (unit is not None and unit.kind in when["unit_kind"]))
        and ("address" not in when or bool(_book(tuple(when["address"])).found(address)))
        and ("hours" not in when or _within(when["hours"], at))
    )


@lru_cache(maxsize=256)
def _book(phrases: tuple[str, ...]) -> PhraseBook[None]:
    return PhraseBook((phrase, None) for phrase in phrases)


def _within(hours: list[str], at: datetime | None) -> bool:
    """Whether it is between two times of day in the city; they may lie around midnight."""
    start, end = (time.fromisoformat(text) for text in hours)
    now = city_clock.local(at or clock.now()).time()
    return start <= now < end if start < end else now >= start or now < end
