"""The situation as a wall shows it. Nothing in it says who anybody is: no reporter, no officer, no house number of what is not public."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any

import orjson
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.cases.models import Case, CaseTimer
from hues.city.clock import start_of_day, today
from hues.command import queries as command
from hues.command.naming import names_somebody
from hues.console.sieve import to_decide
from hues.dispatch.models import OPEN as OPEN_TASKS
from hues.dispatch.models import Task
from hues.hotline import queries as hotline
from hues.insights import queries as insights
from hues.insights.words import number_text
from hues.kernel import clock
from hues.wall.alerts import alerts
from hues.wall.saying import without_typed

TASKS = 8  # what can be read from five metres
INCIDENTS, AGENCIES = 3, 5
_TICKER = 14
POINTS = 4_000


@dataclass(frozen=True)
class TaskLine:
    """An immediate case that nobody has finished. `until` is what its clock runs to, `rung_at` when the ladder climbs next."""

    code: str
    title: str
    where: str
    agency: str
    state: str
    case: Case
    since: datetime
    until: datetime | None
    over: bool
    rung: str
    rung_at: datetime | None


@dataclass(frozen=True)
class Number:
    label: str
    value: int
    tone: str = ""


WAITS = Q(is_open=True, group="immediate", phase__in=("intake", "handling"))  # for somebody to act


def decisions(language: str, limit: int = TASKS) -> list[TaskLine]:
    """Open immediate cases that somebody must act on: over time first, then by the time that is left. One statement."""
    timer = CaseTimer.objects.filter(case=OuterRef("pk"), fired_at=None, kind__startswith="ladder").order_by("fire_at")
    cases = (
        Case.objects.filter(WAITS)
        .annotate(rung=Subquery(timer.values("kind")[:1]), rung_at=Subquery(timer.values("fire_at")[:1]))
        .select_related("process")
        .order_by(F("due_at").asc(nulls_last=True), "id")[:limit]
    )
    return [_line(case, language) for case in cases]


def _line(case: Any, language: str) -> TaskLine:
    secret = case.visibility == "restricted"
    agency = reference.agencies().get(case.agency_id)
    unit = reference.units().get(case.unit_id)
    return TaskLine(
        code=case.code,
        title=_("Restricted case") if secret else reference.categories()[case.category_id].name(language),
        where=unit.name(language) if unit else "",
        agency=agency.name(language) if agency else _("The centre"),
        state=case.state,
        case=case,
        since=case.assigned_at or case.received_at,
        until=case.due_at,
        over=bool(case.due_at and case.due_at < clock.now()),
        rung=case.rung or "",
        rung_at=case.rung_at,
    )


def numbers() -> list[Number]:
    """The four numbers of a wall. One statement over the open cases, one over today's."""
    now = clock.now()
    found = Case.objects.filter(is_open=True).aggregate(
        immediate=Count("pk", filter=WAITS),
        unread=Count("pk", filter=Q(phase="intake")),
        late=Count("pk", filter=Q(due_at__lt=now)),
    )
    received = Case.objects.filter(received_at__gte=start_of_day(today())).count()
    return [
        Number(_("Immediate now"), found["immediate"], "bad" if found["immediate"] else ""),
        Number(_("To accept"), found["unread"], "warn" if found["unread"] else ""),
        Number(_("Late"), found["late"], "bad" if found["late"] else ""),
        Number(_("Received today"), received),
    ]


def queues() -> list[Number]:
    """How much waits, and for whom. Three statements."""
    found = Case.objects.filter(is_open=True).aggregate(
        decide=Count("pk", filter=to_decide()),
        agencies=Count("pk", filter=Q(phase="handling", agency__isnull=False)),
        check=Count("pk", filter=Q(phase="checking")),
    )
    lead = Task.objects.filter(case=OuterRef("pk"), role=Task.Role.LEAD, state__in=OPEN_TASKS)
    unsent = Case.objects.filter(WAITS).filter(~Exists(lead)).count()
    calls = hotline.waiting()
    return [
        Number(_("Urgent, nobody sent"), unsent, "bad" if unsent else ""),
        Number(_("Hotline waiting"), calls.waiting, "warn" if calls.waiting else ""),
        Number(_("To triage"), found["decide"], "warn" if found["decide"] else ""),
        Number(_("With the agencies"), found["agencies"]),
        Number(_("Answers to check"), found["check"]),
    ]


def incidents() -> list[Any]:
    """What runs, as kind, area, level and code. The name that somebody typed only where it can be nobody's (`command.naming`). Two statements."""
    return [replace(one, name="") if names_somebody(one.name) else one for one in command.active(INCIDENTS)]


def late_by_agency(language: str, limit: int = AGENCIES) -> list[dict[str, Any]]:
    """Where most is late: agency, late, open. One statement."""
    rows = (
        Case.objects.filter(is_open=True, agency__isnull=False)
        .values("agency_id")
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lt=clock.now())))
        .filter(late__gt=0)
        .order_by("-late", "agency_id")[:limit]
    )
    return [
        {"name": reference.agencies()[row["agency_id"]].name(language), "late": row["late"], "open": row["open"]}
        for row in rows
    ]


_OPEN_CELLS = """
select round(lon::numeric, 3), round(lat::numeric, 3), sum(open)::int, sum(urgent)::int, sum(fresh)::int from (
  select case when visibility = 'public' then lon else public_lon end lon, case when visibility = 'public' then lat else public_lat end lat,
    is_open::int open, (is_open and "group" = 'immediate' and phase in ('intake', 'handling'))::int urgent, (received_at > %(since)s)::int fresh
  from cases_case
  where visibility <> 'restricted' and (is_open or received_at > %(since)s) and (visibility = 'public' or moderated)
) points where lon is not null group by 1, 2 order by 4 desc, 3 desc limit %(most)s
"""


_reading = Lock()
_read: tuple[float, bytes] | None = None  # when the newest reading of the map began, and what it found


def map_json() -> bytes:
    """The map for every wall. Walls that ask at the same time share one reading, never one that began before they asked."""
    global _read  # one for the process, under the lock
    asked = monotonic()
    with _reading:
        if _read is None or _read[0] < asked:
            begun = monotonic()
            _read = begun, _map_json()
        return _read[1]


def _map_json() -> bytes:
    """GeoJSON: cells of some 110 m with how many cases are open, how many of those cannot wait, and how many came within a day. One statement.

    Restricted cases are on no map; a masked one stands where the public sees it.
    """
    values: dict[str, Any] = {"since": clock.now() - timedelta(days=1), "most": POINTS}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_CELLS, values)
        rows = cursor.fetchall()
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [float(lon), float(lat)]},
            "properties": {"open": still_open, "urgent": urgent, "fresh": fresh},
        }
        for lon, lat, still_open, urgent, fresh in rows
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


@dataclass(frozen=True)
class Latest:
    """A line of the ticker: something that everyone may know, as the public timeline says it but for what somebody typed."""

    at: datetime
    code: str
    text: str


_LATEST = """
select told.at, c.code, c.process_id, told.action, told.parts -> 'public' -> 'said'
from kernel_journalentry told join cases_case c on c.id = told.subject_id
where told.parts -> 'public' -> 'said' is not null and c.moderated and c.visibility in ('public', 'masked')
order by told.id desc limit %(most)s
"""


def latest(language: str) -> list[Latest]:
    """What happened last, of cases that are public. One statement, over an index of what was told in public."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, {"most": _TICKER})
        rows = cursor.fetchall()
    found = []
    for at, code, process_id, action, said in rows:
        texts = orjson.loads(said) if isinstance(said, str) else said
        text = texts.get(language) or next(iter(texts.values()), "") if isinstance(texts, dict) else str(texts)
        if text:
            found.append(Latest(at, code, without_typed(process_id, action, text, language)))
    return found


@dataclass(frozen=True)
class Usual:
    """A figure of today beside what is usual. `bar` and `mark` are parts of a hundred of the greater of the two."""

    label: str
    today_text: str
    usual_text: str
    bar: int
    mark: int | None


def usual() -> list[Usual]:
    """As the scorecards count it. Six statements."""
    found = []
    for row in insights.today_against_usual():
        if row.today is None and row.usual is None:
            continue
        most = max(row.today or 0, row.usual or 0) or 1
        mark = None if row.usual is None else min(99, round(100 * row.usual / most))
        unit = f" {_('min')}" if row.unit == "minutes" else row.unit
        bar = round(100 * (row.today or 0) / most)
        found.append(Usual(row.label, _amount(row.today, unit), _amount(row.usual, unit), bar, mark))
    return found


def _amount(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{number_text(round(value))}{unit}"


def situation(panes: Collection[str], language: str) -> dict[str, Any]:
    """What the panes of an arrangement need, each read only where it is shown."""
    known: dict[str, Any] = {
        "numbers": numbers,
        "decisions": lambda: decisions(language),
        "more_decisions": lambda: max(0, Case.objects.filter(WAITS).count() - TASKS),
        "late": lambda: late_by_agency(language),
        "incidents": incidents,
        "alerts": lambda: alerts(language),
        "queues": queues,
        "calls": hotline.waiting,
        "usual": usual,
    }
    shown = {*panes, "more_decisions"} if "decisions" in panes else set(panes)
    return {name: read() for name, read in known.items() if name in shown} | {"latest": latest(language)}
