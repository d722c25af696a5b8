"""The event stream at 3,000 viewers: memory a connection, and how long an event takes to reach all of them.

Starts its own NATS and the live server, publishes as the relay does, and reads as browsers do, all on loopback.
Bounds: ≤ 40 kB a connection, p95 of the last viewer's delay < 500 ms. Run: python benchmarks/live.py [viewers]
"""

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import nats
from nats.js.errors import Error as JetStreamError

VIEWERS = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
BROADCASTS = 20
KILOBYTES_EACH, P95_SECONDS = 40.0, 0.5
NATS_PORT, LIVE_PORT = 24222, 28001
BIN = Path(sys.executable).parent


def resident(pid: int) -> int:
    """Kilobytes of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def start(stack: ExitStack, folder: str) -> subprocess.Popen[bytes]:
    """NATS with JetStream, and the live server; both end with the benchmark. Returns the live server."""
    env = {**os.environ, "NATS_URL": f"nats://127.0.0.1:{NATS_PORT}", "HUES_DATA_DIR": folder}
    commands = [
        [BIN / "nats-server", "-a", "127.0.0.1", "-p", str(NATS_PORT), "-js", "-sd", folder],
        [
            BIN / "uvicorn", "hues.live.app:application", "--host", "127.0.0.1", "--port", str(LIVE_PORT),
            "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--backlog", "4096",
        ],
    ]  # fmt: skip
    for command in commands:
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        stack.callback(process.wait)
        stack.callback(process.kill)
    return process


async def viewer(ticket: str, arrivals: dict[int, list[float]], opened: asyncio.Semaphore) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", LIVE_PORT)
    writer.write(f"GET /stream?ticket={ticket} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    await reader.readuntil(b"retry:")
    opened.release()
    while True:
        line = await reader.readline()
        if not line:
            return
        if line.startswith(b"id: "):
            arrivals.setdefault(int(line[4:]), []).append(time.perf_counter())


async def quiet(_: Exception) -> None:
    """While the servers start."""


async def publish(js: nats.js.JetStreamContext, place: int, topics: list[str]) -> float:
    event = {
        "specversion": "1.0", "id": f"entry-{place}", "source": "/hues", "type": "case.accept",
        "subject": "case/0198c0de-0000-7000-8000-000000000001", "sequence": str(place), "topics": ",".join(topics),
    }  # fmt: skip
    sent = time.perf_counter()
    await js.publish("hues.journal.case", json.dumps(event).encode())
    return sent


async def measure(live: subprocess.Popen[bytes]) -> None:
    client = await nats.connect(
        f"nats://127.0.0.1:{NATS_PORT}", max_reconnect_attempts=100, reconnect_time_wait=0.1, error_cb=quiet
    )
    js = client.jetstream()
    try:
        await js.add_stream(name="JOURNAL", subjects=["hues.journal.>"])
    except JetStreamError as error:
        sys.exit(str(error))
    await asyncio.sleep(3)

    from hues.kernel.tickets import issue

    arrivals: dict[int, list[float]] = {}
    opened = asyncio.Semaphore(0)
    before = resident(live.pid)
    tasks = []
    for number in range(VIEWERS):
        tasks.append(asyncio.create_task(viewer(issue(["centre", f"person:{number}"]), arrivals, opened)))
        await opened.acquire()
    await asyncio.sleep(1)
    after = resident(live.pid)
    each = (after - before) / VIEWERS

    delays: list[float] = []
    for place in range(1, BROADCASTS + 1):
        sent = await publish(js, place, ["centre"])
        while len(arrivals.get(place, [])) < VIEWERS:
            await asyncio.sleep(0.01)
        delays.append(max(arrivals[place]) - sent)
    single: list[float] = []
    for place in range(BROADCASTS + 1, BROADCASTS + 201):
        sent = await publish(js, place, [f"person:{place}"])
        while place not in arrivals:
            await asyncio.sleep(0.001)
        single.append(arrivals[place][0] - sent)
    for task in tasks:
        task.cancel()
    await client.close()

    last_viewer = statistics.quantiles(delays, n=20)[-1]
    print(f"viewers                          {VIEWERS}")
    print(f"memory before, after             {before / 1024:.0f} MB, {after / 1024:.0f} MB")
    print(f"memory a connection              {each:.1f} kB   (bound {KILOBYTES_EACH:.0f})")
    print(f"event to all, last viewer p50    {statistics.median(delays) * 1000:.0f} ms")
    print(f"event to all, last viewer p95    {last_viewer * 1000:.0f} ms   (bound {P95_SECONDS * 1000:.0f})")
    print(f"event to one of them, p50        {statistics.median(single) * 1000:.1f} ms")
    assert each <= KILOBYTES_EACH, "too much memory a connection"
    assert last_viewer < P95_SECONDS, "too slow to all"


def main() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * VIEWERS + 200)), hard))
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["HUES_DATA_DIR"] = folder
        asyncio.run(measure(start(stack, folder)))


if __name__ == "__main__":
    main()
