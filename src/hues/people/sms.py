"""Text messages: the extension point. A provider is a row in PROVIDERS; HUES_SMS_PROVIDER names the one in use."""

from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from hues.kernel.http.problems import Unavailable
from hues.kernel.registry import Registry


class SmsProvider(Protocol):
    """How a text message leaves the house. Called at least once for each message; by the id a gateway drops repeats.

    `immediate` says that `send` only writes to our own database, so that it is called in the transaction; otherwise a
    worker calls it, with retries.
    """

    immediate: bool

    def ready(self) -> bool:
        """Whether it is configured: without, nobody is told that a message is on its way."""

    def send(self, to: str, text: str, *, message_id: UUID) -> None:
        """Send to an E.164 number. Raises NotSent where another try may help, Refused where it cannot."""


class NotSent(Exception):
    """The gateway did not take the message; try again."""


class Refused(Exception):
    """The gateway will never take this message."""


PROVIDERS: Registry[SmsProvider] = Registry("SMS provider")


def provider() -> SmsProvider:
    """The provider in use. Raises Unavailable where it is not configured."""
    chosen = PROVIDERS.get(settings.SMS_PROVIDER)
    if not chosen.ready():
        raise Unavailable(_("This city cannot send text messages at the moment."))
    return chosen
