"""The embedded NATS server, with JetStream kept in files."""

import os
import shutil
import socket
import sys
from pathlib import Path

from hues.runtime import places
from hues.runtime.postgres import free_port
from hues.runtime.processes import Program
from hues.runtime.shelter import Shelter
from hues.runtime.trouble import Trouble

CONFIGURATION = """\
listen: "127.0.0.1:{port}"
server_name: "hues"
authorization {{ user: "hues", password: "{password}", timeout: 5 }}
jetstream {{ store_dir: "{store}", max_memory_store: 16MB, max_file_store: 1GB }}
max_payload: 1MB
"""


def executable() -> Path:
    """`HUES_NATS_BIN`, the wheel's program beside our own Python, or the system's."""
    beside = Path(sys.executable).parent / "nats-server"
    found = os.environ.get("HUES_NATS_BIN") or (str(beside) if beside.exists() else shutil.which("nats-server"))
    if not found:
        raise Trouble("no nats-server is installed here; HUES_NATS_BIN names the program")
    return Path(found)


class Nats:
    """One embedded server. `url` stays the same over its restarts."""

    def __init__(self, shelter: Shelter) -> None:
        self.shelter = shelter
        self.folder = shelter.room("nats")
        self.binary = shelter.program(executable())
        self.port = free_port()
        self.password = places.secret("nats")

    @property
    def url(self) -> str:
        return f"nats://hues:{self.password}@127.0.0.1:{self.port}"

    def program(self, log: Path | None) -> Program:
        configuration = self.folder / "nats.conf"
        text = CONFIGURATION.format(port=self.port, password=self.password, store=str(self.folder).replace('"', '\\"'))
        places.write_private(configuration, text)
        if self.shelter.uid is not None:
            os.chown(configuration, self.shelter.uid, self.shelter.uid)
        return Program(
            "nats",
            [str(self.binary), "-c", str(configuration)],
            uid=self.shelter.uid,
            folder=self.folder,
            log=log,
            environment={"GOMEMLIMIT": "64MiB"},
        )

    def ready(self) -> bool:
        """It greets whoever connects."""
        return greets("127.0.0.1", self.port)


def greets(host: str, port: int, timeout: float = 1.0) -> bool:
    """Whether a NATS server says its INFO line there."""
    try:
        with socket.create_connection((host, port), timeout) as connection:
            return connection.recv(5) == b"INFO "
    except OSError:
        return False
