"""E-mail: the extension point. A provider is a row in MAILERS; HUES_MAIL_PROVIDER names the one in use."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from uuid import UUID

from django.conf import settings

from hues.kernel.registry import Registry


@dataclass(frozen=True)
class Mail:
    """A mail ready to go; its Message-ID is the delivery's id in every try."""

    id: UUID
    to: str
    message: EmailMessage


class NotSent(Exception):
    """The server did not take it now; try again."""


class Refused(Exception):
    """The server will never take this mail (RFC 5321 §4.2.1, a reply of the form 5yz)."""


SendMail = Callable[[Mail], None]


class Mailer(Protocol):
    immediate: bool  # `send` only writes to our own database

    def ready(self) -> bool:
        """Whether it is configured."""

    def open(self) -> AbstractContextManager[SendMail]:
        """A connection for as long as there is something to send. Sending raises NotSent or Refused."""


MAILERS: Registry[Mailer] = Registry("mail provider")


def mailer() -> Mailer:
    return MAILERS.get(settings.MAIL_PROVIDER)
