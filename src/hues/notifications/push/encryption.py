"""Message encryption for web push (RFC 8291) in the coding aes128gcm (RFC 8188): one record, a fresh key pair each."""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

POINT_BYTES, AUTH_BYTES, SALT_BYTES = 65, 16, 16
RECORD_SIZE = 4096  # a push service need not take more (RFC 8030 §7.2)
HEADER_BYTES = SALT_BYTES + 4 + 1 + POINT_BYTES
LONGEST = RECORD_SIZE - HEADER_BYTES - 17  # of the plain text: the tag (16) and the delimiter (1) go with it
_CURVE, _ECDH = SECP256R1(), ECDH()


class Unusable(ValueError):
    """These are not the keys of a browser."""


def encrypt(plain: bytes, public_key: bytes, auth: bytes) -> bytes:
    """The body of one push message. Raises Unusable for keys that are none, ValueError for what is too long."""
    return encrypt_with(plain, public_key, auth, own=generate_private_key(_CURVE), salt=os.urandom(SALT_BYTES))


def encrypt_with(plain: bytes, public_key: bytes, auth: bytes, *, own: EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """As `encrypt`, with the sender's key pair and salt given (RFC 8291 §3.4). Either is used once."""
    if len(plain) > LONGEST:
        raise ValueError("too long for one push message")
    shared = own.exchange(_ECDH, point(public_key))
    own_point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    # HKDF (RFC 5869) whose outputs are at most one block: extract and one round of expand.
    material = _hmac(_hmac(auth, shared), b"WebPush: info\x00" + public_key + own_point + b"\x01")
    pseudo_random = _hmac(salt, material)
    key = _hmac(pseudo_random, b"Content-Encoding: aes128gcm\x00\x01")[:16]
    nonce = _hmac(pseudo_random, b"Content-Encoding: nonce\x00\x01")[:12]
    header = salt + RECORD_SIZE.to_bytes(4, "big") + bytes([POINT_BYTES]) + own_point
    return header + AESGCM(key).encrypt(nonce, plain + b"\x02", None)  # 2: the last record (RFC 8188 §2)


def point(public_key: bytes) -> EllipticCurvePublicKey:
    """A browser's public key. Raises Unusable for what is no point of the curve."""
    try:
        return EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key)
    except ValueError:
        raise Unusable("not a point of P-256") from None


def read_keys(p256dh: str, auth: str) -> tuple[bytes, bytes]:
    """The keys as a browser tells them (base64url). Raises Unusable."""
    try:
        public_key, secret = from_base64url(p256dh), from_base64url(auth)
    except ValueError:
        raise Unusable("not base64url") from None
    if len(public_key) != POINT_BYTES or len(secret) != AUTH_BYTES:
        raise Unusable("not the length of keys")
    point(public_key)
    return public_key, secret


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
