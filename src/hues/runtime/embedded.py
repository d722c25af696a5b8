"""The servers that this deployment does not have elsewhere, under one supervisor."""

import os
from pathlib import Path

from hues.runtime import places
from hues.runtime.nats import Nats
from hues.runtime.postgres import Postgres
from hues.runtime.shelter import shelter
from hues.runtime.supervisor import Supervisor

_LARGEST_LOG = 10_000_000
_NAMES = ("database", "nats")


def write_addresses(data_dir: Path) -> None:
    """Let commands beside this city find its servers, embedded or not."""
    for name in _NAMES:
        places.write_private(data_dir / "run" / f"{name}.url", os.environ.get(f"{name.upper()}_URL", "") + "\n")


def forget_addresses(data_dir: Path) -> None:
    """Also those that a killed city left behind."""
    for name in _NAMES:
        (data_dir / "run" / f"{name}.url").unlink(missing_ok=True)


class Embedded:
    """PostgreSQL unless DATABASE_URL is given, NATS unless NATS_URL is given; their addresses go into our environment
    at once, before they answer.
    """

    def __init__(self, data_dir: Path, *, with_nats: bool) -> None:
        self.data_dir = data_dir
        self.postgres = None if os.environ.get("DATABASE_URL") else Postgres(shelter(data_dir))
        self.nats = Nats(shelter(data_dir)) if with_nats and not os.environ.get("NATS_URL") else None
        if self.postgres:
            os.environ["DATABASE_URL"] = self.postgres.url
        if self.nats:
            os.environ["NATS_URL"] = self.nats.url

    def start(self, supervisor: Supervisor) -> None:
        """Start them; they answer a little later."""
        if self.postgres:
            self.postgres.initialise()
            supervisor.add(self.postgres.program(self._log("postgres")))
        if self.nats:
            supervisor.add(self.nats.program(self._log("nats")))

    def wait(self, supervisor: Supervisor) -> None:
        logs = self.data_dir / "logs"
        if self.postgres:
            supervisor.wait_until(
                self.postgres.ready,
                within=120,
                otherwise=f"PostgreSQL does not start; its last words are in {logs}/postgres.log",
            )
        if self.nats:
            supervisor.wait_until(
                self.nats.ready, within=30, otherwise=f"NATS does not start; its last words are in {logs}/nats.log"
            )

    def _log(self, name: str) -> Path:
        path = self.data_dir / "logs" / f"{name}.log"
        if path.exists() and path.stat().st_size > _LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path
