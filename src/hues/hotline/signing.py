"""Signatures between telephone systems and us, both ways: Standard Webhooks 1.0 (standardwebhooks.com, specification).

    webhook-id: msg_2KWPBgLlAfxdpx2AI54pPJ85f4W
    webhook-timestamp: 1674087231
    webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= [v1,… for another secret]

Signed is "{id}.{timestamp}.{body}" by HMAC-SHA256; a secret is "whsec_" and base64 of 24 to 64 bytes. A GET has no body:
its path with the query stands in that place.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

from hues.kernel import clock

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)  # of clocks, and the window in which a request may be repeated
_VERSION = "v1"
_MOST_SIGNATURES = 8
_LONGEST_ID = 128


class Unsigned(Exception):
    """The message says why the signature does not count; it names no secret."""


def key_of(secret: str) -> bytes:
    """The bytes of a `whsec_…` secret. Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is whsec_ and base64") from None
    if not 24 <= len(key) <= 64:
        raise ValueError("a secret has 24 to 64 bytes")
    return key


def secret_of(text: str) -> str:
    """A secret of any form as a `whsec_…` one: 32 bytes derived from it, unless it is one already."""
    return text if text.startswith(PREFIX) else PREFIX + base64.b64encode(sha256(text.encode()).digest()).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"{_VERSION},{base64.b64encode(hmac.new(key_of(secret), signed, sha256).digest()).decode()}"


def headers(secret: str, message_id: str, body: bytes) -> dict[str, str]:
    """What goes with a request of ours, signed now."""
    now = int(clock.now().timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(secret, message_id, now, body),
    }


def verify(secrets: Mapping[str, tuple[str, ...]], given: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """(which source signed this, the message's id). Raises Unsigned.

    `secrets` are those of each source, any of which counts, so that one can be exchanged without losing a call.
    `given` are the request's headers (names in any case).
    """
    message_id = given.get("webhook-id", "")
    stamp = given.get("webhook-timestamp", "")
    signatures = given.get("webhook-signature", "").split(" ")
    if not message_id or len(message_id) > _LONGEST_ID:
        raise Unsigned("webhook-id is missing")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise Unsigned("webhook-timestamp is missing")
    if abs(clock.now().timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise Unsigned("webhook-timestamp is more than five minutes away from our clock")
    if len(signatures) > _MOST_SIGNATURES:
        raise Unsigned("there are too many signatures")
    for source, candidates in secrets.items():
        for secret in candidates:
            wanted = sign(secret, message_id, int(stamp), body).encode()
            if any(hmac.compare_digest(wanted, one.encode("utf-8", "replace")) for one in signatures):
                return source, message_id
    raise Unsigned("webhook-signature fits none of the secrets of this city")
