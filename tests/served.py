"""A whole city, started as its operator starts it, for tests that need real processes: kill tests, browsers, event
streams.

`served` is one city for the whole run; `fresh_served` is one of its own, for tests that hurt it. Both end with no
process left behind.
"""

import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from hues.runtime.postgres import free_port

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN = 180.0


@dataclass
class Served:
    """A city that `hues serve` runs. `log` is what it wrote to stderr."""

    data_dir: Path
    port: int
    demo: str = "small"
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def live_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def env(self) -> dict[str, str]:
        """The environment of this city's commands: nothing of the tests' own database, keys or settings."""
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith("HUES_") and k not in ("DATABASE_URL", "NATS_URL")
        }
        return kept | {"HUES_DATA_DIR": str(self.data_dir), "HUES_SANDBOX": "1", "HUES_LEARN": "0"} | self.environment

    @property
    def log(self) -> Path:
        return self.data_dir / "serve.log"

    @property
    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def start(self) -> "Served":
        """Start it and wait for the `ready` line."""
        self.launch()
        self.wait_ready()
        return self

    def launch(self, *arguments: str) -> None:
        with self.log.open("a") as log, (self.data_dir / "serve.out").open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hues", "serve", "--port", str(self.port), "--demo", self.demo, *arguments],
                env=self.env, cwd=ROOT, stdout=out, stderr=log, start_new_session=True,
            )  # fmt: skip

    def wait_ready(self) -> str:
        """The `ready` line; fails with the log if the city ends or is too slow."""
        assert self.process
        deadline = time.monotonic() + READY_WITHIN
        while not (line := (self.data_dir / "serve.out").read_text()).endswith("\n"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the city did not get ready (exit code {self.process.poll()}):\n{self.said[-4000:]}")
            time.sleep(0.02)
        assert line.startswith("ready"), line
        return line

    def stop(self, *, within: float = 60.0) -> int:
        """Stop it as its operator would. Returns the exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def kill_everything(self) -> None:
        """SIGKILL for every process of this city at once, as when the power fails."""
        assert self.process
        victims = self.all_pids()
        for pid in [self.process.pid, *victims]:
            _kill(pid)
        self.process.wait(10)
        until(lambda: not any(alive(pid) for pid in victims), "processes survived SIGKILL")

    def pids(self, name: str) -> list[int]:
        """Process ids of `web`, `live`, `worker`, `relay`, `postgres` or `nats`, as the supervisor knows them now."""
        try:
            known: dict[str, int] = json.loads((self.data_dir / "run" / "processes.json").read_text())
        except FileNotFoundError:
            return []
        return [pid for process, pid in known.items() if process.split("-")[0] == name]

    def kill(self, name: str) -> list[int]:
        """SIGKILL for these processes. Returns their ids: `wait_restarted(name, killed)` waits for their successors."""
        killed = self.pids(name)
        assert killed, f"no process named {name}"
        for pid in killed:
            _kill(pid)
        return killed

    def wait_restarted(self, name: str, killed: list[int], *, within: float = 30.0) -> None:
        until(
            lambda: len(now := self.pids(name)) == len(killed) and not set(now) & set(killed) and all(map(alive, now)),
            f"{name} was not started again", within=within,
        )  # fmt: skip

    def all_pids(self) -> list[int]:
        """Every process below the supervisor."""
        if not self.process:
            return []
        children: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        found, todo = [], [self.process.pid]
        while todo:
            below = children.get(todo.pop(), [])
            found += below
            todo += below
        return found

    def get(self, path: str, *, timeout: float = 30.0) -> tuple[int, bytes]:
        """A plain GET of a page: status and body."""
        answer = httpx.get(self.base_url + path, timeout=timeout)
        return answer.status_code, answer.content

    def health(self) -> dict[str, Any]:
        return json.loads(self.get("/healthz")[1])

    def hues(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `hues …` beside this city."""
        done = subprocess.run(
            [sys.executable, "-m", "hues", *arguments],
            env=self.env | environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"hues {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done

    def clean_up(self) -> None:
        """Nothing stays: no process, no file."""
        if self.process and self.process.poll() is None:
            below = self.all_pids()
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                for pid in [self.process.pid, *below]:
                    _kill(pid)
                self.process.wait(10)
        shutil.rmtree(self.data_dir, ignore_errors=True)


def make_city(*, demo: str = "none", prepared: bool = False, **environment: str) -> Served:
    """A city that is not started yet, in a data folder that the database's own user may enter; `prepared`: its tables
    and its pack are there already, which saves seconds.
    """
    data_dir = Path(tempfile.mkdtemp(prefix="hues-city-"))
    data_dir.chmod(0o711)
    if prepared:
        subprocess.run(["cp", "-a", f"{_prepared()}/.", str(data_dir)], check=True)
    while True:  # two ports in a row
        port = free_port()
        if _free(port + 1):
            return Served(data_dir, port, demo, environment)


@cache
def _prepared() -> Path:
    """A data folder after `hues migrate`, made once for a run of the tests."""
    city = make_city()
    atexit.register(shutil.rmtree, city.data_dir, ignore_errors=True)
    city.hues("migrate")
    return city.data_dir


def until(condition: Any, complaint: str, *, within: float = 30.0) -> None:
    """Wait for something that other processes do."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """One city with the small sample data for the whole run. Tests must not break it for each other."""
    city = make_city(demo="small")
    try:
        yield city.start()
    finally:
        city.clean_up()


@pytest.fixture
def fresh_served() -> Iterator[Served]:
    """An empty city of one's own, running."""
    city = make_city(prepared=True)
    try:
        yield city.start()
    finally:
        city.clean_up()


@pytest.fixture
def fresh_city() -> Iterator[Served]:
    """An empty city of one's own, not started yet."""
    city = make_city(prepared=True)
    try:
        yield city
    finally:
        city.clean_up()
