"""Lists of incidents."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.translation import get_language

from hues.command import access, area
from hues.command.models import Incident, LinkedCase
from hues.command.playbooks import playbook
from hues.command.queries.tasks import open_counts
from hues.kernel.actors import Actor
from hues.kernel.pages import Page, keyset


@dataclass(frozen=True)
class IncidentRow:
    """An incident in a list or on the wall: nothing about a person in it."""

    id: UUID
    code: str
    name: str
    kind: str
    kind_name: str
    icon: str
    level: int
    level_name: str
    state: str
    opened_at: datetime
    period_number: int
    period_ends_at: datetime | None
    ended_at: datetime | None
    area: str
    cases: int
    open_tasks: int
    demoted: bool
    lat: float | None
    lon: float | None


def active(limit: int = 5) -> list[IncidentRow]:
    """What runs now, the gravest first: for the wall, without anything about a person. Two statements."""
    found = Incident.objects.filter(state=Incident.State.OPEN).order_by("-level", "-opened_at")[:limit]
    return _rows(found)


def running(actor: Actor) -> list[IncidentRow]:
    """What runs or is under review, as far as somebody may see it. Two statements."""
    mine = Incident.objects.filter(access.visible_to(actor)).exclude(state=Incident.State.CLOSED)
    return _rows(mine.order_by("state", "-level", "-opened_at")[:50])


def history(actor: Actor, after: str | None = None, limit: int = 20) -> Page[IncidentRow]:
    """Closed ones, the newest first. Two statements."""
    mine = Incident.objects.filter(access.visible_to(actor), state=Incident.State.CLOSED)
    page = keyset(_counted(mine), order=["-opened_at", "-id"], after=after, limit=limit, scope="incidents")
    return Page(_shown(list(page)), page.next)


def joinable(actor: Actor) -> list[IncidentRow]:
    """Running ones that somebody may link a case to. Two statements."""
    return [row for row in running(actor) if row.state == Incident.State.OPEN] if access.roles(actor) else []


def _counted(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    linked = (
        LinkedCase.objects.filter(incident=OuterRef("pk"), state=LinkedCase.State.LINKED)
        .order_by()
        .values("incident")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return rows.annotate(linked=Subquery(linked))


def _rows(rows: QuerySet[Incident]) -> list[IncidentRow]:
    return _shown(list(_counted(rows)))


def _shown(found: list[Incident]) -> list[IncidentRow]:
    language, book = get_language() or "vi", playbook()
    counts = open_counts([one.pk for one in found if one.state != Incident.State.CLOSED])
    rows = []
    for one in found:
        kind, level = book.kind(one.kind), book.levels[one.level]
        rows.append(
            IncidentRow(
                id=one.pk,
                code=one.code,
                name=one.name,
                kind=one.kind,
                kind_name=kind.names.get(language) or next(iter(kind.names.values())),
                icon=kind.icon,
                level=one.level,
                level_name=level.names.get(language) or next(iter(level.names.values())),
                state=one.state,
                opened_at=one.opened_at,
                period_number=one.period_number,
                period_ends_at=one.period_ends_at,
                ended_at=one.closed_at or one.stood_down_at,
                area=area.named(one, language),
                cases=getattr(one, "linked", 0) or 0,
                open_tasks=counts.get(one.pk, 0),
                demoted=one.demoted,
                lat=one.lat,
                lon=one.lon,
            )
        )
    return rows


def incidents_of(case_id: UUID, actor: Actor) -> list[tuple[str, str, str, str]]:
    """The incidents that a case belongs or belonged to, each once: code, name, its state, that of the newest link. One statement."""
    links = LinkedCase.objects.filter(case=case_id).exclude(state=LinkedCase.State.PASSED)
    mine = Incident.objects.filter(access.visible_to(actor))
    links = links.filter(incident__in=mine).select_related("incident").order_by("-at", "-pk")
    newest = {link.incident_id: link for link in reversed(links)}
    return [(link.incident.code, link.incident.name, link.incident.state, link.state) for link in newest.values()]
