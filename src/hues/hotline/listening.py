"""Hearing of calls over a connection of our own: for telephone systems that do not call us (`hues cti listen`).

A connection that ends is opened again, later and later; that it is gone is said once, and once that it is back. What was missed
meanwhile closes itself: calls without a hangup end by their timers.
"""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection

from hues.hotline import events as reading
from hues.hotline import telephony
from hues.hotline.actions import taking
from hues.kernel.errors import Problem

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


def take(sent: list[Mapping[str, Any]]) -> None:
    """What the adapter heard, as if it had come through the API. One bad event is left out and said."""
    for one in sent:
        try:
            taking.take_events(source=settings.CTI_SOURCE, events=reading.read_all(settings.CTI_SOURCE, dict(one)))
        except Problem as problem:
            log.warning("an event of the telephone system was left out: %s", problem.fields or problem.detail)


def listener() -> telephony.Listener | None:
    """The adapter in use, if it has a connection to listen to."""
    found = telephony.adapter()
    return found if hasattr(found, "listen") else None  # type: ignore[return-value]


def run(stop: threading.Event, *, once: bool = False) -> None:
    """Listen until told to stop."""
    found = listener()
    if found is None:
        return
    pause, gone = FIRST_PAUSE, False

    def deliver(sent: list[Mapping[str, Any]]) -> None:
        nonlocal pause, gone
        if gone:
            log.warning("the telephone system is back")
        pause, gone = FIRST_PAUSE, False
        if not connection.in_atomic_block:
            close_old_connections()  # one that the database ended while no telephone rang
        take(sent)

    while not stop.is_set():
        try:
            found.listen(deliver, stop)
        except OSError as error:
            if not gone:
                log.error("the telephone system is not reached: %s", error)
            gone = True
        if once:
            return
        stop.wait(pause)
        pause = min(LONGEST_PAUSE, pause * 2)
