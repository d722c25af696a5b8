"""The channels besides the inbox: each takes a batch of deliveries out of the house and says what became of each."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from django.conf import settings

from hues.kernel.registry import Registry
from hues.notifications.models import Delivery
from hues.notifications.texts import Told


@dataclass(frozen=True)
class Outgoing:
    """One message: a delivery with its words."""

    delivery: Delivery  # with `notice` and `notice.person`
    told: Told
    link: str  # a path of ours


@dataclass(frozen=True)
class Outcome:
    """`state` of Delivery; QUEUED means later, after `wait` seconds or the usual back-off."""

    state: str
    reason: str = ""
    provider: str = ""
    parts: int = 0
    wait: float = 0.0
    untouched: bool = False  # nothing was tried: this try does not count
    reached: tuple[UUID, ...] = ()
    numbers: tuple[str, ...] = field(default=())  # the provider's ids, for receipts


Send = Callable[[Sequence[Outgoing]], list[Outcome]]


class ChannelPlugin(Protocol):
    batch: int  # deliveries taken at a time

    def ready(self) -> bool:
        """Whether the city can send through it at all."""

    def open(self) -> AbstractContextManager[Send]:
        """Connections for as long as there is something to send."""


CHANNELS: Registry[ChannelPlugin] = Registry("channel")


def in_use() -> frozenset[str]:
    """Channels that are switched on (HUES_NOTICE_CHANNELS) and configured."""
    return frozenset(name for name, plugin in CHANNELS.items() if name in settings.NOTICE_CHANNELS and plugin.ready())
