"""Reads of orders: given by my office, to my agency, out of a figure or a case; and how they were kept, by agency."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from hues.cases import access
from hues.cases.models import Case
from hues.city.clock import start_of_day
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.pages import Page, keyset
from hues.orders import giving
from hues.orders.models import Order

BOXES = ("given", "received")
LISTS = ("open", "check", "late", "closed")
OPEN = Q(case__is_open=True)
LATELY = timedelta(days=90)
MOST_ALREADY = 100


def _box(actor: Actor, box: str) -> Q:
    if box == "received":
        return Q(case__agency_id__in=access.agencies_of(actor))
    return Q() if access.sees_all(actor) else Q(office_id__in=giving.offices(actor))


def _late() -> Q:
    return OPEN & Q(case__due_at__lt=clock.now())


def _list(which: str) -> Q:
    match which:
        case "check":
            return Q(case__state__in=("reported", "more_time"))
        case "late":
            return _late()
        case "closed":
            return Q(case__is_open=False)
    return OPEN


def orders(
    actor: Actor, box: str = "given", which: str = "open", *, after: str | None = None, limit: int = 40
) -> Page[Order]:
    """A page of orders: open ones by their deadline, closed ones the latest first. One statement."""
    rows = Order.objects.filter(_box(actor, box), _list(which)).select_related("case", "giver")
    order = ("-given_at", "-case_id") if which == "closed" else ("case__due_final_at", "case_id")
    return keyset(rows, order=order, after=after, limit=limit, scope=f"orders:{actor.id}:{box}:{which}")


def counts(actor: Actor, box: str) -> dict[str, int]:
    """How many are open, to be decided, late. One statement."""
    rows = Order.objects.filter(_box(actor, box), OPEN)
    return rows.aggregate(
        open=Count("pk"),
        check=Count("pk", filter=_list("check")),
        late=Count("pk", filter=_late()),
    )


def visible(actor: Actor) -> QuerySet[Order]:
    """Orders whose cases this viewer sees."""
    return Order.objects.filter(case__in=Case.objects.filter(access.visible_to(actor)))


def of_source(actor: Actor, kind: str, ref: str, limit: int = 20) -> list[Order]:
    """What was ordered out of a figure, chart, case, call or incident, as far as this viewer sees it, the latest first. One statement."""
    if not kind or not ref:
        return []
    rows = visible(actor).filter(source_kind=kind, source_ref=ref[:80]).select_related("case")
    return list(rows.order_by("-given_at")[:limit])


@dataclass
class Already:
    """What was ordered out of one figure or chart already, open or given lately: as far as the viewer sees it, and how many more there are."""

    seen: list[Order] = field(default_factory=list)
    others: int = 0  # of offices whose orders the viewer does not see: that they exist is told, nothing else

    @property
    def count(self) -> int:
        return len(self.seen) + self.others


def already(actor: Actor, kind: str, refs: Collection[str]) -> dict[str, Already]:
    """By what they were given out of, the latest first; withdrawn ones are left out. One statement."""
    wanted = [ref[:80] for ref in refs if ref]
    if not kind or not wanted or actor.kind != "staff":
        return {}
    mine = Case.objects.filter(access.visible_to(actor), pk=OuterRef("case_id"))
    rows = (
        Order.objects.filter(OPEN | Q(given_at__gte=clock.now() - LATELY), source_kind=kind, source_ref__in=wanted)
        .exclude(case__state="withdrawn")
        .annotate(mine=Exists(mine))
        .select_related("case", "case__agency")
        .order_by("-given_at")[:MOST_ALREADY]
    )
    found: dict[str, Already] = {}
    for one in rows:
        told = found.setdefault(one.source_ref, Already())
        if one.mine:
            told.seen.append(one)
        else:
            told.others += 1
    return found


def of_case(case: Case) -> Order | None:
    """The order that a case carries out. One statement, none for other cases."""
    if case.channel != giving.CHANNEL:
        return None
    return Order.objects.filter(case_id=case.pk).select_related("giver", "office").first()


@dataclass(frozen=True)
class Kept:
    """How an agency kept the orders that were given to it in a span. Withdrawn ones are not counted at all.

    On time: reported, and then confirmed, by the deadline as it was first given; `on_time_final` by the one after granted time.
    """

    given: int
    on_time: int
    on_time_final: int
    late: int  # confirmed, but reported after the first deadline
    open: int
    open_late: int
    returned: int  # times that a report was sent back

    @property
    def done(self) -> int:
        return self.on_time + self.late


_DONE = Q(case__state="done")
_FIRST = Q(case__answered_at__lte=F("case__due_original_at"))
_FINAL = _FIRST | Q(case__answered_at__lte=F("case__due_final_at"))


def kept(first: date, last: date) -> dict[int, Kept]:
    """By agency, the orders given on the days from `first` to `last`. One statement."""
    span = Q(given_at__gte=start_of_day(first), given_at__lt=start_of_day(last + timedelta(days=1)))
    returned = Cast(KeyTextTransform("returned", "case__source_data"), IntegerField())
    rows: Any = (
        Order.objects.filter(span, case__agency__isnull=False)
        .exclude(case__state="withdrawn")
        .values("case__agency_id")
        .annotate(
            given=Count("pk"),
            on_time=Count("pk", filter=_DONE & _FIRST),
            on_time_final=Count("pk", filter=_DONE & _FINAL),
            late=Count("pk", filter=_DONE & ~_FIRST),
            open=Count("pk", filter=OPEN),
            open_late=Count("pk", filter=_late()),
            returned=Coalesce(Sum(returned), 0),
        )
        .order_by()
    )
    return {row["case__agency_id"]: Kept(**{one.name: row[one.name] for one in fields(Kept)}) for row in rows}
