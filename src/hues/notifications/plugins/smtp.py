"""Mail through an SMTP relay (RFC 5321), or several in their order.

    HUES_SMTP_URL=smtp://user:password@relay.example:587[?tls=require], smtps://user:password@other.example:465

`smtp` turns to TLS where the relay offers it (`?tls=require`, the default with a password: or sends nothing; `?tls=off`:
never), `smtps` begins with it. Certificates are checked. The next relay is asked when one cannot be reached.
"""

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from hues.notifications.mailers import MAILERS, Mail, NotSent, Refused, SendMail

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class Relay:
    host: str
    port: int
    user: str
    password: str
    tls: str  # "require", "offered", "off", "wrapped"


@lru_cache(maxsize=4)
def relays(urls: str) -> tuple[Relay, ...]:
    """Raises ValueError for what is no address of a relay."""
    found = []
    for url in filter(None, (part.strip() for part in urls.split(","))):
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("HUES_SMTP_URL must hold smtp:// or smtps:// addresses")
        asked = parse_qs(parts.query).get("tls", [""])[0]
        tls = "wrapped" if parts.scheme == "smtps" else asked or ("require" if parts.password else "offered")
        port = parts.port or (465 if parts.scheme == "smtps" else 587)
        found.append(Relay(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), tls))
    return tuple(found)


@MAILERS.register("smtp")
class Smtp:
    immediate = False

    def ready(self) -> bool:
        return bool(settings.SMTP_URL and settings.MAIL_FROM)

    @contextmanager
    def open(self) -> Iterator[SendMail]:
        line = _Line(relays(settings.SMTP_URL))
        try:
            yield line.send
        finally:
            line.close()


class _Line:
    """One connection at a time, kept from mail to mail."""

    def __init__(self, relays_: tuple[Relay, ...]) -> None:
        self._relays = relays_
        self._server: smtplib.SMTP | None = None

    def send(self, mail: Mail) -> None:
        server = self._server or self._connect()
        try:
            server.send_message(mail.message, from_addr=settings.MAIL_BOUNCE or settings.MAIL_FROM, to_addrs=[mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            [(code, _said)] = error.recipients.values()
            self._reset(server)
            raise (Refused if code >= 500 else NotSent)(f"SMTP {code}") from None
        except smtplib.SMTPResponseException as error:
            self._reset(server)
            raise (Refused if error.smtp_code >= 500 else NotSent)(f"SMTP {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotSent(type(error).__name__) from None

    def _connect(self) -> smtplib.SMTP:
        for relay in self._relays:
            try:
                self._server = connect(relay)
                return self._server
            except (smtplib.SMTPException, OSError) as error:  # ssl.SSLError is an OSError
                log.warning("mail relay %s: %s", relay.host, type(error).__name__)
        raise NotSent("no relay can be reached")

    def _reset(self, server: smtplib.SMTP) -> None:
        try:
            server.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def close(self) -> None:
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._server = None


def connect(relay: Relay) -> smtplib.SMTP:
    """Raises smtplib.SMTPException or OSError."""
    context = ssl.create_default_context()
    if relay.tls == "wrapped":
        server: smtplib.SMTP = smtplib.SMTP_SSL(relay.host, relay.port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(relay.host, relay.port, timeout=TIMEOUT_SECONDS)
    try:
        server.ehlo()
        offered = server.has_extn("starttls")
        if relay.tls == "require" or (relay.tls == "offered" and offered):
            server.starttls(context=context)  # raises where it is not offered
        if relay.user:
            server.login(relay.user, relay.password)
    except BaseException:
        server.close()
        raise
    return server
