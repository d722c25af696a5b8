"""Giving entries to the followers. One that fails on an entry does not hold up the others: the entry is parked and
tried again.
"""

import logging
from uuid import UUID

from django.db import connection, transaction

from hues.kernel import clock, journal, metrics
from hues.kernel.journal import Following
from hues.kernel.models import ParkedEntry
from hues.kernel.relay.positions import advance, position

log = logging.getLogger("hues.relay")

_STRETCH = 2_000  # places looked through at a time
_LONGEST_WAIT = 3600  # seconds until the next try

_WANTED = """
select l.entry_id from kernel_logleaf l join kernel_journalentry e on e.id = l.entry_id
where l.place >= %s and l.place < %s and (%s = '' or e.parts ? %s) order by l.place
"""


class Followers:
    def __init__(self, size: int) -> None:
        """`size` of the log now: a follower that was never there before begins here, not with the history of years."""
        self.places = {name: position(name, size) for name, _following in journal.FOLLOWERS.items()}

    def follow(self, size: int) -> None:
        """Bring every follower up to the log's size, and try again what is due."""
        for name, following in journal.FOLLOWERS.items():
            if name not in self.places:
                self.places[name] = position(name, size)
            while self.places[name] < size:
                until = min(self.places[name] + _STRETCH, size)
                self._walk(name, following, until)
                advance(name, until)
                self.places[name] = until

    def _walk(self, name: str, following: Following, until: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_WANTED, [self.places[name], until, following.part, following.part])
            wanted = [row[0] for row in cursor.fetchall()]
        for start in range(0, len(wanted), 200):
            stretch = wanted[start : start + 200]
            entries = journal.read(stretch)
            for entry_id in stretch:
                if (error := _give(following, entries[entry_id])) is not None:
                    _park(name, entry_id, error)


def retry_parked() -> int:
    """Try the parked entries whose time has come. Returns how many succeeded."""
    due = list(ParkedEntry.objects.filter(next_at__lte=clock.now()).order_by("next_at")[:100])
    entries = journal.read([parked.entry_id for parked in due])
    done = 0
    for parked in due:
        if parked.reader not in journal.FOLLOWERS:
            continue
        error = _give(journal.FOLLOWERS.get(parked.reader), entries[parked.entry_id])
        if error is None:
            parked.delete()
            log.warning("%s has taken entry %s after %d tries", parked.reader, parked.entry_id, parked.tries + 1)
            done += 1
        else:
            _park(parked.reader, parked.entry_id, error)
    return done


def _give(following: Following, entry: journal.Entry) -> Exception | None:
    """One entry, in a transaction of its own. Returns what went wrong; raises only if the database is gone."""
    try:
        with transaction.atomic():
            following.follow(entry)
    except Exception as error:
        if not connection.in_atomic_block and not connection.is_usable():
            raise
        return error
    return None


def _park(name: str, entry_id: UUID, error: Exception) -> None:
    metrics.RELAY_FAILURES.labels(name).inc()
    sql = """
    insert into kernel_parkedentry as p (reader, entry_id, tries, next_at, error)
    values (%(reader)s, %(entry)s, 1, %(now)s + interval '2 seconds', %(error)s)
    on conflict (reader, entry_id) do update set tries = p.tries + 1, error = excluded.error,
      next_at = %(now)s + make_interval(secs => least(2 ^ least(p.tries + 1, 20), %(most)s))
    returning tries
    """
    text = f"{type(error).__name__}: {error}"[:1000]
    with connection.cursor() as cursor:
        cursor.execute(
            sql, {"reader": name, "entry": entry_id, "now": clock.now(), "error": text, "most": _LONGEST_WAIT}
        )
        [tries] = cursor.fetchone()
    log.error("%s failed on entry %s (try %d); parked", name, entry_id, tries, exc_info=error)
