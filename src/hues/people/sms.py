"""Text messages: the extension point. A provider is a row in PROVIDERS; HUES_SMS_PROVIDER names the one in use."""

from typing import Protocol
from uuid import UUID

from django.conf import settings

from hues.kernel.registry import Registry


class SmsProvider(Protocol):
    """How a text message leaves the house. `send` is called at least once for each message: the id lets a gateway drop repetitions."""

    immediate: bool  # True: only writes to our database, so it is called in the transaction; False: called by a worker, with retries

    def send(self, to: str, text: str, *, message_id: UUID) -> None:
        """Send to an E.164 number. Raises NotSent where another try may help, Refused where it cannot."""


class NotSent(Exception):
    """The gateway did not take the message; try again."""


class Refused(Exception):
    """The gateway will never take this message."""


PROVIDERS: Registry[SmsProvider] = Registry("SMS provider")


def provider() -> SmsProvider:
    return PROVIDERS.get(settings.SMS_PROVIDER)
