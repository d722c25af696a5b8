"""From the outbox to the log: each entry gets exactly one place.

Transactions commit out of order, so the outbox is read only below the oldest transaction that still runs
(`pg_snapshot_xmin`): what is below is complete, and nothing can appear there any more. A long transaction therefore
holds back the entries of all others.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from hues.kernel import clock
from hues.kernel.log import notes, queries
from hues.kernel.log.leaves import COLUMNS, leaf_of
from hues.kernel.log.tree import Frontier

BATCH = 1_000

_WAITING = f"""
select {COLUMNS} from kernel_outbox o join kernel_journalentry e on e.id = o.entry_id
where o.xid < {{}} order by o.xid, o.entry_id limit {BATCH}
"""  # noqa: S608  # constants
_SETTLED = _WAITING.format("pg_snapshot_xmin(pg_current_snapshot())")
_OURS_TOO = _WAITING.format("(pg_current_xact_id()::text::numeric + 1)::text::xid8")  # inside one transaction: tests

# Rows that came out of a dump carry transaction numbers of another server, which may lie in this one's future. No row
# that can be seen has such a number otherwise.
_ADOPT = """
update kernel_outbox set xid = '3'
where xid >= pg_snapshot_xmax(pg_current_snapshot()) and xid is distinct from pg_current_xact_id_if_assigned()
"""

_PLACE = """
insert into kernel_logleaf (place, entry_id, leaf_hash)
select * from unnest(%s::bigint[], %s::uuid[], %s::bytea[])
"""
_COMPLETE = """
insert into kernel_lognode (level, index, hash) select * from unnest(%s::int[], %s::bigint[], %s::bytea[])
"""
_SIGN = """
insert into kernel_logcheckpoint (size, root, at, note) values (%s, %s, %s, %s) on conflict (size) do nothing
"""


class Log:
    """The log as its only writer sees it: the right edge of the tree in memory, everything else in the database."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_ADOPT)
            cursor.execute("select coalesce(max(size), 0) from kernel_logcheckpoint")
            self.signed = int(cursor.fetchone()[0])
        self.frontier: Frontier = queries.frontier()

    @property
    def size(self) -> int:
        return self.frontier.size

    def place_waiting(self) -> int:
        """Give the next entries their places, in one transaction. Returns how many; one cheap statement if there are
        none.

        After an exception the object is of no use: make a new one.
        """
        with connection.cursor() as cursor:
            cursor.execute(_OURS_TOO if connection.in_atomic_block else _SETTLED)
            rows = cursor.fetchall()
        if rows:
            self._place(rows)
        return len(rows)

    def _place(self, rows: Sequence[Sequence[Any]]) -> None:
        first = self.size
        leaves = [leaf_of(row) for row in rows]
        completed = [node for leaf in leaves for node in self.frontier.add(leaf)]
        ids = [row[0] for row in rows]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PLACE, [list(range(first, first + len(rows))), ids, leaves])
            if completed:
                where, hashes = zip(*completed, strict=True)
                levels, indexes = zip(*where, strict=True)
                cursor.execute(_COMPLETE, [list(levels), list(indexes), list(hashes)])
            cursor.execute("delete from kernel_outbox where entry_id = any(%s)", [ids])

    def sign(self) -> bool:
        """Sign the present size, if the log grew since the last time."""
        if self.size == self.signed:
            return False
        checkpoint = notes.Checkpoint(notes.origin(), self.size, self.frontier.root())
        with connection.cursor() as cursor:
            cursor.execute(_SIGN, [checkpoint.size, checkpoint.root, clock.now(), notes.sign(checkpoint)])
        self.signed = self.size
        return True
