"""One city, one owner: who is using a data folder's embedded servers right now.

A POSIX lock belongs to one process and ends with it, however it ended: after `kill -9` nothing has to be cleaned up.
Forked children do not inherit it.
"""

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from hues.runtime.trouble import Trouble

SERVE = "serve"


@dataclass(frozen=True)
class Holder:
    """Who holds a city: `hues <what>`, and where it answers if it serves."""

    what: str
    pid: int
    url: str = ""

    @property
    def serves(self) -> bool:
        return self.what == SERVE


class CityLock:
    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._handle: int | None = None

    @property
    def path(self) -> Path:
        return self.data_dir / "run" / "lock"

    def take(self, what: str, url: str = "") -> Holder | None:
        """Take the city; None if that worked, else who has it. Kept until `release` or the end of this process."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            try:
                return _read_holder(handle)
            finally:
                os.close(handle)
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"what": what, "pid": os.getpid(), "url": url}).encode(), 0)
        self._handle = handle
        return None

    def take_to_serve(self, url: str) -> None:
        """Raises Trouble if the city is served, or in use by a command that started its database."""
        holder = self.take(SERVE, url)
        if holder and holder.serves:
            raise Trouble(f"the city in {self.data_dir} is already served at {holder.url} (process {holder.pid})")
        if holder:
            raise Trouble(f"the city in {self.data_dir} is in use by `hues {holder.what}` (process {holder.pid})")

    def take_or_join(self, what: str) -> Holder | None:
        """Take the city for a command, waiting for other commands to end; if it is served, return the server."""
        while (holder := self.take(what)) and not holder.serves:
            time.sleep(0.1)
        return holder

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _read_holder(handle: int) -> Holder:
    """What the holder wrote; it may be about to write, so an empty file is asked again."""
    for _ in range(50):
        try:
            return Holder(**json.loads(os.pread(handle, 4096, 0)))
        except ValueError:
            time.sleep(0.01)
    return Holder("command", 0)
