"""The journal on NATS JetStream: CloudEvents 1.0 (JSON format), in order, each stored once."""

import asyncio
import contextlib
import logging
import re
import threading
import time
from collections.abc import Coroutine, Sequence
from datetime import UTC
from typing import Any, TypeVar

import nats
import orjson
from django.conf import settings
from django.db import connection
from nats.aio.client import Client
from nats.js.api import DiscardPolicy, StreamConfig
from nats.js.errors import APIError, BadRequestError

from hues.kernel import metrics
from hues.kernel.relay.positions import advance, position

log = logging.getLogger("hues.relay")
Result = TypeVar("Result")

READER = "nats"
STREAM = StreamConfig(
    name="HUES_JOURNAL",
    subjects=["hues.journal.>"],
    max_age=7 * 24 * 3600,
    max_bytes=512 * 1024 * 1024,
    discard=DiscardPolicy.OLD,
    duplicate_window=600,
)
BATCH = 500
_MOST = 500_000  # bytes of a message; a larger one goes without its data
_PATIENCE = 5.0  # seconds for an answer
_BACKOFF = (0.2, 0.5, 1, 2, 5)  # seconds between attempts to connect
_UNFIT = re.compile(r"[^\w-]+")

_NEXT = """
select l.place, e.id, e.at, e.action, e.subject_kind, e.subject_id, e.topics, (e.parts -> 'public')::text
from kernel_logleaf l join kernel_journalentry e on e.id = l.entry_id
where l.place >= %s order by l.place limit %s
"""


def subject_of(subject_kind: str, action: str) -> str:
    """`hues.journal.<subject kind>.<action>`; an action that begins with the kind, as "case.opened", does not repeat
    it.
    """
    step = action.removeprefix(f"{subject_kind}.")
    return ".".join(["hues.journal", *(_UNFIT.sub("_", part) or "_" for part in (subject_kind, *step.split(".")))])


def cloud_event(row: Sequence[Any]) -> bytes:
    """An entry as a CloudEvent, with the public part for its data. Arrays are no CloudEvents type: topics are joined by
    commas.

    `place` is the entry's place in the log; `sequence` is the same as CloudEvents' own extension has it.
    """
    place, entry_id, at, action, subject_kind, subject_id, topics, public = row
    event = {
        "specversion": "1.0",
        "id": str(entry_id),
        "source": settings.PUBLIC_URL,
        "type": action,
        "subject": f"{subject_kind}:{subject_id}",
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "datacontenttype": "application/json",
        "topics": ",".join(topics),
        "place": place,
        "sequence": f"{place:020d}",
    }
    data = orjson.Fragment(public or "{}")
    body = orjson.dumps(event | {"data": data})
    return body if len(body) <= _MOST else orjson.dumps(event)


class Broker:
    """A connection to NATS on a thread of its own. While NATS is away, entries simply stay unpublished."""

    def __init__(self, size: int) -> None:
        self.place = position(READER, size)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nats", daemon=True)
        self._thread.start()
        self._client: Client | None = None
        self._failures = 0
        self._next_try = 0.0

    def publish_waiting(self, size: int) -> int:
        """Publish from where we are up to `size`. Returns how many; stops early, without raising, when NATS does not
        take them.
        """
        sent = 0
        while self._connected() and self.place < size:  # connected even when idle: readers look for the stream
            with connection.cursor() as cursor:
                cursor.execute(_NEXT, [self.place, min(BATCH, size - self.place)])
                rows = cursor.fetchall()
            taken = self._publish(rows)
            if taken:
                self.place += taken
                advance(READER, self.place)
                sent += taken
                metrics.RELAYED.labels(READER).inc(taken)
            if taken < len(rows):
                break
        return sent

    def close(self) -> None:
        self._drop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._loop.is_running():
            self._loop.close()

    def _publish(self, rows: Sequence[Sequence[Any]]) -> int:
        messages = [(subject_of(row[4], row[3]), cloud_event(row), str(row[1])) for row in rows]
        try:
            return self._run(self._send(messages))
        except Exception as error:  # whatever a broken connection raises
            self._failed(error)
            return 0

    async def _send(self, messages: Sequence[tuple[str, bytes, str]]) -> int:
        """Send all, then count how many were stored from the first on.

        Each names the one before it, so the stream refuses what follows a gap: order holds even if one in the middle
        fails.
        """
        assert self._client is not None  # noqa: S101  # for the type: _connected() was asked
        stream = self._client.jetstream(timeout=_PATIENCE)
        answers, before = [], ""
        for subject, body, entry_id in messages:
            headers = {"Nats-Msg-Id": entry_id, "Content-Type": "application/cloudevents+json"}
            if before:
                headers["Nats-Expected-Last-Msg-Id"] = before
            answers.append(await stream.publish_async(subject, body, wait_stall=_PATIENCE, headers=headers))
            before = entry_id
        done, _late = await asyncio.wait(answers, timeout=_PATIENCE)
        for count, future in enumerate(answers):
            if future not in done or future.exception():
                self._failed(future.exception() if future in done else TimeoutError("no answer"))
                for late in answers[count:]:
                    late.cancel()
                return count
        return len(answers)

    def _connected(self) -> bool:
        if self._client is not None and self._client.is_connected:
            return True
        if time.monotonic() < self._next_try:
            return False
        self._drop()
        try:
            self._client = self._run(_connect(settings.NATS_URL))
        except Exception as error:
            self._failed(error)
            return False
        if self._failures:
            log.warning("relay: NATS is back")
        self._failures = 0
        return True

    def _failed(self, error: BaseException | None) -> None:
        """Begin anew with a fresh connection; told once, not at every attempt."""
        if not self._failures:
            log.error("relay: NATS does not take entries (%s)", str(error) or type(error).__name__)
        metrics.RELAY_FAILURES.labels(READER).inc()
        self._next_try = time.monotonic() + _BACKOFF[min(self._failures, len(_BACKOFF) - 1)]
        self._failures += 1
        self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None and not client.is_closed and threading.current_thread() is not self._thread:
            with contextlib.suppress(Exception):
                self._run(client.close())

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout=3 * _PATIENCE)
        finally:
            future.cancel()


async def _connect(url: str) -> Client:
    servers = url.split(",")
    attempt = nats.connect(
        servers, name="hues-relay", allow_reconnect=False, ping_interval=10, max_outstanding_pings=2, error_cb=_ignore
    )
    client = await asyncio.wait_for(attempt, _PATIENCE / 2)  # its own attempts go on for minutes
    try:
        await _make_stream(client)
    except BaseException:
        await client.close()
        raise
    return client


async def _make_stream(client: Client) -> None:
    stream = client.jetstream(timeout=_PATIENCE)
    try:
        await stream.add_stream(STREAM)
    except (BadRequestError, APIError) as error:
        if error.err_code != 10058:  # there, with another configuration
            raise
        await stream.update_stream(STREAM)


async def _ignore(_error: Exception) -> None:
    """Errors come out where something is awaited."""
