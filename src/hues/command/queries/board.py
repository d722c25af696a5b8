"""All that the page of an incident shows, as far as its viewer may see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from hues.cases import access as case_access
from hues.cases import reference
from hues.command import access, area
from hues.command.access import Stand
from hues.command.models import (
    Bulletin,
    Commitment,
    Incident,
    LinkedCall,
    LinkedCase,
    LogLine,
    Objective,
    Sector,
    Sitrep,
)
from hues.command.playbooks import Kind, Level, playbook
from hues.command.queries.tasks import TaskRow, task_rows
from hues.kernel.actors import AGENCY_ROLES, CENTRE_ROLES, Actor
from hues.people.models import Membership
from hues.people.queries import today, valid_on

LOG_SHOWN = 60
CASES_SHOWN = 60
MAPPED = 500


T = TypeVar("T")


def once(read: Callable[["Board"], T]) -> Callable[["Board"], T]:
    """Read when it is first asked for, and kept for the page."""

    def get(board: "Board") -> T:
        if read.__name__ not in board.kept:
            board.kept[read.__name__] = read(board)
        found: T = board.kept[read.__name__]
        return found

    return get


@dataclass
class Board:
    """An incident and its viewer. Parts are read when they are asked for, each once."""

    incident: Incident
    on: Stand
    language: str
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        return playbook().kind(self.incident.kind)

    @property
    def kind_name(self) -> str:
        return self.kind.names.get(self.language) or next(iter(self.kind.names.values()))

    @property
    def level(self) -> Level:
        return playbook().levels[self.incident.level]

    @property
    def level_name(self) -> str:
        return self.level.names.get(self.language) or next(iter(self.level.names.values()))

    @property
    def area_name(self) -> str:
        return area.named(self.incident, self.language)

    @once
    def tasks(self) -> list[TaskRow]:
        """At most two statements."""
        own = None if self.on.whole else self.on.agencies
        return task_rows(self.incident, self.language, agencies=own)

    def log(self, before: int | None = None) -> list[LogLine]:
        """The newest lines first. One statement."""
        rows = self._lines()
        if before is not None:
            rows = rows.filter(number__lt=before)
        return list(rows.order_by("-number")[:LOG_SHOWN])

    def pinned(self) -> list[LogLine]:
        return list(self._lines().filter(pinned_at__isnull=False).order_by("-pinned_at"))

    def _lines(self) -> QuerySet[LogLine]:
        rows = self.incident.log.select_related("by", "agency", "corrects")
        return rows if self.on.whole else rows.filter(inside=False)

    @once
    def objectives(self) -> Sequence[Objective]:
        return list(self.incident.objectives.select_related("sector").order_by("number"))

    @once
    def sectors(self) -> Sequence[Sector]:
        rows = self.incident.sectors.select_related("agency", "leader").order_by("number")
        return list(rows.filter(ended_at=None) if self.incident.state == Incident.State.OPEN else rows)

    @once
    def forces(self) -> Sequence[Commitment]:
        rows = self.incident.commitments.select_related("agency", "sector").order_by("until", "agency_id", "since")
        return list(rows if self.on.whole else rows.filter(agency__in=self.on.agencies))

    @once
    def cases(self) -> list[dict[str, Any]]:
        """The newest links; an agency's own cases where the viewer does not see all. One statement."""
        return self.newest_cases(CASES_SHOWN)

    def newest_cases(self, limit: int) -> list[dict[str, Any]]:
        links = self._links().select_related("case").order_by("-at", "-pk")[:limit]
        return [_case(self.on.actor, link, self.language) for link in links]

    def case_count(self) -> int:
        return self._links().count()

    def _links(self) -> QuerySet[LinkedCase]:
        rows = self.incident.cases.filter(state=LinkedCase.State.LINKED)
        if self.on.whole:
            return rows
        own = Q(case__agency__in=self.on.agencies) | Q(case__parent__agency__in=self.on.agencies)
        return rows.filter(own)

    def calls(self) -> list[LinkedCall]:
        """Calls are the centre's alone."""
        return list(self.incident.calls.filter(ended_at=None).order_by("-called_at")) if self.on.whole else []

    def sitreps(self) -> Sequence[Sitrep]:
        """The newest first; drafts are for those who work on them."""
        rows = self.incident.sitreps.select_related("signed_by").order_by("-number")
        return list(rows if self.on.whole else rows.filter(signed_at__isnull=False))

    def bulletins(self) -> Sequence[Bulletin]:
        rows = self.incident.bulletins.select_related("by", "approved_by").order_by("-number")
        return list(rows if self.on.whole else rows.filter(approved_at__isnull=False))

    @once
    def agencies(self) -> list[Any]:
        """Who takes part, the command first, the wards at the end."""
        known = reference.agencies()
        ids = self.incident.agencies.filter(left_at=None).values_list("agency_id", flat=True)
        return sorted(
            (known[one] for one in ids if one in known), key=lambda one: (one.unit_id is not None, one.sort_key)
        )


def board(actor: Actor, code: str) -> Board:
    """At most three statements. Raises NotFound."""
    incident = access.find(actor, code)
    return Board(incident, access.stand(actor, incident), get_language() or actor.language)


def _case(actor: Actor, link: LinkedCase, language: str) -> dict[str, Any]:
    """A line of the linked cases. Whoever commands may see of it here what they could not open: `opens` says whether they can."""
    case = link.case
    unit = reference.units().get(case.unit_id) if case.unit_id else None
    agency = reference.agencies().get(case.agency_id) if case.agency_id else None
    return {
        "case": case,
        "code": case.code,
        "title": reference.categories()[case.category_id].name(language),
        "icon": reference.categories()[case.category_id].icon,
        "where": case.address or (unit.name(language) if unit else ""),
        "agency": agency.name(language) if agency else "",
        "text": case.body[:140],
        "received_at": case.received_at,
        "linked_at": link.at,
        "open": case.is_open,
        "urgent": case.priority == 1,
        "opens": case_access.sees_all(actor) or bool(case_access.roles(actor, case)),
    }


def map_features(found: Board) -> dict[str, Any]:
    """GeoJSON of the area, sectors, cases, tasks and forces; nothing about a person."""
    features: list[dict[str, Any]] = [
        {"type": "Feature", "geometry": shape, "properties": {"layer": "area"}} for shape in area.shapes(found.incident)
    ]
    for sector in found.sectors():
        if sector.polygon:
            shape = {"type": "Polygon", "coordinates": [sector.polygon]}
            features.append(_feature(shape, "sector", title=f"{sector.number}. {sector.name}"))
    tasks = found.tasks()
    carried = {task.case_id for task in tasks}
    for row in found.newest_cases(MAPPED):
        case = row["case"]
        if case.lat is not None and case.pk not in carried:
            features.append(
                _point(
                    case.lat,
                    case.lon,
                    "case",
                    title=row["title"],
                    text=row["where"],
                    url=f"/desk/cases/{case.code}",
                    open=row["open"],
                )
            )
    for task in tasks:
        if task.lat is not None and task.state != "called_off":
            tone = "late" if task.late else "open" if task.open else "done"
            text = f"{task.agency} · {task.word}"
            features.append(
                _point(
                    task.lat,
                    task.lon,
                    "task",
                    title=f"{task.number}. {task.title}",
                    text=text,
                    url=f"/desk/cases/{task.case}",
                    tone=tone,
                )
            )
    for force in found.forces():
        if force.until is None and force.lat is not None:
            features.append(
                _point(force.lat, force.lon, "force", title=force.name, text=force.agency.name(found.language))
            )
    return {"type": "FeatureCollection", "features": features}


def _point(lat: float | None, lon: float | None, layer: str, **properties: Any) -> dict[str, Any]:
    return _feature({"type": "Point", "coordinates": [lon, lat]}, layer, **properties)


def _feature(geometry: Mapping[str, Any], layer: str, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"layer": layer, **properties}}


@once
def people_choices(found: Board) -> list[tuple[UUID, str]]:
    """Who may command, stand in or lead a sector: the centre and people of agencies that take part. One statement."""
    taking_part = found.incident.agencies.filter(left_at=None).values("agency_id")
    chair, command = reference.chair(), reference.agencies_by_code().get(playbook().command_agency)
    tops = [one.pk for one in (chair, command) if one]
    held = Membership.objects.filter(valid_on(today()), user__is_active=True).filter(
        Q(role__in=CENTRE_ROLES) | Q(role__in=AGENCY_ROLES, agency__in=taking_part) | Q(role="head", agency__in=tops)
    )
    rows = held.select_related("user", "agency").order_by("agency__unit_id", "agency_id", "role", "user__display_name")
    named: dict[UUID, str] = {}
    for row in rows:
        where = row.agency.name(found.language) if row.agency else ""
        named.setdefault(row.user_id, f"{row.user.name} · {where}" if where else row.user.name)
    return list(named.items())
