"""The list of promises by their day, and how many of them were kept."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from hues.cases import access
from hues.cases.models import Promise
from hues.city.clock import start_of_day
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden
from hues.kernel.pages import Page, keyset

State = Promise.State
LISTS = ("coming", "past", "kept", "broken", "moved")
_FIELDS = (
    "id", "agency_id", "state", "first_on", "on", "ends_at", "moves", "made_at", "settled_at", "done_at", "case__code",
    "case__category_id", "case__address", "case__body", "case__state", "case__process_id", "case__is_open", "case__phase", "case__unit_id",
)  # fmt: skip


def _seen(actor: Actor) -> QuerySet[Promise]:
    """Promises of the agencies that somebody has to do with. Raises Forbidden for whoever has none."""
    if access.sees_all(actor):
        return Promise.objects.all()
    ids = access.agencies_of(actor)
    if not ids:
        raise Forbidden(_("You have no inbox here."))
    return Promise.objects.filter(agency_id__in=ids)


def promises(
    actor: Actor, which: str = "coming", *, agency_id: int | None = None, after: str | None = None, limit: int = 40
) -> Page[Any]:
    """A page of promises: those to come by their day, those of the past the latest first. One statement."""
    rows = _seen(actor).filter(**({"agency_id": agency_id} if agency_id else {}))
    today = clock.now()
    match which:
        case "kept":
            rows = rows.filter(state=State.KEPT)
        case "broken":
            rows = rows.filter(state__in=(State.BROKEN, State.DROPPED))
        case "moved":
            rows = rows.filter(moves__gt=0)
        case "past":
            rows = rows.filter(ends_at__lte=today)
        case _:
            which, rows = "coming", rows.filter(state=State.OPEN)
    order = ("ends_at", "id") if which == "coming" else ("-ends_at", "-id")
    rows = rows.select_related("case").only(*_FIELDS)
    return keyset(rows, order=order, after=after, limit=limit, scope=f"promises:{actor.id}:{which}:{agency_id or 0}")


@dataclass(frozen=True)
class Kept:
    """Promises whose day lay in a span, by what became of them, and those that are still to come."""

    due: int  # settled: the denominator
    kept: int
    kept_first: int  # by the first day that was promised: the honest figure
    late: int  # done after the day
    undone: int  # the day passed and it is not done yet
    dropped: int  # answered otherwise
    moved: int  # of `due`: the day was moved at least once
    coming: int

    def share(self, part: int) -> float | None:
        return part / self.due if self.due else None

    @property
    def kept_share(self) -> float | None:
        return self.share(self.kept)

    @property
    def first_share(self) -> float | None:
        return self.share(self.kept_first)


_KEPT = Q(state=State.KEPT)
_COUNTS = {
    "due": Count("pk", filter=Q(state__in=(State.KEPT, State.BROKEN, State.DROPPED))),
    "kept": Count("pk", filter=_KEPT),
    "kept_first": Count("pk", filter=_KEPT & Q(moves=0)),
    "late": Count("pk", filter=Q(state=State.BROKEN, done_at__isnull=False)),
    "undone": Count("pk", filter=Q(state=State.BROKEN, done_at=None)),
    "dropped": Count("pk", filter=Q(state=State.DROPPED)),
    "moved": Count("pk", filter=Q(moves__gt=0) & Q(state__in=(State.KEPT, State.BROKEN, State.DROPPED))),
}


def kept(actor: Actor, *, agency_id: int | None = None, days: int = 365) -> Kept:
    """The promises whose day lay in the last days, and how many are to come. One statement."""
    now = clock.now()
    rows = _seen(actor).filter(**({"agency_id": agency_id} if agency_id else {}))
    since = now - timedelta(days=days)
    row = rows.filter(ends_at__gte=since).aggregate(**_COUNTS, coming=Count("pk", filter=Q(state=State.OPEN)))
    return Kept(**row)


def kept_by_agency(first: date, last: date) -> dict[int, Kept]:
    """For evaluations: by agency, the promises whose day lay from `first` to `last`. One statement."""
    rows = Promise.objects.filter(
        ends_at__gt=start_of_day(first), ends_at__lte=start_of_day(last + timedelta(days=1)), agency__isnull=False
    )
    found = rows.values("agency_id").annotate(**_COUNTS, coming=Count("pk", filter=Q(state=State.OPEN)))
    rows_of: Any = found.order_by()
    return {row["agency_id"]: Kept(**{one.name: row[one.name] for one in fields(Kept)}) for row in rows_of}
