"""Loading six years: one process generates, this one feeds PostgreSQL; all in one transaction."""

import gc
import multiprocessing
import os
import pickle
import sys
from collections.abc import Iterator
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from django.db import connection, connections
from psycopg import sql

from hues.cases import reference
from hues.cases.models import Case, CaseFile
from hues.cli.demo.accounts import Staff, open_citizens
from hues.cli.demo.moments import six_years
from hues.cli.demo.photos import Album
from hues.cli.demo.texts import Texts
from hues.cli.demo.years.history import CASE_COLUMNS, REPORTS, Batch, History, World
from hues.kernel import clock
from hues.kernel.log import queries as log
from hues.kernel.log.tree import Frontier
from hues.kernel.relay.process import _LOCK as RELAY_LOCK
from hues.people.models import User

_TABLES: dict[str, tuple[str, list[str]]] = {
    "users": (
        "people_user",
        [
            "id",
            "password",
            "kind",
            "username",
            "display_name",
            "email",
            "language",
            "is_active",
            "is_sample",
            "created_at",
        ],
    ),
    "cases": ("cases_case", CASE_COLUMNS),
    "journal": (
        "kernel_journalentry",
        ["id", "at", "actor_kind", "actor_id", "action", "subject_kind", "subject_id", "parts", "topics", "salt"],
    ),
    "leaves": ("kernel_logleaf", ["place", "entry_id", "leaf_hash"]),
    "nodes": ("kernel_lognode", ["level", "index", "hash"]),
    "timers": ("cases_casetimer", ["case_id", "kind", "fire_at", "serial", "data", "fired_at"]),
    "messages": (
        "cases_casemessage",
        ["id", "case_id", "audience", "author_kind", "author_id", "agency_id", "body", "at"],
    ),
}


def build_city(texts: Texts, now: datetime, total: int = REPORTS) -> int:
    """Generate and load; returns how many reports. Call inside a transaction.

    The entries get their places in the log here, at once, unless a relay is at work on this database: then they wait
    in the outbox for it like any other.
    """
    now = now.replace(microsecond=0)
    first = six_years(now)
    began = clock_of_day(first)
    with clock.at(began):
        staff, citizens = Staff(texts), open_citizens(texts)
        officers = {pk: [str(one.id) for one in staff.officers(pk)] for pk in reference.agencies()}
    frontier = log.frontier() if _log_is_ours() else None
    world = World(
        operators=[str(one.id) for one in staff.operators],
        lead=str(staff.lead.id),
        officers=officers,
        citizens=[str(person.pk) for person in citizens],
        codes=set(Case.objects.values_list("code", flat=True)),
        names=set(User.objects.values_list("username", flat=True)),
        frontier=frontier,
    )
    made, photos = 0, list[dict[str, Any]]()
    with _WithoutIndexes("cases_case"), _WithoutOutbox(frontier):
        for batch in _generated(texts, now, world, first, total):
            _store(batch)
            made += batch.reports
            photos += batch.photos
            _say(f"\r{made:,} reports")
    _say("\r")
    _add_photos(photos)
    return made


def clock_of_day(day: Any) -> datetime:
    from hues.city.clock import start_of_day

    return start_of_day(day)


# ── generating, in a process of its own ──


def _generated(texts: Texts, now: datetime, world: World, first: Any, total: int) -> Iterator[Batch]:
    """Batches from a forked process, which shares what was read so far and opens no connection."""
    history = History(texts, now, world, total)  # reads the city into memory before the fork
    receiving, sending = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_generate, args=(history, first, sending), daemon=True)
    process.start()
    sending.close()
    try:
        while (batch := _received(receiving)) is not None:
            yield batch
    finally:
        receiving.close()
        process.join(timeout=10)
    if process.exitcode:
        raise RuntimeError("the sample city could not be generated")


def _generate(history: History, first: Any, sending: Connection) -> None:
    # The connection belongs to our parent: it must neither be used nor closed here. What the city's memory looks up
    # again goes over a connection of our own.
    inherited = connections["default"]
    connections["default"] = connections.create_connection("default")
    gc.disable()  # millions of small objects without cycles
    for batch in history.batches(first):
        sending.send_bytes(pickle.dumps(batch, protocol=5))
    sending.close()
    connection.close()
    os._exit(0 if inherited else 1)  # without tidying up, which would say goodbye on our parent's connection


def _received(receiving: Connection) -> Batch | None:
    try:
        batch: Batch = pickle.loads(receiving.recv_bytes())  # noqa: S301 - from our own child
        return batch
    except EOFError:
        return None


# ── storing ──


def _store(batch: Batch) -> None:
    with connection.cursor() as cursor:
        for name, (table, columns) in _TABLES.items():
            if not (lines := getattr(batch, name)):
                continue
            into = sql.SQL("copy {} ({}) from stdin").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with cursor.copy(into) as copy:
                for start in range(0, len(lines), 1 << 20):
                    copy.write(lines[start : start + (1 << 20)])


class _WithoutIndexes:
    """Takes a table's plain indexes away and builds them anew afterwards, which is several times faster than filling them."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.indexes: list[tuple[str, str]] = []

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("set local maintenance_work_mem = '256MB'; set local synchronous_commit = off")
            cursor.execute(
                """select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
                where i.indrelid = %s::regclass and not i.indisunique""",
                [self.table],
            )
            self.indexes = cursor.fetchall()
            for name, _definition in self.indexes:
                cursor.execute(f"drop index {name}")

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")  # an index cannot be built over pending checks
                cursor.execute("set constraints all deferred")
                for _name, definition in self.indexes:
                    cursor.execute(definition)


class _WithoutOutbox:
    """While the entries get their places here, the outbox is left out; readers of the log begin behind them."""

    def __init__(self, frontier: Frontier | None) -> None:
        self.frontier = frontier
        self.before = frontier.size if frontier else 0

    def __enter__(self) -> None:
        if self.frontier is not None:
            with connection.cursor() as cursor:
                cursor.execute("alter table kernel_journalentry disable trigger journal_outbox")

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if self.frontier is not None and kind is None:
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")
                cursor.execute("alter table kernel_journalentry enable trigger journal_outbox")
                cursor.execute(
                    "update kernel_relayposition set place = (select coalesce(max(place) + 1, 0) from kernel_logleaf)"
                    " where place = %s",
                    [self.before],
                )


def _log_is_ours() -> bool:
    """Whether no relay works on this database; none can begin before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [RELAY_LOCK])
        return bool(cursor.fetchone()[0])


def _add_photos(wanted: list[dict[str, Any]]) -> None:
    """Before and after, for the newest reports."""
    album, files = Album(), []
    for one in wanted:
        with clock.at(one["at"]):
            photo = album.photo(one["scene"], one["street"], after=one["role"] == "after", owner_id=one["owner"])
        files.append(
            CaseFile(
                case_id=one["case"], file_id=photo, role=one["role"], public=one["public"], at=one["at"],
                added_by_kind=one["by"],
            )
        )  # fmt: skip
    CaseFile.objects.bulk_create(files, batch_size=1000)


def _say(line: str) -> None:
    if sys.stderr.isatty():
        print(line, end="", file=sys.stderr, flush=True)
