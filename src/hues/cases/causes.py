"""Root causes: reports of one agency that belong together by what is written on the thing, or by kind and place ("this drain: 14 reports"),
and the one case in which their cause is dealt with.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

import h3
from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import access, engine, moderation, reference
from hues.cases.models import Case, CauseLink
from hues.cases.opening import open_inside
from hues.city.models import Category
from hues.kernel import clock, journal, text
from hues.kernel.actors import LEAD, SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid

CELL = 11  # H3: cells of about 50 m across; a group is a cell and its neighbours
LEAST, MOST_GROUPS = 3, 20
MOST_READ = 4000  # reports of the span, the latest first
MOST_LINKED = 100
SPANS = (30, 90, 180, 365)
TAKE_ON = "take_on"


class _Seen(NamedTuple):
    code: str
    category_id: int
    asset: str
    lat: float | None
    lon: float | None
    address: str
    is_open: bool
    received_at: datetime


@dataclass(frozen=True)
class Group:
    """Reports with probably one cause. `key` finds it again: "asset:<name>", or "cell:<H3>:<category>"."""

    key: str
    name: str  # what is written on the thing, else the street
    category: Category  # of most of them
    count: int
    open: int
    first: datetime
    last: datetime
    lat: float | None
    lon: float | None
    codes: list[str] = field(default_factory=list)


def groups(agency_id: int, days: int = 90) -> list[Group]:
    """The agency's groups of the last days, the largest first. One statement over at most 4,000 reports."""
    seen = _read(agency_id, days)
    assets: dict[str, list[_Seen]] = defaultdict(list)
    places: dict[int, list[_Seen]] = defaultdict(list)
    for one in seen:
        if one.asset:
            assets[one.asset].append(one)
        elif one.lat is not None:
            places[one.category_id].append(one)
    found = [_group(f"asset:{name}", name, rows) for name, rows in assets.items() if len(rows) >= LEAST]
    for category_id, rows in places.items():
        found += [
            _group(f"cell:{cell}:{reference.categories()[category_id].code}", _street(near), near)
            for cell, near in _dense(rows)
        ]
    return sorted(found, key=lambda group: (-group.count, -group.open, group.key))[:MOST_GROUPS]


def groups_of(agency_id: int, key: str, days: int) -> Iterable[Group]:
    """The group of a key, if it is still there: the same cell and its neighbours, however many they are by now."""
    kind, _sep, rest = key.partition(":")
    seen = _read(agency_id, days)
    if kind == "asset" and rest:
        rows = [one for one in seen if one.asset == rest]
        return [_group(key, rest, rows)] if rows else []
    cell, _sep, code = rest.partition(":")
    category = reference.categories_by_code().get(code)
    if kind != "cell" or category is None or not h3.is_valid_cell(cell) or h3.get_resolution(cell) != CELL:
        raise Invalid(_("There is no such group."), fields={"key": _("There is no such group.")})
    disk = set(h3.grid_disk(cell, 1))
    rows = [
        one
        for one in seen
        if one.category_id == category.pk and not one.asset and one.lat is not None and _cell(one) in disk
    ]
    return [_group(key, _street(rows), rows)] if rows else []


def _read(agency_id: int, days: int) -> list[_Seen]:
    since = clock.now() - timedelta(days=min(days, SPANS[-1]))
    rows = Case.objects.filter(agency_id=agency_id, received_at__gte=since).exclude(channel__in=("order", "cause"))
    return [_Seen(*row) for row in rows.order_by("-received_at").values_list(*_Seen._fields)[:MOST_READ]]


def _cell(one: _Seen) -> str:
    return str(h3.latlng_to_cell(one.lat, one.lon, CELL))


def _dense(rows: Sequence[_Seen]) -> Iterable[tuple[str, list[_Seen]]]:
    """The densest cell takes what lies in it and around it, then the next: no group is cut by the edge of a cell."""
    cells: dict[str, list[_Seen]] = defaultdict(list)
    for one in rows:
        cells[_cell(one)].append(one)
    disks = {cell: [near for near in h3.grid_disk(cell, 1) if near in cells] for cell in cells}
    sizes = {cell: sum(len(cells[near]) for near in disk) for cell, disk in disks.items()}
    for cell in sorted((c for c in cells if sizes[c] >= LEAST), key=lambda c: (-sizes[c], c)):
        found = [one for near in disks[cell] for one in cells[near]]
        if len(found) >= LEAST:
            for near in disks[cell]:
                cells[near] = []
            yield cell, found


def _group(key: str, name: str, rows: Collection[_Seen]) -> Group:
    placed = [one for one in rows if one.lat is not None and one.lon is not None]
    most, _n = Counter(one.category_id for one in rows).most_common(1)[0]
    return Group(
        key=key,
        name=name,
        category=reference.categories()[most],
        count=len(rows),
        open=sum(one.is_open for one in rows),
        first=min(one.received_at for one in rows),
        last=max(one.received_at for one in rows),
        lat=median(one.lat for one in placed if one.lat is not None) if placed else None,
        lon=median(one.lon for one in placed if one.lon is not None) if placed else None,
        codes=[one.code for one in sorted(rows, key=lambda one: one.received_at, reverse=True)],
    )


def _street(rows: Iterable[_Seen]) -> str:
    """The street that most of them name, without house numbers and wards."""
    names = Counter(moderation.street_only(one.address).split(",")[0].strip() for one in rows if one.address)
    return next((name for name, _n in names.most_common() if name), "")


# One case for the cause


def may_open(actor: Actor, agency_id: int) -> bool:
    """The head of the agency, heads above it, and leads of the centre."""
    if actor.has(LEAD) or actor.heads(agency_id):
        return True
    return agency_id in access.agencies_of(actor) - actor.agency_ids


@transaction.atomic
def open_cause(*, actor: Actor, agency_id: int, category: str, body: str, codes: Sequence[str]) -> Case:
    """One case of the agency for what many reports come from. They stay what they are, and each tells of it.

    A report belongs to one cause: those that have one already are left there. Raises Forbidden, Invalid, Conflict.
    """
    if not may_open(actor, agency_id):
        raise Forbidden(_("Only who leads the agency opens a case for a cause."))
    kind = reference.categories_by_code().get(category)
    wrong: dict[str, str] = {}
    if kind is None or not kind.active or kind.process_group != Category.Group.TIMED:
        wrong["category"] = _("Please choose a category that is handled with more time.")
    body = text.clean(body, max_length=2000, multiline=True, field="body")
    if len(body) < 10:
        wrong["body"] = _("Please write a little more: at least {n} characters.").format(n=10)
    effects = _unlinked(actor, agency_id, codes)
    if not effects and codes:
        raise Conflict(_("These reports have a common cause already."))
    if len(effects) < 2:
        wrong["codes"] = _("Please choose at least two reports.")
    if wrong or kind is None:
        raise Invalid(_("Something is missing or not right yet."), fields=wrong)
    cause = open_inside(actor=actor, category=kind, channel="cause", body=body, **_where(effects))
    agency = reference.agencies()[agency_id]
    cause = engine.take_step(actor=SYSTEM, code=cause.code, step=TAKE_ON, data={"agency": agency.code})
    _link(actor, cause, effects)
    return access.hide(cause, actor)


def _unlinked(actor: Actor, agency_id: int, codes: Sequence[str]) -> list[Case]:
    known = [engine.normal_code(code) for code in codes if engine.is_code(code)][:MOST_LINKED]
    rows = Case.objects.filter(access.visible_to(actor), code__in=known, agency_id=agency_id, cause_link=None)
    return list(rows.exclude(channel__in=("order", "cause")).order_by("-received_at"))


def _where(effects: Sequence[Case]) -> dict[str, Any]:
    """In the middle of them; the report that lies nearest to it lends its unit, its address and what is written on the thing."""
    latest = effects[0]
    placed = [one for one in effects if one.lat is not None and one.lon is not None]
    assets = {one.asset for one in effects}
    found: dict[str, Any] = {
        "asset": assets.pop() if len(assets) == 1 else "",
        "is_sample": all(one.is_sample for one in effects),
        "language": latest.language,
    }
    if not placed:
        return {**found, "address": moderation.street_only(latest.address), "unit_id": latest.unit_id}
    lat, lon = (median(getattr(one, name) or 0.0 for one in placed) for name in ("lat", "lon"))
    middle = min(placed, key=lambda one: abs((one.lat or 0) - lat) + abs((one.lon or 0) - lon))
    return {
        **found,
        "lat": middle.lat,
        "lon": middle.lon,
        "unit_id": middle.unit_id,
        "unit_approximate": middle.unit_approximate,
        "address": moderation.street_only(middle.address),
    }


_LINKED = {"vi": "Có nguyên nhân chung, xử lý tại {code}", "en": "It has a common cause, which is dealt with as {code}"}
_GATHERED = {"vi": "Nguyên nhân chung của {n} phản ánh", "en": "The common cause of {n} reports"}


def _link(actor: Actor, cause: Case, effects: Sequence[Case]) -> None:
    now = clock.now()
    CauseLink.objects.bulk_create(CauseLink(case_id=one.pk, cause_id=cause.pk, at=now) for one in effects)
    for one in effects:
        journal.record(
            actor=actor,
            action="case.cause_linked",
            subject_kind="case",
            subject_id=one.pk,
            topics=[f"case:{one.pk}"],
            staff={"said": {k: v.format(code=cause.code) for k, v in _LINKED.items()}, "cause": cause.code},
        )
    journal.record(
        actor=actor,
        action="case.cause_opened",
        subject_kind="case",
        subject_id=cause.pk,
        topics=[f"case:{cause.pk}", "centre", f"agency:{cause.agency_id}"],
        staff={
            "said": {k: v.format(n=len(effects)) for k, v in _GATHERED.items()},
            "codes": [one.code for one in effects],
        },
    )


def cause_of(case_id: UUID) -> Case | None:
    """The case of the common cause, where there is one. One statement."""
    link = CauseLink.objects.filter(case_id=case_id).select_related("cause").first()
    return link.cause if link else None


def effects_of(case_id: UUID) -> list[Case]:
    """The reports that a case is the cause of, the open ones first. One statement."""
    rows = Case.objects.filter(cause_link__cause_id=case_id).defer("reporter", "source_data", "body", "answers")
    return list(rows.order_by("-is_open", "-received_at")[:MOST_LINKED])


def reports(actor: Actor, codes: Sequence[str]) -> tuple[list[Case], dict[UUID, str]]:
    """The reports of a group as their agency sees them, and which have a case for their cause already. Two statements."""
    found = Case.objects.filter(access.visible_to(actor), code__in=list(codes)[:MOST_LINKED])
    rows = list(found.defer("reporter", "source_data", "answers").order_by("-received_at"))
    links = CauseLink.objects.filter(case_id__in=[one.pk for one in rows])
    return rows, dict(links.values_list("case_id", "cause__code"))
