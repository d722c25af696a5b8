"""A passkey device in a few lines, written from WebAuthn §6 alone: it signs what it is told to, also what it should not."""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN, HOST = "https://hue-s.example", "hue-s.example"
PRESENT, VERIFIED, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08 | 0x10, 0x40


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _cbor_bytes(data: bytes) -> bytes:
    return (bytes([0x58, len(data)]) if len(data) < 256 else bytes([0x59, len(data) >> 8, len(data) & 255])) + data


@dataclass
class Device:
    origin: str = ORIGIN
    host: str = HOST
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: os.urandom(16))
    user: str = ""

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _head(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _public_key(self) -> bytes:
        """COSE_Key {1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9052 §7)."""
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        return b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """navigator.credentials.create()"""
        self.user = options["user"]["id"]
        made = self._head(self.flags | ATTESTED) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id
        made += self._public_key()
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData" + _cbor_bytes(made)
        data = self._client_data("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": text(data), "attestationObject": text(attestation)})

    def prove(self, options: dict[str, Any]) -> dict[str, Any]:
        """navigator.credentials.get()"""
        if self.count:
            self.count += 1
        head, data = self._head(self.flags), self._client_data("webauthn.get", options["challenge"])
        signature = self.key.sign(head + hashlib.sha256(data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(data), "authenticatorData": text(head), "signature": text(signature),
                "userHandle": self.user,
            }
        )  # fmt: skip

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        known = {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "clientExtensionResults": {}}
        return {**known, "response": response}
