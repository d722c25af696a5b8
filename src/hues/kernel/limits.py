"""Rate limits: how often a thing may be done in a while, counted in one statement."""

from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from hues.kernel import clock
from hues.kernel.errors import TooMany

# The window opens with the first use. A use that is refused is not counted, so knocking does not lengthen the wait.
_SPEND = """
insert into kernel_ratecounter as c (key, used, until) values (%(key)s, 1, %(until)s)
on conflict (key) do update set
  used = case when c.until <= %(now)s then 1 else least(c.used, %(limit)s) + 1 end,
  until = case when c.until <= %(now)s then excluded.until else c.until end
returning used, extract(epoch from until - %(now)s)::float8
"""


def spend(key: str, *, limit: int, window: int | timedelta) -> None:
    """Use one of `limit` in `window` (seconds). Raises TooMany, which says when to come again.

    Call it before the transaction of what it guards: a use that is rolled back was not counted. The counters are in an
    unlogged table: a crash of the database forgets them, and no use waits for the disk.
    """
    if not settings.LIMITS:
        return
    now = clock.now()
    length = window if isinstance(window, timedelta) else timedelta(seconds=window)
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, {"key": key[:200], "limit": limit, "now": now, "until": now + length})
        used, left = cursor.fetchone()
    if used > limit:
        raise TooMany(_("Too many attempts. Please try again a little later."), retry_after=max(1, ceil(left)))


def forget_old() -> int:
    """Remove counters whose window is over. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("delete from kernel_ratecounter where until < %s", [clock.now()])
        return cursor.rowcount
