"""What a process keeps in memory of the city: built on first use, dropped when the city's data change in any process."""

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection

from hues.city.models import PackLoad
from hues.kernel.ids import new_id

T = TypeVar("T")

CHECK_SECONDS = 2.0  # how long another process may answer from the former data
WATCH_SECONDS = 60.0  # after a change made here, which may yet be rolled back, each use looks again


class _State:
    city = ""
    stamp = ""
    checked = float("-inf")
    watch_until = float("-inf")
    values: dict[Callable[[], Any], Any] = {}


_state = _State()
_lock = threading.RLock()


def remembered(build: Callable[[], T]) -> Callable[[], T]:
    """`build` runs once for each state of the city's data; afterwards a call costs a dictionary lookup."""

    @wraps(build)
    def get() -> T:
        values = _current_values()
        try:
            return values[build]
        except KeyError:
            pass
        with _lock:
            if build not in values:
                values[build] = build()
            return values[build]

    return get


def changed() -> None:
    """The city's data were changed: every process builds anew what it remembers. Belongs into the transaction of the change."""
    PackLoad.objects.filter(city=settings.CITY).update(stamp=new_id())
    forget()


def forget() -> None:
    """The city's data were changed by this process: look again, and inside an open transaction, which may yet be rolled back, at each use
    for a while."""
    with _lock:
        _state.checked = float("-inf")
        if connection.in_atomic_block:
            _state.watch_until = time.monotonic() + WATCH_SECONDS


def _current_values() -> dict[Callable[[], Any], Any]:
    now = time.monotonic()
    fresh = now < _state.checked + CHECK_SECONDS and now > _state.watch_until
    if fresh and _state.city == settings.CITY:
        return _state.values
    with _lock:
        stamp = _read_stamp()
        if (settings.CITY, stamp) != (_state.city, _state.stamp):
            _state.city, _state.stamp, _state.values = settings.CITY, stamp, {}
        _state.checked = now
        return _state.values


def _read_stamp() -> str:
    """Straight from the driver, outside Django's query log: a look every two seconds is in nobody's query budget."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute("select stamp from city_packload where city = %s", [settings.CITY])
        row = cursor.fetchone()
    return str(row[0]) if row else ""
