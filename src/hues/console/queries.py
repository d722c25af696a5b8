"""What the console shows: the list, the counts of views, who is at work, one case with all that decides it. Budgets: tests/console."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from hues.assist.duplicates.nearby import Nearby, near
from hues.assist.duplicates.panel import LIKELY
from hues.cases import reference
from hues.cases.models import Case, CaseFile, CaseMessage
from hues.cases.queries import case_for
from hues.cases.queries.rows import first_photos
from hues.city.models import Agency, Category, Unit
from hues.console import access, leases, sieve
from hues.console.models import Bulk, BulkItem, Handover, Hold, Lease, SavedFilter, Untouched
from hues.console.sieve import Sieve
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.pages import Page, keyset

ROWS = 40
COUNT_MOST = 1_000  # counts stop here: "1,000+"
CLUSTER = 4


@dataclass(frozen=True)
class Row:
    """A line of the list. It does not know who reported."""

    id: UUID
    code: str
    version: int
    state: str
    group: str
    priority: int
    category: Category
    unit: Unit | None
    agency: Agency | None
    body: str
    address: str
    channel: str
    received_at: datetime
    due_at: datetime | None
    hops: int
    merged_count: int
    support_count: int
    clock: dict[str, Any]
    photo: UUID | None
    who: str = ""  # a colleague who is at it
    mine: bool = False  # before me now
    woken: Hold | None = None  # was put aside, and its moment has come
    waiting: bool = False  # a bulk decision of mine or a colleague's waits
    is_open: bool = True
    phase: str = "intake"
    assigned_at: datetime | None = None


_COLUMNS = (
    "id", "code", "version", "state", "group", "priority", "category_id", "unit_id", "agency_id", "body", "address", "channel",
    "received_at", "due_at", "hops", "merged_count", "support_count", "clock",
)  # fmt: skip
ORDER = ("priority", "received_at", "id")


def cases_in(actor: Actor, view: Sieve) -> QuerySet[Case]:
    """The cases of a view, in no order."""
    passing = sieve.condition(view)
    match view.list:
        case "held":
            return Case.objects.filter(passing, holds__ended_at=None, holds__isnull=False, is_open=True)
        case "mine":
            held = Q(holds__ended_at=None, holds__by_id=actor.id)
            return Case.objects.filter(passing, held, is_open=True)
        case "waiting":
            return Case.objects.filter(sieve.asked(), passing)
        case "untouched":
            return Case.objects.filter(passing, untouched__ended_at=None, untouched__isnull=False).distinct()
    return Case.objects.filter(sieve.to_decide(), passing).exclude(sieve.asleep()).exclude(sieve.decided_alone())


def listed(actor: Actor, view: Sieve, after: str | None = None, limit: int = ROWS) -> Page[Row]:
    """A page of a view: the most urgent first, of those the oldest. Five statements. Raises Forbidden, Invalid."""
    access.operator(actor)
    rows = cases_in(actor, view).values_list(*_COLUMNS, named=True)
    page = keyset(rows, order=ORDER, after=after, limit=limit, scope=f"triage:{actor.id}:{view.address}")
    return Page(_rows(actor, [row._asdict() for row in page.items]), page.next)


def _rows(actor: Actor, found: Sequence[dict[str, Any]]) -> list[Row]:
    """With photos, who is at them, what was put aside, what is about to be done. Four statements."""
    ids = [values["id"] for values in found]
    photos = first_photos(ids)
    at_it = {
        lease.case_id: lease
        for lease in Lease.objects.filter(case_id__in=ids, until__gt=clock.now(), ahead=False).select_related(
            "operator"
        )
    }
    holds = {hold.case_id: hold for hold in Hold.objects.filter(case_id__in=ids, ended_at=None).select_related("by")}
    waiting = set(BulkItem.objects.filter(case_id__in=ids, state="waiting").values_list("case_id", flat=True))
    return [_row(actor, values, photos.get(values["id"]), at_it, holds, waiting) for values in found]


def _row(
    actor: Actor,
    values: dict[str, Any],
    photo: UUID | None,
    at_it: dict[UUID, Lease],
    holds: dict[UUID, Hold],
    waiting: Collection[UUID],
) -> Row:
    lease = at_it.get(values["id"])
    return Row(
        category=reference.categories()[values.pop("category_id")],
        unit=reference.units().get(values.pop("unit_id")),
        agency=reference.agencies().get(values.pop("agency_id")),
        body=values.pop("body")[:200],
        photo=photo,
        who=lease.operator.name if lease and lease.operator_id != actor.id else "",
        mine=lease is not None and lease.operator_id == actor.id,
        woken=holds.get(values["id"]),
        waiting=values["id"] in waiting,
        **values,
    )


def counts(actor: Actor, views: Sequence[Sieve]) -> list[int]:
    """How many cases each view holds, at most COUNT_MOST + 1 counted. One statement for all of them."""
    if not views:
        return []
    parts: list[str] = []
    values: list[Any] = []
    for view in views:
        sql, given = cases_in(actor, view).order_by().values("pk")[: COUNT_MOST + 1].query.sql_with_params()
        parts.append(f"(select count(*) from ({sql}) one)")  # noqa: S608  made by Django
        values += given
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(parts)}", values)
        return list(cursor.fetchone())


def saved_filters(actor: Actor) -> list[SavedFilter]:
    """One's own and the shared ones, in the order of their names. One statement."""
    rows = SavedFilter.objects.filter(Q(owner_id=actor.id) | Q(shared=True)).select_related("owner")
    return sorted(rows[:60], key=lambda one: (not one.shared, one.name.casefold()))


def candidates(actor: Actor, view: Sieve, skip: Collection[UUID], limit: int = 12) -> list[tuple[UUID, str]]:
    """Cases of a view that nobody has before them, in order: id and code. One statement."""
    free = cases_in(actor, view).exclude(pk__in=list(skip)).exclude(sieve.being_decided())
    taken = Lease.objects.filter(until__gt=clock.now()).exclude(operator_id=actor.id).values("case_id")
    return list(free.exclude(pk__in=taken).order_by(*ORDER).values_list("id", "code")[:limit])


# One case


@dataclass(frozen=True)
class Open:
    """A case with everything that decides it."""

    case: Case
    photos: list[CaseFile]
    cluster: list[Nearby]
    messages: list[CaseMessage]
    reporter: str  # the pseudonym
    reporter_open: int  # their other open cases
    lease: Lease | None  # of a colleague
    hold: Hold | None
    waiting: Bulk | None
    same_as: str  # the code that the sender named as the same

    @property
    def likely(self) -> bool:
        return any(other.score >= LIKELY for other in self.cluster)


def open_for(actor: Actor, code: str) -> Open:
    """A case as the console shows it. At most ten statements. Raises NotFound, Forbidden."""
    access.operator(actor)
    case = case_for(actor, code)
    files = CaseFile.objects.filter(case_id=case.pk, role=CaseFile.Role.BEFORE).select_related("file").order_by("pk")
    photos = list(files)
    messages = CaseMessage.objects.filter(case_id=case.pk).select_related("agency").order_by("pk")
    lease = leases.of_case(case.pk)
    waiting = BulkItem.objects.filter(case_id=case.pk, state="waiting").select_related("bulk__by").first()
    return Open(
        case=case,
        photos=photos,
        cluster=cluster(actor, case, photos),
        messages=list(messages[:50]),
        reporter=case.reporter.name if case.reporter else "",
        reporter_open=_open_cases_of(case),
        lease=lease if lease and lease.operator_id != actor.id else None,
        hold=Hold.objects.filter(case_id=case.pk, ended_at=None).select_related("by").first(),
        waiting=waiting.bulk if waiting else None,
        same_as=case.same_as,
    )


def open_case(actor: Actor, code: str) -> Case:
    """The case alone. One statement. Raises NotFound, Forbidden."""
    access.operator(actor)
    return case_for(actor, code)


def cluster(actor: Actor, case: Case, photos: Sequence[CaseFile]) -> list[Nearby]:
    """Reports that may be about the same, the likeliest first. At most two statements."""
    if case.lat is None or case.lon is None or not case.is_open:
        return []
    return near(
        case.lat,
        case.lon,
        category=reference.categories()[case.category_id].code,
        text=case.body,
        address=case.address,
        phashes=[one.file.phash for one in photos if one.file.phash is not None],
        at=case.received_at,
        limit=CLUSTER,
        actor=actor,
        exclude=case.pk,
    )


def _open_cases_of(case: Case) -> int:
    """How many other open cases their sender has: a number, and nothing about who it is. One statement, none without an account."""
    if not case.reporter_id:
        return 0
    return (
        Case.objects.filter(reporter_id=case.reporter_id, is_open=True)
        .exclude(pk=case.pk)
        .aggregate(n=Count("pk"))["n"]
    )


def waiting_bulks(actor: Actor) -> list[Bulk]:
    """Decisions of this operator that can still be taken back, the newest last. Three statements."""
    rows = Bulk.objects.filter(by_id=actor.id, state=Bulk.State.WAITING, due_at__gt=clock.now())
    newest = rows.prefetch_related("items__case").order_by("-due_at", "-id")[:5]
    return list(newest)[::-1]


# Never lose a case


@dataclass(frozen=True)
class Lost:
    """Something that surfaced by itself."""

    untouched: Untouched
    case: Case | None
    agency: Agency | None


def untouched(actor: Actor, after: str | None = None, limit: int = ROWS) -> Page[Lost]:
    """What nobody has touched for too long, and what fell between two rooms: the most urgent first. One statement. Raises Forbidden."""
    access.operator(actor)
    deciding = BulkItem.objects.filter(case_id=OuterRef("case_id"), state="waiting").exclude(bulk__said="")
    rows = Untouched.objects.filter(ended_at=None).exclude(Exists(deciding)).select_related("case")
    page = keyset(rows, order=("priority", "since", "id"), after=after, limit=limit, scope=f"untouched:{actor.id}")
    return Page([_lost(row) for row in page.items], page.next)


def _lost(row: Untouched) -> Lost:
    case = row.case
    agencies = reference.agencies()
    return Lost(row, case, agencies.get(row.agency_id or (case.agency_id if case else None) or 0))


def untouched_count() -> int:
    """How many things surfaced. One statement on a partial index."""
    return Untouched.objects.filter(ended_at=None).count()


# The handover of a shift


@dataclass(frozen=True)
class Handovers:
    waiting: list[Handover]  # given, and not wholly taken
    draft: Handover | None  # one's own
    past: Page[Handover]


def handovers(actor: Actor, after: str | None = None) -> Handovers:
    """What the last shift left, one's own draft, and those before. Six statements."""
    access.operator(actor)
    rows = Handover.objects.select_related("by", "taken_by").prefetch_related("points__taken_by")
    waiting = list(rows.filter(state=Handover.State.GIVEN).order_by("given_at")[:10])
    draft = rows.filter(state=Handover.State.DRAFT, by_id=actor.id).first()
    past = keyset(
        rows.filter(state=Handover.State.TAKEN),
        order=("-at", "-id"),
        after=after,
        limit=10,
        scope=f"handovers:{actor.id}",
    )
    return Handovers(waiting, draft, past)
