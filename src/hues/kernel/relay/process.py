"""The relay's process: one of them works, any other waits for its turn."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from hues.kernel import metrics
from hues.kernel.relay.broker import Broker
from hues.kernel.relay.following import Followers, retry_parked
from hues.kernel.relay.placing import Log

log = logging.getLogger("hues.relay")

POLL = 0.1  # seconds between looks at an empty outbox
SIGN_EVERY = 10.0  # seconds
RETRY_EVERY = 1.0
_LOCK = 0x4875655F52656C61  # "Hue_Rela": an advisory lock of this database
_AGAIN = 1.0  # seconds before the database is tried again


def main() -> None:
    """Work until SIGTERM or SIGINT. Survives a restart of the database and of NATS."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    Relay(stop).run()


def run_once() -> int:
    """Place what waits, give it to the followers, sign the log. Returns how many entries were placed. For tests and
    tools.
    """
    work = Log()
    followers, placed = Followers(work.size), 0
    while count := work.place_waiting():
        placed += count
    followers.follow(work.size)
    retry_parked()
    work.sign()
    return placed


class Relay:
    """Two threads: one places, publishes and signs; one serves the followers, which may take their time."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.size: int | None = None  # of the log; None while it is not ours
        self.grown = threading.Event()

    def run(self) -> None:
        following = threading.Thread(target=self._keep, args=("followers", self._follow), name="followers")
        following.start()
        try:
            self._keep("log", self._carry)
        finally:
            self.stop.set()
            self.grown.set()
            following.join()

    def _keep(self, what: str, work: Callable[[], None]) -> None:
        """Do `work` until told to stop, with a new connection whenever the database was away. Told once, and once when
        over.
        """
        failing = False
        while not self.stop.is_set():
            try:
                work()
            except (OperationalError, InterfaceError) as error:
                if not failing:
                    log.error("relay: the database is away (%s): %s", what, str(error).strip())
                failing = True
            except Exception:
                log.exception("relay: %s stumbled and begins anew", what)
            finally:
                connection.close()
            self.stop.wait(_AGAIN)

    def _carry(self) -> None:
        """Hold the lock and carry entries on; returns when stopped, raises when the database goes away."""
        while not _lock():  # another relay works
            if self.stop.wait(_AGAIN):
                return
        the_log = Log()
        broker = Broker(the_log.size) if settings.NATS_URL else None
        self.size = the_log.size
        sign_at = time.monotonic() + SIGN_EVERY
        try:
            while not self.stop.is_set():
                placed = the_log.place_waiting()
                if placed:
                    metrics.RELAYED.labels("log").inc(placed)
                    self.size = the_log.size
                    self.grown.set()
                if broker:
                    broker.publish_waiting(the_log.size)
                if time.monotonic() >= sign_at:
                    the_log.sign()
                    sign_at = time.monotonic() + SIGN_EVERY
                if not placed:
                    self.stop.wait(POLL)
            the_log.sign()
        finally:
            if broker:
                broker.close()

    def _follow(self) -> None:
        while self.size is None:
            if self.stop.wait(POLL):
                return
        followers = Followers(self.size)
        while not self.stop.is_set():
            self.grown.wait(RETRY_EVERY)
            self.grown.clear()
            followers.follow(self.size)
            retry_parked()


def _lock() -> bool:
    """Be the one relay of this database, for as long as this connection lasts."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
