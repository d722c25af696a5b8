"""The journal as it comes over NATS: recent minutes first, then live, reconnecting for ever."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import nats
import orjson
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, DeliverPolicy

from hues.live.hub import Event, Hub
from hues.runtime.places import nats_url

log = logging.getLogger("hues.live")

SUBJECT = "hues.journal.>"
REPLAY = timedelta(minutes=10)  # after our own restart: what a page may have missed meanwhile
OVERLAP = timedelta(seconds=30)  # after a lost connection; what comes twice is recognised by its id
BACKOFF = (0.2, 0.5, 1, 2, 5)  # seconds; the last one for ever


def read_event(raw: bytes) -> Event:
    """A CloudEvent of the relay → an Event. Raises ValueError on anything else."""
    try:
        cloud: Mapping[str, Any] = orjson.loads(raw)
        topics = cloud.get("topics", ())
        return Event(
            place=int(cloud["sequence"]),
            entry_id=cloud["id"],
            action=cloud["type"],
            subject=cloud.get("subject", ""),
            topics=filter(None, topics.split(",")) if isinstance(topics, str) else topics,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a journal event: {error!r}") from error


class Bus:
    """Feeds a hub from JetStream until it is stopped."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.connected = False
        self.heard: datetime | None = None  # when we were last in step

    async def run(self) -> None:
        tries = 0
        while True:
            try:
                await self._listen()
                tries = 0
            except asyncio.CancelledError:
                raise
            except Exception as error:  # NATS away, stream not made yet, …: all mend themselves
                if tries == 0:
                    log.warning("live: waiting for NATS (%s)", error or type(error).__name__)
                tries += 1
            await asyncio.sleep(BACKOFF[min(tries, len(BACKOFF) - 1)])

    async def _listen(self) -> None:
        """Follow the journal over one connection until that breaks."""
        broken = asyncio.Event()

        async def on_lost() -> None:
            broken.set()

        client = await nats.connect(
            nats_url() or "nats://127.0.0.1:4222", name="hues-live", allow_reconnect=False, connect_timeout=5,
            ping_interval=10, max_outstanding_pings=2,
            disconnected_cb=on_lost, closed_cb=on_lost, error_cb=_ignore,
        )  # fmt: skip
        try:
            await self._follow(client)
            self.connected = True
            log.info("live: following the journal")
            await broken.wait()
            log.warning("live: connection to NATS lost")
        finally:
            self.connected = False
            if not client.is_closed:
                await client.close()

    async def _follow(self, client: Client) -> None:
        now = datetime.now(UTC)
        start = max(now - REPLAY, self.heard - OVERLAP) if self.heard else now - REPLAY
        config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=start)
        await client.jetstream().subscribe(SUBJECT, cb=self._hear, ordered_consumer=True, config=config)

    async def _hear(self, message: Any) -> None:
        self.heard = datetime.now(UTC)
        try:
            self.hub.publish(read_event(message.data))
        except ValueError as error:
            log.warning("live: %s", error)


async def _ignore(_: Exception) -> None:
    """Errors end the connection and are told once, by `run`."""
