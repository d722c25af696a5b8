"""Who we are towards push services (RFC 8292): a signed token for each of them, kept for half a day.

The key pair is derived from the deployment's secret `vapid` (HUES_VAPID_KEY, or a file in the data folder). A raw P-256
key (32 bytes in base64url, as other tools write it) is taken as it is. Whoever loses it loses every subscription.
"""

import os
from functools import lru_cache
from threading import Lock
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from hues.kernel import clock
from hues.notifications.push.encryption import base64url, from_base64url
from hues.runtime.places import secret

VALID = 12 * 3600  # seconds; a service may refuse more than 24 h (RFC 8292 §2)
RENEWED = 3600  # seconds before its end
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_MOST_ORIGINS = 1000

_kept: dict[str, tuple[float, str]] = {}
_lock = Lock()


@lru_cache(maxsize=2)
def _key(master: str) -> EllipticCurvePrivateKey:
    raw = b""
    if len(master) == 43:  # 32 bytes in base64url
        raw = from_base64url(master)
    number = int.from_bytes(raw, "big")
    if not 0 < number < _ORDER:
        derived = HKDF(SHA256(), 48, salt=b"hues.push", info=b"vapid").derive(master.encode())
        number = int.from_bytes(derived, "big") % (_ORDER - 1) + 1
    return derive_private_key(number, SECP256R1())


def public_key() -> str:
    """What a browser is given as `applicationServerKey`."""
    point = _key(secret("vapid")).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64url(point)


def authorization(endpoint: str) -> str:
    """The header for an endpoint: "vapid t=…, k=…" (RFC 8292 §3)."""
    parts = urlsplit(endpoint)
    origin = f"{parts.scheme}://{parts.netloc}"
    now = clock.now().timestamp()
    with _lock:
        until, header = _kept.get(origin, (0.0, ""))
        if until - RENEWED <= now or until > now + VALID:
            if len(_kept) >= _MOST_ORIGINS:
                _kept.clear()
            until = now + VALID
            header = f"vapid t={_token(origin, int(until))}, k={public_key()}"
            _kept[origin] = (until, header)
    return header


def _token(origin: str, until: int) -> str:
    """A JSON Web Token signed with ES256 (RFC 7515, 7518 §3.4)."""
    claims = {"aud": origin, "exp": until, "sub": contact()}
    signed = f"{base64url(orjson.dumps({'typ': 'JWT', 'alg': 'ES256'}))}.{base64url(orjson.dumps(claims))}"
    r, s = decode_dss_signature(_key(secret("vapid")).sign(signed.encode(), ECDSA(SHA256())))
    return f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def contact() -> str:
    """Where a push service reaches the city's operator (RFC 8292 §2.1): HUES_PUSH_CONTACT, else this site."""
    return os.environ.get("HUES_PUSH_CONTACT") or settings.PUBLIC_URL
