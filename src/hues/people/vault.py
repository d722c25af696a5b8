"""The identity vault: sealing what must not be readable in the database.

AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce for each record and the owner as associated data, so that a
record copied to another person does not open. Keys are derived (HKDF, RFC 5869) from the deployment's `vault` secret,
one for each use. A sealed blob names its key:

    key id (8 ASCII hex digits) ‖ nonce (12) ‖ ciphertext ‖ tag (16)

Rotation: put the old secret into HUES_VAULT_OLD_KEYS (comma-separated), set the new one, `hues user rotate-vault`.
"""

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hues.kernel.registry import Registry
from hues.runtime.places import secret

KEY_ID_BYTES, NONCE_BYTES = 8, 12
# Rooms that keep sealed things of their own bring them under the current key when keys are rotated, and say how many.
RESEALERS: Registry[Callable[[], int]] = Registry("resealer")


class Unreadable(Exception):
    """The blob was changed, belongs to somebody else, or its key is not among ours."""


@dataclass(frozen=True)
class Key:
    """What is derived from one master secret."""

    master: str

    def _derive(self, use: str) -> bytes:
        return HKDF(hashes.SHA256(), 32, salt=b"hues.vault", info=use.encode()).derive(self.master.encode())

    @cached_property
    def id(self) -> str:
        return self._derive("key id").hex()[:KEY_ID_BYTES]

    @cached_property
    def cipher(self) -> AESGCM:
        return AESGCM(self._derive("seal"))

    @cached_property
    def _phone(self) -> bytes:
        return self._derive("phone lookup")

    @cached_property
    def _code(self) -> bytes:
        return self._derive("one-time code")

    def lookup(self, phone: str) -> str:
        """Finds the account of a number; says nothing about it without the key."""
        return hmac.new(self._phone, phone.encode(), sha256).hexdigest()

    def digest(self, text: str) -> bytes:
        """A keyed digest for one-time codes and what they are bound to."""
        return hmac.new(self._code, text.encode(), sha256).digest()


@lru_cache(maxsize=1)
def _keyring(current: str, old: str) -> dict[str, Key]:
    masters = [current, *(part.strip() for part in old.split(",") if part.strip())]
    return {key.id: key for key in map(Key, masters)}


def keyring() -> dict[str, Key]:
    """Every key that may still open something, the current one first."""
    return _keyring(secret("vault"), os.environ.get("HUES_VAULT_OLD_KEYS", ""))


def current() -> Key:
    return next(iter(keyring().values()))


def seal(plain: bytes, owner: bytes, key: Key | None = None) -> bytes:
    """Encrypt under the current key (given by whoever seals thousands); only `open_sealed` with the same owner reads it
    again."""
    key, nonce = key or current(), os.urandom(NONCE_BYTES)
    return key.id.encode() + nonce + key.cipher.encrypt(nonce, plain, owner)


def open_sealed(blob: bytes | memoryview, owner: bytes) -> bytes:
    """Decrypt; raises Unreadable."""
    blob = bytes(blob)
    key = keyring().get(key_id(blob))
    if key is None:
        raise Unreadable("sealed under a key that this deployment does not have")
    nonce, ciphertext = blob[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES], blob[KEY_ID_BYTES + NONCE_BYTES :]
    try:
        return key.cipher.decrypt(nonce, ciphertext, owner)
    except (InvalidTag, ValueError) as error:
        raise Unreadable("changed, or sealed for somebody else") from error


def reseal(blob: bytes | memoryview, owner: bytes) -> bytes | None:
    """The same under the current key; None where it is already. Raises Unreadable."""
    return None if key_id(blob) == current().id else seal(open_sealed(blob, owner), owner)


def key_id(blob: bytes | memoryview) -> str:
    return bytes(blob[:KEY_ID_BYTES]).decode("ascii", "replace")


def lookups(phone: str) -> list[str]:
    """The lookup values of a number under every key, the current one first: during a rotation either may be stored."""
    return [key.lookup(phone) for key in keyring().values()]
