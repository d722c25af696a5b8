"""Importing assets: tried first, then taken over; the same file twice changes nothing; what is gone is ended, never deleted."""

import zlib
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from hues.city import pack, routing
from hues.city.assets.layers import layer as layer_of
from hues.city.assets.reading import Reading, Row, read_assets
from hues.city.memory import changed
from hues.city.models import Agency, Asset, AssetImport, AssetLayer
from hues.kernel import clock, journal
from hues.kernel.actors import ADMINISTRATOR, HEAD, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.ids import new_id
from hues.kernel.text import vn_fold

KEPT = timedelta(days=1)  # how long a tried file waits to be taken over
ANALYSED = 200  # rows written from which the planner's figures are renewed at once
SAID = 200  # problems that are told; a file with more is wrong as a whole


@dataclass
class Outcome:
    """What a file changes, or would change."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    wrong: int = 0  # lines that are left out
    problems: list[tuple[int, str]] = field(default_factory=list)  # the first of them: line, what to mend
    ignored: list[str] = field(default_factory=list)  # columns that the layer does not know

    @property
    def anything(self) -> bool:
        return bool(self.added or self.changed or self.ended)


@dataclass
class _Plan:
    outcome: Outcome
    write: list[tuple[Row, Agency | None, int | None]] = field(default_factory=list)  # row, owner, unit
    end: list[int] = field(default_factory=list)


def may_import(actor: Actor) -> bool:
    """Administrators import everything, heads what their own agency keeps."""
    return actor.kind == "system" or actor.has(ADMINISTRATOR, HEAD)


def import_assets(
    *,
    actor: Actor,
    layer: str,
    name: str,
    content: bytes,
    complete: bool = False,
    dry_run: bool = False,
    is_sample: bool = False,
) -> Outcome:
    """Bring the assets of a layer to what a file says, matched by code. Lines with mistakes are left out and told.

    `complete`: what the file does not name is ended today; refused where a line is wrong, for that asset would be ended by a typing error. A head
    changes and ends only what is their agency's. Raises Forbidden, NotFound, Invalid.
    """
    if not may_import(actor):
        raise Forbidden(_("Only heads and administrators import assets."))
    found = layer_of(layer)
    reading = read_assets(found, name, content)
    with transaction.atomic():
        locked = AssetLayer.objects.select_for_update().get(pk=found.pk)
        plan = _plan(actor, locked, reading, complete)
        if dry_run or not plan.outcome.anything:
            return plan.outcome
        if complete and plan.outcome.wrong:
            raise Invalid(_("Mend the lines with mistakes first: a complete file ends what it does not name."))
        _write(locked, plan, is_sample)
        journal.record(
            actor=actor,
            action="city.assets_imported",
            subject_kind="city",
            subject_id=pack.city_id(settings.CITY),
            topics=["centre"],
            staff={"layer": locked.code, "source": name[:120], "complete": complete, **_counts(plan.outcome)},
        )
    return plan.outcome


def _counts(outcome: Outcome) -> dict[str, int]:
    return {name: getattr(outcome, name) for name in ("added", "changed", "unchanged", "ended", "wrong")}


# ── what would change ──


def _plan(actor: Actor, layer: AssetLayer, reading: Reading, complete: bool) -> _Plan:
    plan = _Plan(Outcome(ignored=reading.ignored))
    own = None if actor.kind == "system" or actor.has(ADMINISTRATOR) else _headed(actor)
    there = {
        code: (pk, digest, owner)
        for pk, code, digest, owner in Asset.objects.filter(layer=layer).values_list("pk", "code", "digest", "owner_id")
    }
    agencies = _agencies()
    problems = list(reading.problems)
    for row in reading.rows:
        pk, digest, owner_id = there.get(row.code, (None, None, None))
        if digest == row.digest:
            plan.outcome.unchanged += 1
            continue
        if row.owner and row.owner not in agencies:
            problems.append((row.line, _("there is no agency %(code)s") % {"code": row.owner}))
            continue
        unit = routing.near_unit(row.lat, row.lon)
        owner = agencies[row.owner] if row.owner else _owner_by_rule(layer, row, unit)
        if own is not None and ((owner.pk if owner else None) not in own or (pk and owner_id not in own)):
            problems.append((row.line, _("%(code)s is another agency's") % {"code": row.code}))
            continue
        plan.write.append((row, owner, unit.pk if unit else None))
        if pk is None:
            plan.outcome.added += 1
        else:
            plan.outcome.changed += 1
    if complete:
        plan.end = _missing(layer, {row.code for row in reading.rows}, own)
        plan.outcome.ended = len(plan.end)
    plan.outcome.wrong = len(problems)
    plan.outcome.problems = sorted(problems)[:SAID]
    return plan


def _headed(actor: Actor) -> frozenset[int]:
    return frozenset(grant.agency_id for grant in actor.grants if grant.role == HEAD and grant.agency_id is not None)


def _agencies() -> dict[str, Agency]:
    return {agency.code: agency for agency in routing.current_agencies()}


def _owner_by_rule(layer: AssetLayer, row: Row, unit: Any) -> Agency | None:
    """Who keeps an asset whose owner the file does not say."""
    for rule in layer.owner:
        if routing.rule_holds(rule, unit, f"{row.name} {row.street}") and (
            agency := routing.of_kind(rule["agency"], unit)
        ):
            return agency
    return None


def _missing(layer: AssetLayer, named: set[str], own: frozenset[int] | None) -> list[int]:
    rows = Asset.objects.filter(layer=layer, valid_to=None)
    if own is not None:
        rows = rows.filter(owner_id__in=own)
    return [pk for pk, code in rows.values_list("pk", "code") if code not in named]


# ── changing it ──

_COLUMNS = (
    "layer_id", "code", "name", "street", "folded", "owner_id", "unit_id", "lat", "lon", "geometry", "west", "south", "east", "north",
    "attributes", "valid_from", "valid_to", "is_sample", "digest", "updated_at",
)  # fmt: skip
_UPSERT = f"""
insert into city_asset ({", ".join(_COLUMNS)}) select {", ".join(_COLUMNS)} from asset_import
on conflict (layer_id, code) do update set {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])}
"""  # noqa: S608 - names of our own columns


def _write(layer: AssetLayer, plan: _Plan, is_sample: bool) -> None:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("create temp table asset_import (like city_asset including defaults) on commit drop")
        cursor.execute("alter table asset_import alter id drop not null")
    with connection.connection.cursor().copy(f"copy asset_import ({', '.join(_COLUMNS)}) from stdin") as copy:
        for row, owner, unit_id in plan.write:
            copy.write_row(_values(layer, row, owner, unit_id, is_sample, now))
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT)
        cursor.execute("drop table asset_import")
        if (
            len(plan.write) > ANALYSED
        ):  # the planner must not take a layer of 60,000 for an empty one until autovacuum comes by
            cursor.execute("analyze city_asset")
    if plan.end:  # without a digest: what comes back is a change
        Asset.objects.filter(pk__in=plan.end).update(valid_to=now.date(), digest="", updated_at=now)
    count_assets(layer)


def count_assets(layer: AssetLayer) -> None:
    """How many are in force. That a layer is filled, or empty again, every process must know."""
    day = clock.now().date()
    before, layer.assets = layer.assets, Asset.objects.filter(layer=layer).exclude(valid_to__lte=day).count()
    AssetLayer.objects.filter(pk=layer.pk).update(assets=layer.assets)
    if bool(before) != bool(layer.assets):
        changed()


def _values(
    layer: AssetLayer, row: Row, owner: Agency | None, unit_id: int | None, is_sample: bool, now: Any
) -> tuple[Any, ...]:
    return (
        layer.pk, row.code, row.name, row.street, vn_fold(f"{row.code} {row.name} {row.street}"),
        owner.pk if owner else None, unit_id, row.lat, row.lon,
        orjson.dumps(row.geometry).decode() if row.geometry else None, *row.box,
        orjson.dumps(dict(row.attributes)).decode(), row.valid_from, row.valid_to, is_sample, row.digest, now,
    )  # fmt: skip


# ── on the page: tried first, taken over by a second press ──


def try_import(*, actor: Actor, layer: str, name: str, content: bytes, complete: bool) -> AssetImport:
    """Try a file and keep it for a day, so that whoever sent it can take it over. Raises as `import_assets`."""
    outcome = import_assets(actor=actor, layer=layer, name=name, content=content, complete=complete, dry_run=True)
    now = clock.now()
    AssetImport.objects.filter(at__lt=now - KEPT, content__isnull=False).update(content=None)
    return AssetImport.objects.create(
        id=new_id(), layer=layer_of(layer), by=_person(actor), at=now, file=name[:200], complete=complete,
        content=zlib.compress(content, 6), outcome=asdict(outcome),
    )  # fmt: skip


def finish_import(*, actor: Actor, import_id: UUID) -> AssetImport:
    """Take over what was tried. Raises NotFound for somebody else's, Conflict where it was done or is too old."""
    with transaction.atomic():
        tried = AssetImport.objects.select_for_update().filter(pk=import_id, by=_person(actor)).first()
        if tried is None:
            raise NotFound(_("There is no such file."))
        if tried.done_at or tried.content is None:
            raise Conflict(_("This file was taken over already, or has waited too long. Please send it again."))
        layer = layer_of(AssetLayer.objects.get(pk=tried.layer_id).code)
        outcome = import_assets(
            actor=actor,
            layer=layer.code,
            name=tried.file,
            content=zlib.decompress(tried.content),
            complete=tried.complete,
        )
        tried.outcome, tried.done_at, tried.content = asdict(outcome), clock.now(), None
        tried.save(update_fields=["outcome", "done_at", "content"])
    return tried


def _person(actor: Actor) -> UUID:
    if actor.id is None:
        raise Forbidden(_("Only heads and administrators import assets."))
    return actor.id


def imports_of(actor: Actor, import_id: UUID) -> AssetImport:
    """A file that this person tried. Raises NotFound."""
    found = AssetImport.objects.select_related("layer").defer("content").filter(pk=import_id, by=_person(actor)).first()
    if found is None:
        raise NotFound(_("There is no such file."))
    return found
