"""The live server and NATS: it waits for it, replays what a page may have missed, and survives its death."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nats
import pytest
from nats.js.errors import Error as JetStreamError
from tests import loops

from hues.live.bus import Bus, read_event
from hues.live.hub import Hub


class Nats:
    """A NATS server of this test's own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = Path(sys.executable).with_name("nats-server")
        command = [binary, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", self.folder]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    async def publish(self, *places: int) -> None:
        client = await nats.connect(
            f"nats://127.0.0.1:{self.port}", max_reconnect_attempts=100, reconnect_time_wait=0.05, error_cb=quiet
        )
        await client.jetstream().add_stream(name="JOURNAL", subjects=["hues.journal.>"])
        for place in places:
            await client.jetstream().publish("hues.journal.case", cloud_event(place))
        await client.close()


async def quiet(_: Exception) -> None:
    """While the server starts."""


def cloud_event(place: int) -> bytes:
    event = {
        "id": f"e{place}",
        "type": "case.accept",
        "subject": "11",
        "sequence": str(place),
        "topics": "case:11,centre",
    }
    return json.dumps(event).encode()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nats]:
    server = Nats(tmp_path)
    monkeypatch.setenv("NATS_URL", f"nats://127.0.0.1:{server.port}")
    yield server
    server.kill()


async def eventually(truth: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not truth():
            await asyncio.sleep(0.02)


def test_the_recent_journal_is_replayed_and_followed_through_a_crash(server: Nats) -> None:
    async def run() -> None:
        hub = Hub()
        bus = Bus(hub)
        listening = asyncio.create_task(bus.run())  # before there is a server, let alone a stream
        try:
            await asyncio.sleep(0)
            server.start()
            await server.publish(1, 2)
            await eventually(lambda: hub.last_place == 2)
            await server.publish(3)
            await eventually(lambda: hub.last_place == 3)
            server.kill()
            await eventually(lambda: not bus.connected)
            server.start()
            await server.publish(4)
            await eventually(lambda: hub.last_place == 4)
            assert [event.place for event in hub.ring] == [1, 2, 3, 4]
        finally:
            listening.cancel()

    loops.run(run())


def test_nonsense_on_the_bus_stops_nothing(server: Nats) -> None:
    async def run() -> None:
        server.start()
        await server.publish(1)
        client = await nats.connect(f"nats://127.0.0.1:{server.port}")
        for rubbish in (b"", b"[]", b"{}", b"\xff", b'{"sequence": "x"}'):
            await client.jetstream().publish("hues.journal.case", rubbish)
        await client.close()
        await server.publish(2)
        hub = Hub()
        listening = asyncio.create_task(Bus(hub).run())
        try:
            await eventually(lambda: hub.last_place == 2)
            assert [event.place for event in hub.ring] == [1, 2]
        finally:
            listening.cancel()

    try:
        loops.run(run())
    except JetStreamError as error:  # pragma: no cover
        pytest.fail(str(error))


def test_topics_come_as_text_or_as_a_list() -> None:
    assert read_event(cloud_event(5)).topics - {"wall"} == {"case:11", "centre"}
    as_list = {**json.loads(cloud_event(5)), "topics": ["case:11"]}
    assert read_event(json.dumps(as_list).encode()).topics == {"case:11"}
