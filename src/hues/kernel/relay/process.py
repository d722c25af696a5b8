"""The relay's process: one of them works, any other waits for its turn."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from hues.kernel import journal, metrics
from hues.kernel.relay.broker import READER, Broker
from hues.kernel.relay.following import Followers, retry_parked
from hues.kernel.relay.placing import Log
from hues.kernel.relay.positions import position

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
    """Three threads, each with its own connection to the database, so that none waits for another: one gives places and signs, one
    publishes, one serves the followers.
    """

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.size: int | None = None  # of the log; None until it is ours
        self.grown = threading.Condition()
        self.readers = [*journal.FOLLOWERS, *([READER] if settings.NATS_URL else [])]

    def run(self) -> None:
        work = [self._follow, *([self._publish] if settings.NATS_URL else [])]
        threads = [threading.Thread(target=self._keep, args=(each,), name=each.__name__) for each in work]
        for thread in threads:
            thread.start()
        try:
            self._keep(self._place)
        finally:
            self.stop.set()
            self._tell(self.size)
            for thread in threads:
                thread.join()

    def _keep(self, work: Callable[[], None]) -> None:
        """Do `work` until told to stop, with a new connection whenever the database was away. Told once, and not each time."""
        failing = False
        while not self.stop.is_set():
            try:
                work()
                failing = False
            except (OperationalError, InterfaceError) as error:
                if not failing:
                    log.error("relay: the database is away: %s", str(error).strip())
                failing = True
            except Exception:
                log.exception("relay: begins anew")
            finally:
                connection.close()
            self.stop.wait(_AGAIN)

    def _place(self) -> None:
        """Hold the lock and give places; returns when stopped, raises when the database goes away."""
        while not _lock():  # another relay works
            if self.stop.wait(_AGAIN):
                return
        the_log = Log()
        for reader in self.readers:  # whoever is new begins here, before anything more is placed
            position(reader, the_log.size)
        self._tell(the_log.size)
        sign_at = time.monotonic()
        while not self.stop.is_set():
            if placed := the_log.place_waiting():
                metrics.RELAYED.labels("log").inc(placed)
                self._tell(the_log.size)
            if time.monotonic() >= sign_at:
                the_log.sign()
                sign_at = time.monotonic() + SIGN_EVERY
            if not placed:
                self.stop.wait(POLL)
        the_log.sign()

    def _publish(self) -> None:
        size = self._news(-1)
        if self.stop.is_set():
            return
        broker = Broker(size)
        try:
            while not self.stop.is_set():
                broker.publish_waiting(size)
                size = self._news(size)
        finally:
            broker.close()

    def _follow(self) -> None:
        size = self._news(-1)
        if self.stop.is_set():
            return
        followers = Followers(size)
        while not self.stop.is_set():
            followers.follow(size)
            retry_parked()
            size = self._news(size)

    def _tell(self, size: int | None) -> None:
        with self.grown:
            self.size = size
            self.grown.notify_all()

    def _news(self, known: int) -> int:
        """The size of the log as soon as it is above `known`; or after a second anyway, if it is ours at all."""
        with self.grown:
            self.grown.wait_for(lambda: self.stop.is_set() or self._size_above(known), timeout=RETRY_EVERY)
            self.grown.wait_for(lambda: self.stop.is_set() or self.size is not None)
            return known if self.size is None else self.size

    def _size_above(self, known: int) -> bool:
        return self.size is not None and self.size > known


def _lock() -> bool:
    """Be the one relay of this database, for as long as this connection lasts."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
