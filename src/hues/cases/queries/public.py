"""What everyone may read: listed cases, in the words that moderation let through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from hues.cases import engine, reference
from hues.cases.models import LISTED, RESOLVED, Case, CaseFile, Outcome
from hues.cases.queries.rows import code_of, first_photos, of_domain, stage_of, words
from hues.cases.queries.searching import ORDER, matching, search_page
from hues.city.models import Agency, Category, Unit
from hues.kernel import clock
from hues.kernel.errors import Invalid
from hues.kernel.geo import box_around, distance_m
from hues.kernel.pages import MOST, Page, keyset
from hues.kernel.prepared import Prepared
from hues.people.models import User, pseudonym

STATES = ("open", "done", "resolved", "planned", "late")
DAYS = (7, 30, 90, 365)


@dataclass(frozen=True)
class PublicRow:
    """A line of the public list."""

    id: UUID
    code: str
    state: str
    phase: str
    stage: str
    is_open: bool
    group: str
    category: Category
    unit: Unit | None
    agency: Agency | None
    body: str
    address: str
    lat: float | None
    lon: float | None
    received_at: datetime
    updated_at: datetime
    assigned_at: datetime | None
    published_at: datetime | None
    due_at: datetime | None
    wake_on: date | None
    outcome: str
    rating: str
    merged_count: int
    support_count: int
    is_sample: bool
    photo: UUID | None


@dataclass(frozen=True)
class PublicCase(PublicRow):
    """A public case in full. `answer`, `outcome` and `legal_ground` are empty until the centre has published them."""

    visibility: str
    first_read_at: datetime | None
    started_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    due_original_at: datetime | None
    due_final_at: datetime | None
    answer: str
    legal_ground: str
    reopened: int
    unit_approximate: bool
    parent_code: str
    reporter_shown: str  # the pseudonym, where its owner chose that; else "A citizen"
    files: list[CaseFile]


# Field of the row → column of the case.
_RENAMED = {
    "body": "public_body",
    "address": "public_address",
    "lat": "public_lat",
    "lon": "public_lon",
    "parent_code": "parent__code",
}
_MADE = {"stage", "category", "unit", "agency", "photo", "files", "reporter_shown"}
_KEYS = ("process_id", "category_id", "unit_id", "agency_id")


def _columns(kind: type) -> tuple[str, ...]:
    names = (field.name for field in fields(kind) if field.name not in _MADE)
    return (*_KEYS, *(_RENAMED.get(name, name) for name in names))


_REPORTER = ("anonymous", "erased_at", "reporter__kind", "reporter__username", "reporter__erased_at")
_ROW, _CASE = _columns(PublicRow), (*_columns(PublicCase), *_REPORTER)
_BACK = {column: name for name, column in _RENAMED.items()}


def _made(values: Mapping[str, Any]) -> dict[str, Any]:
    row = {_BACK.get(name, name): value for name, value in values.items() if name not in _KEYS}
    published = (row["published_at"] is not None and row["phase"] == "done") or row["state"] == "planned"
    if not published:
        row["outcome"] = ""
    return row | {
        "stage": stage_of(values["process_id"], values["state"], values["phase"]),
        "category": reference.categories()[values["category_id"]],
        "unit": reference.units().get(values["unit_id"]),
        "agency": reference.agencies().get(values["agency_id"]),
    }


def public_list(filters: Mapping[str, Any] | None = None, after: str | None = None, limit: int = 50) -> Page[PublicRow]:
    """Listed cases, newest first; page 300 costs what page 1 costs. Two statements (three with text).

    Filters: unit, category, agency (codes), domain, group, state (STATES), days (DAYS), text. Raises Invalid.
    """
    given = {name: value for name, value in (filters or {}).items() if value not in (None, "")}
    limit = max(1, min(limit, MOST))
    if "text" in given:
        query = words(given.pop("text"))
        cases = filtered(Case.objects.filter(LISTED), given)
        page: Page[Any] = search_page(cases, _ROW, query, after=after, limit=limit, scope="public")
    else:
        rows = filtered(Case.objects.filter(LISTED), given).values_list(*_ROW, named=True)
        page = keyset(rows, order=ORDER, after=after, limit=limit, scope="public")
    photos = first_photos((row.id for row in page.items), public_only=True)
    return Page([PublicRow(**_made(row._asdict()), photo=photos.get(row.id)) for row in page.items], page.next)


def filtered(cases: QuerySet[Case], filters: Mapping[str, Any]) -> QuerySet[Case]:
    """Listed cases that match the filters of the public list. Raises Invalid."""
    for name, value in filters.items():
        match name:
            case "unit":
                cases = cases.filter(unit_id=code_of(reference.units_by_code(), value, name).pk)
            case "category":
                cases = cases.filter(category_id=code_of(reference.categories_by_code(), value, name).pk)
            case "agency":
                cases = cases.filter(agency_id=code_of(reference.agencies_by_code(), value, name).pk)
            case "domain":
                cases = cases.filter(category_id__in=of_domain(value))
            case "group":
                cases = cases.filter(group=code_of({group: group for group in Category.Group.values}, value, name))
            case "state":
                cases = _in_state(cases, value)
            case "text":
                cases = matching(cases, words(value))
            case "days":
                days = code_of({str(n): n for n in DAYS}, str(value), name)
                cases = cases.filter(received_at__gt=clock.now() - timedelta(days=days))
            case _:
                raise Invalid(_("There is no such filter."), fields={name: _("There is no such filter.")})
    return cases


def _in_state(cases: QuerySet[Case], state: object) -> QuerySet[Case]:
    match state:
        case "open":
            return cases.filter(is_open=True)
        case "done":
            return cases.filter(is_open=False)
        case "resolved":
            return cases.filter(is_open=False, outcome__in=RESOLVED)
        case "planned":
            return cases.filter(is_open=True, state="planned")
        case "late":
            return cases.filter(is_open=True, due_at__lt=clock.now())
    raise Invalid(_("This is not one of the choices."), fields={"state": _("This is not one of the choices.")})


def _shown(visibility: str, reporter: Mapping[str, Any]) -> str:
    """Under what name everyone sees a report. The pseudonym only where its owner asked for it and the place is public: beside a masked house it
    would join that house to what the same person reported elsewhere. Of staff who write down what others tell them, never anything."""
    hidden = reporter["anonymous"] or reporter["erased_at"] or reporter["reporter__erased_at"]
    if hidden or visibility != "public" or reporter["reporter__kind"] != User.Kind.CITIZEN:
        return _("A citizen")
    return pseudonym(reporter["reporter__username"])


_ONE = Prepared(lambda code: Case.objects.filter(LISTED, code=code).values_list(*_CASE), code="PA-EXAMPLE")


def public_case(code: str) -> PublicCase:
    """A listed case as everyone may read it. Two statements. Raises NotFound."""
    found = _ONE.rows(code=engine.normal_code(code)) if engine.is_code(code) else []
    if not found:
        raise engine.no_case()
    values = dict(zip(_CASE, found[0], strict=True))
    reporter = {name: values.pop(name) for name in _REPORTER}
    made = _made(values) | {"reporter_shown": _shown(values["visibility"], reporter)}
    if not made["outcome"]:
        made["answer"] = made["legal_ground"] = ""
    made["parent_code"] = made["parent_code"] or ""
    files = list(CaseFile.objects.filter(case_id=values["id"], public=True).select_related("file").order_by("pk"))
    return PublicCase(**made, files=files, photo=files[0].file_id if files else None)


@dataclass(frozen=True)
class NearRow(PublicRow):
    """A listed case near a place."""

    distance: float = 0.0  # metres


NEAR_M, NEAR_DAYS = 1_000, 90


def public_near(
    lat: float, lon: float, *, limit: int = 6, metres: float = NEAR_M, days: int = NEAR_DAYS, **only: Any
) -> list[NearRow]:
    """Listed cases of the last days around a point, the nearest first. Two statements, the first from an index on the place."""
    box, since = box_around(lat, lon, metres), clock.now() - timedelta(days=days)
    rows = _around(lat, lon, box.south, box.north, box.west, box.east, since, limit, **only)
    return _near(rows, lat, lon, metres)


def _around(
    lat: float,
    lon: float,
    south: float,
    north: float,
    west: float,
    east: float,
    since: datetime,
    limit: int,
    **only: Any,
) -> QuerySet[Case, tuple[Any, ...]]:
    cases = Case.objects.filter(
        LISTED, public_lat__range=(south, north), public_lon__range=(west, east), received_at__gt=since, **only
    )
    apart = (F("public_lat") - lat) * (F("public_lat") - lat) + (F("public_lon") - lon) * (F("public_lon") - lon)
    return cases.order_by(apart, "-id").values_list(*_ROW)[:limit]


def _near(rows: Iterable[tuple[Any, ...]], lat: float, lon: float, metres: float) -> list[NearRow]:
    made = [_made(dict(zip(_ROW, row, strict=True))) for row in rows]
    photos = first_photos((row["id"] for row in made), public_only=True)
    found = [
        NearRow(**row, photo=photos.get(row["id"]), distance=distance_m(lat, lon, row["lat"], row["lon"]))
        for row in made
    ]
    return sorted((row for row in found if row.distance <= metres), key=lambda row: row.distance)


@dataclass(frozen=True)
class Mended:
    """A repair that anybody can see: the photo before and the photo after."""

    code: str
    category: Category
    unit: Unit | None
    agency: Agency | None
    published_at: datetime | None
    before: UUID
    after: UUID


def lately_fixed(limit: int = 3, days: int = 60) -> list[Mended]:
    """The latest published repairs with a public photo before and after. Two statements."""
    recent = Case.objects.filter(
        LISTED, published_at__gt=clock.now() - timedelta(days=days), outcome=Outcome.FIXED, is_open=False
    ).order_by("-published_at")
    rows = list(recent.values("id", "code", "category_id", "unit_id", "agency_id", "published_at")[:40])
    photos: dict[tuple[UUID, str], UUID] = {}
    files = CaseFile.objects.filter(case_id__in=[row["id"] for row in rows], public=True, role__in=("before", "after"))
    files = files.filter(file__masking="done")  # proof is what can be seen now
    for case_id, role, file_id in files.order_by("-pk").values_list("case_id", "role", "file_id"):
        photos[case_id, role] = file_id  # the first of each role stays, being the last one read
    return [
        Mended(
            row["code"],
            reference.categories()[row["category_id"]],
            reference.units().get(row["unit_id"]),
            reference.agencies().get(row["agency_id"]),
            row["published_at"],
            photos[row["id"], "before"],
            photos[row["id"], "after"],
        )
        for row in rows
        if (row["id"], "before") in photos and (row["id"], "after") in photos
    ][:limit]


SIMILAR = 3
_ALIKE = Prepared(
    partial(_around, limit=SIMILAR + 1),
    lat=1.5, lon=2.5, south=3.5, north=4.5, west=5.5, east=6.5, since=datetime(1901, 1, 1, tzinfo=UTC), category_id=-77,
)  # fmt: skip


def similar_near(case: PublicRow) -> list[NearRow]:
    """Up to SIMILAR other listed cases of the same kind around a listed case. Two statements, none without a place."""
    if case.lat is None or case.lon is None:
        return []
    lat, lon, box = case.lat, case.lon, box_around(case.lat, case.lon, NEAR_M)
    rows = _ALIKE.rows(
        lat=lat, lon=lon, south=box.south, north=box.north, west=box.west, east=box.east,
        since=clock.now() - timedelta(days=NEAR_DAYS), category_id=case.category.pk,
    )  # fmt: skip
    return [row for row in _near(rows, lat, lon, NEAR_M) if row.id != case.id][:SIMILAR]


_COUNTERS = """
select
  (select count(*) from cases_case where received_at > %(since)s),
  (select count(*) from cases_case where is_open),
  (select count(*) from cases_case where published_at > %(since)s and outcome = any(%(resolved)s))
"""


def counters(days: int = 30) -> dict[str, int]:
    """Of all cases, whoever may see them: `received` in the last days; `open` now (the public's sense: until an answer is published, and
    while a promised date is awaited); `resolved`: published in the last days with proof of repair or enforcement. One statement."""
    values: dict[str, Any] = {
        "since": clock.now() - timedelta(days=days),
        "resolved": [outcome.value for outcome in RESOLVED],
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTERS, values)
        received, still_open, resolved = cursor.fetchone()
    return {"received": received, "open": still_open, "resolved": resolved, "days": days}
