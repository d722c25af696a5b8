"""Telephone numbers of callers: read, sealed, found again.

A number on a display proves nothing: anybody can send any. It is good for calling back, and for remembering that the same
number called before. Nobody's account is opened, shown or changed by it.
"""

from dataclasses import dataclass
from uuid import UUID

import phonenumbers

from hues.city import pack
from hues.people import phones, vault

LONGEST = 32
_WITHHELD = frozenset({"", "anonymous", "unknown", "unavailable", "restricted", "private", "withheld", "asterisk"})


@dataclass(frozen=True)
class Sealed:
    """What a row keeps of a number. All empty where it was withheld."""

    blob: bytes = b""
    lookup: str = ""
    end: str = ""


def read(typed: str) -> str:
    """A number as a telephone system gives it → E.164; "" for a withheld or impossible one. Never raises.

    Takes `sip:+84905123456@host`, `0905 123 456`, `84905123456`; short numbers of a private exchange stay as they are.
    """
    text = typed.strip()
    for prefix in ("sip:", "sips:", "tel:"):
        if text.lower().startswith(prefix):
            text = text[len(prefix) :]
    text = text.partition("@")[0].partition(";")[0].strip().strip("<>\"'")
    if text.lower() in _WITHHELD or len(text) > LONGEST:
        return ""
    found = phones._parse(text, pack.settings()["phone_region"])
    if found is not None:
        return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))
    digits = "".join(text.split()).replace("-", "").replace(".", "")
    return digits if digits.isascii() and digits.isdigit() and 2 <= len(digits) <= 15 else ""


def seal(number: str, owner: UUID) -> Sealed:
    if not number:
        return Sealed()
    return Sealed(vault.seal(number.encode(), owner.bytes), vault.current().lookup(number), number[-3:])


def unseal(blob: bytes | memoryview, owner: UUID) -> str:
    """ "" for nothing sealed. Raises vault.Unreadable."""
    return vault.open_sealed(blob, owner.bytes).decode() if blob else ""


def shown(number: str) -> str:
    """As people read it."""
    try:
        return phones.shown(number) if number.startswith("+") else number
    except phonenumbers.NumberParseException:
        return number


def masked(end: str) -> str:
    return f"••• {end}" if end else ""


def takes_texts(number: str) -> bool:
    """Whether a text message can reach it."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
    return kind in phones.TEXT_TYPES
