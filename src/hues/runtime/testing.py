"""A database for one run of the tests: embedded, careless about crashes, gone with the process that started it."""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

from hues.runtime.postgres import Postgres
from hues.runtime.processes import start
from hues.runtime.shelter import NOBODY, Shelter
from hues.runtime.trouble import Trouble

_running: list[tuple[int, Path]] = []


def start_database(data_dir: Path) -> str:
    """Start one and return its address. Its files are kept apart from `data_dir`, which its user need not be able to
    enter.
    """
    folder = Path(tempfile.mkdtemp(prefix="hues-postgres-"))
    folder.chmod(0o711)
    postgres = Postgres(Shelter(folder, NOBODY if os.geteuid() == 0 else None), careless=True)
    postgres.initialise()
    _running.append((start(postgres.program(log=data_dir / "postgres.log")), folder))
    deadline = time.monotonic() + 30
    while not postgres.ready():
        if time.monotonic() > deadline:
            raise Trouble(f"the test database does not start; see {data_dir / 'postgres.log'}", exit_code=1)
        time.sleep(0.02)
    return postgres.url


def stop_database() -> None:
    while _running:
        pid, folder = _running.pop()
        os.kill(pid, signal.SIGQUIT)  # nothing in it is worth a checkpoint
        os.waitpid(pid, 0)
        shutil.rmtree(folder, ignore_errors=True)
