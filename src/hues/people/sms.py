"""Text messages: the extension point. A provider is a row in PROVIDERS; HUES_SMS_PROVIDER names the one in use, or
several in their order ("smpp,gateway"): the next is asked when the one before did not take the message."""

import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from hues.kernel.http.problems import Unavailable
from hues.kernel.registry import Registry
from hues.people import vault
from hues.people.models import VaultRecord

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Handed:
    """A provider has the message. `numbers` are its ids of the parts, where receipts will come for them."""

    provider: str = ""
    numbers: tuple[str, ...] = ()


class SmsProvider(Protocol):
    """How a text message leaves the house. Called at least once for each message; by the id a gateway drops repeats.

    `immediate` says that `send` only writes to our own database, so that it is called in the transaction; otherwise a
    worker calls it, with retries.
    """

    immediate: bool

    def ready(self) -> bool:
        """Whether it is configured: without, nobody is told that a message is on its way."""

    def send(self, to: str, text: str, *, message_id: UUID) -> Handed | None:
        """Send to an E.164 number. Raises NotSent where another try may help, Refused where it cannot."""


class NotSent(Exception):
    """The gateway did not take the message; try again, here or elsewhere."""


class Unsure(NotSent):
    """Nobody knows whether the gateway took it: tried again here, by the same id, but not through another provider."""


class Refused(Exception):
    """The gateway will never take this message."""


PROVIDERS: Registry[SmsProvider] = Registry("SMS provider")

# Who is told of receipts: (provider, its id of a part, "delivered" or "failed"). Rooms that keep a log register here.
RECEIPTS: Registry[Callable[[str, str, str], None]] = Registry("receiver of receipts")


class Chain:
    """Providers in their order, as one."""

    def __init__(self, chosen: list[tuple[str, SmsProvider]]) -> None:
        self.chosen = chosen
        self.immediate = chosen[0][1].immediate

    def ready(self) -> bool:
        return True

    def send(self, to: str, text: str, *, message_id: UUID) -> Handed:
        trouble: Exception | None = None
        for name, one in self.chosen:
            try:
                handed = one.send(to, text, message_id=message_id)
            except Unsure:
                raise
            except (NotSent, Refused) as error:
                log.warning("text message %s: %s: %s", message_id, name, error)
                if trouble is None or isinstance(error, NotSent):  # one that may still take it: worth another try
                    trouble = error
                continue
            return Handed(name, handed.numbers if handed else ())
        raise trouble or NotSent("no provider")


def ready() -> list[tuple[str, SmsProvider]]:
    """The providers of HUES_SMS_PROVIDER that are configured, in their order."""
    named = [(name.strip(), PROVIDERS.get(name.strip())) for name in settings.SMS_PROVIDER.split(",") if name.strip()]
    return [(name, one) for name, one in named if one.ready()]


def provider() -> Chain:
    """The provider in use. Raises Unavailable where none is configured."""
    if not (chosen := ready()):
        raise Unavailable(_("This city cannot send text messages at the moment."))
    return Chain(chosen)


def attend() -> None:
    """Called once a minute in a worker: providers that keep a connection for receipts see to it."""
    for _name, one in ready():
        if (see_to_it := getattr(one, "attend", None)) is not None:
            see_to_it()


def note_receipt(provider_name: str, number: str, state: str) -> None:
    """What a provider says became of a part."""
    for _name, take in RECEIPTS.items():
        take(provider_name, number, state)


# Rooms that know numbers of people who have none in the vault (staff on duty): person ids → E.164 numbers.
FURTHER_NUMBERS: Registry[Callable[[Collection[UUID]], dict[UUID, str]]] = Registry("numbers of people")


def numbers_of(person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The telephone numbers of people, for sending only: a number goes to the provider and nowhere else, and the
    delivery log says when."""
    records = VaultRecord.objects.filter(user__in=person_ids)
    numbers = {
        record.user_id: json.loads(vault.open_sealed(record.ciphertext, record.user_id.bytes))["phone"]
        for record in records
    }
    for _name, ask in FURTHER_NUMBERS.items():
        if missing := [person_id for person_id in person_ids if person_id not in numbers]:
            numbers |= ask(missing)
    return numbers
