"""The records behind a number: exactly those that were counted, newest first, in pages that cost the same everywhere.

The kept counts say on which days there is anything to find, so that a rare thing in a long span is found without
reading the span.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from hues.cases import access, reference
from hues.cases.models import RESOLVED, Case
from hues.city.clock import city_zone, start_of_day
from hues.city.models import Agency, Category, Unit
from hues.insights import cuts
from hues.insights.counting import first_day_kept
from hues.insights.measures import CONDITIONS, REPORT, facts
from hues.insights.queries import Scope, end_of, samples, select
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid
from hues.kernel.pages import Page, seal, unseal

LIVE = "overdue"  # counted when the page is opened, whenever received
ECHOES = {"recurring": "again", "broke_again": "broke"}
_STRETCH = 31  # days looked through at a time


@dataclass(frozen=True)
class Record:
    """A case as a line behind a number: nothing of who reported or of what was written."""

    id: UUID
    code: str
    category: Category | None  # None: of a kind that is never public, for whoever may not open it
    unit: Unit | None
    agency: Agency | None
    channel: str
    state: str
    is_open: bool
    group: str
    process_id: int
    received_at: datetime
    first_read_at: datetime | None
    assigned_at: datetime | None
    due_at: datetime | None
    due_original_at: datetime | None
    due_final_at: datetime | None
    answered_at: datetime | None
    published_at: datetime | None
    outcome: str
    rating: str
    reopened: int
    hops: int
    clock: Any
    may_open: bool


_COLUMNS = (
    "id", "code", "category_id", "unit_id", "agency_id", "channel", "state", "is_open", "group", "process_id",
    "received_at", "first_read_at", "assigned_at", "due_at", "due_original_at", "due_final_at", "answered_at",
    "published_at", "outcome", "rating", "reopened", "hops", "clock",
)  # fmt: skip


def read_measures(text: str) -> list[str]:
    """`resolved`, or several that exclude each other: `satisfied,accepts`. Raises Invalid."""
    names = text.split(",")
    if not 0 < len(names) <= 3 or any(name not in CONDITIONS and name != LIVE for name in names):
        raise Invalid(_("Some choices do not fit."), fields={"measure": _("There is no such choice.")})
    if LIVE in names and len(names) > 1:
        raise Invalid(_("Some choices do not fit."), fields={"measure": _("There is no such choice.")})
    return names


def count(scope: Scope, measures: Sequence[str]) -> int:
    """How many records there are behind a number: the kept count that the number is."""
    if measures[0] == LIVE:
        return _overdue(scope).count()
    from hues.insights.queries import whole

    counts = whole(scope).counts
    return sum(counts[name] for name in measures)


def page(
    actor: Actor, scope: Scope, measures: Sequence[str], *, after: str | None = None, limit: int = 50
) -> Page[Record]:
    """A page of the records, newest first. Four statements or so, more only where days are nearly empty."""
    name = f"records:{','.join(measures)}:{scope}"
    before = unseal(after, name, 2) if after else None
    ids = _overdue_ids(scope, before, limit + 1) if measures[0] == LIVE else _ids(scope, measures, before, limit + 1)
    rows = _records(actor, ids[:limit])
    if len(ids) <= limit:
        return Page(rows)
    return Page(rows, seal([rows[-1].received_at, rows[-1].id], name))


def _ids(scope: Scope, measures: Sequence[str], before: Sequence[Any] | None, limit: int) -> list[UUID]:
    """One stretch of days, then four, then sixteen …: few statements, and little is read that is not shown."""
    found: list[UUID] = []
    stretches = _stretches(scope, measures, before[0] if before else None)
    taken, size = 0, 1
    while taken < len(stretches) and len(found) < limit:
        found += _matching(scope, measures, stretches[taken : taken + size], before, limit - len(found))
        taken, size = taken + size, size * 4
    return found


def _stretches(scope: Scope, measures: Sequence[str], before: datetime | None) -> list[tuple[date, date]]:
    """Runs of days in which something was counted, newest first: single days where they are kept, months before."""
    last = before.astimezone(city_zone()).date() if before else scope.until
    counted = " + ".join(measures)
    spans: list[tuple[date, date]] = []
    for span, first, until in (
        ("d", max(scope.since, first_day_kept()), scope.until),
        ("m", scope.since, min(scope.until, first_day_kept() - timedelta(days=1))),
    ):
        if first > until:
            continue
        where = "".join(f" and {name} = %({name})s" for name in scope.dimensions)
        rows = select(
            f"""select start from insights_tally where cut = %(cut)s and span = %(span)s and is_sample = any(%(samples)s)
            and start >= %(first)s and start <= %(until)s and ({counted}) > 0 {where}
            group by 1 order by 1 desc""",  # noqa: S608 - names of measures, checked
            {**vars(scope), "cut": cuts.number(scope.dimensions), "span": span, "samples": samples(),
             "first": first.replace(day=1) if span == "m" else first, "until": until},
        )  # fmt: skip
        for row in rows:
            end = row["start"] if span == "d" else end_of(row["start"], 1)
            spans.append((max(row["start"], scope.since), min(end, scope.until)))
    return _joined([one for one in spans if one[0] <= last])


def _joined(spans: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Neighbouring days as one stretch, as long as it stays short."""
    joined: list[tuple[date, date]] = []
    for since, until in spans:
        if joined and joined[-1][0] - until == timedelta(days=1) and (joined[-1][1] - since).days < _STRETCH:
            joined[-1] = (since, joined[-1][1])
        else:
            joined.append((since, until))
    return joined


def _matching(
    scope: Scope,
    measures: Sequence[str],
    stretches: Sequence[tuple[date, date]],
    before: Sequence[Any] | None,
    limit: int,
) -> list[UUID]:
    where = "".join(f" and {_OF[name]} = %({name})s" for name in scope.dimensions)
    where += " and (received_at, id) < (%(at)s, %(id)s)" if before else ""
    condition = " or ".join(CONDITIONS[name] for name in measures)
    within = " or ".join(f"(received_at >= %(since{i})s and received_at < %(until{i})s)" for i in range(len(stretches)))
    moments = {
        f"{name}{i}": start_of_day(day)
        for i, (since, until) in enumerate(stretches)
        for name, day in (("since", since), ("until", until + timedelta(days=1)))
    }
    rows = select(
        f"""select c.id from (
            select {facts()}, coalesce(e.again, false) as again, coalesce(e.broke, false) as broke
            from (
                select * from cases_case where ({within}) and {REPORT} and is_sample = any(%(samples)s) {where}
            ) cases_case
            left join (select case_id, again, broke from insights_caseecho) e on e.case_id = cases_case.id
        ) c where {condition} order by c.received_at desc, c.id desc limit %(limit)s""",  # noqa: S608 - our own expressions
        {**vars(scope), **moments, "samples": samples(), "resolved": list(RESOLVED), "limit": limit,
         "at": before[0] if before else None, "id": before[1] if before else None},
    )  # fmt: skip
    return [row["id"] for row in rows]


_OF = {
    "unit": "coalesce(unit_id, 0)",
    "category": "category_id",
    "agency": "coalesce(agency_id, 0)",
    "channel": "channel",
}


def _overdue(scope: Scope) -> Any:
    where = Q(is_open=True, due_at__lt=clock.now()) & ~Q(channel__in=_not_reports())
    for name, column in (("unit", "unit_id"), ("category", "category_id"), ("agency", "agency_id")):
        if value := getattr(scope, name):
            where &= Q(**{column: value})
    if scope.channel:
        where &= Q(channel=scope.channel)
    return Case.objects.filter(where, is_sample__in=samples())


def _not_reports() -> Sequence[str]:
    from hues.insights.measures import NOT_REPORTS

    return NOT_REPORTS


def _overdue_ids(scope: Scope, before: Sequence[Any] | None, limit: int) -> list[UUID]:
    rows = _overdue(scope).order_by("-received_at", "-id")
    if before:
        rows = rows.filter(Q(received_at__lt=before[0]) | Q(received_at=before[0], id__lt=before[1]))
    return list(rows.values_list("id", flat=True)[:limit])


def _records(actor: Actor, ids: Sequence[UUID]) -> list[Record]:
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from cases_case where id = any(%s)", [list(ids)])  # noqa: S608
        rows = [dict(zip(_COLUMNS, values, strict=True)) for values in cursor.fetchall()]
    known = {row["id"]: _record(actor, row) for row in rows}
    return [known[one] for one in ids if one in known]


def _record(actor: Actor, row: Mapping[str, Any]) -> Record:
    values = dict(row)
    category = reference.categories().get(values.pop("category_id"))
    agency_id, unit_id = values.pop("agency_id"), values.pop("unit_id")
    may_open = access.sees_all(actor) or agency_id in access.agencies_of(actor)
    secret = category is not None and category.visibility == Category.Visibility.RESTRICTED and not may_open
    return Record(
        **values,
        category=None if secret else category,
        unit=None if secret else reference.units().get(unit_id),
        agency=None if secret else reference.agencies().get(agency_id),
        may_open=may_open,
    )
