"""Tickets of the live streams: a short-lived, signed list of topics that a viewer may follow.

Pages and APIs issue them after checking permission; the event-stream server only verifies the signature, so it needs
neither a session nor the database. Standard library only: that server runs without Django.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from hues.runtime.places import secret

TTL = 30 * 60  # seconds; afterwards the page asks for a new one, and permission is checked again
MAX_TOPICS = 64
MAX_LENGTH = 8_000  # characters: what fits into the address of a request


class TicketRefused(Exception):
    """The ticket is malformed, forged or over. The message says which."""


@dataclass(frozen=True)
class Ticket:
    topics: frozenset[str]
    issued: float  # seconds since the epoch: when the page was made …
    expires: float  # … and how long it may follow


def issue(topics: Iterable[str], ttl: float = TTL) -> str:
    """A ticket for `topics` ("case:<id>", "agency:<id>", "centre", "person:<id>", …), good for `ttl` seconds.

    Time is the machine's own here, not `clock.now()`: a ticket is about the network now, whatever moment a drill plays.
    """
    wanted = sorted(set(topics))
    if not wanted or len(wanted) > MAX_TOPICS:
        raise ValueError(f"a ticket names 1 to {MAX_TOPICS} topics")
    now = time.time()
    body = json.dumps({"t": wanted, "i": now, "e": now + ttl}, separators=(",", ":")).encode()
    return f"{_text(body)}.{_text(_sign(body))}"


def open_ticket(ticket: str) -> Ticket:
    """What a ticket allows. Raises TicketRefused."""
    if len(ticket) > MAX_LENGTH:
        raise TicketRefused("malformed")
    body, _, signature = ticket.partition(".")
    try:
        raw, mac = _bytes(body), _bytes(signature)
    except (ValueError, binascii.Error):
        raise TicketRefused("malformed") from None
    if not hmac.compare_digest(mac, _sign(raw)):
        raise TicketRefused("forged")
    claims = json.loads(raw)
    if claims["e"] <= time.time():
        raise TicketRefused("over")
    return Ticket(frozenset(claims["t"]), claims["i"], claims["e"])


def _sign(body: bytes) -> bytes:
    return hmac.digest(_key(), body, hashlib.sha256)


@cache
def _key() -> bytes:
    return secret("live").encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
