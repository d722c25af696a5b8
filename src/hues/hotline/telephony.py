"""Telephone systems: the extension point. An adapter is a row in ADAPTERS; HUES_CTI_ADAPTER names the one in use, HUES_CTI_URL
where it is (each file in `plugins/` says how), HUES_CTI_SOURCE under which name its calls are kept.

Whatever adapter there is, or none: events come in through `POST /api/v1/cti/events`, too.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hues.kernel.http.problems import Unavailable
from hues.kernel.outbound import Failed
from hues.kernel.registry import Registry

ANSWER, HANG_UP, HOLD, RESUME, TRANSFER = "answer", "hang_up", "hold", "resume", "transfer"
VERBS = (ANSWER, HOLD, RESUME, TRANSFER, HANG_UP)

Deliver = Callable[[list[Mapping[str, Any]]], None]


class Adapter(Protocol):
    """`ref` is the call's name at the telephone system (`Call.source_id`); for calls we place, we choose it."""

    label: str | Promise  # as the desk shows it
    verbs: frozenset[str]  # what it can do with a running call
    sandbox: bool  # no telephone rings anywhere

    def ready(self) -> bool:
        """Whether it is configured."""

    def dial(self, *, ref: str, extension: str, number: str) -> None:
        """Ring the operator's telephone, then the number. Raises NotPlaced."""

    def control(self, *, ref: str, verb: str, to: str = "") -> None:
        """Do something with a running call. Raises NotPlaced."""


class Listener(Protocol):
    """An adapter that hears of calls over a connection of its own (`hues cti listen`)."""

    def listen(self, deliver: Deliver, stop: threading.Event) -> None:
        """Read until the connection ends (raises OSError) or `stop` is set; `deliver` takes events as CloudEvents."""


class NotPlaced(Failed):
    """The telephone system did not do what it was asked; the detail may be shown."""

    code = "telephone-failed"


ADAPTERS: Registry[Adapter] = Registry("telephony adapter")


def adapter() -> Adapter | None:
    """The one in use, if there is one and it is configured."""
    name = settings.CTI_ADAPTER
    if not name:
        return None
    found = ADAPTERS.get(name)
    return found if found.ready() else None


def required() -> Adapter:
    """Raises Unavailable."""
    found = adapter()
    if found is None:
        raise Unavailable(_("No telephone system is connected. Dial by hand."))
    return found


def source() -> str:
    """Under which name the adapter's calls are kept."""
    found = adapter()
    return "sandbox" if found is not None and found.sandbox else settings.CTI_SOURCE


def sound_headers(url: str) -> dict[str, str]:
    """What proves to the telephone system in use that we may fetch a recording of it; nothing for any other address."""
    prove = getattr(adapter(), "sound_headers", None)
    return prove(url) if prove is not None else {}
