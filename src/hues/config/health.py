"""`GET /healthz`: the state of each part, for load balancers and for people. 503 where the database is down; nothing
else stops reports from coming in.
"""

import os
import socket
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from hues.runtime.nats import greets

_WAIT = 0.5  # seconds for each neighbour
_LATE_TIMER = 60  # seconds a timer may be overdue
_SILENT_WORKER = 45  # seconds without a heartbeat
_LONG_QUEUE = 1_000  # entries the relay may be behind
_COUNT_UP_TO = 10_001

_STATE = """
select (select count(*) from (select 1 from kernel_outbox limit %s) waiting),
       (select extract(epoch from now() - max(last_heartbeat)) from procrastinate_workers),
       (select coalesce(extract(epoch from now() - min(fire_at)), 0) from cases_casetimer where fired_at is null)
"""


def healthz(_request: HttpRequest) -> JsonResponse:
    database = database_parts()
    parts = {"nats": nats_part(), "live": live_part(), **database}
    up = database["database"]["ok"]
    state = "ok" if all(part["ok"] for part in parts.values()) else "degraded" if up else "down"
    return JsonResponse(
        {"state": state, "parts": parts}, status=200 if up else 503, headers={"Cache-Control": "no-store"}
    )


def database_parts() -> dict[str, dict[str, Any]]:
    """The database, and what it knows of the relay and the worker."""
    try:
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(_STATE, [_COUNT_UP_TO])
            waiting, silence, late = cursor.fetchone()
        took = time.perf_counter() - began
    except Error:
        return {"database": {"ok": False}}
    heard = None if silence is None else round(float(silence), 1)
    return {
        "database": {"ok": True, "ms": round(took * 1000, 1)},
        "relay": {"ok": waiting <= _LONG_QUEUE, "waiting": waiting},
        "worker": {
            "ok": heard is not None and heard <= _SILENT_WORKER and late <= _LATE_TIMER,
            "last_heartbeat_s": heard,
            "latest_timer_s": max(0.0, round(float(late), 1)),
        },
    }


def nats_part() -> dict[str, Any]:
    address = urlsplit(settings.NATS_URL.split(",")[0])
    return {"ok": bool(address.hostname) and greets(address.hostname or "", address.port or 4222, _WAIT)}


def live_part() -> dict[str, Any]:
    """The stream server: where we were told it is, else one port above the pages."""
    address = urlsplit(settings.LIVE_URL) if settings.LIVE_URL else None
    host = (address.hostname if address else None) or "127.0.0.1"
    public = urlsplit(settings.PUBLIC_URL).port or 8000
    port = (
        (address.port or (443 if address.scheme == "https" else 80))
        if address
        else int(os.environ.get("HUES_LIVE_PORT", public + 1))
    )
    try:
        socket.create_connection((host, port), _WAIT).close()
    except OSError:
        return {"ok": False}
    return {"ok": True}
