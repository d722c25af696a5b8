"""From the outbox to the log: each entry gets exactly one place.

Transactions commit out of order, so the outbox is read only below the oldest transaction that still runs: what is below is
complete, and nothing can appear there any more. A long transaction therefore holds back the entries of all others, but only one of
this database: `pg_snapshot_xmin` would wait for every database of the server.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from hues.kernel import clock
from hues.kernel.log import notes, queries
from hues.kernel.log.leaves import COLUMNS, leaf_of
from hues.kernel.log.tree import Frontier

BATCH = 1_000

# Nothing waits: no row. Otherwise the horizon: every transaction of this database below it was over when this statement looked, so
# the next statement, whose snapshot is younger, sees all that they wrote. (Running ids have 32 bits and are completed from the
# snapshot's upper end. Of other roles' transactions they are hidden: such entries are never lost, but may come later than in order.)
_HORIZON = """
select coalesce(min(case when full_id > upper_end + 2147483648 then full_id - 4294967296 else full_id end), upper_end)
from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as upper_end) now
left join lateral (
  select (upper_end >> 32 << 32) + backend_xid::text::bigint as full_id from pg_stat_get_activity(null)
  where backend_xid is not null and datid = (select oid from pg_database where datname = current_database())
) running on true
where (select xid from kernel_outbox order by xid, entry_id limit 1) is not null
group by upper_end
"""
_HORIZON_INSIDE = """
select pg_current_xact_id()::text::bigint + 1 from kernel_outbox limit 1
"""  # in one transaction, as tests are: what it wrote itself, too
_WAITING = f"""
select {COLUMNS} from kernel_outbox o join kernel_journalentry e on e.id = o.entry_id
where o.xid < %s::text::xid8 order by o.xid, o.entry_id limit {BATCH}
"""  # noqa: S608  # constants

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
            cursor.execute(_HORIZON_INSIDE if connection.in_atomic_block else _HORIZON)
            horizon = cursor.fetchone()
            if horizon is None:
                return 0
            cursor.execute(_WAITING, horizon)
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
