"""Who handles: the routing rules of a category, the agencies in memory, the ladder above an agency."""

from dataclasses import dataclass, field
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from hues.city import clock as city_clock
from hues.city.memory import remembered
from hues.city.models import Agency, Category, Unit
from hues.city.phrases import PhraseBook
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


def agency_for(category: Category, unit: Unit | None, *, address: str = "", at: datetime | None = None) -> Agency:
    """The agency that a new case goes to: of the first rule of the category that holds and whose body there is.

    A kind with one body in each unit means the body of `unit`. If no rule leads anywhere (a point without a unit), the centre has it.
    """
    for rule in category.routing:
        if _holds(rule.get("when") or {}, unit, address, at):
            agency = of_kind(rule["agency"], unit)
            if agency:
                return agency
    return centre()


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
