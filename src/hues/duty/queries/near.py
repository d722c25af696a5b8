"""The nearest team with people on duty: for whoever sends help."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from hues.duty.models import Position, Team
from hues.duty.queries.now import OnDuty, on_duty_everywhere
from hues.kernel import clock
from hues.kernel.geo import distance_m
from hues.kernel.registry import Registry

# How many open tasks teams have: (team ids) → counts. Whoever sends tasks registers it.
BUSY: Registry[Callable[[Collection[UUID]], Mapping[UUID, int]]] = Registry("count of open tasks")

FRESH = timedelta(minutes=20)  # an older position says little about where somebody is
DETOUR = 1.35  # streets are longer than the line, in a town with rivers (Boeing 2019: circuity 1.1 to 1.5)
METRES_A_MINUTE = 25_000 / 60  # a motorbike or lorry in town
TO_SET_OUT = 2  # minutes


@dataclass(frozen=True)
class NearTeam:
    """A team and how far it is. Minutes are rough: by its nearest person whose position is known, else from its base."""

    team_id: UUID
    team: str
    agency_id: int
    kind: str
    distance_m: float | None  # None: neither a position nor a base is known
    minutes: int | None
    by: str  # position, base, "" where nothing is known
    as_of: datetime | None  # of the position
    members: list[OnDuty] = field(default_factory=list)
    standby: list[OnDuty] = field(default_factory=list)
    busy: int = 0
    phone: str = ""  # of the team's room


def nearest(
    lat: float,
    lon: float,
    *,
    agency_ids: Collection[int] | None = None,
    kinds: Collection[str] = (),
    at: datetime | None = None,
    limit: int = 5,
) -> list[NearTeam]:
    """Teams with somebody on duty, the nearest first; those without tasks before those that have some and would be no
    faster. Then teams that have only standby. Four statements, and those of BUSY."""
    at = at or clock.now()
    there = [one for one in on_duty_everywhere(agency_ids, at=at) if not kinds or one.kind in kinds]
    if not there:
        return []
    teams = {team.pk: team for team in Team.objects.filter(pk__in={one.team_id for one in there})}
    known = Position.objects.filter(
        person__in={one.person_id for one in there}, at__gt=at - FRESH, at__lte=at, until__gt=at
    )
    positions = {row.person_id: row for row in known}
    busy: dict[UUID, int] = {}
    for _name, count in BUSY.items():
        for team_id, number in count(list(teams)).items():
            busy[team_id] = busy.get(team_id, 0) + number
    found = [
        _near(lat, lon, teams[pk], [one for one in there if one.team_id == pk], positions, busy.get(pk, 0))
        for pk in teams
    ]
    return sorted(found, key=_order)[:limit]


def _near(
    lat: float, lon: float, team: Team, there: list[OnDuty], positions: Mapping[UUID, Position], busy: int
) -> NearTeam:
    members, standby = [one for one in there if not one.standby], [one for one in there if one.standby]
    metres, by, as_of = None, "", None
    if team.base_lat is not None and team.base_lon is not None:
        metres, by = distance_m(lat, lon, team.base_lat, team.base_lon), "base"
    for one in members or standby:
        place = positions.get(one.person_id)
        if place is None or place.lat is None or place.lon is None:
            continue
        distance = distance_m(lat, lon, place.lat, place.lon)
        if by != "position" or metres is None or distance < metres:
            metres, by, as_of = distance, "position", place.at
    return NearTeam(
        team.pk, team.name, team.agency_id, team.kind, metres, rough_minutes(metres), by, as_of, members, standby, busy,
        team.phone,
    )  # fmt: skip


def rough_minutes(metres: float | None) -> int | None:
    """From the line on the map to minutes at the door; never less than it takes to set out."""
    return None if metres is None else TO_SET_OUT + round(metres * DETOUR / METRES_A_MINUTE)


def _order(near: NearTeam) -> tuple[bool, bool, float]:
    """A busy team counts as if each of its tasks took another quarter of an hour."""
    return (
        not near.members,
        near.distance_m is None,
        (near.distance_m or 0) + near.busy * 15 * METRES_A_MINUTE / DETOUR,
    )
