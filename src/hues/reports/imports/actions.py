"""Storing what an import brings: in chunks, each one transaction with its entries in the journal, so that an import
killed anywhere goes on where it stopped and nothing comes twice.

Imported cases are records of somebody else's work: they get no timers (nobody is reminded of a deadline of last year)
and tell nobody.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Model
from psycopg import sql
from psycopg.types.json import Jsonb

from hues.cases.models import Case, Outcome
from hues.cases.moderation import place_for_public, street_only
from hues.city.models import Category
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.ids import new_code, new_id
from hues.kernel.models import JournalEntry
from hues.reports.checks import MAX_BODY
from hues.reports.imports.incoming import BadRow, Incoming
from hues.reports.imports.lookups import Lookups

CHUNK = 2_000
CHANGEABLE = (
    "version", "process", "group", "state", "phase", "is_open", "category", "unit", "unit_approximate", "agency",
    "priority", "visibility", "body", "language", "address", "lat", "lon", "public_body", "public_address", "public_lat",
    "public_lon", "received_at", "updated_at", "answered_at", "published_at", "closed_at", "due_at", "due_original_at",
    "due_final_at", "answer", "outcome", "reject_reason", "source_data",
)  # fmt: skip


@dataclass
class Tally:
    """What became of the rows of an import."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    left_alone: int = 0  # changed there, but also worked on here since
    bad: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        mine, theirs = asdict(self), asdict(other)
        return Tally(**{name: mine[name] + theirs[name] for name in mine})


@dataclass(frozen=True)
class Known:
    """A case of the same source that is here already."""

    id: UUID
    version: int
    mark: dict[str, Any]


def store_chunk(
    *, source: str, rows: Sequence[Incoming], lookups: Lookups, actor: Actor = SYSTEM, channel: str = "import"
) -> tuple[Tally, list[tuple[Incoming, BadRow]]]:
    """Add the cases of `rows` that are not here yet and bring the others up to date. One transaction.

    Returns what was done, and the rows that could not become cases. Two imports of one source take turns, chunk by
    chunk.
    """
    news, bad = _once_each(rows)
    done = Tally(read=len(rows))
    fresh: list[Case] = []
    changed: list[Case] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 311))", [source])
        known = _known(source, list(news))
        for number, row in news.items():
            old, mark = known.get(number), _mark(row)
            if old and old.mark.get("mark") == mark:
                done.unchanged += 1
            elif old and old.mark.get("version") != old.version:
                done.left_alone += 1
            else:
                try:
                    case = _case(source, row, mark, old, lookups, channel)
                except BadRow as error:
                    bad.append((row, error))
                else:
                    (changed if old else fresh).append(case)
        _give_codes(fresh, lookups.code_prefix)
        _copy(Case, fresh)
        if changed:
            Case.objects.bulk_update(changed, CHANGEABLE, batch_size=500)
        _copy(JournalEntry, [*_entries(fresh, IMPORTED, actor), *_entries(changed, SYNCED, actor)])
    done.added, done.changed, done.bad = len(fresh), len(changed), len(bad)
    return done, bad


def _once_each(rows: Sequence[Incoming]) -> tuple[dict[str, Incoming], list[tuple[Incoming, BadRow]]]:
    news: dict[str, Incoming] = {}
    bad: list[tuple[Incoming, BadRow]] = []
    for row in rows:
        if row.source_id in news:
            bad.append((row, BadRow(f"number {row.source_id} stands twice")))
        else:
            news[row.source_id] = row
    return news, bad


def _case(source: str, row: Incoming, mark: str, old: Known | None, lookups: Lookups, channel: str) -> Case:
    """The row as a case: a new one, or what `old` is to become. Raises BadRow."""
    category = lookups.category(row.category)
    unit = lookups.unit(row)
    agency_id = lookups.agency(row)
    state = lookups.state(category.process, row.state, closed=row.closed_at is not None)
    if row.outcome and row.outcome not in Outcome.values:
        raise BadRow(f"there is no outcome {row.outcome!r}")
    body = row.body[:MAX_BODY]
    version = old.version + 1 if old else 1
    masked = category.visibility == Category.Visibility.MASKED
    case = Case(
        id=old.id if old else new_id(),
        version=version,
        channel=channel,
        process_id=state.process_id,
        group=category.process_group,
        state=state.name,
        phase=state.phase,
        is_open=state.is_open,
        category_id=category.id,
        unit_id=unit.id if unit else None,
        unit_approximate=bool(unit and unit.approximate),
        agency_id=agency_id,
        priority=category.priority,
        visibility=category.visibility,
        moderated=True,  # it was published where it comes from
        body=body,
        language=row.language or lookups.language,
        address=row.address,
        lat=row.lat,
        lon=row.lon,
        public_body=body,
        public_address=street_only(row.address) if masked else row.address,
        received_at=row.received_at,
        updated_at=row.updated_at or row.closed_at or row.received_at,
        answered_at=row.closed_at,
        published_at=row.closed_at,
        closed_at=row.closed_at if not state.is_open else None,
        due_at=row.due_at if state.is_open else None,
        due_original_at=row.due_at,
        due_final_at=row.due_at,
        answer=row.answer,
        outcome=row.outcome,
        reject_reason=row.reject_reason,
        source=source,
        source_id=row.source_id,
        source_data={**row.data, "imported": {"mark": mark, "version": version}},
    )
    place_for_public(case)
    return case


def _mark(row: Incoming) -> str:
    """What the other system said, in short: another mark means that it says something else now."""
    said = asdict(row)
    said.pop("line")
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _known(source: str, numbers: list[str]) -> dict[str, Known]:
    rows = Case.objects.filter(source=source, source_id__in=numbers)
    found = rows.values_list("source_id", "id", "version", "source_data__imported")
    return {number: Known(id, version, mark or {}) for number, id, version, mark in found}


def _give_codes(cases: Iterable[Case], prefix: str) -> None:
    """Short codes are random: among many, some are taken."""
    waiting = list(cases)
    while waiting:
        for case in waiting:
            case.code = new_code(prefix)
        by_code = {case.code: case for case in waiting}
        taken = set(Case.objects.filter(code__in=list(by_code)).values_list("code", flat=True))
        waiting = [case for case in waiting if case.code in taken or by_code[case.code] is not case]


# What an entry of the journal says: to the public that the case came, or was brought up to date.
IMPORTED = ("case.imported", {"vi": "Tiếp nhận từ hệ thống khác", "en": "Taken over from another system"})
SYNCED = ("case.synced", {"vi": "Cập nhật theo hệ thống gốc", "en": "Brought up to date with its own system"})


def _entries(cases: Iterable[Case], kind: tuple[str, dict[str, str]], actor: Actor) -> list[JournalEntry]:
    """One entry for each case: what the public may know of it, and for the centre where it comes from."""
    now, (action, said) = clock.now(), kind
    return [
        JournalEntry(
            id=new_id(),
            at=now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action,
            subject_kind="case",
            subject_id=case.id,
            parts={
                "public": {"said": said, "state": case.state},
                "centre": {"source": case.source, "source_id": case.source_id},
            },
            topics=[],
            salt=os.urandom(16),
        )
        for case in cases
    ]


def _copy(model: type[Model], rows: Sequence[Model]) -> None:
    """COPY into the model's table: every column is written, so the model's defaults hold. Triggers fire as for
    INSERT.
    """
    if not rows:
        return
    fields = model._meta.concrete_fields
    columns = sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields)
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(model._meta.db_table), columns)
    names = [(field.attname, field.get_internal_type() == "JSONField") for field in fields]
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = row.__dict__  # by attribute: a model's own getters cost as much as the copying
            copy.write_row([Jsonb(values[name], orjson.dumps) if is_json else values[name] for name, is_json in names])
