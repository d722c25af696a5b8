"""Signed checkpoints: C2SP tlog-checkpoint in a C2SP signed-note, with Ed25519 (c2sp.org).

city.example/log          the log's name
20852163                  its size
CsUYapGGPo4dkMgIAUqom/…   its root

— city.example/log Az3grl…
"""

import base64
import binascii
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from hues.runtime.places import secret

_ED25519 = b"\x01"


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class BadNote(ValueError):
    """Not a checkpoint, or not signed by the key that was asked for. The message says which."""


def origin() -> str:
    """The log's name: the address of the deployment, without scheme."""
    parts = urlsplit(settings.PUBLIC_URL)
    return f"{parts.netloc}{parts.path}/log"


def sign(checkpoint: Checkpoint) -> str:
    """The checkpoint as a signed note."""
    signature = _key_id(checkpoint.origin, _public_bytes()) + _private_key().sign(checkpoint.text.encode())
    return f"{checkpoint.text}\n— {checkpoint.origin} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, verifier: str | None = None) -> Checkpoint:
    """The checkpoint of a note, after checking its signature: by a verifier key, else by our own. Raises BadNote."""
    checkpoint = read_note(note)
    public = _parse_verifier(verifier)[1] if verifier else _public_bytes()
    for line in note.split("\n\n", 1)[1].splitlines():
        name, raw = _signature(line)
        if raw[:4] == _key_id(name, public):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], checkpoint.text.encode())
            except InvalidSignature:
                raise BadNote("the signature is wrong") from None
            return checkpoint
    raise BadNote("there is no signature by this key")


def read_note(note: str) -> Checkpoint:
    """The checkpoint of a note, unchecked. Raises BadNote."""
    text, blank, _signatures = note.partition("\n\n")
    lines = text.split("\n")
    try:
        if not blank or len(lines) != 3 or str(int(lines[1])) != lines[1]:
            raise ValueError
        root = base64.b64decode(lines[2], validate=True)
    except (ValueError, binascii.Error):
        raise BadNote("this is not a checkpoint") from None
    return Checkpoint(lines[0], int(lines[1]), root)


def verifier_key() -> str:
    """What others need to check our signatures: `<name>+<hash>+<key>` (C2SP signed-note)."""
    public, name = _public_bytes(), origin()
    return f"{name}+{_key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def _parse_verifier(text: str) -> tuple[str, bytes]:
    try:
        name, key_id, key = text.strip().split("+", 2)
        raw = base64.b64decode(key, validate=True)
    except (ValueError, binascii.Error):
        raise BadNote("this is not a verifier key") from None
    if len(raw) != 33 or raw[:1] != _ED25519 or _key_id(name, raw[1:]).hex() != key_id:
        raise BadNote("this is not an Ed25519 verifier key")
    return name, raw[1:]


def _signature(line: str) -> tuple[str, bytes]:
    try:
        dash, name, raw = line.split(" ")
        if dash != "—":
            raise ValueError
        return name, base64.b64decode(raw, validate=True)
    except (ValueError, binascii.Error):
        raise BadNote("this is not a signed note") from None


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


@cache
def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(b"hues log signing key\n" + secret("log").encode()).digest())


def _public_bytes() -> bytes:
    return _private_key().public_key().public_bytes_raw()
