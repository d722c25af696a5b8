"""Whom to send: who is in charge and who supports by the rules of the city, and whoever of all on duty is nearest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language

from hues.cases import moderation, reference
from hues.cases.change import category_of
from hues.cases.models import Case
from hues.city.routing import supporting_agencies
from hues.dispatch.models import State, Task
from hues.duty import queries as duty
from hues.duty.queries import NearTeam

MOST = 6
OTHERS = 2  # near ones that the rules do not name


@dataclass(frozen=True)
class Suggestion:
    """A party that could go. Minutes are rough; None where neither a position nor a base is known."""

    key: str  # to send it with one key
    agency_id: int
    agency_code: str
    agency: str
    team_id: UUID | None
    team: str
    distance_m: float | None
    minutes: int | None
    by: str  # position, base, ""
    as_of: datetime | None
    people: int  # on duty; 0: nobody is on a roster, its officers are told
    standby: bool
    busy: int
    why: str  # in_charge, supports, near
    declined: bool


def suggestions(case: Case, tasks: Collection[Task], *, only: int | None = None) -> list[Suggestion]:
    """In the order in which they should be sent; parties under way are left out, those that declined come last. `only`: of one agency.

    At most seven statements.
    """
    language = get_language() or "vi"
    under_way = {(task.agency_id, task.team_id) for task in tasks if task.is_open}
    declined = {(task.agency_id, task.team_id) for task in tasks if task.state == State.DECLINED}
    ranks = _ranks(case)
    near = _near(case, only)
    there = {one.agency_id for one in near}
    found = [_of_team(one, ranks, declined, language) for one in near if (one.agency_id, one.team_id) not in under_way]
    for agency_id, why in ranks.items():
        if agency_id not in there and (agency_id, None) not in under_way and only in (None, agency_id):
            found.append(_of_agency(agency_id, why, declined, language))
    order = {"in_charge": 0, "supports": 1, "near": 2}
    found.sort(key=lambda one: (one.declined, order[one.why], one.people == 0))
    named = [one for one in found if one.why != "near"][:MOST]
    others = [one for one in found if one.why == "near"][: OTHERS if named else MOST]
    chosen = sorted([*named, *others], key=lambda one: one.declined)
    return [Suggestion(**{**vars(one), "key": str(n) if n < 10 else ""}) for n, one in enumerate(chosen, 1)]


def _ranks(case: Case) -> dict[int, str]:
    """The agencies that the rules of the city name for this case, and as what."""
    found: dict[int, str] = {}
    first = reference.agencies().get(case.agency_id or 0) or moderation.suggested_agency(case)
    if first is not None:
        found[first.pk] = "in_charge"
    for agency in supporting_agencies(category_of(case), reference.units().get(case.unit_id or 0)):
        found.setdefault(agency.pk, "supports")
    return found


def _near(case: Case, only: int | None) -> list[NearTeam]:
    if case.lat is None or case.lon is None:
        return []
    if only is not None:
        return duty.nearest(case.lat, case.lon, agency_ids=[only], limit=MOST)
    return duty.nearest(case.lat, case.lon, limit=40)


def _of_team(one: NearTeam, ranks: dict[int, str], declined: set[tuple[int, UUID | None]], language: str) -> Suggestion:
    agency = reference.agencies()[one.agency_id]
    return Suggestion(
        "", agency.pk, agency.code, agency.name(language), one.team_id, one.team, one.distance_m, one.minutes, one.by,
        one.as_of, len(one.members) or len(one.standby), not one.members, one.busy, ranks.get(agency.pk, "near"),
        (agency.pk, one.team_id) in declined,
    )  # fmt: skip


def _of_agency(agency_id: int, why: str, declined: set[tuple[int, UUID | None]], language: str) -> Suggestion:
    """Nobody of it is on a roster now: its officers are told."""
    agency = reference.agencies()[agency_id]
    return Suggestion(
        "",
        agency_id,
        agency.code,
        agency.name(language),
        None,
        "",
        None,
        None,
        "",
        None,
        0,
        False,
        0,
        why,
        (agency_id, None) in declined,
    )
